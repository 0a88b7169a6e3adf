"""Process groups: a stage is the leader of one, so that what it starts ends with it."""

import os
import signal
from contextlib import suppress

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
"""On Windows SIGTERM is the end at once."""


def lead_group() -> None:
    """Make this process the leader of a group of its own, out of reach of a terminal's signals."""
    if hasattr(os, "setsid"):
        os.setsid()


def kill_group(leader: int) -> None:
    """Kill a process that runs, and all of its group; one that is gone is no error."""
    if not kill_left(leader):
        kill(leader)  # it has not become a leader yet


def kill_left(leader: int) -> bool:
    """Kill what is left of a group, whether or not its leader lives.

    Returns: False when there is no such group.
    """
    if not hasattr(os, "killpg"):
        return False
    try:
        os.killpg(leader, KILL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def kill(pid: int) -> None:
    """Kill one process; one that is gone is no error."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, KILL)
