"""The outside world on one page: what the workflows need and wiring provides."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.faces import Box, DetectedFace, Embeddings, RgbImage
from vestibule.domain.ids import CustomerId, JobId, TemplateId
from vestibule.domain.index_generation import IndexFiles, IndexGeneration
from vestibule.domain.quality import FaceInspection, FaceQuality


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, timezone-aware, UTC."""
        ...


# ── images ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What an image says of itself before a pixel is decoded. Size as stored, not yet upright."""

    format: str
    width_px: int
    height_px: int


class PhotoCodec(Protocol):
    """Bytes to pixels and back. Never trusts the file's name or declared type."""

    def read_header(self, encoded: bytes) -> ImageHeader:
        """Look at the header alone.

        Raises NotAnImageError, DamagedImageError, or TooManyPixelsError (facts: ``width_px``,
        ``height_px``, ``limit_px``) without decoding a pixel.
        """
        ...

    def decode_upright(self, encoded: bytes) -> RgbImage:
        """Decode to RGB with EXIF orientation applied; alpha is laid on white, first frame only.

        Raises NotAnImageError or DamagedImageError (truncated data is damaged, never half read).
        """
        ...

    def encode_jpeg(self, image: RgbImage) -> bytes:
        """A baseline JPEG without any metadata."""
        ...

    def encode_lossless(self, image: RgbImage) -> bytes: ...

    def resize_to_fit(self, image: RgbImage, *, long_side_px: int) -> RgbImage:
        """Shrink with area interpolation; an image that fits already is returned as it is."""
        ...

    def blur_faces(self, image: RgbImage, boxes: Sequence[Box]) -> RgbImage:
        """A copy in which the widened ellipse around each box holds no face any more.

        The region is shrunk to a few pixels before it is blurred, so nothing can be recovered.
        """
        ...


# ── recognition ─────────────────────────────────────────────────────────────────────────────
class FaceEngine(Protocol):
    """A detector and an embedder. Safe to call from several threads at once."""

    @property
    def space(self) -> EmbeddingSpace: ...

    def detect(self, image: RgbImage) -> list[DetectedFace]:
        """Every face of one upright image, left to right by box centre; an empty list if none."""
        ...

    def assess(self, image: RgbImage, faces: Sequence[DetectedFace]) -> list[FaceQuality]: ...

    def inspect(self, image: RgbImage, face: DetectedFace) -> FaceInspection:
        """Everything that an enrolment asks of one face; takes longer than ``assess``.

        Depends only on ``region(image, face)``, as ``embed`` does.
        """
        ...

    def embed(self, image: RgbImage, faces: Sequence[DetectedFace]) -> Embeddings:
        """float32 (len(faces), space.dimension), all faces in one batch; (0, d) for no face.

        A face's embedding depends only on ``region(image, face)``, so a face embedded from its
        held region gives the same embedding as from the whole photo (to 1e-4).
        """
        ...

    def embed_each(self, faces: Sequence[tuple[RgbImage, DetectedFace]]) -> Embeddings:
        """The same for faces of several images, in order and in one batch."""
        ...

    def region(self, image: RgbImage, face: DetectedFace) -> tuple[RgbImage, DetectedFace]:
        """The pixels around a face that ``embed`` needs, copied, and the face in their frame."""
        ...


@dataclass(frozen=True, slots=True)
class PresentationCheck:
    """What a detector says of one face: how much it looks like a picture, mask or screen.

    ``score`` is the detector's own, higher is more suspicious; ``threshold`` is where it would
    begin to suspect. It is shown to people and never decides.
    """

    score: float
    threshold: float

    @property
    def is_suspicious(self) -> bool:
        return self.score >= self.threshold


class PresentationAttackDetector(Protocol):
    """Looks for a photo of a photo. None ships (docs/adr/0014); wiring has none to give."""

    def check(self, image: RgbImage, face: DetectedFace) -> PresentationCheck: ...


