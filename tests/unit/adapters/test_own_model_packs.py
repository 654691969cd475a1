"""Packs that an operator brings: a manifest and files, checked, accepted, installed or refused."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import onnx
import pytest

from tests.unit.adapters.conftest import toy_embedder
from vestibule.adapters.model_packs import (
    PACKS,
    CommercialUse,
    EmbedderOptions,
    Mirroring,
    acceptance_of,
    all_packs,
    faults,
    install_own_pack,
    install_pack,
    installation,
    read_own_pack,
    record_acceptance,
    verify_pack,
)
from vestibule.adapters.model_packs.archives import Archive
from vestibule.adapters.model_packs.own_packs import parse_own_pack
from vestibule.adapters.onnx_engine import LowLight, load_engine, space_of
from vestibule.domain.embedding_space import Metric
from vestibule.domain.errors import LicenceNotAcceptedError, WeightsError, WrongWeightsHashError

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
Json = dict[str, Any]
MakeFolder = Callable[..., Path]


def scrfd_like() -> bytes:
    """Nine outputs, which is all that installing looks at."""
    one = onnx.helper.make_tensor_value_info("image", 1, ["N", 3, "H", "W"])
    outputs = [onnx.helper.make_tensor_value_info(f"o{i}", 1, None) for i in range(9)]
    nodes = [onnx.helper.make_node("Identity", ["image"], [f"o{i}"]) for i in range(9)]
    graph = onnx.helper.make_graph(nodes, "scrfd", [one], outputs)
    return onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()


DETECTOR = scrfd_like()
EMBEDDER = toy_embedder(64).SerializeToString()


def manifest(**changes: Any) -> Json:
    return {
        "format": 1,
        "name": "night-shift",
        "commercial_use": "ask_counsel",
        "detector": {
            "architecture": "scrfd",
            "file": "eyes.onnx",
            "sha256": hashlib.sha256(DETECTOR).hexdigest(),
            "licence": "MIT",
            "provenance": "Made by hand.",
            "data": "nothing.",
        },
        "embedder": {
            "architecture": "own-embedder",
            "file": "embedder.onnx",
            "sha256": hashlib.sha256(EMBEDDER).hexdigest(),
            "licence": "CC0-1.0",
            "provenance": "Trained by you.",
            "data": "your own photos.",
            "options": {"dimension": 64, "scale": 128},
        },
        **changes,
    }


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    def make(**changes: Any) -> Path:
        folder = tmp_path / "brought"
        folder.mkdir(exist_ok=True)
        (folder / "pack.json").write_text(json.dumps(manifest(**changes)))
        (folder / "eyes.onnx").write_bytes(DETECTOR)
        (folder / "embedder.onnx").write_bytes(EMBEDDER)
        return folder

    return make


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def no_network(_archive: Archive, _folder: Path) -> Path:
    raise AssertionError("nothing may be fetched here")


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_folder_with_a_manifest_becomes_a_pack(make_folder: MakeFolder, models: Path) -> None:
    installed = install_own_pack(make_folder(), models, fetch=no_network)
    assert visible(models / "night-shift") == [
        "detector.onnx",
        "embedder.onnx",
        "manifest.json",
        "pack.json",
    ]
    assert installed.embedder_path.read_bytes() == EMBEDDER
    assert verify_pack(all_packs(models)["night-shift"], models) == installed


def test_a_zip_serves_as_well_as_a_folder(make_folder: MakeFolder, models: Path) -> None:
    folder = make_folder()
    path = folder.parent / "brought.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"night-shift-1.0/{file.name}")
    assert install_own_pack(path, models, fetch=no_network).pack.name == "night-shift"


def test_an_own_pack_is_found_by_name_ever_after(make_folder: MakeFolder, models: Path) -> None:
    install_own_pack(make_folder(), models, fetch=no_network)
    assert install_pack("night-shift", models, fetch=no_network).pack.commercial_use is (
        CommercialUse.ASK_COUNSEL
    )
    assert set(all_packs(models)) == {*PACKS, "night-shift"}


def test_the_detector_may_be_that_of_a_known_pack_and_is_copied_where_it_lies(
    make_folder: MakeFolder, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(detector={"from_pack": "open"})
    known = read_own_pack(folder)
    assert known is not None
    assert known.detector == PACKS["open"].detector
    lying_here = models / "elsewhere.onnx"
    lying_here.parent.mkdir()
    lying_here.write_bytes(b"the converted detector")
    monkeypatch.setattr(
        installation,
        "reusable_network",
        lambda model, _models: lying_here if model == PACKS["open"].detector else None,
    )
    installed = install_own_pack(folder, models, fetch=no_network)
    assert installed.detector_path.read_bytes() == b"the converted detector"


def test_a_wrong_hash_is_named_and_leaves_nothing(make_folder: MakeFolder, models: Path) -> None:
    folder = make_folder()
    (folder / "embedder.onnx").write_bytes(EMBEDDER + b"!")
    with pytest.raises(WrongWeightsHashError, match=r"embedder\.onnx.*Nothing was installed"):
        install_own_pack(folder, models, fetch=no_network)
    assert visible(models) == []


def test_a_missing_file_is_named_and_leaves_nothing(make_folder: MakeFolder, models: Path) -> None:
    folder = make_folder()
    (folder / "eyes.onnx").unlink()
    with pytest.raises(WeightsError, match=r"holds no eyes\.onnx"):
        install_own_pack(folder, models, fetch=no_network)
    assert visible(models) == []


def test_two_files_of_one_name_are_not_guessed_between(
    make_folder: MakeFolder, models: Path
) -> None:
    folder = make_folder()
    (folder / "old").mkdir()
    (folder / "old" / "embedder.onnx").write_bytes(b"another")
    with pytest.raises(WeightsError, match="2 files called"):
        install_own_pack(folder, models, fetch=no_network)


def test_a_changed_own_pack_replaces_the_old_one(make_folder: MakeFolder, models: Path) -> None:
    first = install_own_pack(make_folder(), models, fetch=no_network).pack
    again = install_own_pack(make_folder(low_light="off"), models, fetch=no_network).pack
    assert (first.low_light, again.low_light) == (None, "off")
    assert all_packs(models)["night-shift"].low_light == "off"


def test_a_damaged_own_pack_hides_itself_alone(make_folder: MakeFolder, models: Path) -> None:
    install_own_pack(make_folder(), models, fetch=no_network)
    (models / "night-shift" / "pack.json").write_text("{")
    assert set(all_packs(models)) == set(PACKS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format must be 1"),
        ({"name": "Open Night"}, "name must be"),
        ({"name": "../open"}, "name must be"),
        ({"name": "open"}, "taken by Vestibule"),
        ({"name": "acceptances"}, "taken by Vestibule"),
        ({"commercial_use": "sure"}, "commercial_use must be one of"),
        ({"commercial_use": "forbidden"}, "terms must say"),
        ({"low_light": True}, "low_light must be"),
        ({"low_light": "on", "dark_embedder": {"from_pack": "open"}}, "low_light must be left out"),
        ({"dark_embedder": manifest()["detector"]}, "cannot be brought as dark_embedder"),
        ({"detector": None}, "detector is missing"),
        ({"detector": {"from_pack": "nobody"}}, r"detector\.from_pack must be one of"),
        ({"detector": manifest()["embedder"]}, "cannot be brought as detector"),
        ({"embedder": manifest()["detector"]}, "cannot be brought as embedder"),
        ({"embedder": {**manifest()["embedder"], "file": "../x"}}, "bare file name"),
        ({"embedder": {**manifest()["embedder"], "sha256": "abc"}}, "64 hexadecimal"),
        ({"embedder": {**manifest()["embedder"], "licence": " "}}, r"embedder\.licence is missing"),
        ({"embedder": {**manifest()["embedder"], "data": None}}, r"embedder\.data is missing"),
        ({"embedder": {**manifest()["embedder"], "options": {}}}, r"dimension must be"),
        (
            {"embedder": {**manifest()["embedder"], "options": {"dimension": 64, "scael": 1}}},
            "knows no scael",
        ),
        (
            {"embedder": {**manifest()["embedder"], "options": {"dimension": 64, "scale": 0}}},
            "scale must not be 0",
        ),
        ({"calibration": "calibration.json"}, "calibration must name"),
    ],
)
def test_a_manifest_that_does_not_fit_says_where(changes: Json, words: str) -> None:
    with pytest.raises(WeightsError, match=words):
        parse_own_pack(json.dumps(manifest(**changes)).encode())


def test_the_options_of_an_own_embedder_are_read() -> None:
    options = {"dimension": 64, "template": "dlib-150", "mean": 0, "scale": 1}
    part = {
        **manifest()["embedder"],
        "options": {**options, "metric": "euclidean", "mirroring": "mean"},
    }
    pack = parse_own_pack(json.dumps(manifest(embedder=part)).encode())
    assert pack.embedder.options == EmbedderOptions(
        64, "dlib-150", 0, 1, Metric.EUCLIDEAN, Mirroring.MEAN
    )


def test_an_own_pack_runs_in_the_engine_in_its_own_space(
    make_folder: MakeFolder, models: Path
) -> None:
    installed = install_own_pack(make_folder(low_light="off"), models, fetch=no_network)
    engine = load_engine(installed, intra_op_threads=1, providers=["CPUExecutionProvider"])
    assert engine.space == space_of(installed.pack, low_light=LowLight.OFF)
    assert (engine.space.dimension, engine.space.metric) == (64, Metric.COSINE)
    spaces = {space_of(pack, low_light=LowLight.OFF).id for pack in all_packs(models).values()}
    assert len(spaces) == len(PACKS) + 1


def test_a_pack_with_an_embedder_for_the_dark_is_a_space_of_its_own(
    make_folder: MakeFolder, models: Path
) -> None:
    alone = install_own_pack(make_folder(), models, fetch=no_network)
    without = space_of(alone.pack, low_light=LowLight.OFF)
    folder = make_folder(dark_embedder=manifest()["embedder"])
    installed = install_own_pack(folder, models, fetch=no_network)
    assert "dark_embedder.onnx" in visible(models / "night-shift")
    engine = load_engine(installed, intra_op_threads=1, providers=["CPUExecutionProvider"])
    assert engine.space.id != without.id
    assert engine.space.dimension == without.dimension


def test_two_embedders_that_speak_different_spaces_are_refused(
    make_folder: MakeFolder, models: Path
) -> None:
    other = {**manifest()["embedder"], "options": {"dimension": 128}}
    installed = install_own_pack(make_folder(dark_embedder=other), models, fetch=no_network)
    with pytest.raises(WeightsError, match="differ in dimension or metric"):
        load_engine(installed, intra_op_threads=1, providers=["CPUExecutionProvider"])


# ── terms ───────────────────────────────────────────────────────────────────────────────────
TERMS = {"commercial_use": "forbidden", "terms": "For research alone."}


def test_a_pack_with_open_terms_is_not_installed(make_folder: MakeFolder, models: Path) -> None:
    with pytest.raises(LicenceNotAcceptedError, match="For research alone"):
        install_own_pack(make_folder(**TERMS), models, fetch=no_network)
    assert not models.exists()


def test_accepted_terms_let_it_in_and_are_on_record(make_folder: MakeFolder, models: Path) -> None:
    folder = make_folder(**TERMS)
    pack = read_own_pack(folder)
    assert pack is not None
    record_acceptance(pack, models, by="Ada", at=NOW)
    install_own_pack(folder, models, fetch=no_network)
    acceptance = acceptance_of(pack, models)
    assert acceptance is not None
    assert (acceptance.by, acceptance.at) == ("Ada", NOW)
    assert acceptance.terms_sha256 == hashlib.sha256(b"For research alone.").hexdigest()


def test_other_terms_have_to_be_accepted_anew(make_folder: MakeFolder, models: Path) -> None:
    pack = read_own_pack(make_folder(**TERMS))
    assert pack is not None
    record_acceptance(pack, models, by="Ada", at=NOW)
    stricter = make_folder(**{**TERMS, "terms": "For research by hand alone."})
    with pytest.raises(LicenceNotAcceptedError, match="by hand"):
        install_own_pack(stricter, models, fetch=no_network)


def test_an_installed_pack_is_refused_once_its_acceptance_is_gone(
    make_folder: MakeFolder, models: Path
) -> None:
    folder = make_folder(**TERMS)
    pack = read_own_pack(folder)
    assert pack is not None
    record_acceptance(pack, models, by="Ada", at=NOW)
    install_own_pack(folder, models, fetch=no_network)
    (models / "acceptances" / "night-shift.json").unlink()
    with pytest.raises(LicenceNotAcceptedError):
        install_pack("night-shift", models, fetch=no_network)


def test_the_first_acceptance_stays(make_folder: MakeFolder, models: Path) -> None:
    pack = read_own_pack(make_folder(**TERMS))
    assert pack is not None
    record_acceptance(pack, models, by="Ada", at=NOW)
    assert record_acceptance(pack, models, by="Grace", at=NOW).by == "Ada"


@pytest.mark.parametrize("name", ["buffalo_l", "buffalo_s", "antelopev2"])
def test_insightface_packs_ask_for_acceptance_before_anything_else(name: str, models: Path) -> None:
    with pytest.raises(LicenceNotAcceptedError, match="non-commercial"):
        install_pack(name, models, fetch=no_network)
    assert not models.exists()


# ── packs of the catalogue whose files are brought ──────────────────────────────────────────
def test_a_pack_that_is_not_fetched_says_what_to_download(models: Path) -> None:
    with pytest.raises(WeightsError, match=r"face_detection_yunet_2023mar\.onnx from https"):
        install_pack("opencv-zoo", models, fetch=no_network)
    assert visible(models) == []


def test_other_files_than_the_pinned_ones_are_refused(tmp_path: Path, models: Path) -> None:
    brought = tmp_path / "zoo"
    brought.mkdir()
    for file in PACKS["opencv-zoo"].operator_files:
        (brought / file.file_name).write_bytes(EMBEDDER)
    with pytest.raises(WrongWeightsHashError):
        install_pack("opencv-zoo", models, brought=brought, fetch=no_network)
    assert visible(models) == []


def test_every_pack_of_the_catalogue_has_its_own_space_licence_and_pins() -> None:
    spaces = {space_of(pack, low_light=LowLight.ON).id for pack in PACKS.values()}
    assert len(spaces) == len(PACKS)
    for pack in PACKS.values():
        for _role, model in pack.models:
            assert len(model.source.sha256) == 64
            assert model.licence
            assert model.provenance
        assert (pack.commercial_use is CommercialUse.FORBIDDEN) == (pack.terms is not None)


# ── checking ────────────────────────────────────────────────────────────────────────────────
def test_every_fault_is_named_not_the_first_alone(make_folder: MakeFolder, models: Path) -> None:
    installed = install_own_pack(make_folder(), models, fetch=no_network)
    installed.detector_path.unlink()
    installed.embedder_path.write_bytes(b"something else")
    words = [str(fault) for fault in faults(installed.pack, models)]
    assert len(words) == 2
    assert "lacks its detector" in words[0]
    assert "embedder.onnx is not the file that was pinned" in words[1]


def test_a_sound_pack_has_no_fault(make_folder: MakeFolder, models: Path) -> None:
    pack = install_own_pack(make_folder(), models, fetch=no_network).pack
    assert list(faults(pack, models)) == []


def test_a_calibration_comes_along_and_is_checked_with_the_rest(
    make_folder: MakeFolder, models: Path
) -> None:
    content = b'{"measured": "by hand"}'
    pin = {"file": "quantiles.json", "sha256": hashlib.sha256(content).hexdigest()}
    folder = make_folder(calibration=pin)
    (folder / "quantiles.json").write_bytes(content)
    installed = install_own_pack(folder, models, fetch=no_network)
    assert installed.calibration_path.read_bytes() == content
    installed.calibration_path.write_bytes(b"{}")
    assert [type(fault) for fault in faults(installed.pack, models)] == [WrongWeightsHashError]
