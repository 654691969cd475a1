"""The ports bound together, as wiring made them, with the limits that were set."""

from dataclasses import dataclass
from datetime import timedelta

from vestibule.domain.calibration import Calibration, thresholds_for
from vestibule.domain.decision import Thresholds
from vestibule.ports import (
    BlobStore,
    Clock,
    FaceEngine,
    JobQueue,
    PhotoCodec,
    SamplePhotos,
    Sealer,
    VectorIndex,
)
from vestibule.records.database import Database
from vestibule.records.gallery import GallerySize


@dataclass(frozen=True, slots=True)
class Limits:
    """What an operator may set; see ``settings.py`` for defaults."""

    max_upload_bytes: int
    stored_long_side_px: int
    photo_retention: timedelta
    hold: timedelta
    target_fpir: float
    review_fpir: float


@dataclass(frozen=True, slots=True)
class Runtime:
    database: Database
    blobs: BlobStore
    index: VectorIndex
    engine: FaceEngine
    calibration: Calibration
    codec: PhotoCodec
    queue: JobQueue
    sealer: Sealer
    clock: Clock
    samples: SamplePhotos
    limits: Limits

    def thresholds(self, gallery: GallerySize) -> Thresholds:
        """The thresholds in the engine's space for a gallery of this size."""
        return thresholds_for(
            self.calibration,
            target_fpir=self.limits.target_fpir,
            review_fpir=self.limits.review_fpir,
            gallery_size=gallery.customers,
            templates=gallery.templates,
        )
