"""How alike a decided face and its candidate are, in numbers of people."""

from vestibule.domain.alikeness import Alikeness, alikeness
from vestibule.domain.light_band import LightBand
from vestibule.records.tables import Face
from vestibule.workflows.runtime import Runtime


def tell_alikeness(runtime: Runtime, face: Face) -> Alikeness | None:
    """For a match or a check in the engine's present space; None for any other face."""
    if face.decision not in ("MATCH", "REVIEW") or face.score is None or face.light_band is None:
        return None
    if face.space_id != runtime.engine.space.id:
        return None
    return alikeness(
        runtime.calibration_in_force().measured, face.score, LightBand(face.light_band)
    )
