"""ONNX Runtime, which stays on this machine: its builds report their use to Microsoft unless told not to."""

import os
from typing import Any


def load_onnxruntime() -> Any:
    """Import ONNX Runtime with its telemetry off. Call this before any import that leads to it.

    Expected: a library that works offline. Instead, since 1.29, the wheels for Linux and macOS write a device id into
    the user's cache, a session file into the temporary folder, and send events; the variable below prevents all three
    if it is set before the library is loaded (docs/Privacy.md in its repository, "Disabling Telemetry").
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime
