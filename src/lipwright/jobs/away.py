"""What a database does that is away for a while: it is waited for."""

import threading
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from lipwright.errors import DatabaseFailed

AWAY = (DatabaseFailed, sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)
"""Errors of a database that cannot be reached, or is too busy."""
LONGEST_WAIT_S = 2.0

Answer = TypeVar("Answer")


class Draining(BaseException):
    """The worker ends, and this work is handed back. No Exception: the engine would take one for the outcome."""


def patiently(ask: Callable[[], Answer], draining: threading.Event) -> Answer:
    """Ask the database until it answers.

    Raises: Draining: the worker ends before.
    """
    wait_s = 0.05
    while True:
        try:
            return ask()
        except AWAY as error:
            import structlog  # heavy: the process beside a worker needs the names above, and no log

            structlog.get_logger("lipwright.jobs").warning(
                "the database is away", error=type(error).__name__, again_s=wait_s
            )
        if draining.wait(wait_s):
            raise Draining
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)
