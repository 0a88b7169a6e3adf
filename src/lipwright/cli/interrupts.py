"""Ctrl-C and SIGTERM become `Cancelled`; work that holds unfinished files learns of them at its own checkpoints."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from lipwright.errors import Cancelled


class Interrupts:
    """What the user's signals asked for. One a process; its methods run on the main thread."""

    def __init__(self) -> None:
        self._signal: signal.Signals | None = None
        self._deferred = False

    def install(self) -> None:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # A process started by nohup keeps running when its terminal goes.
            if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                signal.signal(number, self._receive)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Inside, a first signal is only noted, for `check`; a second one raises `Cancelled` at once."""
        self._deferred = True
        try:
            yield
        finally:
            self._deferred = False

    def check(self) -> None:
        """Raises: Cancelled: a signal came."""
        if self._signal is not None:
            raise Cancelled(f"stopped by {self._signal.name}")

    @property
    def exit_code(self) -> int | None:
        """128 and the signal's number, as shells do: 130 for Ctrl-C, 143 for SIGTERM; None if no signal came."""
        return None if self._signal is None else 128 + self._signal

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        again = self._signal is not None
        self._signal = signal.Signals(number)
        if again or not self._deferred:
            self.check()
