"""Boxes, scales and the order of cards."""

import pytest

from services.web.photo_view import box_percent, score_scale
from services.web.specimens import specimen_cards


def face(score, threshold=0.46, review=0.38):
    return {"score": score, "threshold": threshold, "review_threshold": review}


def test_box_is_cut_to_the_photo():
    box = box_percent([-20.0, 50.0, 1_300.0, 900.0], 1_200, 800)
    assert (box.x, box.y, box.width, box.height) == (0, 6.25, 100, 93.75)


@pytest.mark.parametrize("score", [-0.4, 0.0, 0.37, 0.38, 0.46, 0.9, 1.0, 1.0000001])
def test_scale_keeps_everything_within_its_length_and_in_order(score):
    scale = score_scale(face(score))
    assert scale is not None
    assert 0 <= scale.score <= 100
    assert 0 <= scale.review <= scale.threshold <= 100
    assert (scale.score >= scale.threshold) == (score >= 0.46)


def test_face_that_was_not_compared_has_no_scale():
    assert score_scale(face(None)) is None
    assert score_scale(face(0.5, threshold=None)) is None


def test_style_guide_shows_every_state_and_every_answer():
    cards = specimen_cards()
    assert {card.state for card in cards} == {
        "manager",
        "known",
        "check",
        "unknown",
        "unusable",
    }
    assert {card.face["answer"] for card in cards} == {
        None,
        "same_person",
        "not_them",
        "left",
        "enrolled",
    }
