"""What a model pack is made of: networks, whose they are, and on what terms they may be used."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from vestibule.adapters.model_packs.archives import ArchiveMember
from vestibule.domain.embedding_space import Metric


class Architecture(StrEnum):
    """A network that the engine knows how to feed and to read."""

    CENTERFACE = "centerface"
    SCRFD = "scrfd"
    YUNET = "yunet"
    MOBILEFACENET = "mobilefacenet"
    DLIB_RESNET_V1 = "dlib-resnet-v1"
    ARCFACE = "arcface"
    SFACE = "sface"
    OWN_EMBEDDER = "own-embedder"
    """An embedder that says itself how it wants to be fed; see ``EmbedderOptions``."""


DETECTORS = frozenset({Architecture.CENTERFACE, Architecture.SCRFD, Architecture.YUNET})


class CommercialUse(StrEnum):
    """Whether a club may earn money with it, as far as the licence says."""

    ALLOWED = "allowed"
    ASK_COUNSEL = "ask_counsel"
    """The licence of the weights allows it; the data they were trained on leaves a question."""
    FORBIDDEN = "forbidden"


class Mirroring(StrEnum):
    """What becomes of a chip's mirror image, which embeds a little differently."""

    NONE = "none"
    UNIT_SUM = "unit-sum"
    """Both embeddings to unit length, added, to unit length again: for cosine."""
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class EmbedderOptions:
    """How an ``own-embedder`` is fed: ``(pixel - mean) / scale``, RGB, (n, 3, side, side).

    ``template`` names where the landmarks lie in the chip: ``arcface-112`` or ``dlib-150``.
    """

    dimension: int
    template: str = "arcface-112"
    mean: float = 127.5
    scale: float = 127.5
    metric: Metric = Metric.COSINE
    mirroring: Mirroring = Mirroring.UNIT_SUM


@dataclass(frozen=True, slots=True)
class OperatorFile:
    """A file that the operator brings: downloaded from ``url``, or made on the spot.

    ``pinned_by`` says who published the hash, when the maker of the weights publishes none.
    """

    file_name: str
    sha256: str
    url: str | None = None
    pinned_by: str | None = None


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One network of a pack.

    ``licence`` is that of the weights, by SPDX identifier where there is one. ``provenance`` says
    who trained it, on what, and what an operator's counsel should look at.
    """

    architecture: Architecture
    source: ArchiveMember | OperatorFile
    licence: str
    provenance: str
    options: EmbedderOptions | None = None


@dataclass(frozen=True, slots=True)
class ModelPack:
    """A detector and an embedder that are calibrated together.

    ``terms`` are what somebody has to accept before the pack is installed or used; None where
    the licences ask for nothing of the kind. ``low_light`` overrides the installation's setting
    ("on", "off" or "lifted"), for an embedder that was trained so. ``calibration``
    is a file that was measured with the pack and came with it. ``dark_embedder`` takes the faces
    that are dark, lifted, in the same space; the others go to ``embedder``.
    """

    name: str
    detector: ModelFile
    embedder: ModelFile
    commercial_use: CommercialUse = CommercialUse.ASK_COUNSEL
    terms: str | None = None
    low_light: str | None = None
    calibration: OperatorFile | None = None
    dark_embedder: ModelFile | None = None

    @property
    def models(self) -> tuple[tuple[str, ModelFile], ...]:
        """The networks with the part they play."""
        both = (("detector", self.detector), ("embedder", self.embedder))
        return (*both, ("dark_embedder", self.dark_embedder)) if self.dark_embedder else both

    @property
    def operator_files(self) -> list[OperatorFile]:
        """What has to be brought before the pack can be installed."""
        sources = [model.source for _, model in self.models]
        return [source for source in sources if isinstance(source, OperatorFile)]

    @property
    def licence(self) -> str:
        """Of both networks, each named once."""
        return "; ".join(dict.fromkeys(model.licence for _, model in self.models))

    @property
    def terms_sha256(self) -> str | None:
        """Names the very words that were accepted."""
        return hashlib.sha256(self.terms.encode()).hexdigest() if self.terms else None
