"""The service on one machine by Docker Compose: what it resolves to, and its secrets."""

import json
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lipwright.jobs.worker import KILLED_WITHIN_S
from lipwright.settings import Settings, variable

from .conftest import FindTool

Compose = dict[str, Any]


@pytest.fixture(params=[["compose.yaml"], ["compose.yaml", "compose.cuda.yaml"]], ids=["cpu", "cuda"])
def compose(request: pytest.FixtureRequest, deploy: Path, tool: FindTool, bare_environment: dict[str, str]) -> Compose:
    """What Docker Compose makes of the files."""
    files = [word for name in request.param for word in ("--file", str(deploy / name))]
    done = subprocess.run(
        [tool("docker-compose"), *files, "--profile", "metrics", "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        env=bare_environment,
    )
    assert (done.returncode, done.stderr) == (0, "")
    resolved: Compose = json.loads(done.stdout)
    return resolved


@pytest.fixture
def written(deploy: Path) -> Compose:
    """The file itself, for what needs no program."""
    read: Compose = yaml.safe_load((deploy / "compose.yaml").read_text())
    return read


def test_compose_takes_the_files(compose: Compose) -> None:
    assert set(compose["services"]) == {"api", "worker", "postgres", "storage", "bucket", "prometheus", "grafana"}


def test_every_container_has_a_read_only_root_and_no_more_rights_than_it_needs(compose: Compose) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_images_of_others_are_pinned(compose: Compose) -> None:
    others = [one["image"] for one in compose["services"].values() if "build" not in one]
    assert len(others) >= 4
    assert all(":" in image and not image.endswith(":latest") for image in others)


def test_only_this_machine_can_reach_a_port(compose: Compose) -> None:
    published = [port for one in compose["services"].values() for port in one.get("ports", [])]
    assert published
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}


def test_database_and_storage_are_inside_only(compose: Compose) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "storage", "prometheus"):
        assert set(compose["services"][name]["networks"]) == {"inside"}


def test_a_worker_has_more_time_to_end_than_it_takes(written: Compose) -> None:
    given_s = int(written["services"]["worker"]["stop_grace_period"].removesuffix("s"))
    assert given_s >= 30 + 2 * KILLED_WITHIN_S


def test_variables_are_settings(written: Compose) -> None:
    names = [name for name in written["x-lipwright"]["environment"] if name.startswith("LIPWRIGHT_")]
    known = {variable(field) for field in Settings.model_fields}
    assert names
    assert {name.removesuffix("_FILE") for name in names} <= known


def test_nothing_in_the_files_is_a_password(written: Compose) -> None:
    """Each comes from a file that make-secrets.sh fills."""
    for service in written["services"].values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("PASSWORD", "SECRET", "KEY", "DATABASE")):
                assert name.endswith("_FILE"), name
                assert value.startswith("/run/secrets/")


def test_made_secrets_are_all_that_compose_asks_for(written: Compose, deploy: Path, tmp_path: Path) -> None:
    asked = {Path(one["file"]).name for one in written["secrets"].values()}
    folder = tmp_path / "secrets"
    make = [str(deploy / "make-secrets.sh"), str(folder)]
    subprocess.run(make, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(made) == asked
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert made["postgres_password"] in made["database_url"]
    (identity,) = json.loads(made["storage.json"])["identities"]
    assert identity["credentials"] == [{"accessKey": made["storage_key_id"], "secretKey": made["storage_key"]}]
    assert len(set(made.values())) == len(made)

    (folder / "grafana_password").unlink()
    subprocess.run(make, check=True, capture_output=True)
    again = {path.name: path.read_text() for path in folder.iterdir()}
    assert {name for name in made if made[name] != again[name]} == {"grafana_password"}
