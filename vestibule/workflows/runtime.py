"""The ports bound together, as wiring made them, with the limits that were set."""

from dataclasses import dataclass
from datetime import timedelta

from vestibule.domain.decision import Thresholds
from vestibule.domain.index_generation import IndexGeneration
from vestibule.domain.light_band import LightBand
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.domain.venue_calibration import VenueCalibration
from vestibule.ports import (
    BlobStore,
    Clock,
    FaceEngine,
    JobQueue,
    PhotoCodec,
    PresentationAttackDetector,
    RejectedProbes,
    SamplePhotos,
    Sealer,
    VectorIndex,
)
from vestibule.records.database import Database
from vestibule.records.gallery import GallerySize
from vestibule.workflows.calibration_in_force import CalibrationInForce


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


@dataclass(frozen=True, slots=True)
class Runtime:
    database: Database
    blobs: BlobStore
    index: VectorIndex
    generation: IndexGeneration
    """Which filling of the index answers; its space is the engine's."""
    rejected: RejectedProbes
    engine: FaceEngine
    calibration: PackCalibration
    """What was measured in the engine's space, as it is there without any adoption."""
    in_force: CalibrationInForce
    codec: PhotoCodec
    queue: JobQueue
    sealer: Sealer
    clock: Clock
    samples: SamplePhotos
    limits: Limits
    presentation: PresentationAttackDetector | None = None
    """None: nobody but the staff looks whether a face is a picture of one."""

    def calibration_in_force(self) -> VenueCalibration:
        """What decisions are made with from now on."""
        return self.in_force.now(self.database)

    def thresholds(
        self,
        gallery: GallerySize,
        band: LightBand = LightBand.BRIGHT,
        *,
        calibration: VenueCalibration | None = None,
    ) -> Thresholds:
        """For a face in that light and a gallery of this size, in the engine's space.

        ``calibration`` is the one in force unless it is given: one photo is decided by one.
        """
        return (calibration or self.calibration_in_force()).thresholds(
            band, customers=gallery.customers, templates=gallery.templates
        )
