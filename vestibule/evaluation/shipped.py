"""The calibration of a space: measured on this installation, or shipped with the product."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from vestibule.domain.calibration import ScoreQuantiles
from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import CalibrationMissingError, InvalidInputError
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.evaluation.calibration_files import parse_calibration


def load_calibration(space: EmbeddingSpace, *, own_folder: Path | None = None) -> ScoreQuantiles:
    """The general table of what was measured in this space; see ``load_measured``."""
    return load_measured(space, own_folder=own_folder).quantiles


def load_measured(space: EmbeddingSpace, *, own_folder: Path | None = None) -> PackCalibration:
    """All that was measured in this space.

    ``<own_folder>/<space id>.json`` if there is one, else what the product ships. Raises
    CalibrationMissingError if nobody measured this space (facts: ``space_id``, ``pack``), and
    InvalidInputError if the file in the folder is not a calibration of it.
    """
    own = own_calibration_path(space, own_folder) if own_folder is not None else None
    if own is not None and own.is_file():
        return _read_own(own, space)
    for shipped in shipped_calibrations():
        if shipped.quantiles.space_id == space.id:
            return shipped
    raise CalibrationMissingError(space_id=space.id, pack=space.pack)


def own_calibration_path(space: EmbeddingSpace, own_folder: Path) -> Path:
    """Where an installation keeps what it measured itself in this space."""
    return own_folder / f"{space.id}.json"


def shipped_calibrations() -> Iterator[PackCalibration]:
    """Those that come with the product, by the name of their file."""
    folder: Traversable = resources.files("vestibule") / "calibrations"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".json"):
            yield parse_calibration(file.read_text(encoding="utf-8"))


def _read_own(path: Path, space: EmbeddingSpace) -> PackCalibration:
    calibration = parse_calibration(path.read_text(encoding="utf-8"))
    if calibration.quantiles.space_id != space.id:
        raise InvalidInputError(
            "This calibration is of another embedding space.",
            file=path.name,
            space_id=calibration.quantiles.space_id,
        )
    return calibration
