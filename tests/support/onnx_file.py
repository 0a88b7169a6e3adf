"""A tiny ONNX file with the interface of SyncNet, written without any library: two inputs, two embeddings."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FLOAT = 1
_VERSION, _OPSET = 8, 13


def write_syncnet(path: Path, lips: NDArray[np.float32], sound: NDArray[np.float32]) -> Path:
    """Each embedding is the mean of an input over all but one axis, times a matrix.

    Args:
        lips: (3, d): of the mean colour of the five pictures.
        sound: (13, d): of the mean cepstra.
    """
    width = lips.shape[1]
    nodes = [
        _node("ReduceMean", ["lip"], "colour", axes=[2, 3, 4]),
        _node("MatMul", ["colour", "lip_weights"], "lip_embedding"),
        _node("ReduceMean", ["audio"], "cepstra", axes=[1, 3]),
        _node("MatMul", ["cepstra", "sound_weights"], "sound_embedding"),
    ]
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, b"syncnet")
    graph += _field(5, _tensor("lip_weights", lips)) + _field(5, _tensor("sound_weights", sound))
    graph += _field(11, _value("lip", ["n", 3, 5, 224, 224])) + _field(11, _value("audio", ["n", 1, 13, 20]))
    graph += _field(12, _value("lip_embedding", ["n", width])) + _field(12, _value("sound_embedding", ["n", width]))
    opset = _field(1, b"") + _number(2, _OPSET)
    path.write_bytes(_number(1, _VERSION) + _field(7, graph) + _field(8, opset))
    return path


def _node(operator: str, inputs: list[str], output: str, axes: list[int] | None = None) -> bytes:
    body = b"".join(_field(1, name.encode()) for name in inputs) + _field(2, output.encode())
    body += _field(4, operator.encode())
    if axes is not None:
        ints = b"".join(_number(8, axis) for axis in axes)
        body += _field(5, _field(1, b"axes") + ints + _number(20, 7))
        body += _field(5, _field(1, b"keepdims") + _number(3, 0) + _number(20, 2))
    return body


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    sizes = b"".join(_number(1, size) for size in values.shape)
    return sizes + _number(2, _FLOAT) + _field(8, name.encode()) + _field(9, values.astype("<f4").tobytes())


def _value(name: str, shape: list[int | str]) -> bytes:
    sizes = b"".join(
        _field(1, _number(1, size) if isinstance(size, int) else _field(2, size.encode())) for size in shape
    )
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, _FLOAT) + _field(2, sizes)))


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