@dataclass(frozen=True, slots=True)
class IndexEntry:
    template_id: TemplateId
    customer_id: CustomerId
    embedding: Embeddings
    """float32, shape (d,)."""
    basis: str = "explicit-consent"
    """The legal basis on which the template is searchable."""
    venue_ids: frozenset[UUID] | None = None
    """The venues that the basis holds for; None: every venue of the chain."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A template that search found. ``score`` is in the space's metric, higher is more alike."""

    template_id: TemplateId
    customer_id: CustomerId
    score: float


class VectorIndex(Protocol):
    """A projection of the searchable templates. Postgres is the record; this can be rebuilt.

    Safe to call from several threads. A write is visible to every search that starts after it
    returned. Unknown generations are empty, not an error. A wrong dimension raises ValueError.
    """

    def upsert(self, generation: IndexGeneration, entries: Sequence[IndexEntry]) -> None: ...

    def search(
        self,
        generation: IndexGeneration,
        probes: Embeddings,
        *,
        limit: int,
        venue_id: UUID | None = None,
    ) -> list[list[Neighbour]]:
        """For each probe (rows of (n, d)) at most ``limit`` neighbours, best first.

        With a venue, a template whose basis holds only for others is not even a candidate.
        """
        ...

    def delete(self, generation: IndexGeneration, template_ids: Iterable[TemplateId]) -> None:
        """Safe to run twice. When it returns, no search finds them."""
        ...

    def template_ids(self, generation: IndexGeneration) -> set[TemplateId]:
        """All of them at once: for galleries that are small."""
        ...

    def template_ids_after(
        self, generation: IndexGeneration, after: TemplateId | None, *, limit: int
    ) -> list[TemplateId]:
        """The next ``limit`` at most, in the order of ids; from the first one with None."""
        ...

    def holding(
        self, generation: IndexGeneration, template_ids: Iterable[TemplateId]
    ) -> set[TemplateId]:
        """Which of these it holds."""
        ...

    def prints(
        self, generation: IndexGeneration, template_ids: Iterable[TemplateId]
    ) -> list[bytes]:
        """What stands in its files for these templates alone; for ``look_for`` and ``scrub``."""
        ...

    def look_for(self, prints: Sequence[bytes]) -> IndexFiles | None:
        """Read every file of every generation. None where they are on a server, out of reach."""
        ...

    def scrub(self, generation: IndexGeneration, prints: Sequence[bytes]) -> None:
        """Write its files anew if one of them holds one of these. Safe to run twice."""
        ...

    def keep_only(self, generations: Iterable[IndexGeneration]) -> None:
        """Remove every other generation: no erasure would reach it. Safe to run twice."""
        ...

    def serve(self, generation: IndexGeneration) -> None:
        """Note which generation answers, for people and tools that look at the index itself.

        No search depends on it: Postgres says which one serves. Safe to run twice, also if empty.
        """
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RejectedProbe:
    """A face that a person said is not this customer. ``answer_id`` names the answer."""

    answer_id: UUID
    customer_id: CustomerId
    embedding: Embeddings
    """float32, shape (d,)."""
    expires_at: datetime


class RejectedProbes(Protocol):
    """Embeddings of faces that were answered "not them", until the venue closes.

    In volatile memory only, bounded, and gone with the process that holds it, ours or a Redis
    without a disk: most of them are of people who agreed to nothing (docs/adr/0011, 0026). Safe to
    call from several threads. Where that is another process, what writes or forgets may raise
    VolatileMemoryUnavailableError.
    """

    def remember(self, space: EmbeddingSpace, probe: RejectedProbe) -> None:
        """Replaces what the same answer remembered before. Wrong dimension: ValueError."""
        ...

    def alike(
        self, space: EmbeddingSpace, probes: Embeddings, *, now: datetime
    ) -> list[dict[CustomerId, float]]:
        """For each of ``probes`` (n, d): how alike it is to what was rejected, by customer."""
        ...

    def forget_answers(self, answer_ids: Iterable[UUID]) -> None: ...

    def forget_customer(self, customer_id: CustomerId) -> None: ...

    def expire(self, *, now: datetime) -> int:
        """Forget what has had its time; how many that were."""
        ...

    def close(self) -> None:
        """Forget everything that this process holds. Safe to run twice."""
        ...


