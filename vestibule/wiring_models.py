"""The part of wiring that knows model packs: list, accept, install, check.

Works on the models folder alone; whether a product runs beside it makes no difference.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vestibule.adapters.model_packs import (
    Acceptance,
    InstalledPack,
    InstallProgress,
    ModelFile,
    ModelPack,
    OperatorFile,
    acceptance_of,
    all_packs,
    faults,
    install_own_pack,
    install_pack,
    is_present,
    known_pack,
    read_own_pack,
    record_acceptance,
    require_acceptance,
    size_bytes,
    sound_pack,
)
from vestibule.adapters.onnx_engine import LowLight, low_light_of, space_of
from vestibule.adapters.sample_photos import PackagedSamplePhotos
from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import (
    CalibrationMissingError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from vestibule.domain.pack_calibration import PackCalibration
from vestibule.evaluation.calibration_files import parse_calibration
from vestibule.evaluation.shipped import load_measured
from vestibule.reporting import Report
from vestibule.settings import Settings


@dataclass(frozen=True, slots=True)
class NetworkDescription:
    """One network of a pack. ``url`` is where an operator gets a file that is not fetched."""

    role: str
    architecture: str
    licence: str
    provenance: str
    file: str
    sha256: str
    url: str | None
    pinned_by: str | None


@dataclass(frozen=True, slots=True)
class PackCheck:
    """When the files were last compared with their hashes on request, and what was wrong."""

    at: datetime
    faults: list[str]


@dataclass(frozen=True, slots=True)
class PackDescription:
    """A model pack as people should know it.

    ``installed`` says that the files are there; ``check`` says whether they are sound.
    """

    name: str
    is_active: bool
    is_own: bool
    installed: bool
    licence: str
    commercial_use: str
    terms: str | None
    terms_sha256: str | None
    accepted_by: str | None
    accepted_at: datetime | None
    detector: str
    embedder: str
    networks: list[NetworkDescription]
    metric: str
    dimension: int
    size_bytes: int
    low_light: str | None
    space_id: str
    calibrated: bool
    check: PackCheck | None
    note: str


def describe_packs(settings: Settings) -> list[PackDescription]:
    """The catalogue and the operator's own packs, the ones in use and installed first."""
    packs = all_packs(settings.models_dir).values()
    described = [_described(pack, settings) for pack in packs]
    return sorted(described, key=lambda pack: (not pack.is_active, not pack.installed))


def find_pack(settings: Settings, name: str) -> ModelPack:
    """Raises NotFoundError that names those there are."""
    return known_pack(name, all_packs(settings.models_dir))


def describe_pack(settings: Settings, name: str) -> PackDescription:
    return _described(find_pack(settings, name), settings)


def install_models(settings: Settings, pack: str, *, report: Report | None = None) -> InstalledPack:
    """The pack by name, its files fetched if they are missing; see ``install_pack``."""
    return install_pack(pack, settings.models_dir, report_progress=_telling(report))


def fetch_samples(settings: Settings) -> int:
    """The demo's photos, fetched if they are missing; how many. Raises WeightsError."""
    return len(PackagedSamplePhotos(settings.models_dir / "samples").fetch())


def install_brought_models(
    settings: Settings,
    brought: Path,
    *,
    name: str | None,
    report: Report | None = None,
) -> InstalledPack:
    """A pack out of an operator's folder or ZIP: the one it describes, or the one named.

    Raises NotFoundError, LicenceNotAcceptedError, WrongWeightsHashError, WeightsError, and then
    leaves nothing behind.
    """
    pack = brought_pack(settings, brought, name=name)
    if read_own_pack(brought) is not None:
        return install_own_pack(brought, settings.models_dir, report_progress=_telling(report))
    return install_pack(
        pack.name, settings.models_dir, brought=brought, report_progress=_telling(report)
    )


def brought_pack(settings: Settings, brought: Path, *, name: str | None) -> ModelPack:
    """Which pack a folder or ZIP is for. Raises InvalidInputError when nobody says."""
    if not brought.exists():
        raise NotFoundError(f"There is no file or folder {brought}.", file=str(brought))
    own = read_own_pack(brought)
    if own is not None:
        if name not in (None, own.name):
            raise InvalidInputError(f"{brought.name} holds the pack {own.name}, not {name}.")
        return own
    if name is None:
        raise InvalidInputError(
            f"{brought.name} holds no pack.json. Name the pack whose files these are."
        )
    return find_pack(settings, name)


def accept_terms(
    settings: Settings, pack: ModelPack, *, by: str, at: datetime, terms_sha256: str | None = None
) -> Acceptance:
    """Record that somebody accepted the pack's terms; safe to run twice.

    ``terms_sha256`` names the words that were shown. Raises ConflictError when they have changed
    since, and when the pack asks for no acceptance.
    """
    if pack.terms is None:
        raise ConflictError(f"The pack {pack.name} has no terms to accept.", pack=pack.name)
    if terms_sha256 not in (None, pack.terms_sha256):
        raise ConflictError(f"The terms of the pack {pack.name} have changed.", pack=pack.name)
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    return record_acceptance(pack, settings.models_dir, by=by, at=at)


