"""``vestibule calibrate`` asks the product for what it is told, and says what came back."""

import json
from contextlib import contextmanager

import pytest
import typer
from typer.testing import CliRunner

from services.api.calibration_examples import CALIBRATION_EXAMPLES
from services.commands import calibrate as command

PROPOSAL = CALIBRATION_EXAMPLES["CalibrationProposal"]


class RememberingClient:
    def __init__(self) -> None:
        self.asked: list[tuple[str, dict]] = []

    def get(self, path):
        self.asked.append((path, {}))
        return CALIBRATION_EXAMPLES["Calibration"]

    def post(self, path, body):
        self.asked.append((path, body))
        is_proposal = path.endswith("proposals")
        return PROPOSAL if is_proposal else CALIBRATION_EXAMPLES["CalibrationAdoption"]


@pytest.fixture
def client(monkeypatch):
    remembering = RememberingClient()

    @contextmanager
    def opened(_report=None):
        yield remembering

    monkeypatch.setattr(command, "connected", opened)
    return remembering


@pytest.fixture
def run(client):
    assert client.asked == []
    app = typer.Typer()
    app.command()(command.calibrate)

    def invoke(*arguments: str):
        return CliRunner().invoke(app, list(arguments))

    return invoke


def test_thresholds_in_force_are_told_by_light_with_the_answers(run):
    told = run("--show").output

    assert "428 guests can be found. About 1 in 100 unknown faces" in told
    assert "bright" in told
    assert "540 of 611 alerts answered, 301 not them (214.3 expected)" in told


def test_answers_are_proposed_with_what_they_would_change(run, client):
    told = run("--from-answers").output

    assert client.asked == [
        ("/v1/calibration/proposals", {"from_answers": True, "target_fpir": None})
    ]
    assert "0.568 → 0.591" in told or "0.568 → 0.590" in told
    assert "Last 9 nights, match: 310 → 288" in told
    assert "Little evidence: few answers" in told
    assert f"--adopt {PROPOSAL['id']}" in told


def test_adopting_needs_a_reason(run, client):
    assert run("--adopt", PROPOSAL["id"]).exit_code == 2
    assert run("--revert", "--reason", " ").exit_code == 2
    assert client.asked == []


def test_adopting_and_putting_back_say_why(run, client):
    told = run("--adopt", PROPOSAL["id"], "--reason", "Too many", "--despite-little-evidence")
    run("--revert", "--reason", "Too few")

    assert told.exit_code == 0
    assert "In force from the next photo on (number 3)" in told.output
    assert client.asked == [
        (
            "/v1/calibration/adoptions",
            {
                "proposal_id": PROPOSAL["id"],
                "reason": "Too many",
                "despite_little_evidence": True,
            },
        ),
        ("/v1/calibration/reversions", {"reason": "Too few"}),
    ]


def test_json_is_the_answer_of_the_api(run):
    assert json.loads(run("--show", "--json").output) == CALIBRATION_EXAMPLES["Calibration"]


@pytest.mark.parametrize("arguments", [(), ("--show", "--revert"), ("--show", "--from-answers")])
def test_exactly_one_thing_is_asked_for(run, client, arguments):
    assert run(*arguments).exit_code == 2
    assert client.asked == []


def test_folder_is_measured_into_a_file_and_proposed_only_on_request(
    run, client, monkeypatch, tmp_path
):
    written = tmp_path / "own.json"

    def measured(_settings, _folder, *, output, **_options):
        (output or written).parent.mkdir(exist_ok=True)
        (output or written).write_text('{"format": 2}')
        return output or written

    monkeypatch.setattr(command, "calibrate_folder", measured)
    monkeypatch.setenv("VESTIBULE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()

    assert "own.json" in run(str(tmp_path)).output
    assert client.asked == []
    assert run(str(tmp_path), "--propose").exit_code == 0
    assert client.asked == [
        ("/v1/calibration/proposals", {"measured": {"format": 2}, "target_fpir": None})
    ]
    assert (tmp_path / "data" / "calibrations" / "proposed.json").is_file()
