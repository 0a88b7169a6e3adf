"""A process does one attempt after the other, and no attempt meets what another one left behind."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lipwright.contracts.job import SpeakSpec
from lipwright.jobs.attempt import Failed, Made, Task
from lipwright.jobs.stage_process import KEPT_S, StageProcess, StageProcesses
from lipwright.jobs.surroundings import MOST_ATTEMPTS
from support.leaving import Leaving
from support.working import is_running, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process does one attempt")


class Attempts:
    """Attempts one after the other, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.processes = StageProcesses([Leaving()])
        self._folder = folder
        self._count = 0

    def task(self, leaves: str, workspace: str = "acme") -> Task:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        return Task(
            route=Leaving(),
            job="job",
            workspace=workspace,
            spec=SpeakSpec(face="0" * 64, text=leaves),
            stage="one",
            attempt=1,
            take=0,
            line=None,
            lines={},
            folder=folder,
            assets={},
            earlier={},
            part=None,
            parts=None,
        )

    def do(self, leaves: str, workspace: str = "acme") -> dict[str, object]:
        """What an attempt found and left; empty when it came to nothing."""
        with self.processes.doing(self.task(leaves, workspace)) as process:
            return _heard(process)


def _heard(process: StageProcess) -> dict[str, object]:
    said = process.hear(20.0)
    if isinstance(said, Failed):
        return {}
    assert isinstance(said, Made)
    found: dict[str, object] = json.loads(said.files["made"].read_text())
    return found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempts]:
    made = Attempts(tmp_path_factory.mktemp("attempts"))
    yield made
    made.processes.close()


@pytest.fixture
def attempts(shared: Attempts) -> Attempts:
    shared.processes.end_idle(float("inf"))
    return shared


@pytest.mark.parametrize("left", ["nothing", "folder", "environment", "handler", "umask", "ended_child"])
def test_what_can_be_put_back_is_and_the_process_goes_on(attempts: Attempts, left: str) -> None:
    first, second = attempts.do(left), attempts.do("nothing")
    assert second["pid"] == first["pid"]
    assert {name: second[name] for name in ("folder", "environment", "handler", "umask")} == {
        name: first[name] for name in ("folder", "environment", "handler", "umask")
    }


@pytest.mark.parametrize("left", ["child", "orphan"])
def test_a_process_that_left_another_one_running_ends_with_it_before_its_work_counts(
    attempts: Attempts, left: str
) -> None:
    first = attempts.do(left)
    until(lambda: not is_running(int(str(first["left"]))), "it has ended")
    assert not is_running(int(str(first["pid"])))
    assert attempts.do("nothing")["pid"] != first["pid"]


@pytest.mark.parametrize("left", ["thread", "memory"])
def test_a_process_that_cannot_be_put_back_ends(attempts: Attempts, left: str) -> None:
    first = attempts.do(left)
    assert not is_running(int(str(first["pid"])))
    assert attempts.do("nothing")["pid"] != first["pid"]


@pytest.mark.parametrize("ends", ["failure", "crash"])
def test_a_process_whose_attempt_came_to_nothing_ends(attempts: Attempts, ends: str) -> None:
    pid = attempts.do("nothing")["pid"]
    assert attempts.do(ends) == {}
    assert not is_running(int(str(pid)))
    assert attempts.do("nothing")["pid"] != pid


@pytest.mark.parametrize(
    ("how", "code"), [("reading", "storage_failed"), ("misreading", "storage_failed"), ("mistake", "unexpected")]
)
def test_work_whose_storage_goes_away_on_the_way_may_be_tried_again(
    attempts: Attempts, tmp_path: Path, how: str, code: str
) -> None:
    asset = tmp_path / "assets" / "face"
    asset.parent.mkdir()
    asset.write_bytes(b"a face")
    with attempts.processes.doing(replace(attempts.task(how), assets={"0" * 64: asset})) as process:
        said = process.hear(20.0)
    assert isinstance(said, Failed)
    assert (said.error.code, said.error.retryable) == (code, code == "storage_failed")
    assert str(tmp_path) not in said.error.message


def test_what_is_written_for_a_while_lies_in_the_folder_of_the_attempt(attempts: Attempts) -> None:
    folders = [Path(str(attempts.do("nothing")["temporary"])).parent for _ in range(2)]
    assert folders[0] != folders[1]
    assert all((folder / "made").is_file() for folder in folders)


def test_a_process_serves_one_workspace(attempts: Attempts) -> None:
    pids = [attempts.do("nothing", workspace)["pid"] for workspace in ("acme", "other", "acme", "other")]
    assert pids[0] == pids[2] != pids[1] == pids[3]


def test_a_process_that_was_asked_to_stop_does_no_other_attempt(attempts: Attempts) -> None:
    with attempts.processes.doing(attempts.task("long")) as process:
        process.ask_to_stop()
        pid = _heard(process)["pid"]
    assert attempts.do("nothing")["pid"] != pid


def test_an_attempt_that_is_given_up_ends_its_process(attempts: Attempts) -> None:
    with pytest.raises(KeyError), attempts.processes.doing(attempts.task("long")) as process:
        raise KeyError
    assert not process.is_ready
    with attempts.processes.doing(attempts.task("long")) as process:
        pid = process.pid
    assert not is_running(pid)


def test_a_process_that_died_while_it_waited_costs_no_attempt(attempts: Attempts) -> None:
    with attempts.processes.doing(attempts.task("nothing")) as process:
        pid = _heard(process)["pid"]
    process.kill()
    until(lambda: not is_running(process.pid), "it has ended")
    assert attempts.do("nothing")["pid"] not in ("", pid)


def test_a_process_ends_that_nobody_needed_for_a_while(attempts: Attempts) -> None:
    pid = int(str(attempts.do("nothing")["pid"]))
    with attempts.processes.doing(attempts.task("nothing")) as process:
        _heard(process)
    attempts.processes.end_idle(process.since_s + KEPT_S - 1)
    assert is_running(pid)
    attempts.processes.end_idle(process.since_s + KEPT_S)
    assert not is_running(pid)


def test_a_process_does_so_many_attempts_and_no_more(attempts: Attempts) -> None:
    pids = [attempts.do("nothing")["pid"] for _ in range(MOST_ATTEMPTS + 1)]
    assert len({*pids}) == 2
    assert pids[0] == pids[-2]


def test_those_at_work_end_behind_their_work_when_all_are_to_end(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path)
    idle = int(str(attempts.do("nothing", "other")["pid"]))
    with attempts.processes.doing(attempts.task("long")) as process:
        attempts.processes.close()
        assert not is_running(idle)
        pid = int(str(_heard(process)["pid"]))
    assert not is_running(pid)
