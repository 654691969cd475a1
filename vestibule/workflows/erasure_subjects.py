"""Whom an erasure is about: ids that lead to everything of theirs, in every store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from vestibule.domain.backup_places import GivenUp
from vestibule.domain.identifying import identifying, telling
from vestibule.domain.ids import TemplateId
from vestibule.ports_receipts import ReceiptKeys
from vestibule.records import erasures, suppressions
from vestibule.records.database import Transaction
from vestibule.records.erasure_tables import ErasureRecord
from vestibule.records.tables import Customer, Json
from vestibule.workflows.runtime import Runtime

SUPPRESSED_FOR = timedelta(days=3 * 365)
"""As long as the French authority asks that a list of those who object is kept at least: CNIL,
Référentiel relatif à la gestion commerciale, 2022, 6.2."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """One person. ``customers`` are their files, the one that the others were merged into last;
    ``objects`` are keys that rows named which are gone by now."""

    erasure_id: UUID
    customers: tuple[UUID, ...]
    templates: tuple[TemplateId, ...]
    objects: tuple[str, ...] = ()
    held_until: datetime | None = None
    """The end of a legal hold that the erasure waited for, or waits for."""
    given_up: tuple[GivenUp, ...] = ()
    """Places of backups whose copy of their key was not rewritten, as the receipt says."""

    @classmethod
    def of(cls, record: ErasureRecord) -> "Subjects":
        written = record.subjects
        return cls(
            erasure_id=record.id,
            customers=tuple(UUID(one) for one in written["customers"]),
            templates=tuple(TemplateId(UUID(one)) for one in written["templates"]),
            objects=tuple(written.get("objects", ())),
            held_until=_moment(written.get("held_until")),
            given_up=tuple(GivenUp.of(one) for one in written.get("given_up", ())),
        )

    def as_json(self) -> Json:
        return {
            "customers": [str(one) for one in self.customers],
            "templates": [str(one) for one in self.templates],
            "objects": list(self.objects),
            **({"held_until": self.held_until.isoformat()} if self.held_until else {}),
            **({"given_up": [one.as_json() for one in self.given_up]} if self.given_up else {}),
        }


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def note_hold(record: ErasureRecord, until: datetime) -> None:
    record.subjects = replace(Subjects.of(record), held_until=until).as_json()


def note_given_up(record: ErasureRecord, places: tuple[GivenUp, ...]) -> None:
    record.subjects = replace(Subjects.of(record), given_up=places).as_json()


def note_objects(
    transaction: Transaction, erasure_id: UUID, keys: Iterable[str]
) -> tuple[str, ...]:
    """Objects of theirs whose rows go: the erasure names them from here on. All that it names."""
    record = erasures.find_for_change(transaction, erasure_id)
    if record is None:
        return tuple(keys)
    before = Subjects.of(record)
    after = replace(before, objects=tuple(sorted({*before.objects, *keys})))
    record.subjects = after.as_json()
    return after.objects


def keep_out(
    runtime: Runtime, transaction: Transaction, erasure_id: UUID, files: Iterable[Customer]
) -> None:
    """Keep digests of what identifies them, in the transaction in which the erasure begins."""
    now = runtime.clock.now()
    digests = [
        (kind, runtime.receipts.digests(kind, value)[0])
        for customer in files
        for kind, value in identifying(_values(customer))
    ]
    suppressions.add(transaction, erasure_id, digests, now=now, ends_at=now + SUPPRESSED_FOR)


def suppressed_among(
    runtime: Runtime, transaction: Transaction, rows: Iterable[Mapping[str, Any]]
) -> "Suppressed":
    """Which of these rows of a list, or folders of an import, mean somebody who was erased.

    A person who comes and agrees anew is enrolled all the same: this is for what nobody looks at.
    """
    asked = [one for values in rows for one in digests_telling(runtime.receipts, values)]
    found = suppressions.holding(transaction, asked, now=runtime.clock.now())
    return Suppressed(runtime.receipts, frozenset(found))


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Answers for the rows that were asked about together."""

    keys: ReceiptKeys
    digests: frozenset[str]

    def holds(self, values: Mapping[str, Any]) -> bool:
        return bool(self.digests) and not self.digests.isdisjoint(
            digests_telling(self.keys, values)
        )


def digests_telling(keys: ReceiptKeys, values: Mapping[str, Any]) -> list[str]:
    return [one for kind, value in telling(values) for one in keys.digests(kind, value)]


def _values(customer: Customer) -> dict[str, Any]:
    names = ("name", "email", "phone", "reference", "birth_date")
    return {name: getattr(customer, name) for name in names}
