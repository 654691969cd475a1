"""What the index lacks of the record, and what it has too much: page by page, both in order of ids.

However large a gallery is, no more than two pages of it are held.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from vestibule.domain.ids import TemplateId
from vestibule.domain.index_generation import IndexGeneration
from vestibule.records import gallery
from vestibule.workflows.runtime import Runtime

PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Compared:
    """One part of the ids. ``recorded`` counts what the index should hold of it."""

    recorded: int
    missing: list[TemplateId]
    surplus: list[TemplateId]


def compare_index(
    runtime: Runtime, generation: IndexGeneration, *, page: int = PAGE
) -> Iterator[Compared]:
    """Every part once. What is written meanwhile may count as a difference, and mending it is safe.

    The index is read before the record: what has just been enrolled is then at most written twice.
    """
    after: TemplateId | None = None
    while True:
        present = runtime.index.template_ids_after(generation, after, limit=page)
        with runtime.database.look() as reader:
            found = gallery.searchable_template_ids_after(
                reader, generation.space.id, after, limit=page
            )
        recorded = [TemplateId(one) for one in found]
        # A full page says nothing of what lies behind its last id.
        ends = [ids[-1] for ids in (present, recorded) if len(ids) == page]
        upto = min(ends) if ends else None
        yield _compared(_up_to(recorded, upto), _up_to(present, upto))
        if upto is None:
            return
        after = upto


def _up_to(ids: list[TemplateId], upto: TemplateId | None) -> set[TemplateId]:
    return {one for one in ids if upto is None or one <= upto}


def _compared(recorded: set[TemplateId], present: set[TemplateId]) -> Compared:
    return Compared(len(recorded), sorted(recorded - present), sorted(present - recorded))
