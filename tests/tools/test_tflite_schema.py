"""Sparse constants of TFLite files come out dense."""

import sys
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from numpy.typing import NDArray

TOOLS = Path(__file__).parents[2] / "tools"
_INT32_VECTOR = 1


def _vector(builder: flatbuffers.Builder, values: list[int]) -> int:
    return int(builder.CreateNumpyVector(np.array(values, np.int32)))


def _sparse_vector(builder: flatbuffers.Builder, values: list[int]) -> int:
    stored = _vector(builder, values)
    builder.StartObject(1)
    builder.PrependUOffsetTRelativeSlot(0, stored, 0)
    return int(builder.EndObject())


def _dimension(builder: flatbuffers.Builder, dense_size: int, segments: list[int], indices: list[int]) -> int:
    tables = [_sparse_vector(builder, values) for values in (segments, indices)] if segments else []
    builder.StartObject(6)
    builder.PrependInt8Slot(0, 1 if tables else 0, 0)
    builder.PrependInt32Slot(1, dense_size, 0)
    for field, table in zip((2, 4), tables, strict=False):
        builder.PrependUint8Slot(field, _INT32_VECTOR, 0)
        builder.PrependUOffsetTRelativeSlot(field + 1, table, 0)
    return int(builder.EndObject())


def sparsity(order: list[int], block_map: list[int], dimensions: list[tuple[int, list[int], list[int]]]) -> bytes:
    """A SparsityParameters table; a dimension is its dense size, or segments and indices."""
    builder = flatbuffers.Builder(256)
    tables = [_dimension(builder, *dimension) for dimension in dimensions]
    builder.StartVector(4, len(tables), 4)
    for table in reversed(tables):
        builder.PrependUOffsetTRelative(table)
    levels = builder.EndVector()
    traversal = _vector(builder, order)
    blocks = _vector(builder, block_map) if block_map else 0
    builder.StartObject(3)
    builder.PrependUOffsetTRelativeSlot(0, traversal, 0)
    builder.PrependUOffsetTRelativeSlot(1, blocks, 0)
    builder.PrependUOffsetTRelativeSlot(2, levels, 0)
    builder.Finish(builder.EndObject())
    return bytes(builder.Output())


def densified(
    values: list[float], shape: tuple[int, ...], table: bytes, monkeypatch: pytest.MonkeyPatch
) -> NDArray[np.float32]:
    monkeypatch.setattr(sys, "path", [str(TOOLS), *sys.path])
    from tflite_to_onnx import schema

    return schema.densify(np.array(values, np.float32), shape, schema.Table.root(table))


def test_compressed_rows_come_out_dense(monkeypatch: pytest.MonkeyPatch) -> None:
    table = sparsity([0, 1], [], [(3, [], []), (0, [0, 2, 2, 3], [0, 3, 1])])
    dense = densified([1, 2, 3], (3, 4), table, monkeypatch)
    assert dense.tolist() == [[1, 0, 0, 2], [0, 0, 0, 0], [0, 3, 0, 0]]


def test_columns_may_be_traversed_first(monkeypatch: pytest.MonkeyPatch) -> None:
    table = sparsity([1, 0], [], [(4, [], []), (0, [0, 1, 2, 2, 3], [0, 2, 0])])
    dense = densified([1, 3, 2], (3, 4), table, monkeypatch)
    assert dense.tolist() == [[1, 0, 0, 2], [0, 0, 0, 0], [0, 3, 0, 0]]


def test_blocks_come_out_dense(monkeypatch: pytest.MonkeyPatch) -> None:
    # Blocks of 2 x 2 in a matrix of 4 x 4: one at the top right, one at the bottom left.
    table = sparsity([0, 1, 2, 3], [0, 1], [(2, [], []), (0, [0, 1, 2], [1, 0]), (2, [], []), (2, [], [])])
    dense = densified([1, 2, 3, 4, 5, 6, 7, 8], (4, 4), table, monkeypatch)
    assert dense.tolist() == [[0, 0, 1, 2], [0, 0, 3, 4], [5, 6, 0, 0], [7, 8, 0, 0]]
