"""Spot machines: Terraform's own judgement, and what a machine's scripts do, with programs that write down calls."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import FindTool

MIRRORS = ("/opt/*", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins")
"""Where machines without a network keep Terraform's providers."""
Terraform = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def module(deploy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, into which Terraform writes."""
    copy = tmp_path_factory.mktemp("terraform") / "spot-gpu"
    shutil.copytree(deploy / "terraform" / "spot-gpu", copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    return copy


@pytest.fixture(scope="module")
def terraform(module: Path, tool: FindTool) -> Terraform:
    program = tool("terraform")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}

    def run(*arguments: str, told: str | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [program, *arguments],
            cwd=module,
            env={**ours, "CHECKPOINT_DISABLE": "1"},
            input=told,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def initialised(terraform: Terraform) -> Terraform:
    """Terraform with AWS's provider, taken from a mirror of this machine."""
    patterns = [*MIRRORS, str(Path.home() / ".terraform.d" / "plugins")]
    roots = [path for pattern in patterns for path in Path("/").glob(pattern.lstrip("/"))]
    mirror = next((root for root in roots if next(root.glob("*/hashicorp/aws"), None)), None)
    if mirror is None:
        pytest.skip("needs AWS's provider for Terraform in a mirror on this machine, such as ~/.terraform.d/plugins")
    done = terraform("init", "-backend=false", "-input=false", f"-plugin-dir={mirror}")
    assert done.returncode == 0, done.stderr
    return terraform


def test_terraform_would_write_it_likewise(terraform: Terraform) -> None:
    assert terraform("fmt", "-check", "-recursive").stdout == ""


def test_terraform_finds_it_valid(initialised: Terraform) -> None:
    judged = json.loads(initialised("validate", "-json").stdout)
    assert judged["diagnostics"] == []
    assert judged["valid"] is True


def test_terraforms_own_tests_pass(initialised: Terraform) -> None:
    done = initialised("test", "-no-color")
    assert done.returncode == 0, done.stdout
    assert " 0 failed" in done.stdout


def test_the_disk_can_not_be_destroyed_by_mistake(deploy: Path) -> None:
    text = (deploy / "terraform" / "spot-gpu" / "main.tf").read_text()
    disk = text[text.index('resource "aws_ebs_volume"') :].split("\n}\n")[0]
    assert "prevent_destroy = true" in disk


@pytest.fixture(scope="module")
def first_boot(terraform: Terraform, module: Path) -> dict[str, Any]:
    """What a machine is told at its first start."""
    scripts = {path.name: "IyEvYmluL3NoCg==" for path in (module / "files").glob("*.sh")}
    environment = {"REGION": "eu-central-1", "IDLE_STOP_S": 600}
    asked = f"templatefile({json.dumps(str(module / 'files' / 'user-data.yaml.tftpl'))}, " + json.dumps(
        {"scripts": scripts, "environment": environment}
    )
    told = terraform("-chdir=files", "console", told=asked + ")\n").stdout  # no configuration is there
    text = told.removeprefix("<<EOT\n").removesuffix("EOT\n")
    assert text.startswith("#cloud-config\n"), told
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def test_every_script_is_there_and_every_unit_names_one_that_is(first_boot: dict[str, Any], module: Path) -> None:
    files = {one["path"]: one["content"] for one in first_boot["write_files"]}
    named = {
        line.split("=", 1)[1].removeprefix("-")
        for path, content in files.items()
        if path.endswith(".service")
        for line in content.splitlines()
        if line.startswith("Exec")
    }
    there = {f"/usr/local/lib/lipwright/{path.name}" for path in (module / "files").glob("*.sh")}
    assert named == there
    assert there <= set(files)
    variables = set(files["/etc/lipwright/machine.env"].split())
    assert variables == {"REGION=eu-central-1", "IDLE_STOP_S=600"}


def test_the_backstop_begins_before_anything_that_can_fail(first_boot: dict[str, Any]) -> None:
    begun = [command[-1] for command in first_boot["runcmd"] if "enable" in command]
    assert begun[0] == "lipwright-backstop.timer"
    assert set(begun) == {"lipwright-backstop.timer", "lipwright-notice.service", "lipwright.service"}


class Machine:
    """A folder that stands for a machine: its programs write down how they are called, and say what they must."""

    def __init__(self, folder: Path, scripts: Path) -> None:
        self.folder = folder
        self._scripts = scripts
        self._programs = folder / "bin"
        self._programs.mkdir()
        for name in ("aws", "systemctl", "docker", "umount", "mount", "mkfs.ext4", "chown", "curl", "lsblk", "blkid"):
            self.say(name)
        self.say("mountpoint", code=1)
        self.say("nvidia-smi", code=1)
        self.say("sleep")

    def say(self, name: str, text: str = "", code: int = 0, when: str = "") -> None:
        """Let a program print a text and exit so, if its arguments hold a word."""
        path = self._programs / name
        begun = (
            path.read_text() if path.exists() and when else f'#!/bin/sh\necho "{name} $*" >> "{self.folder}/calls"\n'
        )
        answer = f"printf '%s\\n' '{text}'; exit {code}" if text else f"exit {code}"
        if when:
            first, second, rest = (*begun.split("\n", 2), "")[:3]
            begun = f'{first}\n{second}\ncase "$*" in *{when}*) {answer};; esac\n{rest}'
        else:
            begun += answer + "\n"
        path.write_text(begun)
        path.chmod(0o755)

    def run(self, script: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(self._scripts / script)],
            env={
                "PATH": f"{self._programs}:{os.environ['PATH']}",
                "REGION": "eu-central-1",
                "GROUP": "lipwright-one",
                "VOLUME": "vol-0abc",
                "KEPT_FILE": str(self.folder / "kept"),
                "SEEN_FILE": str(self.folder / "seen"),
                "CACHE_FOLDER": str(self.folder / "cache"),
                "BACKSTOP_S": "1800",
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def is_off(self) -> bool:
        return "systemctl poweroff" in self.calls

    @property
    def is_unwanted(self) -> bool:
        """Whether its group was told to want no machine."""
        return any("set-desired-capacity" in call and call.endswith("--desired-capacity 0") for call in self.calls)


@pytest.fixture
def machine(tmp_path: Path, deploy: Path) -> Machine:
    return Machine(tmp_path, deploy / "terraform" / "spot-gpu" / "files")


def test_a_machine_ends_when_its_worker_was_idle(machine: Machine) -> None:
    assert machine.run("end.sh", SERVICE_RESULT="success", EXIT_STATUS="0").returncode == 0
    assert machine.is_off
    assert machine.is_unwanted


def test_it_ends_even_if_its_group_cannot_be_told(machine: Machine) -> None:
    machine.say("aws", code=255)
    machine.run("end.sh", SERVICE_RESULT="success", EXIT_STATUS="0")
    assert machine.is_off


@pytest.mark.parametrize(("result", "status"), [("exit-code", "70"), ("signal", "KILL"), ("timeout", "0")])
def test_a_machine_whose_worker_died_stays(machine: Machine, result: str, status: str) -> None:
    machine.run("end.sh", SERVICE_RESULT=result, EXIT_STATUS=status)
    assert machine.calls == []


def test_who_stops_the_worker_by_hand_keeps_the_machine_until_it_begins_again(machine: Machine) -> None:
    machine.run("stop.sh", MAINPID="17")
    assert "docker stop --time 75 lipwright" in machine.calls
    machine.run("end.sh", SERVICE_RESULT="success", EXIT_STATUS="0")
    assert not machine.is_off

    machine.say("aws", "secret", when="get-parameter")
    worker = {
        "DATABASE_PARAMETER": "/d",
        "SIGNING_KEY_PARAMETER": "/s",
        "STORAGE": "s3://films",
        "IMAGE": "lipwright:1",
    }
    limits = {"IDLE_STOP_S": "600", "CACHE_LIMIT_GB": "80", "QUEUES": "cpu,gpu"}
    assert machine.run("worker.sh", **worker, **limits).returncode == 0
    machine.run("stop.sh", MAINPID="")  # systemd does so when it ended by itself
    machine.run("end.sh", SERVICE_RESULT="success", EXIT_STATUS="0")
    assert machine.is_off


def test_the_worker_is_hardened_and_no_secret_is_among_its_arguments(machine: Machine) -> None:
    machine.say("aws", "postgresql://lipwright:hidden@db/lipwright", when="get-parameter")
    worker = {
        "DATABASE_PARAMETER": "/d",
        "SIGNING_KEY_PARAMETER": "/s",
        "STORAGE": "s3://films",
        "IMAGE": "lipwright:1",
    }
    limits = {"IDLE_STOP_S": "600", "CACHE_LIMIT_GB": "80", "QUEUES": "cpu,gpu"}
    machine.run("worker.sh", **worker, **limits)
    (started,) = [call for call in machine.calls if call.startswith("docker run")]
    assert started.endswith("lipwright:1 worker --queues cpu,gpu")
    assert "--read-only --cap-drop ALL" in started
    assert "--env LIPWRIGHT_IDLE_STOP_S=600" in started
    assert "hidden" not in " ".join(machine.calls)


def test_the_backstop_ends_a_machine_on_which_no_worker_came_up(machine: Machine) -> None:
    machine.say("docker", code=1)  # no such container
    machine.run("backstop.sh")
    assert not machine.is_off
    seen = machine.folder / "seen"
    seen.write_text(str(int(seen.read_text()) - 1799))
    machine.run("backstop.sh")
    assert not machine.is_off
    seen.write_text(str(int(seen.read_text()) - 2))
    machine.run("backstop.sh")
    assert machine.is_off
    assert machine.is_unwanted


@pytest.mark.parametrize(("age_s", "ends"), [(20, True), (3600, False)])
def test_the_backstop_counts_a_worker_that_lives_and_not_one_that_keeps_dying(
    machine: Machine, age_s: int, ends: bool
) -> None:
    started = datetime.now(UTC) - timedelta(seconds=age_s)
    machine.say("docker", started.isoformat())
    (machine.folder / "seen").write_text("0")
    machine.run("backstop.sh")
    assert machine.is_off is ends


def test_notice_of_the_end_hands_work_back_and_frees_the_disk(machine: Machine) -> None:
    machine.say("curl", "token")
    machine.run("notice.sh")
    last = [call for call in machine.calls if not call.startswith("curl")]
    assert last == ["systemctl stop lipwright.service", f"umount {machine.folder / 'cache'}", "systemctl poweroff"]
    machine.run("end.sh", SERVICE_RESULT="success", EXIT_STATUS="0")
    assert not machine.is_unwanted  # its group sends another one


@pytest.mark.parametrize(("found", "formatted"), [(2, True), (0, False)])
def test_only_a_disk_that_was_never_used_is_formatted(machine: Machine, found: int, formatted: bool) -> None:
    _with_disk(machine, found)
    assert machine.run("cache-disk.sh").returncode == 0
    assert ("mkfs.ext4 -q -L lipwright-cache /dev/nvme1n1" in machine.calls) is formatted
    assert f"mount -o noatime,nodev,nosuid /dev/nvme1n1 {machine.folder / 'cache'}" in machine.calls
    assert (machine.folder / "cache" / "data").is_dir()


def test_a_disk_that_cannot_be_read_is_left_alone(machine: Machine) -> None:
    _with_disk(machine, 8)
    done = machine.run("cache-disk.sh")
    assert done.returncode == 1
    assert done.stderr.startswith("error: /dev/nvme1n1: ")
    assert not [call for call in machine.calls if call.startswith(("mkfs", "mount "))]


def test_a_disk_that_another_machine_holds_is_said_so(machine: Machine) -> None:
    machine.say("curl", "i-1")
    machine.say("aws", "i-2", when="describe-volumes")
    done = machine.run("cache-disk.sh")
    assert done.returncode == 1
    assert "vol-0abc did not come to this machine" in done.stderr
    assert not [call for call in machine.calls if "attach-volume" in call]


def _with_disk(machine: Machine, blkid: int) -> None:
    machine.say("curl", "i-1")
    machine.say("aws", "i-1", when="describe-volumes")
    machine.say("lsblk", "/dev/nvme0n1 vol0root\n/dev/nvme1n1 vol0abc")
    machine.say("blkid", code=blkid)
