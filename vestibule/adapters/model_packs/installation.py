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

from vestibule.adapters.model_packs import brought as brought_files
from vestibule.adapters.model_packs.acceptance import require_acceptance
from vestibule.adapters.model_packs.archives import (
    Archive,
    ArchiveFetcher,
    ArchiveMember,
    fetch_archive,
    file_sha256,
    read_members,
)
from vestibule.adapters.model_packs.own_packs import MANIFEST as OWN_MANIFEST
from vestibule.adapters.model_packs.own_packs import all_packs, parse_own_pack
from vestibule.adapters.model_packs.packs import ModelFile, ModelPack, OperatorFile
from vestibule.adapters.model_packs.verification import (
    CALIBRATION,
    CONVERSION_VERSION,
    MANIFEST,
    InstalledPack,
    file_name,
    reusable_network,
    sound_pack,
    verify_pack,
)
from vestibule.domain.errors import NotFoundError, WeightsError


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


ReportProgress = Callable[[InstallProgress], None]


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where the weights come from: package clients, and what the operator brought."""

    fetch: ArchiveFetcher
    brought: Path | None = None
    own_manifest: bytes | None = None


def install_pack(
    name: str,
    models_dir: Path,
    *,
    brought: Path | None = None,
    report_progress: ReportProgress | None = None,
    fetch: ArchiveFetcher = fetch_archive,
    packs: Mapping[str, ModelPack] | None = None,
) -> InstalledPack:
    """Fetch, check and convert a pack, or find that this was done and is still sound.

    ``brought`` is the folder or ZIP with the files of a pack that cannot be fetched. Safe to run
    twice and from several processes: one converts, the others wait. A pack that was converted by
    another version, or changed on disk, is installed anew. Raises LicenceNotAcceptedError before
    anything is fetched, WrongWeightsHashError or WeightsError, and then leaves nothing behind.
    """
    pack = known_pack(name, all_packs(models_dir) if packs is None else packs)
    return _installed(pack, models_dir, _Sources(fetch, brought), report_progress)


def read_own_pack(brought: Path) -> ModelPack | None:
    """The pack that a folder or ZIP describes itself, None if it holds no manifest.

    Raises WeightsError when the manifest does not fit.
    """
    if not brought_files.has_file(brought, OWN_MANIFEST):
        return None
    return parse_own_pack(brought_files.read_file(brought, OWN_MANIFEST))


def install_own_pack(
    brought: Path,
    models_dir: Path,
    *,
    report_progress: ReportProgress | None = None,
    fetch: ArchiveFetcher = fetch_archive,
) -> InstalledPack:
    """Install the pack that ``brought`` describes; as ``install_pack`` otherwise.

    An own pack of the same name is replaced if its files differ.
    """
    manifest = brought_files.read_file(brought, OWN_MANIFEST)
    sources = _Sources(fetch, brought, manifest)
    return _installed(parse_own_pack(manifest), models_dir, sources, report_progress)


def known_pack(name: str, packs: Mapping[str, ModelPack]) -> ModelPack:
    """Raises NotFoundError that names those there are."""
    if name not in packs:
        known = ", ".join(sorted(packs))
        raise NotFoundError(f"There is no model pack {name}. There are: {known}.", pack=name)
    return packs[name]


def _installed(
    pack: ModelPack, models_dir: Path, sources: _Sources, report_progress: ReportProgress | None
) -> InstalledPack:
    report = report_progress or (lambda _progress: None)
    require_acceptance(pack, models_dir)
    models_dir.mkdir(parents=True, exist_ok=True)
    present = _present(pack, models_dir, sources)
    if present is not None:
        return present
    with _one_installer(pack, models_dir, report):
        present = _present(pack, models_dir, sources)
        if present is None:
            _install(pack, models_dir, sources=sources, report=report)
            present = verify_pack(pack, models_dir)
    report(InstallProgress(pack.name, InstallStep.INSTALLED, pack.name))
    return present


def _present(pack: ModelPack, models_dir: Path, sources: _Sources) -> InstalledPack | None:
    """The pack as it lies here, unless another manifest was brought for it."""
    if sources.own_manifest is not None:
        path = models_dir / pack.name / OWN_MANIFEST
        if not path.is_file() or path.read_bytes() != sources.own_manifest:
            return None
    return sound_pack(pack, models_dir)


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
    pack: ModelPack, models_dir: Path, *, sources: _Sources, report: ReportProgress
) -> None:
    """Build the pack's folder beside its place and move it there. Call under the lock."""
    for left_over in models_dir.glob(".installing-*"):  # of a process that was killed
        shutil.rmtree(left_over)
    work = Path(tempfile.mkdtemp(prefix=".installing-", dir=models_dir))
    try:
        built = work / pack.name
        built.mkdir()
        _build(pack, models_dir, built, sources=sources, report=report)
        place = models_dir / pack.name
        if place.exists():
            place.rename(work / "replaced")
        built.rename(place)
    except OSError as error:
        raise WeightsError(f"The model pack {pack.name} cannot be written: {error}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _build(
    pack: ModelPack, models_dir: Path, built: Path, *, sources: _Sources, report: ReportProgress
) -> None:
    """Write every file of the pack into ``built``; what lies in another pack is copied."""
    from vestibule.adapters.model_packs.conversion.converters import (  # noqa: PLC0415 - half a
        write_as_onnx,  # second of imports that a start with installed packs does not need
    )

    present = {role: reusable_network(model, models_dir) for role, model in pack.models}
    wanted = [model.source for role, model in pack.models if present[role] is None]
    contents = _contents(pack, wanted, built.parent, sources=sources, report=report)
    manifest: dict[str, object] = {"pack": pack.name, "conversion": CONVERSION_VERSION}
    for role, model in pack.models:
        path, elsewhere = built / file_name(role), present[role]
        if elsewhere is None:
            report(InstallProgress(pack.name, InstallStep.CONVERTING, model.architecture.value))
            write_as_onnx(model.architecture, contents[model.source], path)
        else:
            shutil.copyfile(elsewhere, path)
        manifest[role] = _manifest_entry(model, path)
    if pack.calibration is not None and sources.brought is not None:
        read = brought_files.read_operator_files([pack.calibration], sources.brought)
        (built / CALIBRATION).write_bytes(read[pack.calibration])
    if sources.own_manifest is not None:
        (built / OWN_MANIFEST).write_bytes(sources.own_manifest)
    (built / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _contents(
    pack: ModelPack,
    sources_wanted: list[ArchiveMember | OperatorFile],
    work: Path,
    *,
    sources: _Sources,
    report: ReportProgress,
) -> dict[ArchiveMember | OperatorFile, bytes]:
    files = [source for source in sources_wanted if isinstance(source, OperatorFile)]
    members = [source for source in sources_wanted if isinstance(source, ArchiveMember)]
    if files and sources.brought is None:
        raise _must_be_brought(pack)
    brought = brought_files.read_operator_files(files, sources.brought) if sources.brought else {}
    fetched = read_members(members, work, fetch=_reporting(sources.fetch, pack, report))
    contents: dict[ArchiveMember | OperatorFile, bytes] = {}
    contents.update(brought.items())
    contents.update(fetched.items())
    return contents


def _must_be_brought(pack: ModelPack) -> WeightsError:
    wanted = "; ".join(
        file.file_name + (f" from {file.url}" if file.url else "") for file in pack.operator_files
    )
    return WeightsError(
        f"The files of the model pack {pack.name} are not fetched for you. Download {wanted} into "
        f"a folder, then: vestibule models install {pack.name} --from FOLDER",
        pack=pack.name,
    )


def _reporting(fetch: ArchiveFetcher, pack: ModelPack, report: ReportProgress) -> ArchiveFetcher:
    def fetch_and_report(archive: Archive, folder: Path) -> Path:
        subject = f"{archive.package} {archive.version}"
        report(InstallProgress(pack.name, InstallStep.FETCHING, subject))
        return fetch(archive, folder)

    return fetch_and_report


def _manifest_entry(model: ModelFile, path: Path) -> dict[str, str]:
    source = model.source
    entry = {
        "architecture": model.architecture.value,
        "source_sha256": source.sha256,
        "onnx_sha256": file_sha256(path),
        "licence": model.licence,
        "provenance": model.provenance,
    }
    if isinstance(source, OperatorFile):
        return {**entry, "file": source.file_name}
    archive = source.archive
    package = f"{archive.registry.value}:{archive.package}=={archive.version}"
    return {**entry, "package": package, "member": source.path}
