"""Who is trained on, and what a training pair looks like."""

from pathlib import Path

import numpy as np
import pytest

from training.darkening import BROAD
from training.faces import CHIP_SIDE_PX, TrainingFace, link_held_out, pair_of_chips, split_people
from vestibule.evaluation.datasets import LabelledPhoto

LANDMARKS = np.array([[38, 52], [74, 52], [56, 72], [42, 92], [71, 92]], np.float32)


def photos(**counts: int) -> list[LabelledPhoto]:
    return [
        LabelledPhoto(person, Path(f"{person}/{number}.jpg"), f"{person}/{number}.jpg")
        for person, count in counts.items()
        for number in range(count)
    ]


def test_nobody_is_both_trained_on_and_held_out() -> None:
    people = split_people(photos(a=1, b=2, c=3, d=1, e=1, f=2), hold_out_share=0.5, seed=0)
    assert len(people.training) == len(people.held_out) == 3
    assert set(people.training) | set(people.held_out) == set("abcdef")


def test_people_with_several_photos_are_held_out_first() -> None:
    people = split_people(photos(a=1, b=2, c=3, d=1, e=1, f=2), hold_out_share=0.5, seed=0)
    assert people.training == ("a", "d", "e")


def test_everybody_is_trained_on_when_nobody_is_to_be_held_out() -> None:
    people = split_people(photos(a=1, b=2), hold_out_share=0, seed=0)
    assert people.training == ("a", "b")
    assert people.held_out == ()


def test_another_seed_holds_out_other_people() -> None:
    many = photos(**{f"p{number:02}": 1 for number in range(40)})
    splits = {split_people(many, hold_out_share=0.5, seed=seed).held_out for seed in range(3)}
    assert len(splits) == 3


@pytest.fixture
def face() -> TrainingFace:
    rng = np.random.default_rng(0)
    region = rng.integers(60, 200, (112, 112, 3), np.uint8)
    return TrainingFace(region, LANDMARKS, np.zeros(192, np.float32))


def test_a_pair_is_fed_like_the_embedder(face: TrainingFace) -> None:
    for chip in pair_of_chips(face, np.random.default_rng(1), mix=BROAD):
        assert chip.shape == (3, CHIP_SIDE_PX, CHIP_SIDE_PX)
        assert chip.dtype == np.float32
        assert -1 <= chip.min() < chip.max() <= 1


def test_both_of_a_pair_are_mirrored_or_neither(face: TrainingFace) -> None:
    half_lit = face.region.copy()
    half_lit[:, :56] = 20
    lit = TrainingFace(half_lit, LANDMARKS, face.embedding)
    sides = []
    for seed in range(20):
        dark, clean = pair_of_chips(lit, np.random.default_rng(seed), mix=BROAD)
        brighter_left = [bool(c[..., :40].mean() > c[..., -40:].mean()) for c in (dark, clean)]
        assert brighter_left[0] == brighter_left[1]
        sides.append(brighter_left[0])
    assert 0 < sum(sides) < 20


def test_held_out_photos_are_linked_not_copied(tmp_path: Path) -> None:
    (tmp_path / "set" / "ada").mkdir(parents=True)
    (tmp_path / "set" / "ada" / "1.jpg").write_bytes(b"x")
    link_held_out(["ada"], tmp_path / "set", tmp_path / "out")
    assert (tmp_path / "out" / "ada").is_symlink()
    assert (tmp_path / "out" / "ada" / "1.jpg").read_bytes() == b"x"
