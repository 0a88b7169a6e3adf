"""What runtimes leave behind."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from lipwright.inference import return_memory

BLOCK_BYTES = 100_000
"""Less than what the C library asks the system for piece by piece."""
BLOCKS = 2_000


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps what is freed")
def test_memory_that_is_freed_below_a_block_that_stays_goes_back_to_the_system() -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    blocks = [library.malloc(BLOCK_BYTES) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK_BYTES)
    stays = blocks.pop()
    for block in blocks:
        library.free(block)
    kept_mb = _resident_mb()
    return_memory()
    returned_mb = kept_mb - _resident_mb()
    library.free(stays)
    assert returned_mb > 0.9 * BLOCKS * BLOCK_BYTES / 1e6


HEAPS = """
import ctypes, threading
from lipwright.inference import share_heaps

share_heaps()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.fopen.restype = ctypes.c_void_p
library.fopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
library.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
together = threading.Barrier(8)

def ask():
    together.wait()
    library.malloc(10_000)
    together.wait()

threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
library.malloc_info(0, library.fopen(b"/dev/stdout", b"w"))
library.fflush(None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc gives threads heaps of their own")
def test_threads_share_two_heaps() -> None:
    told = subprocess.run([sys.executable, "-c", HEAPS], capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.count("<heap nr=") == 2
