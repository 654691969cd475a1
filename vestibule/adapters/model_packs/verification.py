"""Whether the files of a pack are those that were installed, and what is wrong where not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vestibule.adapters.model_packs.archives import check_sha256, file_sha256
from vestibule.adapters.model_packs.packs import ModelFile, ModelPack
from vestibule.domain.errors import WeightsError, WrongWeightsHashError

CONVERSION_VERSION = "2"
"""Raise it when a converter's output changes: installed packs are then converted again."""

MANIFEST = "manifest.json"
CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class InstalledPack:
    """A pack whose networks lie on this machine, converted and checked."""

    pack: ModelPack
    detector_path: Path
    embedder_path: Path
    dark_embedder_path: Path | None = None

    @property
    def calibration_path(self) -> Path:
        """What the pack brought with it; there need not be such a file."""
        return self.detector_path.parent / CALIBRATION


def verify_pack(pack: ModelPack, models_dir: Path) -> InstalledPack:
    """The installed pack, its files compared with the manifest.

    Raises WeightsError when it is missing, incomplete or converted by another version,
    WrongWeightsHashError when a file is not what was installed.
    """
    for finding in faults(pack, models_dir):
        raise finding
    folder = models_dir / pack.name
    return InstalledPack(
        pack,
        folder / file_name("detector"),
        folder / file_name("embedder"),
        folder / file_name("dark_embedder") if pack.dark_embedder else None,
    )


def sound_pack(pack: ModelPack, models_dir: Path) -> InstalledPack | None:
    """The pack if it is installed and sound; None otherwise."""
    try:
        return verify_pack(pack, models_dir)
    except WeightsError:
        return None


def is_present(pack: ModelPack, models_dir: Path) -> bool:
    """Whether its files are there, without reading them: quick, and proves nothing."""
    folder = models_dir / pack.name
    return (
        all((folder / file_name(role)).is_file() for role, _ in pack.models)
        and (folder / MANIFEST).is_file()
    )


def size_bytes(pack: ModelPack, models_dir: Path) -> int:
    """Of both networks as they lie here; 0 where they do not."""
    paths = [models_dir / pack.name / file_name(role) for role, _ in pack.models]
    return sum(path.stat().st_size for path in paths if path.is_file())


def faults(pack: ModelPack, models_dir: Path) -> Iterator[WeightsError]:
    """Everything that is wrong with an installed pack, in words; nothing if it is sound.

    Every file is read and hashed, also after the first fault.
    """
    folder = models_dir / pack.name
    try:
        manifest = _read_manifest(folder)
    except WeightsError as error:
        yield error
        return
    if manifest.get("conversion") != CONVERSION_VERSION:
        yield WeightsError(
            f"The model pack {pack.name} was converted by another version.", pack=pack.name
        )
    for role, model in pack.models:
        fault = _fault_of_network(pack, role, model, folder, manifest.get(role))
        if fault is not None:
            yield fault
    if pack.calibration is not None:
        fault = _fault_of_file(pack, folder / CALIBRATION, pack.calibration.sha256)
        if fault is not None:
            yield fault


def _fault_of_network(
    pack: ModelPack, role: str, model: ModelFile, folder: Path, entry: object
) -> WeightsError | None:
    if not isinstance(entry, dict) or entry.get("source_sha256") != model.source.sha256:
        return WeightsError(f"The model pack {pack.name} holds other weights.", pack=pack.name)
    return _fault_of_file(pack, folder / file_name(role), str(entry.get("onnx_sha256")))


def _fault_of_file(pack: ModelPack, path: Path, sha256: str) -> WeightsError | None:
    if not path.is_file():
        return WeightsError(f"The model pack {pack.name} lacks its {path.stem}.", pack=pack.name)
    try:
        check_sha256(
            file_sha256(path),
            sha256,
            file=path.name,
            consequence=f"Install the model pack {pack.name} again.",
        )
    except WrongWeightsHashError as error:
        return error
    except OSError as error:
        return WeightsError(f"{path.name} cannot be read: {error.strerror}.", pack=pack.name)
    return None


def reusable_network(model: ModelFile, models_dir: Path) -> Path | None:
    """The same network, converted and sound, in any pack that is installed here."""
    for path in sorted(models_dir.glob(f"*/{MANIFEST}")):
        try:
            manifest = _read_manifest(path.parent)
        except WeightsError:
            continue
        if manifest.get("conversion") != CONVERSION_VERSION:
            continue
        for role in ("detector", "embedder", "dark_embedder"):
            entry, network = manifest.get(role), path.parent / file_name(role)
            if (
                isinstance(entry, dict)
                and entry.get("source_sha256") == model.source.sha256
                and entry.get("architecture") == model.architecture.value
                and network.is_file()
                and file_sha256(network) == entry.get("onnx_sha256")
            ):
                return network
    return None


def file_name(role: str) -> str:
    return f"{role}.onnx"


def _read_manifest(folder: Path) -> dict[str, object]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WeightsError(f"The model pack {folder.name} is not installed.") from error
    except ValueError as error:
        raise WeightsError(f"The manifest of the model pack {folder.name} is damaged.") from error
    if not isinstance(manifest, dict):
        raise WeightsError(f"The manifest of the model pack {folder.name} is damaged.")
    return manifest
