"""CenterFace as published (ONNX, frozen at ten images of 32x32 pixels), made usable at any size."""

import onnx

from vestibule.domain.errors import WeightsError

INPUT_NAME = "input.1"
OUTPUT_NAMES = ("537", "538", "539", "540")
"""Heat map (N, 1, h, w), log size (N, 2, h, w), offset (N, 2, h, w), landmarks (N, 10, h, w)."""


def convert_centerface(published: bytes) -> onnx.ModelProto:
    """Free batch, height and width, and list weights as weights rather than as inputs.

    The result takes float32 RGB 0..255 (N, 3, H, W) with H and W multiples of 32 and gives the
    four ``OUTPUT_NAMES`` at a quarter of the size. Raises WeightsError when the file is another
    model.
    """
    model = onnx.load_model_from_string(published)
    if tuple(output.name for output in model.graph.output) != OUTPUT_NAMES:
        raise WeightsError("The file is not the CenterFace graph that is expected here.")
    _keep_weights_out_of_the_inputs(model.graph)
    _free_the_shapes(model.graph)
    onnx.checker.check_model(model)
    return model


def _keep_weights_out_of_the_inputs(graph: onnx.GraphProto) -> None:
    """onnxruntime folds nothing into a weight that a caller could still replace."""
    read = {name for node in graph.node for name in node.input}
    weights = [weight for weight in graph.initializer if weight.name in read]
    names = {weight.name for weight in weights}
    inputs = [value for value in graph.input if value.name in read - names]
    del graph.initializer[:], graph.input[:]
    graph.initializer.extend(weights)
    graph.input.extend(inputs)


def _free_the_shapes(graph: onnx.GraphProto) -> None:
    for value, axes in (
        *((value, ("N", "H", "W")) for value in graph.input),
        *((value, ("N", "H/4", "W/4")) for value in graph.output),
    ):
        shape = value.type.tensor_type.shape.dim
        for dimension, name in zip((shape[0], shape[2], shape[3]), axes, strict=True):
            dimension.Clear()
            dimension.dim_param = name
    del graph.value_info[:]
