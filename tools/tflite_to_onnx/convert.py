"""Turns a TFLite graph into an ONNX model. Pictures are (batch, channels, height, width) inside and as TFLite has them
at the ends."""

from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto, helper

from .builder import GraphBuilder
from .custom_operators import CUSTOM_OPERATORS
from .operators import OPERATORS, Translation
from .schema import CUSTOM, read_graph


def convert(path: Path) -> ModelProto:
    """Convert one file.

    The input is called `input`; outputs keep their TFLite names and shapes.
    Raises: KeyError: an operation that no MediaPipe face model uses.
    """
    graph = read_graph(path)
    builder = GraphBuilder()
    translation = Translation(graph, builder)
    source = graph.inputs[0]
    inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, graph.shapes[source])]
    builder.node("Transpose", ["input"], translation.name(source), perm=[0, 3, 1, 2])
    for operator in graph.operators:
        if operator.code == CUSTOM:
            CUSTOM_OPERATORS[operator.custom_name](translation, operator)
        else:
            OPERATORS[operator.code](translation, operator)
    outputs = []
    for index in graph.outputs:
        name = graph.names[index]
        if len(graph.shapes[index]) == 4:
            builder.node("Transpose", [translation.name(index)], name, perm=[0, 2, 3, 1])
        else:
            builder.node("Identity", [translation.name(index)], name)
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, np.array(graph.shapes[index]).tolist()))
    return builder.model(path.stem, inputs, outputs)
