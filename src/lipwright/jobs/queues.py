"""The queues: who waits in which, and how much of each a worker does at a time.

A queue is divided by workspace. Whenever a worker has room, it takes the most urgent work of a workspace chosen by lot,
so a workspace with a thousand jobs does not keep another's one waiting; priorities count within a workspace.
"""

from collections.abc import Iterable
from types import MappingProxyType

from lipwright.errors import UsageError, did_you_mean

JOB_QUEUES = MappingProxyType(
    {"speak": "avatar", "sync": "avatar", "avatar": "avatar", "video": "avatar", "dub": "dubbing"}
)
"""Where a job of each kind waits."""
AT_A_TIME = MappingProxyType({"avatar": 16, "dubbing": 16, "cpu": 2, "gpu": 1, "io": 8})
"""What one worker does at the same time. Jobs do next to nothing themselves; a machine with many cores runs several
workers."""
CHORE_QUEUES = frozenset({"callbacks", "maintenance"})
"""Nothing waits in these: workers that listen to them do the chores."""
QUEUES = (*AT_A_TIME, *sorted(CHORE_QUEUES))


def check_queues(names: Iterable[str]) -> tuple[str, ...]:
    """The queues that a worker is to listen to.

    Raises: UsageError: there is no such queue, or none is named.
    """
    chosen = tuple(dict.fromkeys(names))
    if not chosen:
        raise UsageError(f"A worker needs at least one queue. There are: {', '.join(QUEUES)}.")
    for name in chosen:
        if name not in QUEUES:
            raise UsageError(f"`{name}`: no such queue.{did_you_mean(name, QUEUES)} There are: {', '.join(QUEUES)}.")
    return chosen
