"""MediaPipe's custom operations as ONNX nodes.

Source of the arithmetic: mediapipe/util/tflite/operations/{landmarks_to_transform_matrix,transform_tensor_bilinear,
transform_landmarks,transpose_conv_bias}.cc, Apache-2.0.
"""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto

from .builder import GraphBuilder
from .operators import Translation
from .schema import Operator


def _transposed_convolution(translation: Translation, operator: Operator) -> None:
    graph, builder = translation.graph, translation.builder
    weights = graph.constants[operator.inputs[1]].transpose(3, 0, 1, 2)
    source, target = graph.shapes[operator.inputs[0]][1], graph.shapes[operator.outputs[0]][1]
    stride, kernel = target // source, weights.shape[2]
    excess = (source - 1) * stride + kernel - target
    before, after = excess // 2, excess - excess // 2
    builder.node(
        "ConvTranspose",
        [
            translation.name(operator.inputs[0]),
            builder.constant(weights),
            builder.constant(graph.constants[operator.inputs[2]]),
        ],
        translation.name(operator.outputs[0]),
        strides=[stride, stride],
        kernel_shape=[kernel, kernel],
        pads=[before, before, after, after],
    )


def _extent(builder: GraphBuilder, values: str) -> tuple[str, str]:
    """Centre and size of (1, n) values, each (1,)."""
    axis = builder.integers(1)
    high = builder.node("ReduceMax", [values, axis], keepdims=0)
    low = builder.node("ReduceMin", [values, axis], keepdims=0)
    centre = builder.node("Mul", [builder.node("Add", [high, low]), builder.scalar(0.5)])
    return centre, builder.node("Sub", [high, low])


def _landmarks_to_matrix(translation: Translation, operator: Operator) -> None:
    """The 4x4 matrix from pixels of the attention crop to pixels of the input: a turned box about some landmarks."""
    builder, options = translation.builder, operator.custom_options
    if options["target_rotation_radians"] != 0:
        raise ValueError("only upright crops are supported")
    landmarks = translation.name(operator.inputs[0])

    def product(a: str, b: str) -> str:
        return builder.node("Mul", [a, b])

    def column(points: str, axis: int) -> str:
        return builder.node("Gather", [points, builder.constant(np.int64(axis))], axis=-1)

    def point(index: int) -> tuple[str, str]:
        row = builder.node("Gather", [landmarks, builder.constant(np.int64(index))], axis=1)
        return column(row, 0), column(row, 1)

    left_x, left_y = point(options["left_rotation_idx"])
    right_x, right_y = point(options["right_rotation_idx"])
    along_x, along_y = builder.node("Sub", [right_x, left_x]), builder.node("Sub", [right_y, left_y])
    length = builder.node("Sqrt", [builder.node("Add", [product(along_x, along_x), product(along_y, along_y)])])
    cosine = builder.node("Div", [along_x, length])
    sine = builder.node("Neg", [builder.node("Div", [along_y, length])])

    subset = builder.node("Gather", [landmarks, builder.integers(*options["subset_idxs"])], axis=1)
    x, y = column(subset, 0), column(subset, 1)
    turned_x = builder.node("Sub", [product(x, cosine), product(y, sine)])
    turned_y = builder.node("Add", [product(x, sine), product(y, cosine)])
    centre_x, width = _extent(builder, turned_x)
    centre_y, height = _extent(builder, turned_y)
    middle_x = builder.node("Add", [product(centre_x, cosine), product(centre_y, sine)])
    middle_y = builder.node("Sub", [product(centre_y, cosine), product(centre_x, sine)])

    output_width, output_height = options["output_width"], options["output_height"]
    scale_x = product(width, builder.scalar(options["scale_x"] / output_width))
    scale_y = product(height, builder.scalar(options["scale_y"] / output_height))
    xx, xy = product(cosine, scale_x), product(sine, scale_y)
    yx, yy = builder.node("Neg", [product(sine, scale_x)]), product(cosine, scale_y)
    half_width, half_height = builder.scalar(output_width / 2), builder.scalar(output_height / 2)
    shift_x = builder.node("Sub", [middle_x, builder.node("Add", [product(xx, half_width), product(xy, half_height)])])
    shift_y = builder.node("Sub", [middle_y, builder.node("Add", [product(yx, half_width), product(yy, half_height)])])
    zero, one = builder.constant(np.zeros(1, np.float32)), builder.constant(np.ones(1, np.float32))
    rows = [xx, xy, zero, shift_x, yx, yy, zero, shift_y, zero, zero, one, zero, zero, zero, zero, one]
    matrix = builder.node("Concat", rows, axis=0)
    builder.node("Reshape", [matrix, builder.integers(1, 4, 4)], translation.name(operator.outputs[0]))


