"""Networks that are published as ONNX and kept byte for byte, or with freed dimensions."""

from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # it ships no types
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # as above

from vestibule.domain.errors import WeightsError

SCRFD_OUTPUTS = 9
"""Scores, boxes and landmarks at strides 8, 16 and 32."""

YUNET_OUTPUTS = tuple(
    f"{name}_{stride}" for name in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)
)


def keep_scrfd(published: bytes) -> bytes:
    """As it is. Raises WeightsError for a detector without landmarks or with other strides."""
    outputs = _read(published).graph.output
    if len(outputs) != SCRFD_OUTPUTS:
        raise WeightsError(
            f"The file is not an SCRFD with five landmarks: it has {len(outputs)} outputs, "
            f"{SCRFD_OUTPUTS} are expected."
        )
    return published


def keep_embedder(published: bytes) -> bytes:
    """As it is. Raises WeightsError unless one tensor goes in and one comes out."""
    graph = _read(published).graph
    weights = {weight.name for weight in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise WeightsError("The file is not an embedder: it needs one input and one output.")
    return published


def free_yunet(published: bytes) -> bytes:
    """YuNet at any size that 32 divides, where the graph works so; else as it is (640x640)."""
    model = _read(published)
    if {output.name for output in model.graph.output} != set(YUNET_OUTPUTS):
        raise WeightsError("The file is not the YuNet graph that is expected here.")
    return _freed(published, model, {2: "H", 3: "W"}, trials=((1, 3, 640, 640), (1, 3, 320, 256)))


def free_sface(published: bytes) -> bytes:
    """SFace for any number of faces, where the graph works so; else as it is, one at a time."""
    keep_embedder(published)
    model = _read(published)
    return _freed(published, model, {0: "N"}, trials=((1, 3, 112, 112), (3, 3, 112, 112)))


def _freed(
    published: bytes,
    model: onnx.ModelProto,
    axes: Mapping[int, str],
    *,
    trials: tuple[tuple[int, ...], ...],
) -> bytes:
    """The graph with free input dimensions, if it then runs at every trial and agrees with itself.

    The first trial is the published size: there the outputs must be the very same. With a free
    batch each row of the last trial must come out as it does alone.
    """
    weights = {weight.name for weight in model.graph.initializer}
    (image,) = [value for value in model.graph.input if value.name not in weights]
    for axis, name in axes.items():
        dimension = image.type.tensor_type.shape.dim[axis]
        dimension.Clear()
        dimension.dim_param = name
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    freed = model.SerializeToString()
    return freed if _agrees(published, freed, trials, is_batch=0 in axes) else published


def _agrees(
    published: bytes, freed: bytes, trials: tuple[tuple[int, ...], ...], *, is_batch: bool
) -> bool:
    rng = np.random.default_rng(0)
    first, last = (rng.uniform(0, 255, shape).astype(np.float32) for shape in trials)
    try:
        before, after = _session(published), _session(freed)
        if not _same(_outputs(before, first), _outputs(after, first)):
            return False
        together = _outputs(after, last)
        if not is_batch:
            return _rows_follow_the_size(together, last.shape)
        return all(
            _same(
                [output[row : row + 1] for output in together], _outputs(after, last[row : row + 1])
            )
            for row in range(len(last))
        )
    except _RUN_ERRORS:
        return False


def _rows_follow_the_size(outputs: list[np.ndarray], shape: tuple[int, ...]) -> bool:
    """One row a cell at each of three strides, in the order of ``YUNET_OUTPUTS`` or any other."""
    cells = sorted(shape[2] // stride * (shape[3] // stride) for stride in (8, 16, 32))
    return sorted({output.reshape(-1, output.shape[-1]).shape[0] for output in outputs}) == cells


_RUN_ERRORS = (
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
    onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException,
    IndexError,
)


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _outputs(session: onnxruntime.InferenceSession, batch: np.ndarray) -> list[np.ndarray]:
    outputs: list[np.ndarray] = session.run(None, {session.get_inputs()[0].name: batch})
    return outputs


def _same(some: list[np.ndarray], others: list[np.ndarray]) -> bool:
    return all(
        one.shape == other.shape and np.allclose(one, other, rtol=1e-4, atol=1e-4)
        for one, other in zip(some, others, strict=True)
    )


def _read(published: bytes) -> onnx.ModelProto:
    try:
        model = onnx.load_model_from_string(published)
    except DecodeError as error:
        raise WeightsError("The file is not a network in ONNX.") from error
    if not model.graph.output:
        raise WeightsError("The file is not a network in ONNX.")
    return model
