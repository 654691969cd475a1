"""``vestibule models compare`` on a handful of real photos."""

import json
from pathlib import Path

from typer.testing import CliRunner

from services.commands.models import models_app

PEOPLE = {"obama": ("obama", "obama2"), "biden": ("biden",), "astronaut": ("astronaut",)}


def test_two_packs_are_measured_on_the_same_people(
    encoded_photos: dict[str, bytes], tmp_path: Path
) -> None:
    for person, names in PEOPLE.items():
        (tmp_path / person).mkdir()
        for name in names:
            (tmp_path / person / f"{name}.jpg").write_bytes(encoded_photos[name])
    result = CliRunner().invoke(models_app, ["compare", "open", "dlib", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    first, second = json.loads(result.stdout)
    assert [first["name"], second["name"]] == ["open", "dlib"]
    assert [first["dimension"], second["dimension"]] == [192, 128]
    assert first["people"] == second["people"] == 3
    assert first["size_mb"] > 5
    assert first["embed_ms_a_face"] > 0
    assert first["rank_1"]["value"] == 1
