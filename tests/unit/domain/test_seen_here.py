"""How alike people are here: counted over faces that could have come out, never over alerts."""

from datetime import date

import pytest

from tests.unit.domain.test_answered_alerts import MEASURED
from vestibule.domain.answered_alerts import AnsweredAlert, CountedFaces
from vestibule.domain.decision import Decision
from vestibule.domain.light_band import LightBand
from vestibule.domain.seen_here import comparisons_at

NIGHT = date(2026, 5, 1)


def faces(decision: Decision, score: float, count: int, *, review: float = 0.45) -> CountedFaces:
    return CountedFaces(
        NIGHT, LightBand.DIM, decision, 100, 100, 0.56, review, int(score * 200), count
    )


def said(score: float, *, is_false: bool = True, who: str = "a") -> AnsweredAlert:
    return AnsweredAlert(NIGHT, LightBand.DIM, score, 0.56, who, is_false, review=0.45)


def at(score: float, counted, answers):
    return comparisons_at(score, LightBand.DIM, counted=counted, answers=answers, measured=MEASURED)


COUNTED = [faces(Decision.UNKNOWN, 0.3, 180), faces(Decision.REVIEW, 0.5, 20)]


def test_false_alerts_are_counted_over_all_comparisons_with_guests():
    found = at(0.48, COUNTED, [said(0.5, who=str(n)) for n in range(20)])

    assert found.alerts == 20
    assert found.comparisons == pytest.approx(200 * 100)


def test_unanswered_alerts_thin_the_comparisons_out():
    found = at(0.48, COUNTED, [said(0.5, who=str(n)) for n in range(5)])

    assert found.alerts / found.comparisons == pytest.approx(20 / (200 * 100))


def test_faces_decided_at_a_higher_review_threshold_say_nothing_of_a_lower_score():
    stricter = [faces(Decision.UNKNOWN, 0.3, 1000, review=0.6)]
    answers = [said(0.5, who=str(n)) for n in range(20)]

    assert at(0.48, [*COUNTED, *stricter], answers) == at(0.48, COUNTED, answers)


def test_score_under_the_review_threshold_has_no_evidence():
    assert at(0.4, COUNTED, [said(0.5)]).alerts == 0


def test_guests_are_not_counted_among_the_unknown():
    answers = [said(0.5, who=str(n), is_false=n % 2 == 0) for n in range(20)]
    found = at(0.48, COUNTED, answers)

    assert found.alerts == 10
    assert found.comparisons < 200 * 100
