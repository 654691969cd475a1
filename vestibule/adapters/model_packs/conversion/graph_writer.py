"""Writes an ONNX graph node by node."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class GraphWriter:
    """Collects nodes and weights of one float32 graph with one input and one output."""

    def __init__(self, name: str, *, input_name: str, input_shape: Sequence[int | str]) -> None:
        self._name = name
        self._input = helper.make_tensor_value_info(
            input_name, TensorProto.FLOAT, list(input_shape)
        )
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def weight(self, values: NDArray[np.generic]) -> str:
        """Store a constant; returns the name to use as a node's input."""
        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Append a node with one output; returns that output's name."""
        output = f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(
            helper.make_node(operator, list(inputs), [output], name=output, **attributes)
        )
        return output

    def conv(
        self,
        source: str,
        *,
        kernel: NDArray[np.float32],
        bias: NDArray[np.float32],
        stride: int,
        pads_tlbr: tuple[int, int, int, int],
        groups: int = 1,
    ) -> str:
        """A convolution of (N, C, H, W); ``kernel`` is (out, in / groups, height, width)."""
        return self.node(
            "Conv",
            [source, self.weight(kernel), self.weight(bias)],
            kernel_shape=list(kernel.shape[2:]),
            strides=[stride, stride],
            pads=list(pads_tlbr),
            group=groups,
        )

    def model(
        self, output: str, *, output_shape: Sequence[int | str], metadata: Mapping[str, str]
    ) -> onnx.ModelProto:
        """Close the graph at ``output``, checked by onnx."""
        graph = helper.make_graph(
            self._nodes,
            self._name,
            [self._input],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, list(output_shape))],
            self._weights,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model)
        return model
