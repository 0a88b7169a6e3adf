"""What an attempt may leave behind in its process: put back before the next one, or a reason why there is no next one.

Memory of the interpreter stays, which is what makes a process worth keeping: modules, and what they remember.
"""

import ctypes
import gc
import os
import signal
import tempfile
import threading
from pathlib import Path

MOST_ATTEMPTS = 100
"""A process does no more than so many, whatever else it remembers."""
MOST_GROWTH_BYTES = 256 * 2**20
"""One that has grown by more gives it back by its end."""
_PR_SET_CHILD_SUBREAPER = 36


class Surroundings:
    """Those of this process, as they are before its first attempt. On Linux, which tells what there is to know."""

    def __init__(self) -> None:
        """Look at them."""
        self._sees_orphans = _adopt_orphans()
        gc.freeze()  # what is here now is not searched again behind each attempt
        self._folder = Path.cwd()
        self._environment = dict(os.environ)
        self._umask = _umask()
        self._handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
        self._threads = threading.active_count()
        self._resident_bytes = _resident_bytes()
        self._attempts = 0

    def point_temporary_files_at(self, folder: Path) -> None:
        """What an attempt, or a program that it starts, writes for a while is removed with the attempt."""
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)

    def put_back(self) -> bool:
        """Make them as they were.

        Returns: False when that cannot be, or is not worth it: the process ends, and with it all that it started.
        """
        self._attempts += 1
        if self._attempts >= MOST_ATTEMPTS or not self._sees_orphans or _has_children():
            return False
        gc.collect()
        if threading.active_count() > self._threads or _resident_bytes() > self._resident_bytes + MOST_GROWTH_BYTES:
            return False
        tempfile.tempdir = None
        os.chdir(self._folder)
        os.umask(self._umask)
        if os.environ != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        for number, handler in self._handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        return True


def _adopt_orphans() -> bool:
    """Have what a child leaves behind become this process's own child, so that it is seen.

    Returns: False where that is not allowed.
    """
    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def _has_children() -> bool:
    """Whether anything that was started here still runs; what has ended is let go."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
