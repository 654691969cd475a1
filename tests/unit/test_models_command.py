"""``vestibule models``: what it says, what it leaves, and its exit status."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.commands.models import models_app
from tests.unit.adapters.test_own_model_packs import DETECTOR, EMBEDDER, TERMS, manifest
from vestibule.domain.errors import (
    InvalidInputError,
    LicenceNotAcceptedError,
    NotFoundError,
    WeightsError,
)


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VESTIBULE_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("VESTIBULE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "models"


@pytest.fixture
def brought(tmp_path: Path) -> Path:
    folder = tmp_path / "brought"
    folder.mkdir()
    (folder / "pack.json").write_text(json.dumps(manifest(**TERMS)))
    (folder / "eyes.onnx").write_bytes(DETECTOR)
    (folder / "embedder.onnx").write_bytes(EMBEDDER)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(models_app, list(arguments))


def test_the_list_names_every_pack_with_licence_and_provenance() -> None:
    said = run("list").output
    for word in ("open", "dlib", "opencv-zoo", "buffalo_l", "buffalo_s", "antelopev2"):
        assert word in said
    assert "needs a licence" in said
    assert "MS-Celeb-1M" in said


def test_the_list_as_json_is_complete() -> None:
    packs = {pack["name"]: pack for pack in json.loads(run("list", "--json").output)}
    assert packs["open"]["calibrated"]
    assert not packs["opencv-zoo"]["calibrated"]
    assert packs["buffalo_l"]["commercial_use"] == "forbidden"
    assert packs["opencv-zoo"]["networks"][0]["url"].startswith("https://")
    assert len({pack["space_id"] for pack in packs.values()}) == 6


def test_installing_without_acceptance_is_refused_and_leaves_nothing(
    models: Path, brought: Path
) -> None:
    result = run("install", "--from", str(brought))
    assert isinstance(result.exception, LicenceNotAcceptedError)
    assert not (models / "night-shift").exists()


def test_accepting_records_who_and_installs(models: Path, brought: Path) -> None:
    result = run("install", "--from", str(brought), "--accept-license", "--accepted-by", "Ada")
    assert result.exit_code == 0, result.output
    assert "night-shift is installed" in result.output
    assert "not calibrated yet" in result.output
    recorded = json.loads((models / "acceptances" / "night-shift.json").read_text())
    assert (recorded["by"], recorded["terms"]) == ("Ada", "For research alone.")


def test_a_folder_for_nobody_knows_which_pack_is_refused(tmp_path: Path) -> None:
    result = run("install", "--from", str(tmp_path))
    assert isinstance(result.exception, InvalidInputError)


def test_a_folder_for_another_pack_is_refused(brought: Path) -> None:
    result = run("install", "opencv-zoo", "--from", str(brought))
    assert isinstance(result.exception, InvalidInputError)
    assert "night-shift" in str(result.exception)


def test_a_folder_that_is_not_there_is_named() -> None:
    assert isinstance(run("install", "--from", "nowhere").exception, NotFoundError)


def test_files_that_must_be_brought_are_named() -> None:
    result = run("install", "opencv-zoo")
    assert isinstance(result.exception, WeightsError)
    assert "face_recognition_sface_2021dec.onnx" in str(result.exception)


def test_verify_names_what_is_wrong_and_fails(models: Path, brought: Path) -> None:
    run("install", "--from", str(brought), "--accept-license")
    sound = run("verify")
    assert (sound.exit_code, "night-shift: what it must be" in sound.output) == (0, True)
    (models / "night-shift" / "embedder.onnx").write_bytes(b"something else")
    broken = run("verify")
    assert broken.exit_code == 1
    assert "embedder.onnx" in broken.output
    listed = {pack["name"]: pack for pack in json.loads(run("list", "--json").output)}
    assert "embedder.onnx" in listed["night-shift"]["check"]["faults"][0]


def test_comparing_needs_two_packs(tmp_path: Path) -> None:
    result = run("compare", "open", "open", str(tmp_path))
    assert isinstance(result.exception, InvalidInputError)


def test_comparing_needs_packs_that_are_known(tmp_path: Path) -> None:
    result = run("compare", "open", "unheard-of", str(tmp_path))
    assert isinstance(result.exception, InvalidInputError)
    assert "opencv-zoo" in str(result.exception)


def test_comparing_needs_a_folder() -> None:
    result = run("compare", "open", "dlib")
    assert result.exit_code == 2
    assert "dlib is none" in result.output
