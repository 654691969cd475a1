"""MobileFaceNet from TFLite (flatbuffer, NHWC, batch of two) to ONNX (NCHW, any batch).

The TFLite graph spells each PReLU out as ``relu(x) + s * (x - |x|)``. With the slope ``a = 2 s``
it is written here as ``a x + (1 - a) relu(x)``, two depthwise 1x1 convolutions: onnxruntime keeps
those in the blocked layout that its convolutions use, which a PRelu node leaves and re-enters
(measured on one core: 11.5 ms a pair of chips against 24). A 1x1 convolution that only feeds
another 1x1 convolution is multiplied into it. Each changes the result by rounding alone.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnx
import tflite  # type: ignore[import-untyped]  # it ships no types
from numpy.typing import NDArray

from vestibule.adapters.model_packs.conversion.graph_writer import GraphWriter
from vestibule.domain.errors import WeightsError

INPUT_SIDE_PX = 112


@dataclass(frozen=True, slots=True)
class _Operator:
    """One TFLite operator: its kind, the tensors it reads, the one it writes."""

    kind: str
    reads: tuple[int, ...]
    writes: int
    stride: int = 1


class _TfliteGraph:
    """What the conversion needs to know of a TFLite file with one subgraph."""

    def __init__(self, content: bytes) -> None:
        self._model = tflite.Model.GetRootAsModel(content, 0)
        self._graph = self._model.Subgraphs(0)
        self.input = int(self._graph.Inputs(0))
        self.output = int(self._graph.Outputs(0))
        self.operators = [
            self._operator(self._graph.Operators(index))
            for index in range(self._graph.OperatorsLength())
        ]

    def shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(int(side) for side in self._graph.Tensors(tensor).ShapeAsNumpy())

    def constant(self, tensor: int) -> NDArray[np.float32]:
        """float32 in the tensor's own layout."""
        described = self._graph.Tensors(tensor)
        stored = self._model.Buffers(described.Buffer())
        if described.Type() != tflite.TensorType.FLOAT32 or not stored.DataLength():
            raise WeightsError(f"TFLite tensor {tensor} holds no float32 weights.")
        return np.frombuffer(stored.DataAsNumpy().tobytes(), "<f4").reshape(self.shape(tensor))

    def _operator(self, stored: tflite.Operator) -> _Operator:
        code = self._model.OperatorCodes(stored.OpcodeIndex())
        kind = tflite.opcode2name(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))
        return _Operator(
            kind=kind,
            reads=tuple(int(tensor) for tensor in stored.InputsAsNumpy()),
            writes=int(stored.Outputs(0)),
            stride=_stride(kind, stored),
        )


