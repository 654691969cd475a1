"""Whether the tests that duties are said to be answered by ran and passed, by the run's reports."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from tests.duties.marks import Answer

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"


def outcomes(reports: Iterable[Path]) -> dict[str, str]:
    """Of each test by node; of one with several cases the worst, skipped only if all were."""
    found: dict[str, str] = {}
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):
            path = case.get("classname", "").replace(".", "/") + ".py"
            node = f"{path}::{case.get('name', '').partition('[')[0]}"
            found[node] = _worse(found.get(node), _outcome(case))
    return found


def _outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return FAILED
    return SKIPPED if case.find("skipped") is not None else PASSED


def _worse(before: str | None, now: str) -> str:
    if before is None or FAILED in (before, now):
        return FAILED if FAILED in (before, now) else now
    return PASSED if PASSED in (before, now) else SKIPPED


def unproven(answers: Iterable[Answer], ran: Mapping[str, str]) -> list[str]:
    """In words: tests that did not run or failed, duties whose every test was skipped."""
    wrong = []
    by_duty: dict[str, set[str]] = {}
    for one in answers:
        outcome = ran.get(one.node, "missing")
        by_duty.setdefault(one.duty, set()).add(outcome)
        if outcome in ("missing", FAILED):
            wrong.append(
                f"{one.duty}: {one.node} {'did not run' if outcome == 'missing' else outcome}"
            )
    wrong += [
        f"{duty}: every test that answers it was skipped"
        for duty, seen in by_duty.items()
        if seen == {SKIPPED}
    ]
    return sorted(wrong)
