"""Tiny ONNX files with the interfaces of Robust Video Matting and of Real-ESRGAN."""

from pathlib import Path

import numpy as np

from support import onnx_file

_PICTURE: list[int | str] = [1, 3, "height", "width"]
_STATE: list[int | str] = ["batch", "channels", "rows", "columns"]


def write_rvm(path: Path) -> Path:
    """Alpha is half the mean colour and half the alpha of the frame before; the foreground is the picture itself."""
    nodes = [
        onnx_file._node("Conv", ["src", "mean"], "grey"),
        onnx_file._node("Mul", ["grey", "half"], "now"),
        onnx_file._node("Mul", ["r1i", "half"], "then"),
        onnx_file._node("Add", ["now", "then"], "pha"),
        onnx_file._node("Identity", ["pha"], "r1o"),
        onnx_file._node("Identity", ["src"], "fgr"),
        *(onnx_file._node("Identity", [f"r{n}i"], f"r{n}o") for n in (2, 3, 4)),
    ]
    tensors = {"mean": np.full((1, 3, 1, 1), 1 / 3, np.float32), "half": np.array([0.5], np.float32)}
    states = {f"r{n}": _STATE for n in (1, 2, 3, 4)}
    given: dict[str, list[int | str]] = {"src": _PICTURE, **{f"{name}i": size for name, size in states.items()}}
    made: dict[str, list[int | str]] = {"fgr": _PICTURE, "pha": [1, 1, "height", "width"]}
    made |= {f"{name}o": size for name, size in states.items()}
    return _write(path, nodes, tensors, {**given, "downsample_ratio": [1]}, made)


def write_enlarger(path: Path, factor: int, gain: float) -> Path:
    """Each pixel becomes a square of pixels, `gain` times as bright: Real-ESRGAN's shapes."""
    weights = np.zeros((3, 3, factor, factor), np.float32)
    weights[range(3), range(3)] = gain
    attribute = onnx_file._field(1, b"strides") + onnx_file._number(8, factor) * 2 + onnx_file._number(20, 7)
    node = onnx_file._node("ConvTranspose", ["input", "weights"], "output") + onnx_file._field(5, attribute)
    larger: list[int | str] = [1, 3, "large height", "large width"]
    return _write(path, [node], {"weights": weights}, {"input": _PICTURE}, {"output": larger})


def _write(
    path: Path,
    nodes: list[bytes],
    tensors: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]],
    given: dict[str, list[int | str]],
    made: dict[str, list[int | str]],
) -> Path:
    graph = b"".join(onnx_file._field(1, node) for node in nodes) + onnx_file._field(2, b"tiny")
    graph += b"".join(onnx_file._field(5, onnx_file._tensor(name, values)) for name, values in tensors.items())
    graph += b"".join(onnx_file._field(11, onnx_file._value(name, shape)) for name, shape in given.items())
    graph += b"".join(onnx_file._field(12, onnx_file._value(name, shape)) for name, shape in made.items())
    opset = onnx_file._field(1, b"") + onnx_file._number(2, onnx_file._OPSET)
    head = onnx_file._number(1, onnx_file._VERSION)
    path.write_bytes(head + onnx_file._field(7, graph) + onnx_file._field(8, opset))
    return path
