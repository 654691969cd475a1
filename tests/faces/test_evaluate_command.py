"""``vestibule evaluate`` on a handful of real photos, from the command line to the kept report."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from services.cli import app
from services.serve import Product
from vestibule.evaluation.report_files import parse_comparison, parse_report

PEOPLE = {"Quentin": ("obama", "obama2"), "Wolfgang": ("biden",), "Yvette": ("astronaut",)}
Evaluate = Callable[..., str]


@pytest.fixture(scope="module")
def folder(encoded_photos: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets") / "venue"
    for person, photos in PEOPLE.items():
        (folder / person).mkdir(parents=True)
        for name in photos:
            (folder / person / f"{name}.jpg").write_bytes(encoded_photos[name])
    return folder


@pytest.fixture
def evaluate(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Evaluate:
    def run(output: Path, data_dir: Path, *options: str) -> str:
        monkeypatch.setenv("VESTIBULE_DATA_DIR", str(data_dir))
        monkeypatch.setenv("VESTIBULE_LOG", "file")
        asked = ["evaluate", str(folder), "--output", str(output), *options]
        result = CliRunner().invoke(app, [*asked, "--degradations", "exposure,masks"])
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.mark.duty("AI Act 15")
def test_two_engines_are_measured_on_the_same_photos_twice_the_same(
    evaluate: Evaluate, tmp_path: Path
) -> None:
    for output in ("one", "two"):
        evaluate(tmp_path / output, tmp_path / "data", "--compare", "open:low-light=off")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [
        "venue-open-against-venue-open-low-light-off.json",
        "venue-open-low-light-off.json",
        "venue-open.json",
    ]
    for name in names:
        one, two = ((tmp_path / output / name).read_bytes() for output in ("one", "two"))
        assert one == two
        assert not any(person in one.decode() for person in (*PEOPLE, "obama", "biden"))
    report = parse_report((tmp_path / "one/venue-open.json").read_bytes())
    assert all(rates.recall.value == 1 for rates in report.detection)
    comparison = parse_comparison((tmp_path / "one" / names[0]).read_bytes())
    assert (comparison.first, comparison.second) == ("open", "open, low-light off")


def test_the_report_is_kept_with_the_product_that_runs(
    evaluate: Evaluate, product: Product, api: httpx.Client, tmp_path: Path
) -> None:
    evaluate(tmp_path / "out", product.installation.settings.data_dir)
    kept = api.get("/v1/accuracy-reports").json()["items"][0]
    assert (kept["source"], kept["dataset"], kept["is_this_space"]) == ("stored", "venue", True)
    written = json.loads((tmp_path / "out/venue-open.json").read_text())
    assert api.get(f"/v1/accuracy-reports/{kept['id']}").json()["report"] == written
    assert api.delete(f"/v1/accuracy-reports/{kept['id']}").status_code == 204


def test_what_cannot_be_measured_is_refused_in_a_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VESTIBULE_DATA_DIR", str(tmp_path))
    asked = ["evaluate", str(folder), "--output", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*asked, "--degradations", "fog"])
    assert "These are the degradations" in str(result.exception)
