"""What can be wrong with a photo that is to become a template, and what was found."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Fault(StrEnum):
    """Part of the public contract. Worst first: one that makes others meaningless before them."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    RESEMBLES_OTHER = "resembles_other"
    OTHER_PERSON = "other_person"
    UNCERTAIN_FACE = "uncertain_face"
    CUT_OFF = "cut_off"
    MOUTH_COVERED = "mouth_covered"
    EYES_COVERED = "eyes_covered"
    TURNED = "turned"
    TILTED = "tilted"
    ROLLED = "rolled"
    TOO_DARK = "too_dark"
    OVEREXPOSED = "overexposed"
    BLURRED = "blurred"
    TOO_SMALL = "too_small"
    NOISY = "noisy"
    COMPRESSED = "compressed"


_RANK = {fault: rank for rank, fault in enumerate(Fault)}
_NEVER = frozenset({Fault.NO_FACE, Fault.SEVERAL_FACES})
_SOMEBODY_ELSE = frozenset({Fault.RESEMBLES_OTHER, Fault.OTHER_PERSON})


def worst_first(faults: Iterable[Fault]) -> list[Fault]:
    return sorted(set(faults), key=_RANK.__getitem__)


def not_overridable(faults: Collection[Fault]) -> frozenset[Fault]:
    """Those that no reason in writing outweighs.

    Where there is no face, or it is not sure which is meant, there is nothing to accept. A face
    that looks like another customer and not like this one is enrolled on another person's consent.
    """
    found = set(faults)
    blocking = found & _NEVER
    if found >= _SOMEBODY_ELSE:
        blocking |= _SOMEBODY_ELSE
    return frozenset(blocking)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``measured`` and ``limit`` are None where nothing is measured.

    Units are those of the check; a limit belongs to what passes.
    """

    fault: Fault
    passed: bool
    measured: float | None = None
    limit: float | None = None

    @classmethod
    def at_least(cls, fault: Fault, measured: float, limit: float) -> Self:
        return cls(fault, measured >= limit, measured, limit)

    @classmethod
    def at_most(cls, fault: Fault, measured: float, limit: float) -> Self:
        return cls(fault, measured <= limit, measured, limit)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was looked at, what fails and what passes, each worst first."""

    checks: tuple[Check, ...]

    @classmethod
    def failing(cls, fault: Fault) -> Self:
        """The verdict on a photo of which nothing else can be said."""
        return cls((Check(fault, passed=False),))

    @property
    def findings(self) -> tuple[Check, ...]:
        return self._sorted(passed=False)

    @property
    def passes(self) -> tuple[Check, ...]:
        return self._sorted(passed=True)

    @property
    def faults(self) -> frozenset[Fault]:
        return frozenset(check.fault for check in self.findings)

    def joined(self, checks: Iterable[Check]) -> "Verdict":
        return Verdict((*self.checks, *checks))

    def _sorted(self, *, passed: bool) -> tuple[Check, ...]:
        chosen = (check for check in self.checks if check.passed is passed)
        return tuple(sorted(chosen, key=lambda check: _RANK[check.fault]))
