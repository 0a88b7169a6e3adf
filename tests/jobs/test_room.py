"""Stages that go straight to a worker keep to what it does at a time, and keep nobody waiting."""

import threading

import pytest

from lipwright.jobs.away import Draining
from lipwright.jobs.queues import AT_A_TIME
from lipwright.jobs.room import Room


class Counts:
    """What the engine counts."""

    def __init__(self) -> None:
        self.now: list[tuple[str, str, str]] = []
        self.filled: set[str] = set()

    def add(self, work: str, queue: str, workspace: str) -> "Released":
        self.now.append((work, queue, workspace))
        return Released(self, (work, queue, workspace))


class Released:
    def __init__(self, counts: Counts, work: tuple[str, str, str]) -> None:
        self._counts, self._work = counts, work

    def __call__(self) -> None:
        self._counts.now.remove(self._work)


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def room(counts: Counts) -> Room:
    made = Room(["avatar", "gpu", "callbacks"])
    made.open(counts.filled.__contains__, counts.add)
    return made


def test_there_is_room_until_as_much_is_done_as_a_worker_does_at_a_time(room: Room, counts: Counts) -> None:
    assert AT_A_TIME["gpu"] == 1
    with room.straight("one", "gpu", "acme") as first, room.straight("two", "gpu", "acme") as second:
        assert (first, second) == (True, False)
        assert counts.now == [("one", "gpu", "acme")]
    assert counts.now == []
    with room.straight("two", "gpu", "acme") as again:
        assert again


def test_a_stage_that_fails_gives_its_room_back(room: Room, counts: Counts) -> None:
    with pytest.raises(KeyError), room.straight("one", "gpu", "acme"):
        raise KeyError
    with room.straight("two", "gpu", "acme") as is_done:
        assert is_done


def test_nothing_goes_straight_past_what_waits(room: Room, counts: Counts) -> None:
    counts.filled.add("gpu")
    with room.straight("one", "gpu", "acme") as is_done:
        assert not is_done


@pytest.mark.parametrize("queue", ["cpu", "callbacks"])
def test_a_worker_does_nothing_that_it_does_not_listen_to(room: Room, queue: str) -> None:
    with room.straight("one", queue, "acme") as is_done:
        assert not is_done


def test_nothing_goes_straight_before_the_engine_counts(counts: Counts) -> None:
    with Room(["gpu"]).straight("one", "gpu", "acme") as is_done:
        assert not is_done


def test_what_came_through_the_queue_waits_for_what_was_quicker(room: Room) -> None:
    killing, begun, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        with room.taken("gpu", killing):
            done.set()

    with room.straight("one", "gpu", "acme"):
        waiting = threading.Thread(target=work)
        waiting.start()
        begun.wait()
        assert not done.wait(0.05)
    waiting.join()
    assert done.is_set()


def test_who_waits_for_room_when_the_worker_ends_is_handed_back(room: Room) -> None:
    killing = threading.Event()
    killing.set()
    with room.straight("one", "gpu", "acme"), pytest.raises(Draining), room.taken("gpu", killing):
        pytest.fail("there is no room")
