"""A person's name in what others wrote: found and taken out, as far as rules can.

A nickname is not found, and a word that is spelt like the name is taken out with it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from vestibule.domain.names import folded

IN_PLACE_OF_A_NAME = "[…]"
SHORTEST_PART = 3
_PARTICLES = frozenset(
    {"das", "del", "den", "der", "des", "dos", "les", "von", "van", "ibn", "bin"}
)
_WORD = re.compile(r"\w+")
_SIDE_BY_SIDE = re.compile(r"\[…\](?:[ -]\[…\])+")
_BETWEEN = re.compile(r"[\s.,'’‐-]{1,3}")


@dataclass(frozen=True, slots=True)
class NamesToHide:
    """``others`` are names that stay: a part that one of them has too is no sign of the person."""

    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def out_of(self, words: str) -> str:
        """Whole names however they are written, and their parts where they begin with a capital."""
        if not words or not any(self.names):
            return words
        for name in self.names:
            if name and name.upper() == name.lower():  # a script without capitals, or without gaps
                words = words.replace(name, IN_PLACE_OF_A_NAME)
        wholes = [parts for name in self.names if len(parts := _parts(name)) > 1]
        stay = {part for name in self.others for part in _parts(name)}
        single = {part for name in self.names for part in _parts(name) if _tells(part)} - stay
        single |= {parts[0] for name in self.names if len(parts := _parts(name)) == 1}
        return _SIDE_BY_SIDE.sub(IN_PLACE_OF_A_NAME, "".join(_pieces(words, wholes, single)))


def _parts(name: str) -> list[str]:
    return [folded(word) for word in _WORD.findall(name)]


def _tells(part: str) -> bool:
    return len(part) >= SHORTEST_PART and part not in _PARTICLES and not part.isdigit()


def _pieces(words: str, wholes: list[list[str]], single: Iterable[str]) -> Iterator[str]:
    """What is left of the words, with marks in place of what goes."""
    found = list(_WORD.finditer(words))
    spelt = [folded(word.group()) for word in found]
    at, end = 0, 0
    while at < len(found):
        count = _whole_at(words, found, spelt, at, wholes)
        if not count and spelt[at] in single and not found[at].group()[0].islower():
            count = 1
        if count:
            yield words[end : found[at].start()]
            yield IN_PLACE_OF_A_NAME
            end = found[at + count - 1].end()
        at += count or 1
    yield words[end:]


def _whole_at(
    words: str, found: list[re.Match[str]], spelt: list[str], at: int, wholes: list[list[str]]
) -> int:
    """How many words from there on are one of these names; the longest counts."""
    fitting = [len(parts) for parts in wholes if spelt[at : at + len(parts)] == parts]
    for count in sorted(fitting, reverse=True):
        run = found[at : at + count]
        if all(_BETWEEN.fullmatch(words[one.end() : two.start()]) for one, two in pairwise(run)):
            return count
    return 0
