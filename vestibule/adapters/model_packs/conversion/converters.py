"""One converter an architecture."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from vestibule.adapters.model_packs.conversion.as_published import (
    free_sface,
    free_yunet,
    keep_embedder,
    keep_scrfd,
)
from vestibule.adapters.model_packs.conversion.centerface import convert_centerface
from vestibule.adapters.model_packs.conversion.dlib_resnet import convert_dlib_resnet
from vestibule.adapters.model_packs.conversion.mobilefacenet import convert_mobilefacenet
from vestibule.adapters.model_packs.packs import Architecture

_CONVERTERS: Mapping[Architecture, Callable[[bytes], bytes]] = MappingProxyType(
    {
        Architecture.CENTERFACE: lambda weights: convert_centerface(weights).SerializeToString(),
        Architecture.MOBILEFACENET: lambda w: convert_mobilefacenet(w).SerializeToString(),
        Architecture.DLIB_RESNET_V1: lambda w: convert_dlib_resnet(w).SerializeToString(),
        Architecture.SCRFD: keep_scrfd,
        Architecture.YUNET: free_yunet,
        Architecture.ARCFACE: keep_embedder,
        Architecture.SFACE: free_sface,
        Architecture.OWN_EMBEDDER: keep_embedder,
    }
)


def write_as_onnx(architecture: Architecture, published: bytes, path: Path) -> None:
    """Convert weights as published. Raises WeightsError when they are another network's."""
    path.write_bytes(_CONVERTERS[architecture](published))
