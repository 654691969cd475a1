"""What a photo must have to become a template, and which of it a face lacks.

A template is compared with every face that will ever be seen, and can be taken again while the
guest stands there: the limits are stricter than a probe's. ``docs/enrolment-quality.md`` holds what
each refuses of good photos and of faults drawn into them, as measured on lfw-dev (2,762 photos as
taken, 36 faults drawn on photos that pass, CenterFace landmarks) and written there by
``vestibule evaluate-gate``. The limits stand where the tails of good photos end: each by itself
refuses under one in a hundred of them.
"""

from dataclasses import dataclass

from vestibule.domain.quality.faults import Check, Fault, Verdict
from vestibule.domain.quality.inspection import FaceInspection
from vestibule.domain.quality.probe import ENROLMENT_LIMITS


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Units as in ``FaceInspection`` and ``FaceQuality``."""

    eye_distance_px: float
    sharpness: float
    turn: float
    detection_score: float
    pitch: tuple[float, float]
    roll_degrees: float
    visible_share: float
    brightness: float
    clipped_share: float
    noise: float
    blockiness: float
    mouth_shown: float
    eyes_shown: float


GATE_LIMITS = GateLimits(
    eye_distance_px=ENROLMENT_LIMITS.eye_distance_px,
    sharpness=ENROLMENT_LIMITS.sharpness,
    turn=ENROLMENT_LIMITS.turn,
    detection_score=0.55,
    pitch=(0.42, 0.67),
    roll_degrees=35.0,
    visible_share=0.95,
    brightness=40.0,
    clipped_share=0.12,
    noise=0.2,
    blockiness=2.0,
    mouth_shown=0.95,
    eyes_shown=0.95,
)


def judge_inspection(inspection: FaceInspection, limits: GateLimits = GATE_LIMITS) -> Verdict:
    """Every check that can be made on this face, not only the first that fails."""
    turned = Check.at_most(Fault.TURNED, inspection.quality.turn, limits.turn)
    checks = [
        Check.at_least(Fault.UNCERTAIN_FACE, inspection.detection_score, limits.detection_score),
        Check.at_least(Fault.CUT_OFF, inspection.visible_share, limits.visible_share),
        turned,
        _tilt(inspection.pitch, limits.pitch),
        Check.at_most(Fault.ROLLED, inspection.roll_degrees, limits.roll_degrees),
        *_light(inspection, limits),
        Check.at_least(Fault.BLURRED, inspection.quality.sharpness, limits.sharpness),
        Check.at_most(Fault.NOISY, inspection.noise, limits.noise),
        Check.at_most(Fault.COMPRESSED, inspection.blockiness, limits.blockiness),
    ]
    if turned.passed:  # a turned face's eyes stand close, and it seems small for that reason
        checks.append(
            Check.at_least(
                Fault.TOO_SMALL, inspection.quality.eye_distance_px, limits.eye_distance_px
            )
        )
    if Verdict(tuple(checks)).faults.isdisjoint(_HIDES_COVER):
        checks += _cover(inspection, limits)
    return Verdict(tuple(checks))


_HIDES_COVER = frozenset({Fault.OVEREXPOSED, Fault.TOO_DARK, Fault.BLURRED, Fault.TURNED})
"""Where these are found, a mouth or an eye that is not seen need not be covered."""


def _tilt(pitch: float, limits: tuple[float, float]) -> Check:
    lowest, highest = limits
    if pitch < (lowest + highest) / 2:
        return Check.at_least(Fault.TILTED, pitch, lowest)
    return Check.at_most(Fault.TILTED, pitch, highest)


def _light(inspection: FaceInspection, limits: GateLimits) -> list[Check]:
    return [
        Check.at_least(Fault.TOO_DARK, inspection.quality.brightness, limits.brightness),
        Check.at_most(Fault.OVEREXPOSED, inspection.clipped_share, limits.clipped_share),
    ]


def _cover(inspection: FaceInspection, limits: GateLimits) -> list[Check]:
    return [
        Check.at_least(Fault.MOUTH_COVERED, inspection.mouth_shown, limits.mouth_shown),
        Check.at_least(Fault.EYES_COVERED, inspection.eyes_shown, limits.eyes_shown),
    ]
