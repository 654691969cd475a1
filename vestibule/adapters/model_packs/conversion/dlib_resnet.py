"""dlib's face recognition ResNet from its serialised network (``.dat``) to ONNX.

The file holds the layers in the order of computation, each announced by a short name
(``con_4``, ``affine_``, ``fc_2``). How they are joined is not read from it but known from dlib's
``examples/dnn_face_recognition_ex.cpp``; the shapes in the file are checked against that.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray

from vestibule.adapters.model_packs.conversion.graph_writer import GraphWriter
from vestibule.domain.errors import WeightsError

INPUT_SIDE_PX = 150
DIMENSION = 128

_MEAN_RGB = (122.782, 117.001, 104.298)
_BLOCKS = (*[32] * 3, 64, *[64] * 3, 128, *[128] * 2, 256, *[256] * 2, 256)
_BLOCKS_THAT_HALVE = (3, 7, 10, 13)
_LAYER = re.compile(rb"\x01\x05(con_\d)|\x01\x07(affine_)|\x01\x04(fc_\d)")
"""A layer's name as dlib writes a string: the length's own size, the length, the characters."""


class _Conv(NamedTuple):
    """A convolution with the affine layer that follows it folded in.

    ``kernel`` is flat: its input channels are known only while walking the network.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    filters: int
    side: int
    stride: int
    padding: int


@dataclass(frozen=True, slots=True)
class _Network:
    convs: list[_Conv]
    projection: NDArray[np.float32]


class _Reader:
    """dlib's serialisation: integers of a stated number of bytes, tensors of little-endian f4."""

    def __init__(self, content: bytes, *, position: int) -> None:
        self._content = content
        self._position = position

    def integer(self) -> int:
        control = self._content[self._position]
        size = control & 0x0F
        if not 0 < size <= 8 or control & 0x70:
            raise WeightsError("The dlib file is not laid out as expected.")
        start = self._position + 1
        self._position = start + size
        magnitude = int.from_bytes(self._content[start : self._position], "little")
        return -magnitude if control & 0x80 else magnitude

    def integers(self, count: int) -> list[int]:
        return [self.integer() for _ in range(count)]

    def tensor(self) -> NDArray[np.float32]:
        if self.integer() != 2:
            raise WeightsError("The dlib file holds a tensor of another version.")
        shape = self.integers(4)
        values = np.frombuffer(self._content, "<f4", math.prod(shape), self._position)
        self._position += values.nbytes
        return values.reshape(shape)


def convert_dlib_resnet(dat_file: bytes) -> onnx.ModelProto:
    """The network as ONNX, mean and scale included.

    The result takes float32 RGB 0..255 of shape (N, 3, 150, 150) and gives float32 (N, 128), not
    normalised. Raises WeightsError for another network.
    """
    network = _read(dat_file)
    writer = GraphWriter(
        "dlib_face_recognition_resnet_v1",
        input_name="face",
        input_shape=["N", 3, INPUT_SIDE_PX, INPUT_SIDE_PX],
    )
    features = _Translation(network.convs, writer).features()
    pooled = writer.node("Flatten", [writer.node("GlobalAveragePool", [features])], axis=1)
    output = writer.node("MatMul", [pooled, writer.weight(network.projection)])
    return writer.model(output, output_shape=["N", DIMENSION], metadata={"layout": "NCHW RGB"})


def _read(content: bytes) -> _Network:
    convs: list[_Conv] = []
    projection: NDArray[np.float32] | None = None
    for name, reader in _layers(content):
        if name.startswith("con"):
            convs.append(_conv(reader))
        elif name.startswith("affine"):
            convs[-1] = _with_affine(convs[-1], reader.tensor().ravel())
        else:
            reader.integers(2)
            projection = reader.tensor().reshape(-1, DIMENSION)
    if projection is None or len(convs) != 1 + 2 * len(_BLOCKS):
        raise WeightsError("The dlib file is not the face recognition ResNet.")
    return _Network(convs, projection)


