"""TFLite's built-in operations as ONNX nodes, as far as MediaPipe's face models use them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flatbuffers import number_types as number
from numpy.typing import NDArray

from .builder import GraphBuilder
from .schema import Graph, Operator, Table

_CHANNELS_FIRST = {0: 0, 1: 2, 2: 3, 3: 1}
_SAME_PADDING = 0
_NO_ACTIVATION, _RELU, _RELU6 = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Translation:
    """A TFLite graph and the ONNX graph that it becomes."""

    graph: Graph
    builder: GraphBuilder

    def name(self, tensor: int) -> str:
        """The ONNX name of a computed tensor; four-dimensional ones are channels first."""
        return f"tensor_{tensor}"

    def value(self, tensor: int, rank: int) -> str:
        """The ONNX name of a computed or constant tensor that meets others of `rank`."""
        if tensor not in self.graph.constants:
            return self.name(tensor)
        values = self.graph.constants[tensor]
        if rank == 4:
            values = values.reshape((1,) * (4 - values.ndim) + values.shape).transpose(0, 3, 1, 2)
        return self.builder.constant(values)


def options_of(operator: Operator) -> Table:
    """The options of an operation that always has some."""
    if operator.options is None:
        raise ValueError(f"operation {operator.code} has no options")
    return operator.options


def _activate(translation: Translation, source: str, activation: int, output: str) -> None:
    builder = translation.builder
    if activation == _NO_ACTIVATION:
        builder.node("Identity", [source], output)
    elif activation == _RELU:
        builder.node("Relu", [source], output)
    elif activation == _RELU6:
        builder.node("Clip", [source, builder.scalar(0), builder.scalar(6)], output)
    else:
        raise ValueError(f"unknown fused activation {activation}")


def _same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def _convolution(translation: Translation, operator: Operator) -> None:
    graph, options = translation.graph, options_of(operator)
    depthwise = operator.code == 4
    activation_field = 4 if depthwise else 3
    weights = graph.constants[operator.inputs[1]]
    weights = weights.transpose(3, 0, 1, 2) if depthwise else weights.transpose(0, 3, 1, 2)
    strides = [options.integer(2), options.integer(1)]
    dilations = [options.integer(activation_field + 2, default=1), options.integer(activation_field + 1, default=1)]
    attributes: dict[str, Any] = {
        "strides": strides,
        "dilations": dilations,
        "kernel_shape": list(weights.shape[2:]),
        "group": weights.shape[0] if depthwise else 1,
    }
    if options.integer(0, number.Int8Flags) == _SAME_PADDING:
        sizes = graph.shapes[operator.inputs[0]][1:3]
        pads = [
            _same_padding(size, kernel, stride, dilation)
            for size, kernel, stride, dilation in zip(sizes, weights.shape[2:], strides, dilations, strict=True)
        ]
        attributes["pads"] = [pads[0][0], pads[1][0], pads[0][1], pads[1][1]]
    inputs = [translation.name(operator.inputs[0]), translation.builder.constant(weights)]
    if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
        inputs.append(translation.builder.constant(graph.constants[operator.inputs[2]]))
    result = translation.builder.node("Conv", inputs, **attributes)
    activation = options.integer(activation_field, number.Int8Flags)
    _activate(translation, result, activation, translation.name(operator.outputs[0]))


def _arithmetic(onnx_name: str) -> Callable[[Translation, Operator], None]:
    def translate(translation: Translation, operator: Operator) -> None:
        rank = max(len(translation.graph.shapes[i]) for i in operator.inputs)
        result = translation.builder.node(onnx_name, [translation.value(i, rank) for i in operator.inputs])
        activation = operator.options.integer(0, number.Int8Flags) if operator.options else _NO_ACTIVATION
        _activate(translation, result, activation, translation.name(operator.outputs[0]))

    return translate


def _parametric_relu(translation: Translation, operator: Operator) -> None:
    # ONNX Runtime's PRelu runs on one lane; four elementwise nodes take half the time.
    builder, source = translation.builder, translation.name(operator.inputs[0])
    slope = translation.graph.constants[operator.inputs[1]].reshape(-1, 1, 1)
    positive = builder.node("Relu", [source])
    negative = builder.node("Mul", [builder.node("Sub", [source, positive]), builder.constant(slope)])
    builder.node("Add", [positive, negative], translation.name(operator.outputs[0]))


def _pool(onnx_name: str) -> Callable[[Translation, Operator], None]:
    def translate(translation: Translation, operator: Operator) -> None:
        options = options_of(operator)
        attributes: dict[str, Any] = {
            "strides": [options.integer(2), options.integer(1)],
            "kernel_shape": [options.integer(4), options.integer(3)],
        }
        if options.integer(0, number.Int8Flags) == _SAME_PADDING:
            attributes["auto_pad"] = "SAME_UPPER"
        source, target = translation.name(operator.inputs[0]), translation.name(operator.outputs[0])
        translation.builder.node(onnx_name, [source], target, **attributes)

    return translate


def _pad(translation: Translation, operator: Operator) -> None:
    pads: NDArray[Any] = translation.graph.constants[operator.inputs[1]]
    if len(pads) == 4:
        pads = pads[[0, 3, 1, 2]]
    amounts = translation.builder.constant(np.concatenate([pads[:, 0], pads[:, 1]]).astype(np.int64))
    translation.builder.node(
        "Pad", [translation.name(operator.inputs[0]), amounts], translation.name(operator.outputs[0])
    )


def _reshape(translation: Translation, operator: Operator) -> None:
    builder, source = translation.builder, translation.name(operator.inputs[0])
    if len(translation.graph.shapes[operator.inputs[0]]) == 4:
        source = builder.node("Transpose", [source], perm=[0, 2, 3, 1])
    shape = translation.graph.shapes[operator.outputs[0]]
    target = translation.name(operator.outputs[0])
    if len(shape) == 4:
        builder.node(
            "Transpose", [builder.node("Reshape", [source, builder.integers(*shape)])], target, perm=[0, 3, 1, 2]
        )
    else:
        builder.node("Reshape", [source, builder.integers(*shape)], target)


def _concatenate(translation: Translation, operator: Operator) -> None:
    rank = len(translation.graph.shapes[operator.outputs[0]])
    axis = options_of(operator).integer(0) % rank
    inputs = [translation.value(i, rank) for i in operator.inputs]
    translation.builder.node(
        "Concat", inputs, translation.name(operator.outputs[0]), axis=_CHANNELS_FIRST[axis] if rank == 4 else axis
    )


def _elementwise(onnx_name: str) -> Callable[[Translation, Operator], None]:
    def translate(translation: Translation, operator: Operator) -> None:
        translation.builder.node(
            onnx_name, [translation.name(operator.inputs[0])], translation.name(operator.outputs[0])
        )

    return translate


def _resize_bilinear(translation: Translation, operator: Operator) -> None:
    options = options_of(operator)
    batch, height, width, channels = translation.graph.shapes[operator.outputs[0]]
    if options.integer(2, number.BoolFlags):
        mode = "align_corners"
    elif options.integer(3, number.BoolFlags):
        mode = "half_pixel"
    else:
        mode = "asymmetric"
    translation.builder.node(
        "Resize",
        [translation.name(operator.inputs[0]), "", "", translation.builder.integers(batch, channels, height, width)],
        translation.name(operator.outputs[0]),
        mode="linear",
        coordinate_transformation_mode=mode,
    )


def _depth_to_space(translation: Translation, operator: Operator) -> None:
    translation.builder.node(
        "DepthToSpace",
        [translation.name(operator.inputs[0])],
        translation.name(operator.outputs[0]),
        blocksize=options_of(operator).integer(0),
        mode="DCR",
    )


def _strided_slice(translation: Translation, operator: Operator) -> None:
    options, constants = options_of(operator), translation.graph.constants
    if options.integer(4):
        raise ValueError("a strided slice that drops axes is not supported")
    begin, end, step = (constants[i].astype(np.int64) for i in operator.inputs[1:4])
    for axis in range(len(begin)):
        if options.integer(0) >> axis & 1:
            begin[axis] = 0
        if options.integer(1) >> axis & 1:
            end[axis] = np.iinfo(np.int32).max
    axes = [_CHANNELS_FIRST[axis] if len(begin) == 4 else axis for axis in range(len(begin))]
    inputs = [translation.name(operator.inputs[0])]
    inputs += [translation.builder.constant(values) for values in (begin, end, np.array(axes, np.int64), step)]
    translation.builder.node("Slice", inputs, translation.name(operator.outputs[0]))


def _widen(translation: Translation, operator: Operator) -> None:
    """DEQUANTIZE of float16 and DENSIFY: both act on constants, which the builder widens and the reader densifies."""
    translation.graph.constants[operator.outputs[0]] = translation.graph.constants[operator.inputs[0]]


OPERATORS: dict[int, Callable[[Translation, Operator], None]] = {
    0: _arithmetic("Add"),
    1: _pool("AveragePool"),
    2: _concatenate,
    3: _convolution,
    4: _convolution,
    5: _depth_to_space,
    6: _widen,
    14: _elementwise("Sigmoid"),
    17: _pool("MaxPool"),
    18: _arithmetic("Mul"),
    19: _elementwise("Relu"),
    22: _reshape,
    23: _resize_bilinear,
    34: _pad,
    45: _strided_slice,
    54: _parametric_relu,
    117: _elementwise("HardSwish"),
    124: _widen,
}
"""By member of TFLite's BuiltinOperator."""
