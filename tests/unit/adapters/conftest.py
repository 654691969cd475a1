"""Tiny networks that behave like the real ones, made by hand: no weights, no network."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from vestibule.adapters.onnx_engine.model_run import ModelRun

FACE_SIDE_PX = 32.0
"""The toy detector says that every face has this width and height."""


def toy_detector(*, frozen: bool = False) -> onnx.ModelProto:
    """A CenterFace whose heat is the red channel's mean over 4x4 pixels.

    Size, offset and landmarks come from biases: the box is 32x32 around the cell's middle.
    ``frozen``: as published, with a fixed shape and the weights listed among the inputs.
    """
    log_size = float(np.log(FACE_SIDE_PX / 4))
    landmarks = [0.4, 0.3, 0.4, 0.7, 0.6, 0.5, 0.8, 0.35, 0.8, 0.65]  # y, x in units of the box
    biases = {"538": [log_size] * 2, "539": [0.0] * 2, "540": landmarks}
    weights = [_weight("red", np.array([[1 / 255, 0, 0]]).reshape(1, 3, 1, 1))]
    nodes = [
        helper.make_node(
            "AveragePool", ["input.1"], ["cells"], kernel_shape=[4, 4], strides=[4, 4]
        ),
        helper.make_node("Conv", ["cells", "red"], ["537"]),
    ]
    for name, bias in biases.items():
        weights.append(_weight(f"w{name}", np.zeros((len(bias), 3, 1, 1))))
        weights.append(_weight(f"b{name}", np.array(bias)))
        nodes.append(helper.make_node("Conv", ["cells", f"w{name}", f"b{name}"], [name]))
    shape: list[int | str] = [10, 3, 32, 32] if frozen else ["N", 3, "H", "W"]
    small: list[int | str] = [8, 8] if frozen else ["h", "w"]
    batch = shape[0]
    inputs = [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, shape)]
    if frozen:
        inputs += [
            helper.make_tensor_value_info(w.name, TensorProto.FLOAT, list(w.dims)) for w in weights
        ]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, channels, *small])
        for name, channels in (("537", 1), ("538", 2), ("539", 2), ("540", 10))
    ]
    return _model(helper.make_graph(nodes, "toy", inputs, outputs, weights))


def toy_embedder(dimension: int) -> onnx.ModelProto:
    """A fixed random projection of the chip, averaged down to 8x8 cells."""
    projection = np.random.default_rng(0).normal(size=(3 * 64, dimension))
    nodes = [
        helper.make_node("Shape", ["face"], ["batch"], end=1),
        helper.make_node("Concat", ["batch", "cells_shape"], ["size"], axis=0),
        helper.make_node("Resize", ["face", "", "", "size"], ["cells"], mode="linear"),
        helper.make_node("Flatten", ["cells"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "projection"], ["embedding"]),
    ]
    weights = [
        _weight("projection", projection),
        numpy_helper.from_array(np.array([3, 8, 8], np.int64), "cells_shape"),
    ]
    inputs = [helper.make_tensor_value_info("face", TensorProto.FLOAT, ["N", 3, "H", "W"])]
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", dimension])]
    return _model(helper.make_graph(nodes, "toy", inputs, outputs, weights))


def _weight(name: str, values: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(values.astype(np.float32), name)


def _model(graph: onnx.GraphProto) -> onnx.ModelProto:
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


RunOf = Callable[[onnx.ModelProto], ModelRun]


@pytest.fixture
def run_of(tmp_path: Path) -> RunOf:
    """Load a network from a file, as the engine does."""

    def load(model: onnx.ModelProto) -> ModelRun:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.onnx"
        onnx.save(model, path)
        return ModelRun(
            path,
            name="toy",
            intra_op_threads=1,
            providers=["CPUExecutionProvider"],
            on_model_run=lambda _name, _seconds: None,
        )

    return load


@pytest.fixture
def frozen_detector() -> onnx.ModelProto:
    return toy_detector(frozen=True)


@pytest.fixture
def detector_run(run_of: RunOf) -> ModelRun:
    return run_of(toy_detector())


@pytest.fixture
def embedder_run_of(run_of: RunOf) -> Callable[[int], ModelRun]:
    return lambda dimension: run_of(toy_embedder(dimension))
