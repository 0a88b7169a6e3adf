"""A tiny ONNX file with the interface of MDX-Net: four planes of a picture of sound go in, four come out."""

from pathlib import Path

import numpy as np

from support import onnx_file


def write_mdx(path: Path, share: float, pitches: int, columns: int) -> Path:
    """The answer is a share of what is shown."""
    shape: list[int | str] = ["batch", 4, pitches, columns]
    graph = onnx_file._field(1, onnx_file._node("Mul", ["input", "share"], "output")) + onnx_file._field(2, b"mdx")
    graph += onnx_file._field(5, onnx_file._tensor("share", np.array([share], np.float32)))
    graph += onnx_file._field(11, onnx_file._value("input", shape))
    graph += onnx_file._field(12, onnx_file._value("output", shape))
    opset = onnx_file._field(1, b"") + onnx_file._number(2, onnx_file._OPSET)
    head = onnx_file._number(1, onnx_file._VERSION)
    path.write_bytes(head + onnx_file._field(7, graph) + onnx_file._field(8, opset))
    return path
