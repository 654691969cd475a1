"""Passwords: which may be chosen, and how they are kept and compared.

Argon2id with OWASP's parameters (19 MiB, two passes, one lane): a guess costs the server some tens
of milliseconds, and at most two are worked on at a time, so that a flood of them takes no memory.
"""

import threading
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from vestibule.domain.errors import WeakPasswordError
from vestibule.domain.passwords import length_fault, normalised

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
_JUDGED_LENGTH = 72
"""Beyond these characters no password is guessed, and judging them takes long."""
FEWEST_GUESSES_LOG10 = 8.0
"""What zxcvbn calls safe from guessing over a network with room to spare: a hundred million."""
_OF_THE_PRODUCT = ("vestibule", "nightclub", "discotheque", "bouncer", "doorman", "videur")


@cache
def _nobodys() -> str:
    """Compared with for unknown names, so that they take as long."""
    return _HASHER.hash("the password of nobody")


def hash_password(password: str, *, words: Iterable[str]) -> str:
    """Its hash to keep. ``words`` are the person's own: name, e-mail, venue.

    Raises WeakPasswordError with ``fault``: too_short, too_long, guessable.
    """
    chosen = normalised(password)
    fault = length_fault(chosen) or _guessable(chosen, words)
    if fault is not None:
        raise WeakPasswordError(fault=fault)
    with _AT_ONCE:
        return _HASHER.hash(chosen)


def _guessable(password: str, words: Iterable[str]) -> str | None:
    """By lists of what leaked from other places, by names, dates, keyboards and repetition."""
    own = [part for word in (*words, *_OF_THE_PRODUCT) for part in _parts(word)]
    judged = zxcvbn(password[:_JUDGED_LENGTH], user_inputs=own)
    return "guessable" if judged["guesses_log10"] < FEWEST_GUESSES_LOG10 else None


def _parts(word: str) -> list[str]:
    lower = word.lower()
    pieces = lower.replace("@", " ").replace(".", " ").split()
    return [lower, "".join(pieces), *(piece for piece in pieces if len(piece) > 2)]


def is_password(kept: str | None, password: str) -> bool:
    """Takes as long for somebody who has none (``kept`` None): who exists is not told by time."""
    try:
        with _AT_ONCE:
            _HASHER.verify(kept or _nobodys(), normalised(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def rehashed(kept: str, password: str) -> str | None:
    """The hash anew where the parameters have changed since."""
    if not _HASHER.check_needs_rehash(kept):
        return None
    with _AT_ONCE:
        return _HASHER.hash(normalised(password))
