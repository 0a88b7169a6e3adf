"""Named points at which tests let a process die, freeze or stumble. Without the variable they do nothing.

`LIPWRIGHT_FAULT_POINT=stage.before_publish:kill` kills the process when it first comes there; `stop` freezes it, and
`raise` raises an exception that nobody expects. `stage.begin:kill:3` waits for the third time.
"""

import os
import signal
from collections import Counter

POINTS = (
    "run_job.begin",
    "run_job.before_stage",
    "run_job.after_stage",
    "run_job.before_parts",
    "run_job.after_parts",
    "stage.begin",
    "stage.running",
    "stage.before_divide",
    "stage.after_divide",
    "stage.before_put",
    "stage.before_publish",
    "stage.after_publish",
    "run_job.before_complete",
    "run_job.after_complete",
)
VARIABLE = "LIPWRIGHT_FAULT_POINT"

_times: Counter[str] = Counter()


def hit(point: str) -> None:
    """The work comes to a point."""
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return
    name, action, *times = wanted.split(":")
    if name != point:
        return
    _times[point] += 1
    if _times[point] != int(times[0] if times else 1):
        return
    if action == "raise":
        raise RuntimeError(f"a test wants {point} to fail")
    os.kill(os.getpid(), signal.SIGKILL if action == "kill" else signal.SIGSTOP)
