"""Tiny SCRFD, YuNet and embedders made by hand: red pixels are faces of a known size."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)
ANCHOR_TO_BOX = (1.0, 1.5, 2.0, 2.5)
"""Of the toy SCRFD: left, top, right and bottom from the anchor, in strides."""

OFFSETS = ((-0.5, -0.5), (1.0, -0.25), (0.25, 0.5), (-0.25, 1.5), (0.75, 1.75))
"""Landmarks from the anchor or the cell's corner, in strides: image-left eye first."""

YUNET_CENTRE = (0.5, 0.25)
YUNET_SIZE = (2.0, 3.0)
"""Offset of the centre, and width and height, in strides."""


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def weight(self, name: str, values: object, kind: type = np.float32) -> str:
        self.weights.append(numpy_helper.from_array(np.array(values, kind), name))
        return name

    def model(
        self,
        shape: Sequence[int | str],
        outputs: dict[str, list[int | str]],
        *,
        image: str = "input",
    ) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "toy",
            [helper.make_tensor_value_info(image, TensorProto.FLOAT, list(shape))],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
            self.weights,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def toy_scrfd(
    *, shape: Sequence[int | str] = (1, 3, "H", "W"), is_batched: bool = False
) -> onnx.ModelProto:
    """An SCRFD whose first anchor scores the red of its cell; the second one never does.

    ``is_batched``: with a batch dimension in front of every output, as some exports have.
    """
    graph = _Graph()
    outputs: dict[str, list[int | str]] = {}
    for part, per_anchor in (("score", [0.0]), ("box", ANCHOR_TO_BOX), ("kps", np.ravel(OFFSETS))):
        for stride in STRIDES:
            name = f"{part}{stride}"
            if part == "score":
                red = [[[[128 / 255]], [[0.0]], [[0.0]]], [[[0.0]]] * 3]
                weight, bias = red, [127.5 / 255, 0.0]
            else:
                bias = [*per_anchor, *per_anchor]
                weight = np.zeros((len(bias), 3, 1, 1))
            _cells(graph, stride)
            graph.weight(f"{name}w", weight)
            graph.weight(f"{name}b", bias)
            graph.add("Conv", [f"cells{stride}", f"{name}w", f"{name}b"], f"{name}map")
            outputs[name] = _rows(graph, name, len(per_anchor), is_batched=is_batched)
    return graph.model(shape, outputs)


def toy_yunet(*, shape: Sequence[int | str] = (1, 3, "H", "W")) -> onnx.ModelProto:
    """A YuNet whose class score is the red of the cell, third channel of a BGR input 0..255."""
    graph = _Graph()
    biases = {
        "cls": [0.0],
        "obj": [1.2],  # over 1: it has to be clipped
        "bbox": [*YUNET_CENTRE, *np.log(YUNET_SIZE)],
        "kps": np.ravel(OFFSETS),
    }
    outputs: dict[str, list[int | str]] = {}
    for part, bias in biases.items():
        for stride in STRIDES:
            name = f"{part}_{stride}"
            weight = np.zeros((len(bias), 3, 1, 1))
            if part == "cls":
                weight[0, 2] = 1 / 255
            _cells(graph, stride)
            graph.weight(f"{name}w", weight)
            graph.weight(f"{name}b", bias)
            graph.add("Conv", [f"cells{stride}", f"{name}w", f"{name}b"], f"{name}map")
            outputs[name] = _rows(graph, name, len(bias), is_batched=True)
    return graph.model(shape, outputs)


def toy_chip_network(dimension: int, *, batch: int | str = "N") -> onnx.ModelProto:
    """A fixed random projection of a 112x112 chip averaged down to 8x8 cells."""
    graph = _Graph()
    projection = np.random.default_rng(0).normal(size=(3 * 64, dimension)) / 100
    graph.weight("projection", projection)
    graph.add("AveragePool", ["data"], "cells", kernel_shape=[14, 14], strides=[14, 14])
    graph.add("Flatten", ["cells"], "flat", axis=1)
    graph.add("MatMul", ["flat", "projection"], "fc1")
    return graph.model((batch, 3, 112, 112), {"fc1": [batch, dimension]}, image="data")


def _cells(graph: _Graph, stride: int) -> None:
    """The mean of every stride x stride pixels, once a stride."""
    name = f"cells{stride}"
    if not any(name in node.output for node in graph.nodes):
        kernel = [stride, stride]
        graph.add("AveragePool", ["input"], name, kernel_shape=kernel, strides=kernel)


def _rows(graph: _Graph, name: str, numbers: int, *, is_batched: bool) -> list[int | str]:
    """From (1, anchors * numbers, rows, columns) to one row an anchor, row by row of the image."""
    graph.add("Transpose", [f"{name}map"], f"{name}last", perm=[0, 2, 3, 1])
    shape = [1, -1, numbers] if is_batched else [-1, numbers]
    graph.weight(f"{name}shape", shape, np.int64)
    graph.add("Reshape", [f"{name}last", f"{name}shape"], name)
    return [1, f"{name}rows", numbers] if is_batched else [f"{name}rows", numbers]
