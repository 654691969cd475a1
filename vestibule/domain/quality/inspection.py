"""What is measured on one face before it becomes a template."""

from dataclasses import dataclass

from vestibule.domain.quality.probe import FaceQuality


@dataclass(frozen=True, slots=True)
class FaceInspection:
    """See the engine's ``inspection.py`` and ``cover.py`` for how each is measured.

    ``detection_score`` is the detector's own. ``pitch`` is where the nose stands between the eyes
    (0) and the mouth (1): less when the head is raised, more when it is lowered.
    ``roll_degrees`` is the angle of the eye line, 0..180. ``visible_share`` is how much of the face
    lies inside the photo, 0..1. ``clipped_share`` is how much of it is as bright as a pixel can be,
    0..1. ``noise`` is that of the sensor over the contrast of the features. ``blockiness`` is 1
    without a trace of compression and grows with it. ``mouth_shown`` and ``eyes_shown`` are 1 where
    the weakest sign of a bare mouth, or of two open eyes, is as weak as it may be.
    """

    quality: FaceQuality
    detection_score: float
    pitch: float
    roll_degrees: float
    visible_share: float
    clipped_share: float
    noise: float
    blockiness: float
    mouth_shown: float
    eyes_shown: float