def _layers(content: bytes) -> Iterator[tuple[str, _Reader]]:
    for match in _LAYER.finditer(content):
        name = next(group for group in match.groups() if group)
        yield name.decode("ascii"), _Reader(content, position=match.end())


def _conv(reader: _Reader) -> _Conv:
    parameters = reader.tensor().ravel()
    filters, rows, columns, stride, stride_x, padding, padding_x = reader.integers(7)
    if (rows, stride, padding) != (columns, stride_x, padding_x):
        raise WeightsError("The dlib file holds a convolution that is not square.")
    kernel, bias = parameters[:-filters], parameters[-filters:]
    return _Conv(kernel.reshape(filters, -1), bias, filters, rows, stride, padding)


def _with_affine(conv: _Conv, gamma_beta: NDArray[np.float32]) -> _Conv:
    """dlib's batch normalisation at rest, ``gamma * x + beta``, folded into the convolution."""
    gamma, beta = np.split(gamma_beta, 2)
    return conv._replace(kernel=conv.kernel * gamma[:, None], bias=conv.bias * gamma + beta)


class _Translation:
    """Joins the convolutions as dlib's example does."""

    def __init__(self, convs: list[_Conv], writer: GraphWriter) -> None:
        self._convs = iter(convs)
        self._writer = writer

    def features(self) -> str:
        """From the face to the last block's (N, 256, 3, 3)."""
        writer = self._writer
        mean = writer.weight(np.array(_MEAN_RGB, np.float32)[:, None, None])
        centred = writer.node("Sub", ["face", mean])
        scaled = writer.node("Mul", [centred, writer.weight(np.array(1 / 256, np.float32))])
        stem, stem_conv = self._conv(scaled, channels=3)
        side = _side_after(INPUT_SIDE_PX, stem_conv)
        x = writer.node(
            "MaxPool", [writer.node("Relu", [stem])], kernel_shape=[3, 3], strides=[2, 2]
        )
        side = (side - 3) // 2 + 1
        channels = stem_conv.filters
        for index, filters in enumerate(_BLOCKS):
            halves = index in _BLOCKS_THAT_HALVE
            x, side = self._block(x, side, channels, filters, halves=halves)
            channels = filters
        return x

    def _conv(self, source: str, *, channels: int) -> tuple[str, _Conv]:
        conv = next(self._convs)
        if conv.kernel.shape[1] != channels * conv.side**2:
            raise WeightsError("A convolution in the dlib file has an unexpected shape.")
        kernel = conv.kernel.reshape(conv.filters, channels, conv.side, conv.side)
        output = self._writer.conv(
            source,
            kernel=kernel,
            bias=conv.bias,
            stride=conv.stride,
            pads_tlbr=(conv.padding,) * 4,
        )
        return output, conv

    def _block(
        self, x: str, side: int, channels: int, filters: int, *, halves: bool
    ) -> tuple[str, int]:
        """A residual block; one that halves averages 2x2 on its shortcut.

        dlib adds tensors of unequal size by filling the smaller one with zeros at its end, in
        height, width and channels.
        """
        writer = self._writer
        first, first_conv = self._conv(x, channels=channels)
        second, second_conv = self._conv(writer.node("Relu", [first]), channels=filters)
        deep_side = _side_after(_side_after(side, first_conv), second_conv)
        shortcut, shortcut_side = x, side
        if halves:
            shortcut = writer.node("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
            shortcut_side = side // 2
        common = max(deep_side, shortcut_side)
        deep = self._zero_filled(second, channels=0, pixels=common - deep_side)
        shortcut = self._zero_filled(
            shortcut, channels=filters - channels, pixels=common - shortcut_side
        )
        return writer.node("Relu", [writer.node("Add", [deep, shortcut])]), common

    def _zero_filled(self, source: str, *, channels: int, pixels: int) -> str:
        if not channels and not pixels:
            return source
        pads = np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)
        return self._writer.node("Pad", [source, self._writer.weight(pads)])


def _side_after(side: int, conv: _Conv) -> int:
    return (side + 2 * conv.padding - conv.side) // conv.stride + 1
