"""Reads a TFLite file into plain values: tensors, operators, constants. Sparse constants come out dense.

Source: the field numbers are those of TensorFlow's tensorflow/compiler/mlir/lite/schema/schema.fbs, version 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from flatbuffers import flexbuffers
from flatbuffers import number_types as number
from numpy.typing import NDArray

CUSTOM = 32
_DTYPES = {0: np.dtype("<f4"), 1: np.dtype("<f2"), 2: np.dtype("<i4"), 3: np.dtype("u1"), 4: np.dtype("<i8")}
_SPARSE_INDEX_DTYPES = {1: np.dtype("<i4"), 2: np.dtype("<u2"), 3: np.dtype("u1")}


@dataclass(frozen=True, slots=True)
class Table:
    """One flatbuffer table; fields are addressed by their number in the schema."""

    raw: Any

    @classmethod
    def root(cls, data: bytes) -> "Table":
        position = flatbuffers.encode.Get(flatbuffers.packer.uoffset, data, 0)
        return cls(flatbuffers.table.Table(data, position))

    def _offset(self, field: int) -> int:
        return int(self.raw.Offset(4 + 2 * field))

    def integer(self, field: int, kind: Any = number.Int32Flags, default: int = 0) -> int:
        offset = self._offset(field)
        return int(self.raw.Get(kind, self.raw.Pos + offset)) if offset else default

    def text(self, field: int) -> str:
        offset = self._offset(field)
        return bytes(self.raw.String(self.raw.Pos + offset)).decode() if offset else ""

    def array(self, field: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        offset = self._offset(field)
        if not offset:
            return np.empty(0, dtype)
        start, count = self.raw.Vector(offset), self.raw.VectorLen(offset)
        return np.frombuffer(self.raw.Bytes, dtype, count, start)

    def tables(self, field: int) -> "list[Table]":
        offset = self._offset(field)
        if not offset:
            return []
        start, count = self.raw.Vector(offset), self.raw.VectorLen(offset)
        return [self._at(self.raw.Indirect(start + 4 * i)) for i in range(count)]

    def table(self, field: int) -> "Table | None":
        offset = self._offset(field)
        return self._at(self.raw.Indirect(self.raw.Pos + offset)) if offset else None

    def _at(self, position: int) -> "Table":
        return Table(flatbuffers.table.Table(self.raw.Bytes, position))


@dataclass(frozen=True, slots=True)
class Operator:
    """One step of the graph."""

    code: int
    """A member of BuiltinOperator."""
    custom_name: str
    """Empty for built-in operations."""
    inputs: tuple[int, ...]
    """Tensor numbers; -1 for an absent optional input."""
    outputs: tuple[int, ...]
    options: Table | None
    custom_options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Graph:
    """The main subgraph of a file."""

    shapes: tuple[tuple[int, ...], ...]
    """Of every tensor, in TFLite's own order (batch, height, width, channels)."""
    names: tuple[str, ...]
    constants: dict[int, NDArray[Any]]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_graph(path: Path) -> Graph:
    """Read the first subgraph of a TFLite file."""
    model = Table.root(path.read_bytes())
    codes = [(max(code.integer(0, number.Int8Flags), code.integer(3)), code.text(1)) for code in model.tables(1)]
    buffers = model.tables(4)
    subgraph = model.tables(2)[0]
    tensors = subgraph.tables(0)
    shapes = tuple(tuple(int(n) for n in tensor.array(0, _DTYPES[2])) for tensor in tensors)
    constants: dict[int, NDArray[Any]] = {}
    for index, tensor in enumerate(tensors):
        data = buffers[tensor.integer(2, number.Uint32Flags)].array(0, _DTYPES[3])
        if data.size:
            values = data.view(_DTYPES[tensor.integer(1, number.Int8Flags)])
            sparsity = tensor.table(6)
            constants[index] = densify(values, shapes[index], sparsity) if sparsity else values.reshape(shapes[index])
    operators = tuple(_operator(table, codes) for table in subgraph.tables(3))
    ends = [tuple(int(i) for i in subgraph.array(field, _DTYPES[2])) for field in (1, 2)]
    return Graph(shapes, tuple(t.text(3) for t in tensors), constants, operators, ends[0], ends[1])


def _operator(table: Table, codes: Sequence[tuple[int, str]]) -> Operator:
    code, custom_name = codes[table.integer(0, number.Uint32Flags)]
    packed = table.array(5, _DTYPES[3])
    return Operator(
        code=code,
        custom_name=custom_name,
        inputs=tuple(int(i) for i in table.array(1, _DTYPES[2])),
        outputs=tuple(int(i) for i in table.array(2, _DTYPES[2])),
        options=table.table(4),
        custom_options=flexbuffers.Loads(packed.tobytes()) if code == CUSTOM and packed.size else {},
    )


def densify(values: NDArray[Any], shape: tuple[int, ...], sparsity: Table) -> NDArray[Any]:
    """Expand TFLite's hybrid sparse format.

    The stored dimensions are those of the shape, then those of the blocks, in traversal order; each is dense, or
    compressed into segments and indices.
    Source: TensorFlow Lite, SparsityParameters in schema.fbs.
    """
    order = [int(i) for i in sparsity.array(0, _DTYPES[2])]
    block_map = [int(i) for i in sparsity.array(1, _DTYPES[2])]
    levels = sparsity.tables(2)
    rank = len(shape)
    block_sizes = [levels[order.index(rank + b)].integer(1) for b in range(len(block_map))]
    # One row of coordinates for each stored prefix, grown level by level.
    prefixes = np.zeros((1, 0), np.int64)
    for level in levels:
        if level.integer(0, number.Int8Flags) == 0:
            size = level.integer(1)
            step = np.tile(np.arange(size), len(prefixes))
            prefixes = np.column_stack([np.repeat(prefixes, size, axis=0), step])
        else:
            segments, indices = (_sparse_indices(level, field) for field in (2, 4))
            counts = np.diff(segments)
            prefixes = np.column_stack([np.repeat(prefixes, counts, axis=0), indices])
    coordinates = np.zeros((len(prefixes), rank), np.int64)
    for position, dimension in enumerate(order):
        if dimension < rank:
            blocks = block_map.index(dimension) if dimension in block_map else None
            coordinates[:, dimension] += prefixes[:, position] * (1 if blocks is None else block_sizes[blocks])
        else:
            coordinates[:, block_map[dimension - rank]] += prefixes[:, position]
    dense = np.zeros(math.prod(shape), values.dtype)
    dense[np.ravel_multi_index(tuple(coordinates.T), shape)] = values[: len(coordinates)]
    return dense.reshape(shape)


def _sparse_indices(level: Table, field: int) -> NDArray[np.int64]:
    vector = level.table(field + 1)
    if vector is None:
        raise ValueError("a compressed dimension has no index vector")
    dtype = _SPARSE_INDEX_DTYPES[level.integer(field, number.Uint8Flags)]
    return vector.array(0, dtype).astype(np.int64)
