"""Which templates of a customer are kept."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.domain.assignment import assign
from vestibule.domain.decision import Candidate, Decision, Thresholds
from vestibule.domain.embedding_space import Metric
from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.domain.similarity import scores_between
from vestibule.domain.template_selection import (
    SelectableTemplate,
    enrolment_margin,
    near_duplicate_score,
    select_templates,
)

DUPLICATE = 0.92
FIRST_NIGHT = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = Thresholds(match=0.6, review=0.5, target_fpir=0.01, gallery_size=10, space_id="s")
STRENGTH = [Decision.UNKNOWN, Decision.REVIEW, Decision.MATCH]


def template(number: int, vector, *, quality: float = 1.0, pinned: bool = False):
    embedding = np.asarray(vector, np.float32)
    return SelectableTemplate(
        TemplateId(UUID(int=number)),
        embedding / np.linalg.norm(embedding),
        quality,
        FIRST_NIGHT + timedelta(days=number),
        pinned,
    )


def select(templates, *, cap: int = 3) -> set[int]:
    kept = select_templates(templates, Metric.COSINE, cap=cap, near_duplicate=DUPLICATE)
    return {template_id.int for template_id in kept}


def scores_of(templates) -> np.ndarray:
    stack = np.stack([t.embedding for t in templates])
    return scores_between(Metric.COSINE, stack, stack)


@st.composite
def customers(draw, *, pins: bool = False):
    """One person's templates: around a few looks, some of them near duplicates."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    looks = rng.standard_normal((draw(st.integers(1, 4)), 8)) + 2
    made = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        spread = draw(st.sampled_from([0.01, 0.3, 1.0]))
        vector = looks[rng.integers(len(looks))] + spread * rng.standard_normal(8)
        quality = draw(st.sampled_from([0.8, 1.0, 1.5, 2.0]))
        pinned = pins and draw(st.integers(0, 4)) == 0
        made.append(template(number, vector, quality=quality, pinned=pinned))
    return made


caps = st.integers(1, 6)


@given(customers(), caps)
def test_cap_holds_and_somebody_always_stays(templates, cap):
    assert 1 <= len(select(templates, cap=cap)) <= cap


@given(customers(pins=True), caps)
def test_pinned_templates_are_always_kept(templates, cap):
    pinned = {t.id.int for t in templates if t.is_pinned}

    kept = select(templates, cap=cap)

    assert pinned <= kept
    assert len(kept) <= max(cap, len(pinned))


@given(customers(pins=True), caps, st.randoms())
def test_order_of_arrival_changes_nothing(templates, cap, random):
    shuffled = list(templates)
    random.shuffle(shuffled)

    assert select(shuffled, cap=cap) == select(templates, cap=cap)


@given(customers(), caps)
def test_best_quality_is_never_lost_to_a_worse_near_duplicate(templates, cap):
    kept = select(templates, cap=cap)

    quality = [t.quality for t in templates]
    assert any(t.quality == max(quality) for t in templates if t.id.int in kept)
    alike = scores_of(templates) >= DUPLICATE
    for better in range(len(templates)):
        for worse in range(len(templates)):
            is_lost = templates[better].id.int not in kept and templates[worse].id.int in kept
            if is_lost and alike[better, worse] and quality[worse] < quality[better]:
                others = [i for i in range(len(templates)) if i != better]
                assert any(alike[better, i] and quality[i] >= quality[better] for i in others)


@given(customers())
def test_with_room_for_all_only_near_duplicates_drop_out(templates):
    kept = select(templates, cap=len(templates))

    scores = scores_of(templates)
    for index, one in enumerate(templates):
        if one.id.int not in kept:
            nearest = max(scores[index, i] for i, t in enumerate(templates) if t.id.int in kept)
            assert nearest >= DUPLICATE


def test_new_face_like_a_better_one_drops_out_and_a_better_one_takes_its_place():
    old = template(1, [1, 0, 0], quality=1.5)

    assert select([old, template(2, [1, 0.05, 0], quality=1.2)]) == {1}
    assert select([old, template(2, [1, 0.05, 0], quality=1.8)]) == {2}


def test_of_two_looks_and_an_odd_photo_the_looks_are_kept():
    glasses = [template(n, [1, 0.1 * n, 0, 0, 0]) for n in (4, 8)]
    beard = [template(n + 1, [0, 0, 1, 0.1 * n, 0]) for n in (4, 8)]
    odd = template(20, [0.3, 0, 0.3, 0, 1])

    kept = select([*glasses, *beard, odd], cap=2)

    assert len(kept & {4, 8}) == 1
    assert len(kept & {5, 9}) == 1


def test_nothing_to_choose_from_keeps_nothing():
    assert select([]) == set()


@pytest.mark.parametrize(
    ("measured", "margin"),
    [
        ({"eye_distance_px": 20, "sharpness": 1, "turn": 0}, 1.0),
        ({"eye_distance_px": 60, "sharpness": 0.28, "turn": 0}, 1.0),
        ({"eye_distance_px": 60, "sharpness": 1, "turn": 0.45}, 2.0),
        ({"eye_distance_px": 10, "sharpness": 1, "turn": 0.45}, 0.5),
        ({"sharpness": 0.56}, 2.0),
    ],
)
def test_margin_is_that_of_the_worst_measure(measured, margin):
    assert enrolment_margin(measured) == pytest.approx(margin)


def test_near_duplicates_score_between_the_same_person_and_the_same_photo():
    assert 0.53 < near_duplicate_score(0.53) < 1
    assert near_duplicate_score(0.6) > near_duplicate_score(0.5)


# ── what another template of one customer does to others ────────────────────────────────────
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=6),
    st.lists(st.floats(-1, 1), min_size=1, max_size=5),
    st.floats(-1, 1),
)
def test_template_of_one_person_never_makes_another_person_a_match(others, own, added):
    """A face's candidates are pooled by customer: a new template can only raise its owner."""

    def candidates(scores_of_owner):
        rows = [(0, score) for score in scores_of_owner]
        rows += list(enumerate(others, start=1))
        best: dict[int, float] = {}
        for who, score in rows:
            best[who] = max(score, best.get(who, score))
        return [
            Candidate(CustomerId(UUID(int=who)), TemplateId(UUID(int=who)), score)
            for who, score in best.items()
        ]

    (before,) = assign([candidates(own)], LIMITS)
    (after,) = assign([candidates([*own, added])], LIMITS)

    if after.candidate is not None and after.candidate.customer_id.int != 0:
        assert after == before
    if before.candidate is not None and before.candidate.customer_id.int == 0:
        assert after.candidate is not None
        assert after.candidate.customer_id == before.candidate.customer_id
        assert STRENGTH.index(after.decision) >= STRENGTH.index(before.decision)
