"""The ports bound together, as wiring made them, with the limits that were set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import CalibrationMissingError, SpaceUnavailableError
from vestibule.domain.index_generation import IndexGeneration
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.venue_calibration import VenueCalibration
from vestibule.ports import (
    AlertReceiver,
    Apart,
    BlobStore,
    Clock,
    FaceEngine,
    ImportSource,
    JobQueue,
    PhotoCodec,
    PresentationAttackDetector,
    RejectedProbes,
    SamplePhotos,
    Sealer,
    VectorIndex,
)
from vestibule.ports_identity import Company
from vestibule.ports_keys import CustomerKeys, KeyringCopies
from vestibule.ports_receipts import ReceiptKeys
from vestibule.records.database import Database
from vestibule.workflows.calibration_in_force import CalibrationInForce
from vestibule.workflows.gallery_gaps import GalleryGaps
from vestibule.workflows.gallery_sizes import GallerySizes
from vestibule.workflows.spaces_in_use import SpacesInUse


@dataclass(frozen=True, slots=True)
class Limits:
    """What an operator may set; see ``settings.py`` for defaults."""

    max_upload_bytes: int
    stored_long_side_px: int
    max_queue_wait_s: float
    photo_retention: timedelta
    hold: timedelta
    not_them_memory: timedelta
    templates_per_customer: int
    target_fpir: float
    review_fpir: float
    alert_escalation_minutes: int = 3
    remembers_rejected_alerts: bool = True


@dataclass(frozen=True, slots=True)
class Runtime:
    database: Database
    blobs: BlobStore
    index: VectorIndex
    generation: IndexGeneration
    """Which filling of the index this runtime searches; its space is the engine's."""
    rejected: RejectedProbes
    engine: FaceEngine
    calibration: PackCalibration
    """What was measured in the engine's space, as it is there without any adoption."""
    in_force: CalibrationInForce
    codec: PhotoCodec
    queue: JobQueue
    sealer: Sealer
    customer_keys: CustomerKeys
    receipts: ReceiptKeys
    keyrings: KeyringCopies
    clock: Clock
    samples: SamplePhotos
    limits: Limits
    presentation: PresentationAttackDetector | None = None
    """None: nobody but the staff looks whether a face is a picture of one."""
    apart: Apart | None = None
    """None: a job that may have ended a process is tried again like any other."""
    webhook: AlertReceiver | None = None
    """None: nobody outside is told of alerts."""
    company: Company | None = None
    """The company's own sign-in; None where people sign in by password and link alone."""
    spaces: SpacesInUse | None = None
    """None: there is no other generation to go to."""
    imports: Mapping[str, Callable[[], ImportSource]] = field(default_factory=dict)
    """By name, the places that the operator set up for photos to import; nothing else is read."""
    sizes: GallerySizes = field(default_factory=GallerySizes)
    gaps: GalleryGaps = field(default_factory=GalleryGaps)

    def at_serving(self) -> "Runtime":
        """Bound to the generation that answers now. One photo, one request: asked for once."""
        serving = self.spaces.serving(self.database) if self.spaces else None
        return self if serving is None else self.at(serving)

    def at(self, generation: IndexGeneration) -> "Runtime":
        """Bound to that generation, with the engine and the calibration of its space.

        Raises SpaceUnavailableError when nothing installed here speaks it.
        """
        if generation.space.id == self.generation.space.id:
            is_same = generation.number == self.generation.number
            return self if is_same else replace(self, generation=generation)
        if self.spaces is None:
            raise SpaceUnavailableError(pack=generation.space.pack)
        there = self.spaces.open(generation.space)
        return replace(
            self,
            generation=generation,
            engine=there.engine,
            calibration=there.calibration,
            in_force=there.in_force,
        )

    def calibration_in(self, space: EmbeddingSpace) -> PackCalibration | None:
        """What was measured in that space; None where nobody measured it or it cannot be opened."""
        if space.id == self.engine.space.id:
            return self.calibration
        try:
            return self.spaces.open(space).calibration if self.spaces else None
        except (SpaceUnavailableError, CalibrationMissingError):
            return None

    def calibration_in_force(self, venue_id: UUID) -> VenueCalibration:
        """What that venue's decisions are made with from now on, in the engine's space."""
        return self.in_force.now(self.database, venue_id)