def _stride(kind: str, stored: tflite.Operator) -> int:
    """The stride of a convolution (1 for anything else), refusing what is not handled here."""
    kinds = {"CONV_2D": tflite.Conv2DOptions, "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions}
    if kind not in kinds:
        return 1
    options = kinds[kind]()
    table = stored.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    plain = (
        options.StrideW() == options.StrideH()
        and options.DilationWFactor() == options.DilationHFactor() == 1
        and options.FusedActivationFunction() == tflite.ActivationFunctionType.NONE
    )
    if not plain:
        raise WeightsError("The TFLite file has a convolution of a kind that is not read here.")
    return int(options.StrideH())


def convert_mobilefacenet(tflite_file: bytes) -> onnx.ModelProto:
    """The whole network as ONNX.

    The result takes float32 RGB ``(pixel - 127.5) / 128`` of shape (N, 3, 112, 112) and gives
    float32 (N, 192), not normalised. Raises WeightsError for another network.
    """
    source = _TfliteGraph(tflite_file)
    if source.shape(source.input)[1:] != (INPUT_SIDE_PX, INPUT_SIDE_PX, 3):
        raise WeightsError("The TFLite file does not take 112x112 RGB faces.")
    writer = GraphWriter(
        "mobilefacenet", input_name="face", input_shape=["N", 3, INPUT_SIDE_PX, INPUT_SIDE_PX]
    )
    output = _Translation(source, writer).output()
    dimension = source.shape(source.output)[1]
    return writer.model(output, output_shape=["N", dimension], metadata={"layout": "NCHW RGB"})


class _Translation:
    """Walks the TFLite operators in order and writes their ONNX counterparts."""

    def __init__(self, source: _TfliteGraph, writer: GraphWriter) -> None:
        self._source = source
        self._writer = writer
        self._written: dict[int, str] = {source.input: "face"}
        self._readers = Counter(t for op in source.operators for t in op.reads)
        self._pending_1x1: dict[int, tuple[str, NDArray[np.float32], NDArray[np.float32]]] = {}

    def output(self) -> str:
        for operator in _with_prelus(self._source.operators):
            self._translate(operator)
        return self._written[self._source.output]

    def _translate(self, operator: _Operator) -> None:
        match operator.kind:
            case "CONV_2D":
                self._conv(operator)
            case "DEPTHWISE_CONV_2D":
                self._depthwise_conv(operator)
            case "ADD":
                self._write(operator, "Add", [self._written[t] for t in operator.reads])
            case "PRELU":
                self._prelu(operator)
            case "RESHAPE":  # the last one: (N, 1, 1, d), here (N, d, 1, 1), to (N, d)
                self._written[operator.writes] = self._writer.node(
                    "Flatten", [self._written[operator.reads[0]]], axis=1
                )
            case other:
                raise WeightsError(f"The TFLite file holds an unexpected operator, {other}.")

    def _write(self, operator: _Operator, onnx_operator: str, inputs: list[str]) -> None:
        self._written[operator.writes] = self._writer.node(onnx_operator, inputs)

    def _conv(self, operator: _Operator) -> None:
        source, kernel_tensor, bias_tensor = operator.reads
        kernel = self._source.constant(kernel_tensor).transpose(0, 3, 1, 2)  # OHWI to OIHW
        bias = self._source.constant(bias_tensor)
        if source in self._pending_1x1:
            name, kernel, bias = _joined_1x1(self._pending_1x1.pop(source), kernel, bias)
        else:
            name = self._written[source]
        if self._feeds_only_a_1x1(operator, kernel):
            self._pending_1x1[operator.writes] = (name, kernel, bias)
            return
        self._written[operator.writes] = self._writer.conv(
            name,
            kernel=kernel,
            bias=bias,
            stride=operator.stride,
            pads_tlbr=self._pads(operator, kernel.shape[2]),
        )

    def _feeds_only_a_1x1(self, operator: _Operator, kernel: NDArray[np.float32]) -> bool:
        if kernel.shape[2:] != (1, 1) or self._readers[operator.writes] != 1:
            return False
        reader = next(op for op in self._source.operators if operator.writes in op.reads)
        return reader.kind == "CONV_2D" and self._source.shape(reader.reads[1])[1:3] == (1, 1)

    def _depthwise_conv(self, operator: _Operator) -> None:
        source, kernel_tensor, bias_tensor = operator.reads
        kernel = self._source.constant(kernel_tensor).transpose(3, 0, 1, 2)  # 1HWC to C1HW
        self._written[operator.writes] = self._writer.conv(
            self._written[source],
            kernel=kernel,
            bias=self._source.constant(bias_tensor),
            stride=operator.stride,
            pads_tlbr=self._pads(operator, kernel.shape[2]),
            groups=kernel.shape[0],
        )

    def _prelu(self, operator: _Operator) -> None:
        source, half_slope = operator.reads
        slope = 2 * self._source.constant(half_slope)
        x = self._written[source]
        straight = self._per_channel(x, slope)
        bent = self._per_channel(self._writer.node("Relu", [x]), 1 - slope)
        self._written[operator.writes] = self._writer.node("Add", [bent, straight])

    def _per_channel(self, source: str, factors: NDArray[np.float32]) -> str:
        return self._writer.conv(
            source,
            kernel=factors[:, None, None, None],
            bias=np.zeros_like(factors),
            stride=1,
            pads_tlbr=(0, 0, 0, 0),
            groups=len(factors),
        )

    def _pads(self, operator: _Operator, kernel_side: int) -> tuple[int, int, int, int]:
        """TensorFlow's padding, read off the sizes: an odd total gives the last edge the rest."""
        size_in = self._source.shape(operator.reads[0])[1]
        size_out = self._source.shape(operator.writes)[1]
        total = max((size_out - 1) * operator.stride + kernel_side - size_in, 0)
        first, last = total // 2, total - total // 2
        return first, first, last, last


def _joined_1x1(
    first: tuple[str, NDArray[np.float32], NDArray[np.float32]],
    kernel: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> tuple[str, NDArray[np.float32], NDArray[np.float32]]:
    """Two 1x1 convolutions in a row as one, multiplied in float64."""
    name, first_kernel, first_bias = first
    outer = kernel[:, :, 0, 0].astype(np.float64)
    joined = outer @ first_kernel[:, :, 0, 0]
    joined_bias = outer @ first_bias + bias
    return name, joined.astype(np.float32)[:, :, None, None], joined_bias.astype(np.float32)


def _with_prelus(operators: Iterable[_Operator]) -> list[_Operator]:
    """Replace RELU, ABS, SUB, MUL, ADD over one tensor by a PRELU that reads (x, half slope)."""
    result = list(operators)
    position = 0
    while position + 5 <= len(result):
        prelu = _prelu(result[position : position + 5])
        if prelu is not None:
            result[position : position + 5] = [prelu]
        position += 1
    return result


def _prelu(group: list[_Operator]) -> _Operator | None:
    relu, absolute, minus, times, plus = group
    x = relu.reads[0]
    half_slope = times.reads[0]
    spelled_out = (
        [op.kind for op in group] == ["RELU", "ABS", "SUB", "MUL", "ADD"]
        and absolute.reads == (x,)
        and minus.reads == (x, absolute.writes)
        and times.reads == (half_slope, minus.writes)
        and plus.reads == (relu.writes, times.writes)
    )
    return _Operator("PRELU", (x, half_slope), plus.writes) if spelled_out else None
