"""Runtimes that stay on this machine: some report their use, or ask a hub for models, unless told not to.

And what they leave behind: memory.
"""

import ctypes
import gc
import os
import sys
from typing import Any

_M_ARENA_MAX = -8


def load_onnxruntime() -> Any:
    """Import ONNX Runtime with its telemetry off. Call this before any import that leads to it.

    Expected: a library that works offline. Instead, since 1.29, the wheels for Linux and macOS write a device id into
    the user's cache, a session file into the temporary folder, and send events; the variable below prevents all three
    if it is set before the library is loaded (docs/Privacy.md in its repository, "Disabling Telemetry").
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime


def loading_errors(runtime: Any) -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises for a file that is no network, or none that it can run; they have no class in common."""
    state = runtime.capi.onnxruntime_pybind11_state
    return (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument, state.NotImplemented)


def load_faster_whisper() -> Any:
    """Import faster-whisper, and its voice detector, with the hub that it can ask for models shut off.

    Expected: a library that works offline with the files that it is given. It imports the client of a model hub, which
    may tell that hub of every call, and ONNX Runtime; the variables below keep the client off the network.
    """
    load_onnxruntime()
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import faster_whisper
    import faster_whisper.vad

    return faster_whisper


def return_memory() -> None:
    """Give the memory of models and pictures that nobody holds any more back to the system. Takes milliseconds.

    Expected: memory that is freed can be used by others. Instead glibc keeps it for this process, in one heap for each
    thread that ever asked, so that each model of a long run would add to what those before it left (malloc_trim(3)).
    """
    gc.collect()  # an encoder is in a cycle of references, and its tens of megabytes are none that Python counts
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def share_heaps() -> None:
    """Let the threads of this process share two heaps. For a process of many threads that asks for little at a time.

    Expected: memory that one thread frees serves all. Instead glibc makes up to eight heaps for each core, and what is
    freed in one serves only the threads that it was made for (mallopt(3), M_ARENA_MAX).
    """
    change = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if change is not None:
        change(_M_ARENA_MAX, 2)
