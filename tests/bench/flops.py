"""What a network has to do for one input: floating-point operations and bytes, from its graph."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import onnx
from onnx import shape_inference

FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Demand:
    """``flops``: a multiplication and an addition are two. ``bytes_moved``: every weight read once,
    every tensor written once and read once, which no run can do without fusing nodes."""

    flops: int
    bytes_moved: int


def demand_of(model: onnx.ModelProto, input_shape: Sequence[int]) -> Demand:
    """Raises ValueError where the graph does not say the shape of a convolution's output."""
    shapes = _shapes(model, input_shape)
    weights = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    flops = sum(_flops(node, shapes, weights) for node in model.graph.node)
    names = [name for node in model.graph.node for name in node.output]
    written = sum(math.prod(shapes[name]) for name in names if name in shapes)
    held = sum(math.prod(dims) for dims in weights.values())
    return Demand(flops, FLOAT_BYTES * (held + math.prod(input_shape) + 2 * written))


def _shapes(model: onnx.ModelProto, input_shape: Sequence[int]) -> dict[str, tuple[int, ...]]:
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    weights = {tensor.name for tensor in fixed.graph.initializer}
    (entry,) = [value for value in fixed.graph.input if value.name not in weights]
    for dimension, size in zip(entry.type.tensor_type.shape.dim, input_shape, strict=True):
        dimension.dim_value = size
    for output in fixed.graph.output:
        output.type.tensor_type.ClearField("shape")
    inferred = shape_inference.infer_shapes(fixed, data_prop=True).graph
    return {
        value.name: tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
        for value in (*inferred.input, *inferred.value_info, *inferred.output)
    }


def _flops(
    node: onnx.NodeProto,
    shapes: dict[str, tuple[int, ...]],
    weights: dict[str, tuple[int, ...]],
) -> int:
    """Convolutions and products of matrices; what is done value by value counts once a value."""
    written = shapes.get(node.output[0], ())
    if node.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
        kernel = weights.get(node.input[1])
        if kernel is None or not written or 0 in written:
            raise ValueError(f"the shapes at {node.output[0]} are not known")
        values = shapes[node.input[0]] if node.op_type == "ConvTranspose" else written
        if node.op_type == "MatMul" or (node.op_type == "Gemm" and not _is_transposed(node)):
            return 2 * math.prod(written) * kernel[0]
        return 2 * math.prod(values) * math.prod(kernel[1:])
    return math.prod(written) if written else 0


def _is_transposed(node: onnx.NodeProto) -> bool:
    return any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
