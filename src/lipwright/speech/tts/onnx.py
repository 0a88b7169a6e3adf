"""ONNX models with one more output, without the onnx package."""

_MODEL_GRAPH = 7
_GRAPH_OUTPUT = 12
_VALUE_NAME = 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, payload: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def extra_output(name: str) -> bytes:
    """Bytes that, put behind an ONNX file, make the tensor `name` one of its outputs.

    Source: protobuf joins messages that follow each other: ModelProto.graph = 7, GraphProto.output = 12,
    ValueInfoProto.name = 1 (onnx.proto).
    """
    return _field(_MODEL_GRAPH, _field(_GRAPH_OUTPUT, _field(_VALUE_NAME, name.encode())))
