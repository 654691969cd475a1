"""The denoiser that stands in front, and the graph that an installation runs."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.mobilefacenet import MobileFaceNet

_WIDTHS = (32, 64, 96)
"""Channels at 56, 28 and 14 pixels: 0.6 million weights, about as long a run as the embedder's."""


class _Residual(nn.Module):
    """Adds what two 3x3 convolutions find; nothing, before training."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._first = nn.Conv2d(width, width, 3, padding=1)
        self._second = nn.Conv2d(width, width, 3, padding=1)
        _silence(self._second)

    def forward(self, maps: Tensor) -> Tensor:
        added: Tensor = self._second(functional.relu(self._first(maps)))
        return maps + added


class Denoiser(nn.Module):
    """A small U-net (Ronneberger et al. 2015, arXiv 1505.04597) that corrects a chip.

    (n, 3, 112, 112) to the same. It works on pixels in groups of 2x2, so it starts at 56 pixels,
    and begins as the identity.
    """

    def __init__(self) -> None:
        super().__init__()
        fine, middle, coarse = _WIDTHS
        self._enter = nn.Conv2d(12, fine, 3, padding=1)
        self._fine_down = _Residual(fine)
        self._to_middle = nn.Conv2d(fine, middle, 2, stride=2)
        self._middle_down = _Residual(middle)
        self._to_coarse = nn.Conv2d(middle, coarse, 2, stride=2)
        self._coarse = nn.Sequential(_Residual(coarse), _Residual(coarse))
        self._from_coarse = nn.ConvTranspose2d(coarse, middle, 2, stride=2)
        self._middle_up = _Residual(middle)
        self._from_middle = nn.ConvTranspose2d(middle, fine, 2, stride=2)
        self._fine_up = _Residual(fine)
        self._leave = nn.Conv2d(fine, 12, 3, padding=1)
        _silence(self._leave)

    def forward(self, chips: Tensor) -> Tensor:
        groups = functional.pixel_unshuffle(chips, 2)
        fine = self._fine_down(functional.relu(self._enter(groups)))
        middle = self._middle_down(functional.relu(self._to_middle(fine)))
        coarse = self._coarse(functional.relu(self._to_coarse(middle)))
        middle = self._middle_up(middle + self._from_coarse(coarse))
        fine = self._fine_up(fine + self._from_middle(middle))
        correction: Tensor = functional.pixel_shuffle(self._leave(fine), 2)
        return chips + correction


class NightEmbedder(nn.Module):
    """What is exported: denoise once, embed the result and its mirror image, add, normalise.

    (n, 3, 112, 112) to unit rows (n, 192).
    """

    def __init__(self, denoiser: Denoiser, student: MobileFaceNet) -> None:
        super().__init__()
        self.denoiser = denoiser
        self.student = student

    def forward(self, chips: Tensor) -> Tensor:
        clear = self.denoiser(chips)
        both = torch.cat((clear, torch.flip(clear, (3,))))
        plain, mirrored = functional.normalize(self.student(both)).chunk(2)
        return functional.normalize(plain + mirrored)


def _silence(layer: nn.Conv2d) -> None:
    nn.init.zeros_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
