"""What an import has to do is found out: the source is listed, and cut into chunks on the way."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from vestibule.domain.errors import StorageUnavailableError
from vestibule.ports import ImportPerson, ImportSource

CHUNK_ITEMS = 100
"""Photos: at a handful a second their names leave the chunk within the minute it takes."""
KEEP_EVERY_S = 5.0
PATIENCE_S = 300.0
"""How long a source may take to name its folders, or the photos of one."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Photos of some people, whole; ``last`` is the folder to go on behind."""

    photos: list[str]
    last: str


def listed_photos(
    source: ImportSource, *, after: str | None, keep: Callable[[], None]
) -> Iterator[Listed]:
    """In the source's order, about CHUNK_ITEMS photos at a time, nobody's in two chunks.

    ``keep`` is called every few seconds while the source lets us wait.
    """
    people, photos = source.people(after=after), list[str]()
    last: str | None = None
    while (person := _next(people, keep)) is not None:
        photos += [photo.path for photo in person.photos]
        last = person.folder
        if len(photos) >= CHUNK_ITEMS:
            yield Listed(photos, last)
            photos, last = [], None
    if last is not None:
        yield Listed(photos, last)


def _next(people: Iterator[ImportPerson], keep: Callable[[], None]) -> ImportPerson | None:
    """A bucket of very many folders takes long to name the first, a disk may hang for ever."""
    give_up_at = time.monotonic() + PATIENCE_S
    beside = ThreadPoolExecutor(1)
    try:
        asked = beside.submit(next, people, None)
        while not wait([asked], KEEP_EVERY_S).done:
            if time.monotonic() > give_up_at:
                raise StorageUnavailableError(reason="too_slow")
            keep()
        return asked.result()
    finally:
        beside.shutdown(wait=False)
