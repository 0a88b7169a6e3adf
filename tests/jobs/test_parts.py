"""The small parts of a worker, and a worker inside a program."""

import threading
from pathlib import Path

import pytest

from lipwright.contracts.job import JobState
from lipwright.errors import DatabaseFailed
from lipwright.jobs.away import Draining, patiently
from lipwright.jobs.chores import Chore, Chores
from lipwright.jobs.joins import Joins
from lipwright.jobs.scratch import Scratch, new_name
from lipwright.jobs.worker import Worker
from support.working import PACE, QUEUES, company, stage, until


def test_a_chore_is_done_again_at_once_while_there_is_more_and_after_an_error_too() -> None:
    answers = iter([True, True, ValueError(), False])
    done = threading.Event()
    calls: list[object] = []

    def run() -> object:
        answer = next(answers)
        calls.append(answer)
        if isinstance(answer, ValueError):
            raise answer
        if answer is False:
            done.set()
        return answer

    chores = Chores([Chore("test", "maintenance", 0.01, run)])
    assert done.wait(10)
    chores.drain(10)
    assert [type(call) for call in calls[:4]] == [bool, bool, ValueError, bool]


def test_only_what_dead_workers_left_is_swept(tmp_path: Path) -> None:
    dead, live = new_name(), new_name()
    Scratch(tmp_path, dead)
    scratch = Scratch(tmp_path, live)
    (tmp_path / "somebody's").mkdir()
    scratch.sweep(lambda: {live})
    assert {path.name for path in tmp_path.iterdir()} == {live, "somebody's"}
    scratch.close()


def test_the_folder_of_an_attempt_is_gone_behind_it(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, new_name())
    with scratch.folder("token") as folder:
        (folder / "file").write_text("half")
    assert not folder.exists()


def test_a_sleeping_run_wakes_when_its_stage_has_ended_elsewhere_and_when_the_worker_ends() -> None:
    ended: set[str] = set()
    joins = Joins(lambda waiting: waiting & ended, 0.01)
    woken: list[str] = []

    def sleep() -> None:
        woken.extend(joins.wait({"there", "later"}))
        try:
            joins.wait({"never"})
        except Draining:
            woken.append("drained")

    thread = threading.Thread(target=sleep)
    thread.start()
    ended.add("there")
    until(lambda: woken == ["there"], "the stage has ended elsewhere")
    joins.drain()
    thread.join(10)
    assert woken == ["there", "drained"]
    with pytest.raises(Draining):
        joins.wait({"late"})


def test_a_database_that_is_away_is_waited_for_until_the_worker_ends() -> None:
    draining = threading.Event()
    tries = 0

    def ask() -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise DatabaseFailed("away")
        if tries > 3:
            draining.set()
            raise DatabaseFailed("away")
        return tries

    assert patiently(ask, draining) == 3
    with pytest.raises(Draining):
        patiently(ask, draining)


def test_a_worker_lives_inside_a_program_more_than_once(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with company("sqlite", request, tmp_path, None) as firm:
        for _ in range(2):
            routes = {"speak": firm.route}
            worker = Worker(firm.database, routes, firm.assets, QUEUES, firm.scratch, pace=PACE)
            worker.start()
            firm.until_state(firm.submit(stage("one"), stage("two")), JobState.COMPLETED)
            worker.stop()
            assert not list(firm.scratch.iterdir())
