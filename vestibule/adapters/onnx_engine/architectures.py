"""Which class feeds and reads which network."""

from collections.abc import Callable, Mapping
from typing import Protocol

from vestibule.adapters.model_packs import Architecture, ModelFile
from vestibule.adapters.onnx_engine.arcface import ArcFace
from vestibule.adapters.onnx_engine.centerface import CenterFace
from vestibule.adapters.onnx_engine.detectors import Detector
from vestibule.adapters.onnx_engine.dlib_resnet import DlibResnet
from vestibule.adapters.onnx_engine.embedders import Embedder
from vestibule.adapters.onnx_engine.mobilefacenet import MobileFaceNet
from vestibule.adapters.onnx_engine.model_run import ModelRun
from vestibule.adapters.onnx_engine.own_embedder import OwnEmbedder
from vestibule.adapters.onnx_engine.scrfd import Scrfd
from vestibule.adapters.onnx_engine.sface import SFace
from vestibule.adapters.onnx_engine.yunet import YuNet


class _MakesDetector(Protocol):
    def __call__(self, run: ModelRun, *, long_side_px: int) -> Detector: ...


_DETECTORS: Mapping[Architecture, _MakesDetector] = {
    Architecture.CENTERFACE: CenterFace,
    Architecture.SCRFD: Scrfd,
    Architecture.YUNET: YuNet,
}

_EMBEDDERS: Mapping[Architecture, Callable[[ModelRun | None], Embedder]] = {
    Architecture.MOBILEFACENET: MobileFaceNet,
    Architecture.DLIB_RESNET_V1: DlibResnet,
    Architecture.ARCFACE: ArcFace,
    Architecture.SFACE: SFace,
}


def detector_of(model: ModelFile, run: ModelRun, *, long_side_px: int) -> Detector:
    return _DETECTORS[model.architecture](run, long_side_px=long_side_px)


def embedder_of(model: ModelFile, run: ModelRun | None) -> Embedder:
    """Without a run it embeds nothing, but knows its metric, dimension and preprocessing."""
    if model.options is not None:
        return OwnEmbedder(run, model.options)
    return _EMBEDDERS[model.architecture](run)
