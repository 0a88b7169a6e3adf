"""The image's recipe, and the program that it begins with."""

import re
import subprocess
from pathlib import Path

import pytest

from lipwright.settings import Settings, variable

from .conftest import ROOT, FindTool


@pytest.fixture
def dockerfile(deploy: Path) -> str:
    return (deploy / "Dockerfile").read_text()


@pytest.fixture
def entrypoint(deploy: Path, tmp_path: Path, bare_environment: dict[str, str]) -> "Entrypoint":
    program = tmp_path / "bin" / "lipwright"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$LIPWRIGHT_DATABASE|$AWS_SECRET_ACCESS_KEY|$*"\nenv\n')
    program.chmod(0o755)
    environment = {**bare_environment, "PATH": f"{program.parent}:{bare_environment['PATH']}"}
    return Entrypoint(deploy / "entrypoint.sh", environment)


class Entrypoint:
    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self._path = path
        self._environment = environment

    def __call__(self, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(self._path), "worker", "--queues", "cpu,gpu"],
            env={**self._environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )


def test_hadolint_finds_nothing_in_the_recipe(deploy: Path, tool: FindTool) -> None:
    found = subprocess.run([tool("hadolint"), str(deploy / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_shellcheck_finds_nothing_in_any_script(deploy: Path, tool: FindTool) -> None:
    scripts = sorted(path for path in deploy.rglob("*.sh") if ".terraform" not in path.parts)
    assert len(scripts) >= 3
    found = subprocess.run([tool("shellcheck"), *map(str, scripts)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_base_images_are_pinned_and_name_no_host(dockerfile: str) -> None:
    stages = re.findall(r"^FROM \S+ AS (\S+)", dockerfile, re.MULTILINE)
    named = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    bases = [base for base in named if base not in stages and "$" not in base]
    assert bases
    for base in bases:
        assert re.fullmatch(r"[a-z]+(/[a-z]+)?:\d+\.\d+\.\d+-[a-z0-9.-]+", base), base


def test_the_program_runs_as_nobody_in_particular(dockerfile: str) -> None:
    last = dockerfile[dockerfile.rindex("\nFROM") :]
    assert "\nUSER 10001:10001\n" in last
    assert 'VOLUME ["/data", "/cache"]' in last


def test_variables_of_the_image_are_settings_and_lie_in_its_volumes(dockerfile: str) -> None:
    named = dict(re.findall(r"(LIPWRIGHT_[A-Z_]+)=(\S+)", dockerfile))
    assert set(named) <= {variable(field) for field in Settings.model_fields}
    folders = [value for name, value in named.items() if name.endswith("_DIR")]
    assert len(folders) == 3
    assert all(folder.startswith(("/data", "/cache")) for folder in folders)


def test_everything_that_is_copied_is_let_through_and_there(dockerfile: str) -> None:
    passed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied: set[str] = set()
    for line in dockerfile.splitlines():
        if line.startswith("COPY") and "--from" not in line:
            copied |= {word for word in line.split()[1:-1] if not word.startswith("--")}
    assert copied == passed
    assert all((ROOT / name).exists() for name in copied)


def test_every_package_is_installed_by_its_hash(dockerfile: str) -> None:
    steps = dockerfile.replace("\\\n", " ").splitlines()
    installing = [part for step in steps for part in step.split("&&") if " install --" in part and "pip" in part]
    from_lists = [part for part in installing if " -r " in part]
    assert len(from_lists) == 3
    assert all("--require-hashes" in part for part in from_lists)
    assert all("--no-deps" in part for part in installing if part not in from_lists)


def test_both_variants_are_there_and_one_finds_all_of_its_libraries(dockerfile: str, deploy: Path) -> None:
    assert {"image-cpu", "image-cuda"} <= set(re.findall(r" AS (\S+)", dockerfile))
    pinned = set(re.findall(r"^nvidia-([a-z-]+)-cu12==", (deploy / "requirements-cuda.txt").read_text(), re.MULTILINE))
    looked_in = set(re.findall(r"\$LIBRARIES/(\w+)/lib", dockerfile))
    assert looked_in == {name.replace("-", "_") for name in pinned}


def test_a_secret_comes_from_its_file(entrypoint: Entrypoint, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://lipwright:p w$(x)'\"@db/lipwright\n")
    (tmp_path / "key").write_text("secret")
    done = entrypoint(LIPWRIGHT_DATABASE_FILE=str(tmp_path / "url"), AWS_SECRET_ACCESS_KEY_FILE=str(tmp_path / "key"))
    first, *environment = done.stdout.splitlines()
    assert first == "postgresql://lipwright:p w$(x)'\"@db/lipwright|secret|worker --queues cpu,gpu"
    assert not [line for line in environment if "_FILE=" in line]


def test_a_variable_of_the_storage_that_only_looks_like_a_secret_stays(entrypoint: Entrypoint, tmp_path: Path) -> None:
    name = "AWS_WEB_IDENTITY_TOKEN_FILE"
    done = entrypoint(LIPWRIGHT_DATABASE="", AWS_SECRET_ACCESS_KEY="", **{name: "/run/token"})
    assert f"{name}=/run/token" in done.stdout


@pytest.mark.parametrize("content", [None, ""])
def test_a_secret_that_is_missing_or_empty_stops_the_start(
    entrypoint: Entrypoint, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "url").write_text(content)
    done = entrypoint(LIPWRIGHT_DATABASE_FILE=str(tmp_path / "url"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: LIPWRIGHT_DATABASE_FILE={tmp_path / 'url'}: this file ")
    assert done.stdout == ""


def test_no_setting_is_mistaken_for_a_file_with_one() -> None:
    assert not [field for field in Settings.model_fields if field.endswith("_file")]
