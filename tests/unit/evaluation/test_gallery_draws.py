"""Who is enrolled, who comes again, who is a stranger."""

import numpy as np
import pytest

from vestibule.evaluation.gallery_draws import GalleryDraw, draw_gallery, outcome_of

PHOTOS_EACH = [1, 4, 2, 1, 3, 1, 2, 1]
PERSONS = np.repeat(np.arange(8), PHOTOS_EACH)
ALL_GOOD = np.ones(len(PERSONS), bool)


def draw(size: int, *, templates_each: int = 1, enrollable: np.ndarray = ALL_GOOD) -> GalleryDraw:
    rng = np.random.default_rng(3)
    return draw_gallery(PERSONS, enrollable, size=size, templates_each=templates_each, rng=rng)


@pytest.mark.parametrize("size", [1, 3, 4, 6])
@pytest.mark.parametrize("templates_each", [1, 2, 5])
def test_no_probe_is_a_template_and_no_stranger_is_enrolled(size: int, templates_each: int) -> None:
    drawn = draw(size, templates_each=templates_each)
    enrolled = set(PERSONS[drawn.templates].tolist())
    assert len(enrolled) == size
    assert set(PERSONS[drawn.mated].tolist()) <= enrolled
    assert not set(drawn.mated.tolist()) & set(drawn.templates.tolist())
    assert sorted([*enrolled, *PERSONS[drawn.strangers].tolist()]) == list(range(8))


def test_people_who_come_again_are_enrolled_first() -> None:
    assert set(PERSONS[draw(4).templates].tolist()) == {1, 2, 4, 6}
    assert len(draw(4).mated) == 3 + 1 + 2 + 1


def test_one_photo_is_kept_as_a_probe() -> None:
    drawn = draw(4, templates_each=3)
    assert np.bincount(PERSONS[drawn.templates], minlength=8).tolist() == [0, 3, 1, 0, 2, 0, 1, 0]
    assert np.bincount(PERSONS[drawn.mated], minlength=8).tolist() == [0, 1, 1, 0, 1, 0, 1, 0]


def test_only_good_photos_are_enrolled_but_all_are_probes() -> None:
    enrollable = ALL_GOOD.copy()
    enrollable[[1, 2, 3]] = False  # three of person 1's four photos
    drawn = draw(4, enrollable=enrollable)
    assert 4 in drawn.templates.tolist()
    assert {1, 2, 3} <= set(drawn.mated.tolist())


def test_somebody_without_a_good_photo_is_never_enrolled() -> None:
    assert 2 not in PERSONS[draw(7, enrollable=PERSONS != 2).templates]


def test_outcomes_are_those_of_looking_every_probe_up() -> None:
    scores = np.random.default_rng(0).random((len(PERSONS), len(PERSONS))).astype(np.float32)
    drawn = draw(4, templates_each=2)
    outcome = outcome_of(drawn, scores, PERSONS)
    for probe, person, score in zip(
        drawn.mated, outcome.mated_person, outcome.mated_score, strict=True
    ):
        best = drawn.templates[scores[probe, drawn.templates].argmax()]
        is_found = PERSONS[best] == person == PERSONS[probe]
        assert score == (scores[probe, best] if is_found else -np.inf)
    for probe, score in zip(drawn.strangers, outcome.stranger_score, strict=True):
        assert score == scores[probe, drawn.templates].max()