# ── storage, jobs, secrets ──────────────────────────────────────────────────────────────────
class BlobStore(Protocol):
    """Objects by key (``photos/<id>.jpg``): segments of ``[a-z0-9._-]`` joined by slashes."""

    def put(self, key: str, content: bytes) -> None:
        """Whole or not at all. Raises StorageFullError when there is no room."""
        ...

    def get(self, key: str) -> bytes:
        """Raises BlobMissingError."""
        ...

    def delete(self, key: str) -> None:
        """Safe to run twice."""
        ...

    def keys(self, prefix: str) -> list[str]: ...

    def free_bytes(self) -> int | None:
        """Room left, or None where that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class ImportPhoto:
    """One file of a person. ``path`` is relative to the source, ``person/file``, and names it."""

    path: str
    size_bytes: int | None
    """As the source lists it; None where it does not say."""


@dataclass(frozen=True, slots=True)
class ImportPerson:
    """``folder`` is the name or reference that the person's photos lie under, as it is written."""

    folder: str
    photos: tuple[ImportPhoto, ...]
    """By path."""


class ImportSource(Protocol):
    """Photos of people who are to be enrolled, laid out as for ``enrol-folder``.

    ``<name or reference>/<photo>``, a folder a person; hidden entries and deeper folders are passed
    over. Only read, never written. What may not be read safely (a symbolic link, something not a
    file) is listed like a photo, and reading it raises, so nothing is left out in silence. Safe to
    call from several threads. Everything raises StorageUnavailableError while the source is away.
    """

    def people(self, *, after: str | None = None) -> Iterator[ImportPerson]:
        """By folder, in the order of Unicode code points; those behind ``after`` alone, to go on.

        The folders' names are listed at once and held, their photos as people are consumed.
        """
        ...

    def read(self, photo: ImportPhoto, *, limit_bytes: int) -> bytes:
        """The whole file. Raises BlobMissingError when it is gone, PhotoTooLargeError without
        reading more than ``limit_bytes``, and ImportRefusedError for what is not a plain file.
        """
        ...


class JobQueue(Protocol):
    """Carries ids of committed job rows, nothing else."""

    def enqueue(self, job_id: JobId, *, queue: str) -> None: ...

    def enqueue_many(self, job_ids: Sequence[JobId], *, queue: str) -> None:
        """All of them in one go. Raises as ``enqueue`` does; some may then be on the queue."""
        ...

    def waiting(self, queue: str) -> int:
        """How many messages nobody has taken yet."""
        ...


class Ending(Enum):
    """How a job ended that was done apart."""

    OVER = "over"
    """Its row says how."""
    NOT_BEGUN = "not begun"
    """The process could not be made ready for it, or was asked to stop."""
    CRASHED = "crashed"
    HUNG = "hung"


class Apart(Protocol):
    """Does a job in a process of its own, which may crash or hang without harm to this one."""

    def do(self, job_id: JobId, *, attempt: int, keep: Callable[[], None]) -> Ending:
        """Work on a job that is held by this attempt; returns when that process is gone.

        ``keep`` is called every few seconds meanwhile, so that the job stays held.
        """
        ...


class Sealer(Protocol):
    """Authenticated encryption under the installation's key."""

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        """``context`` binds the ciphertext to its place; opening it elsewhere fails."""
        ...

    def unseal(self, ciphertext: bytes, *, context: str) -> bytes:
        """Raises ValueError if anything was changed."""
        ...

    def under(self, key: bytes) -> "Sealer":
        """A sealer with another 32-byte key, for data that must die with its own key."""
        ...


class AlertReceiver(Protocol):
    """Somebody outside who is told that there is an alert."""

    def deliver(self, body: bytes, *, at: datetime) -> None:
        """Return once it was taken. Raises NotDeliveredError, which is transient."""
        ...


@dataclass(frozen=True, slots=True)
class SamplePhoto:
    """A photo for the demo. ``person`` names who it shows when it is a guest's portrait."""

    id: str
    title: str
    person: str | None
    content: bytes


class SamplePhotos(Protocol):
    def fetch(self) -> list[SamplePhoto]:
        """Get them from where they are pinned; raises WeightsError when that fails."""
        ...
