"""One converter an architecture."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import onnx

from vestibule.adapters.model_packs.catalogue import Architecture
from vestibule.adapters.model_packs.conversion.centerface import convert_centerface
from vestibule.adapters.model_packs.conversion.dlib_resnet import convert_dlib_resnet
from vestibule.adapters.model_packs.conversion.mobilefacenet import convert_mobilefacenet

_CONVERTERS: Mapping[Architecture, Callable[[bytes], onnx.ModelProto]] = MappingProxyType(
    {
        Architecture.CENTERFACE: convert_centerface,
        Architecture.MOBILEFACENET: convert_mobilefacenet,
        Architecture.DLIB_RESNET_V1: convert_dlib_resnet,
    }
)


def write_as_onnx(architecture: Architecture, published: bytes, path: Path) -> None:
    """Convert weights as published. Raises WeightsError when they are another network's."""
    onnx.save(_CONVERTERS[architecture](published), path)
