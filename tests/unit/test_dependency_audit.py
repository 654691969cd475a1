"""The look for known flaws: what could not be asked never passes for clean."""

import sys

import pytest

from tests.audit.dependencies import Outcome, Report, audited, judged, status, told

CLEAN = {"name": "six", "version": "1.17.0", "vulns": []}
PASSED_OVER = {"name": "six", "skip_reason": "Dependency not found and could not be audited"}
FLAWED = {
    "name": "six",
    "version": "1.0",
    "vulns": [{"id": "X-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": ""}],
}


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([CLEAN], Outcome.CLEAN),
        ([CLEAN, PASSED_OVER], Outcome.NOT_DONE),
        ([PASSED_OVER], Outcome.NOT_DONE),
        ([], Outcome.NOT_DONE),
        ([FLAWED, PASSED_OVER], Outcome.FLAWED),
    ],
)
def test_package_that_was_passed_over_is_not_clean(rows, outcome):
    assert judged("runtime", rows).outcome is outcome


@pytest.mark.parametrize(
    "program", ["raise SystemExit('no route to host')", "print('[]')", "print('{}')", "pass"]
)
def test_tool_without_an_answer_is_a_look_that_was_not_done(program):
    report = audited("build", ask=(sys.executable, "-c", program))
    assert report.outcome is Outcome.NOT_DONE and report.words
    assert "WAS NOT DONE" in told([report])


def test_flaw_fails_and_not_done_fails_where_it_is_required():
    def of(outcome: Outcome) -> list[Report]:
        return [Report("runtime", Outcome.CLEAN, ()), Report("dev", outcome, ("why",))]

    assert status(of(Outcome.FLAWED), required=False) == 1
    assert status(of(Outcome.NOT_DONE), required=False) == 0
    assert status(of(Outcome.NOT_DONE), required=True) == 1
    assert status(of(Outcome.CLEAN), required=True) == 0
    assert "mended in 1.1" in told([judged("runtime", [FLAWED])])