def acceptance_in_use(settings: Settings) -> Acceptance | None:
    """The acceptance that the pack in use rests on, where it needs one."""
    pack = find_pack(settings, settings.pack)
    return acceptance_of(pack, settings.models_dir)


def check_models(settings: Settings, name: str, *, at: datetime) -> PackCheck:
    """Compare every file of an installed pack with its hash, and remember what came of it."""
    pack = find_pack(settings, name)
    check = PackCheck(at=at, faults=[str(fault) for fault in faults(pack, settings.models_dir)])
    if is_present(pack, settings.models_dir):
        path = _check_path(settings, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fields = {"at": at.isoformat(), "faults": check.faults}
        path.write_text(json.dumps(fields, ensure_ascii=False) + "\n", encoding="utf-8")
    return check


def require_terms(settings: Settings, pack: ModelPack) -> None:
    """Raises LicenceNotAcceptedError if the pack's terms are open."""
    require_acceptance(pack, settings.models_dir)


def calibration_of(settings: Settings, space: EmbeddingSpace) -> PackCalibration:
    """What was measured in a space: by this installation, by the product, or with the pack.

    Raises CalibrationMissingError that says what to do where nobody measured it.
    """
    try:
        return load_measured(space, own_folder=settings.data_dir / "calibrations")
    except CalibrationMissingError as error:
        brought = _brought_calibration(settings, space)
        if brought is None:
            raise CalibrationMissingError(
                f"Nobody has measured yet how alike different people look to the pack {space.pack} "
                f"(embedding space {space.id}), so no threshold can be set. Measure it first, on "
                f"photos with one folder a person: VESTIBULE_PACK={space.pack} vestibule calibrate "
                "DIR",
                space_id=space.id,
                pack=space.pack,
            ) from error
        return brought


def _brought_calibration(settings: Settings, space: EmbeddingSpace) -> PackCalibration | None:
    """The calibration that an installed own pack came with, if it is of this space."""
    try:
        pack = find_pack(settings, space.pack)
    except NotFoundError:
        return None
    installed = sound_pack(pack, settings.models_dir) if pack.calibration else None
    if installed is None:
        return None
    measured = parse_calibration(installed.calibration_path.read_text(encoding="utf-8"))
    return measured if measured.space_id == space.id else None


def _described(pack: ModelPack, settings: Settings) -> PackDescription:
    space = space_of(pack, low_light=low_light_of(pack, LowLight(settings.low_light)))
    acceptance = acceptance_of(pack, settings.models_dir)
    return PackDescription(
        name=pack.name,
        is_active=pack.name == settings.pack,
        is_own=(settings.models_dir / pack.name / "pack.json").is_file(),
        installed=is_present(pack, settings.models_dir),
        licence=pack.licence,
        commercial_use=pack.commercial_use.value,
        terms=pack.terms,
        terms_sha256=pack.terms_sha256,
        accepted_by=acceptance.by if acceptance else None,
        accepted_at=acceptance.at if acceptance else None,
        detector=pack.detector.architecture.value,
        embedder=pack.embedder.architecture.value,
        networks=_networks(pack),
        metric=space.metric.value,
        dimension=space.dimension,
        size_bytes=size_bytes(pack, settings.models_dir),
        low_light=pack.low_light,
        space_id=space.id,
        calibrated=_is_calibrated(space, settings),
        check=_last_check(settings, pack.name),
        note=" ".join(model.provenance for _, model in pack.models),
    )


def _networks(pack: ModelPack) -> list[NetworkDescription]:
    return [_network(role, model) for role, model in pack.models]


def _network(role: str, model: ModelFile) -> NetworkDescription:
    source = model.source
    brought = source if isinstance(source, OperatorFile) else None
    return NetworkDescription(
        role=role,
        architecture=model.architecture.value,
        licence=model.licence,
        provenance=model.provenance,
        file=source.file_name if isinstance(source, OperatorFile) else source.path,
        sha256=source.sha256,
        url=brought.url if brought else None,
        pinned_by=brought.pinned_by if brought else None,
    )


def _is_calibrated(space: EmbeddingSpace, settings: Settings) -> bool:
    try:
        calibration_of(settings, space)
    except (CalibrationMissingError, InvalidInputError):
        return False
    return True


def _last_check(settings: Settings, name: str) -> PackCheck | None:
    try:
        fields = json.loads(_check_path(settings, name).read_text(encoding="utf-8"))
        return PackCheck(
            at=datetime.fromisoformat(fields["at"]),
            faults=[str(fault) for fault in fields["faults"]],
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _check_path(settings: Settings, name: str) -> Path:
    return settings.models_dir / "checks" / f"{name}.json"


def _telling(report: Report | None) -> Callable[[InstallProgress], None]:
    def tell(progress: InstallProgress) -> None:
        if report is not None:
            report(progress.step.value, progress.subject)

    return tell