def _planar_matrix_transposed(translation: Translation, tensor: int) -> str:
    """The part of a 4x4 matrix that moves points in the plane, (1, 3, 2)."""
    builder = translation.builder
    rows = builder.node("Gather", [translation.name(tensor), builder.integers(0, 1)], axis=1)
    matrix = builder.node("Gather", [rows, builder.integers(0, 1, 3)], axis=2)
    return builder.node("Transpose", [matrix], perm=[0, 2, 1])


def _sample_bilinear(translation: Translation, operator: Operator) -> None:
    """Sample a feature map on a turned grid; what lies outside the map is zero."""
    builder = translation.builder
    _, height, width, _ = translation.graph.shapes[operator.inputs[0]]
    rows, columns = operator.custom_options["output_height"], operator.custom_options["output_width"]
    grid_y, grid_x = np.mgrid[0:rows, 0:columns]
    centres = np.stack([grid_x + 0.5, grid_y + 0.5, np.ones_like(grid_x)], -1).reshape(1, -1, 3).astype(np.float32)
    points = builder.node(
        "MatMul", [builder.constant(centres), _planar_matrix_transposed(translation, operator.inputs[1])]
    )
    per_pixel = builder.constant(np.array([2 / width, 2 / height], np.float32))
    relative = builder.node("Sub", [builder.node("Mul", [points, per_pixel]), builder.scalar(1)])
    sampled = builder.node(
        "GridSample",
        [
            translation.name(operator.inputs[0]),
            builder.node("Reshape", [relative, builder.integers(1, rows, columns, 2)]),
        ],
        align_corners=0,
        mode="linear",
        padding_mode="zeros",
    )
    above = builder.node("GreaterOrEqual", [points, builder.scalar(0.5)])
    below = builder.node("LessOrEqual", [points, builder.constant(np.array([width - 0.5, height - 0.5], np.float32))])
    inside = builder.node("Cast", [builder.node("And", [above, below])], to=TensorProto.FLOAT)
    inside = builder.node("ReduceMin", [inside, builder.integers(2)], keepdims=0)
    inside = builder.node("Reshape", [inside, builder.integers(1, 1, rows, columns)])
    builder.node("Mul", [sampled, inside], translation.name(operator.outputs[0]))


def _transform_landmarks(translation: Translation, operator: Operator) -> None:
    """Move landmarks by the planar part of a matrix; z stays."""
    builder, landmarks = translation.builder, translation.name(operator.inputs[0])
    _, count, dimensions = translation.graph.shapes[operator.inputs[0]]

    def columns(start: int, end: int) -> str:
        return builder.node("Slice", [landmarks, builder.integers(start), builder.integers(end), builder.integers(2)])

    ones = builder.constant(np.ones((1, count, 1), np.float32))
    homogeneous = builder.node("Concat", [columns(0, 2), ones], axis=2)
    moved = builder.node("MatMul", [homogeneous, _planar_matrix_transposed(translation, operator.inputs[1])])
    if dimensions == 2:
        builder.node("Identity", [moved], translation.name(operator.outputs[0]))
    else:
        builder.node("Concat", [moved, columns(2, 3)], translation.name(operator.outputs[0]), axis=2)


CUSTOM_OPERATORS: dict[str, Callable[[Translation, Operator], None]] = {
    "Convolution2DTransposeBias": _transposed_convolution,
    "Landmarks2TransformMatrix": _landmarks_to_matrix,
    "TransformTensorBilinear": _sample_bilinear,
    "TransformLandmarks": _transform_landmarks,
}
"""By the name in the TFLite file."""
