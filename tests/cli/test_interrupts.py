"""Signals become `Cancelled`: at once when nothing is at stake, at the next checkpoint while files are unfinished."""

import os
import signal
from collections.abc import Iterator

import pytest

from lipwright.cli.interrupts import Interrupts
from lipwright.errors import Cancelled

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    before = {number: signal.getsignal(number) for number in NUMBERS}
    installed = Interrupts()
    installed.install()
    yield installed
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_cancels_at_once(interrupts: Interrupts, number: signal.Signals, exit_code: int) -> None:
    with pytest.raises(Cancelled, match=number.name):
        os.kill(os.getpid(), number)
    assert interrupts.exit_code == exit_code


def test_without_a_signal_nothing_is_cancelled(interrupts: Interrupts) -> None:
    interrupts.check()
    assert interrupts.exit_code is None


def test_deferred_signal_waits_for_the_next_checkpoint(interrupts: Interrupts) -> None:
    with interrupts.deferred():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Cancelled):
            interrupts.check()


def test_second_signal_does_not_wait(interrupts: Interrupts) -> None:
    with interrupts.deferred():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Cancelled):
            os.kill(os.getpid(), signal.SIGINT)


def test_hangup_is_ignored_where_nohup_asked_for_it() -> None:
    before = {number: signal.signal(number, signal.SIG_IGN) for number in NUMBERS}
    try:
        Interrupts().install()
        os.kill(os.getpid(), signal.SIGHUP)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
