"""How alike a decided face and its candidate are, in numbers of people."""

from datetime import timedelta
from uuid import UUID

from vestibule.domain.alikeness import Alikeness, alikeness
from vestibule.domain.light_band import LightBand
from vestibule.domain.seen_here import comparisons_at
from vestibule.records.tables import Face
from vestibule.workflows.propose_calibration import Seen, seen_lately
from vestibule.workflows.runtime import Runtime

FRESH_FOR = timedelta(minutes=10)
"""Half an evening of answers moves a number of people by little; a page must not wait for it."""


def tell_alikeness(runtime: Runtime, face: Face, *, venue_id: UUID) -> Alikeness | None:
    """For a match or a check in the engine's present space, by what was seen at its photo's venue;
    None for any other face."""
    if face.decision not in ("MATCH", "REVIEW") or face.score is None or face.light_band is None:
        return None
    if face.space_id != runtime.engine.space.id:
        return None
    measured = runtime.calibration_in_force(venue_id).measured
    band, seen = LightBand(face.light_band), _seen(runtime, venue_id)
    here = comparisons_at(
        face.score, band, counted=seen.counted, answers=seen.answers, measured=measured
    )
    return alikeness(measured, face.score, band, seen_here=here)


def _seen(runtime: Runtime, venue_id: UUID) -> Seen:
    """Read anew when it is older than ``FRESH_FOR``; at worst two threads read it at once."""
    now, kept = runtime.clock.now(), runtime.in_force.kept.get(venue_id)
    if isinstance(kept, Seen) and timedelta() <= now - kept.at < FRESH_FOR:
        return kept
    with runtime.database.look() as transaction:
        seen = seen_lately(runtime, transaction, venue_id)
    runtime.in_force.kept[venue_id] = seen
    return seen
