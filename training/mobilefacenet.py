"""The installed MobileFaceNet as a PyTorch module, so that it can be trained further."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

Weights = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class _Step:
    """One operation of the graph: ``kind`` reads ``inputs`` and writes ``output``."""

    kind: str
    inputs: tuple[str, ...]
    output: str
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Left, right, top, bottom, as PyTorch pads."""


class MobileFaceNet(nn.Module):
    """Follows the graph of ``embedder.onnx`` step by step; (n, 3, 112, 112) to (n, 192).

    The converted graph writes a PReLU as ``a x + b relu(x)`` with two 1x1 convolutions, which
    onnxruntime runs fast. Here it is one PReLU, which trains fast; an export writes it back as the
    converter does (a dark face takes 19 ms on one core instead of 27).
    """

    def __init__(self, path: Path) -> None:
        """Raises ValueError for a graph of other operations."""
        super().__init__()
        graph = onnx.load(path).graph
        weights = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
        self._input_name = graph.input[0].name
        self._convolutions = nn.ModuleDict()
        self._slopes = nn.ParameterDict()
        self._steps = self._read(list(graph.node), weights)

    def forward(self, faces: Tensor) -> Tensor:
        values = {self._input_name: faces}
        for step in self._steps:
            first = values[step.inputs[0]]
            if step.kind == "Conv":
                convolution = self._convolutions[step.output]
                padded = functional.pad(first, step.padding) if any(step.padding) else first
                values[step.output] = convolution(padded)
            elif step.kind == "PRelu":
                values[step.output] = _prelu(first, self._slopes[step.output])
            elif step.kind == "Add":
                values[step.output] = first + values[step.inputs[1]]
            else:
                values[step.output] = first.flatten(1)
        return values[self._steps[-1].output]

    def _read(self, nodes: list[onnx.NodeProto], weights: Weights) -> list[_Step]:
        made_by = {node.output[0]: node for node in nodes}
        steps, absorbed = [], set[str]()
        for node in nodes:
            parts = _prelu_parts(node, made_by, weights)
            if parts is not None:
                linear, rectified, relu = parts
                slope = weights[linear.input[1]].ravel()
                self._slopes[node.output[0]] = nn.Parameter(torch.tensor(slope))
                absorbed |= {linear.output[0], rectified.output[0], relu.output[0]}
                steps.append(_Step("PRelu", (linear.input[0],), node.output[0]))
            elif node.op_type == "Conv":
                steps.append(self._convolution(node, weights))
            elif node.op_type in ("Add", "Flatten", "Relu"):
                steps.append(_Step(node.op_type, tuple(node.input), node.output[0]))
            else:
                raise ValueError(f"{node.op_type} is not an operation of MobileFaceNet")
        kept = [step for step in steps if step.output not in absorbed]
        for name in absorbed & set(self._convolutions):
            del self._convolutions[name]
        return kept

    def _convolution(self, node: onnx.NodeProto, weights: Weights) -> _Step:
        settings = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
        kernel, bias = weights[node.input[1]], weights[node.input[2]]
        groups = settings.get("group", 1)
        made = nn.Conv2d(
            kernel.shape[1] * groups,
            kernel.shape[0],
            kernel.shape[2:],
            stride=tuple(settings["strides"]),
            groups=groups,
        )
        made.weight.data = torch.tensor(kernel)
        assert made.bias is not None
        made.bias.data = torch.tensor(bias)
        self._convolutions[node.output[0]] = made
        top, left, bottom, right = settings["pads"]
        return _Step("Conv", (node.input[0],), node.output[0], (left, right, top, bottom))


def _prelu(maps: Tensor, slopes: Tensor) -> Tensor:
    if not torch.onnx.is_in_onnx_export():
        return functional.prelu(maps, slopes)
    kernels = slopes.reshape(-1, 1, 1, 1)
    linear = functional.conv2d(maps, kernels, groups=len(slopes))
    rectified = functional.conv2d(functional.relu(maps), 1 - kernels, groups=len(slopes))
    return linear + rectified


def _prelu_parts(
    node: onnx.NodeProto, made_by: dict[str, onnx.NodeProto], weights: Weights
) -> tuple[onnx.NodeProto, onnx.NodeProto, onnx.NodeProto] | None:
    """The nodes behind ``a x + b relu(x)`` with a + b = 1: linear, rectified, relu."""
    if node.op_type != "Add":
        return None
    first, second = (made_by.get(name) for name in node.input)
    for linear, rectified in ((first, second), (second, first)):
        if linear is None or rectified is None or {linear.op_type, rectified.op_type} != {"Conv"}:
            return None
        relu = made_by.get(rectified.input[0])
        if relu is None or relu.op_type != "Relu" or relu.input[0] != linear.input[0]:
            continue
        total = weights[linear.input[1]] + weights[rectified.input[1]]
        if weights[linear.input[1]].shape[1:] == (1, 1, 1) and np.allclose(total, 1, atol=1e-5):
            return linear, rectified, relu
    return None
