"""Three stages of training. None knows who anybody is: the teacher's embedding is the lesson."""

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from training.darkening import BROAD, DARK, Mix
from training.faces import TrainingFace, pair_of_chips
from training.mobilefacenet import MobileFaceNet
from training.networks import Denoiser

DENOISER_STEPS, DENOISER_BATCH, DENOISER_RATE = 1_200, 32, 1.5e-3
_DENOISER_SCHEDULE = 1.25
"""The rate falls as if there were a quarter more steps: joint training goes on from there."""

JOINT_STEPS, JOINT_BATCH = 600, 48
_JOINT_RATES = {"denoiser": 4e-4, "student": 3e-4}

TUNING_STEPS, TUNING_BATCH, _TUNING_RATE = 360, 48, 3.5e-4
_STUDENT_SHARE = 0.5
"""Weights half way between teacher and student (Wortsman et al. 2022, arXiv 2109.01903): the
student has learned the dark and unlearned some of telling people apart."""

_EDGES_WEIGHT = 0.5
_RELATIONS_WEIGHT = 4.0
_PIXELS_WEIGHT, _TUNING_PIXELS_WEIGHT = 0.1, 0.05
_WEIGHT_DECAY = 1e-4
_WARM_UP_SHARE = 0.1

Tell = Callable[[str], None]
Batch = tuple[Tensor, Tensor, Tensor]
"""Dark chips, clean chips, the teacher's embeddings."""


class _Draws(Dataset[Batch]):
    """Endless variations of the faces; item i is the same in every run with the same seed."""

    def __init__(
        self, faces: Sequence[TrainingFace], *, count: int, seed: int, mix: Mix = BROAD
    ) -> None:
        self._faces, self._count, self._seed, self._mix = faces, count, seed, mix

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Batch:
        rng = np.random.default_rng([self._seed, index])
        face = self._faces[int(rng.integers(len(self._faces)))]
        dark, clean = pair_of_chips(face, rng, mix=self._mix)
        return torch.from_numpy(dark), torch.from_numpy(clean), torch.from_numpy(face.embedding)


def train_denoiser(
    faces: Sequence[TrainingFace], *, seed: int, steps: int = DENOISER_STEPS, tell: Tell
) -> Denoiser:
    """Stage one: dark chips to clean ones, pixel by pixel and edge by edge (L1)."""
    denoiser = Denoiser()
    rates = [{"params": denoiser.parameters(), "lr": DENOISER_RATE}]
    optimiser, schedule = _optimiser(rates, round(steps * _DENOISER_SCHEDULE))
    draws = _Draws(faces, count=steps * DENOISER_BATCH, seed=seed + 1)
    for dark, clean, _ in _batches(draws, DENOISER_BATCH, "denoiser", tell):
        made = denoiser(dark)
        loss = (made - clean).abs().mean() + _EDGES_WEIGHT * _edge_difference(made, clean)
        _step(loss, optimiser, schedule)
    return denoiser


def train_jointly(
    faces: Sequence[TrainingFace],
    denoiser: Denoiser,
    student: MobileFaceNet,
    *,
    seed: int,
    steps: int = JOINT_STEPS,
    tell: Tell,
) -> None:
    """Stage two: denoiser and student together say of a dark face what the teacher said of it.

    Besides the cosine to the teacher's embedding, the cosines to the other faces of the batch
    are held to the teacher's, so that different people stay as far apart as they were.
    """
    rates = [
        {"params": denoiser.parameters(), "lr": _JOINT_RATES["denoiser"]},
        {"params": student.parameters(), "lr": _JOINT_RATES["student"]},
    ]
    optimiser, schedule = _optimiser(rates, steps)
    draws = _Draws(faces, count=steps * JOINT_BATCH, seed=seed + 2)
    for dark, clean, embeddings in _batches(draws, JOINT_BATCH, "joint", tell):
        made = denoiser(dark)
        loss = _lesson(student(made), embeddings)
        _step(loss + _PIXELS_WEIGHT * (made - clean).abs().mean(), optimiser, schedule)


def meet_half_way(student: MobileFaceNet, teacher: MobileFaceNet) -> None:
    """Stage three begins: the student's weights move towards the teacher's, and stay."""
    taught = teacher.state_dict()
    student.load_state_dict(
        {
            name: _STUDENT_SHARE * weight + (1 - _STUDENT_SHARE) * taught[name]
            for name, weight in student.state_dict().items()
        }
    )
    student.requires_grad_(False)


def tune_denoiser(
    faces: Sequence[TrainingFace],
    denoiser: Denoiser,
    student: MobileFaceNet,
    *,
    seed: int,
    steps: int = TUNING_STEPS,
    tell: Tell,
) -> None:
    """Stage three: the denoiser alone learns what the settled student needs, in the dark."""
    rates = [{"params": denoiser.parameters(), "lr": _TUNING_RATE}]
    optimiser, schedule = _optimiser(rates, steps)
    draws = _Draws(faces, count=steps * TUNING_BATCH, seed=seed + 5, mix=DARK)
    for dark, clean, embeddings in _batches(draws, TUNING_BATCH, "tuning", tell):
        made = denoiser(dark)
        loss = _lesson(student(made), embeddings)
        _step(loss + _TUNING_PIXELS_WEIGHT * (made - clean).abs().mean(), optimiser, schedule)


def _lesson(said: Tensor, embeddings: Tensor) -> Tensor:
    """How far what was said is from what was taught, alone and in relation to the others."""
    said, taught = functional.normalize(said), functional.normalize(embeddings)
    relations = ((said @ taught.T - taught @ taught.T) ** 2).mean()
    return (1 - (said * taught).sum(1)).mean() + _RELATIONS_WEIGHT * relations


def _edge_difference(made: Tensor, clean: Tensor) -> Tensor:
    across = (made.diff(dim=3) - clean.diff(dim=3)).abs().mean()
    down = (made.diff(dim=2) - clean.diff(dim=2)).abs().mean()
    return across + down


def _optimiser(
    rates: list[dict[str, object]], steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    optimiser = torch.optim.AdamW(rates, weight_decay=_WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        max_lr=[float(str(group["lr"])) for group in rates],
        total_steps=steps,
        pct_start=_WARM_UP_SHARE,
    )
    return optimiser, schedule


def _step(
    loss: Tensor,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> None:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    schedule.step()


def _batches(draws: _Draws, size: int, stage: str, tell: Tell) -> Iterator[Batch]:
    """Every batch once, in order, with the time left told now and then."""
    batches = DataLoader(draws, batch_size=size, num_workers=1, prefetch_factor=8)
    count, started = len(batches), time.monotonic()
    for number, batch in enumerate(batches, start=1):
        yield tuple(batch)
        if number % 20 == 0 or number == count:
            left_s = (time.monotonic() - started) / number * (count - number)
            tell(f"{stage}: step {number} of {count}, about {left_s / 60:.0f} min left")


def count_weights(*networks: nn.Module) -> int:
    return sum(weight.numel() for network in networks for weight in network.parameters())
