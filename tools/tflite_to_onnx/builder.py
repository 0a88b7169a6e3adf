"""Collects ONNX nodes and constants. Names are counted, so the same input gives the same bytes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, checker, helper, numpy_helper

OPSET = 20
IR_VERSION = 9


class GraphBuilder:
    """An ONNX graph under construction."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._names = 0

    def node(self, operation: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Append a node with one output; returns the output's name."""
        output = output or self._fresh(operation.lower())
        self._nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def constant(self, values: ArrayLike) -> str:
        """Add a constant; float16 values are stored as they are and widened to float32 when the model is loaded."""
        array: NDArray[Any] = np.array(values, order="C")
        name = self._fresh("constant")
        self._constants.append(numpy_helper.from_array(array, name))
        return self.node("Cast", [name], to=TensorProto.FLOAT) if array.dtype == np.float16 else name

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def scalar(self, value: float) -> str:
        return self.constant(np.float32(value))

    def model(self, name: str, inputs: list[ValueInfoProto], outputs: list[ValueInfoProto]) -> ModelProto:
        """Close and check the graph."""
        graph = helper.make_graph(self._nodes, name, inputs, outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        model.producer_name = "lipwright"
        checker.check_model(model, full_check=True)
        return model

    def _fresh(self, stem: str) -> str:
        self._names += 1
        return f"{stem}_{self._names}"
