"""What an erasure knows of the copies of a person's key that lie beside backups."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from vestibule.domain.backup_places import GivenUp, PlaceRemark
from vestibule.domain.keyring_file import KeyringCopy
from vestibule.records import customer_keys, erasures
from vestibule.records.erasure_tables import ErasureRecord
from vestibule.workflows.erasure_subjects import Subjects
from vestibule.workflows.runtime import Runtime

CLOCKS_DIFFER = timedelta(hours=1)
"""A key that was made so much later than a copy was written is not in it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """``away`` copies may hold a key and are waited for; nobody waits for those given up."""

    away: int = 0
    given_up: tuple[GivenUp, ...] = ()


def rewrite_beside(runtime: Runtime, subjects: Subjects) -> Beside:
    """Take the person's key out of every copy that is reached, and say of which it was not."""
    with runtime.database.look() as reader:
        found = erasures.found_so_far(reader, subjects.erasure_id)
        made_at = customer_keys.first_made_at(reader, subjects.customers)
    if not found.get("key", {}).get("keys") or made_at is None:
        return Beside()
    behind = [
        copy
        for copy in runtime.keyrings.rewrite()
        if copy.is_behind and made_at <= copy.written_at + CLOCKS_DIFFER
    ]
    return Beside(
        away=sum(copy.is_away for copy in behind),
        given_up=tuple(copy.given_up for copy in behind if copy.given_up is not None),
    )


def place_remarks(record: ErasureRecord, copies: Iterable[KeyringCopy]) -> list[PlaceRemark]:
    """Places that the erasure waits for, or that it did without, as they stand by now."""
    by_place = {copy.place: copy for copy in copies}
    remarks = [_remark(one, by_place.get(one.place)) for one in Subjects.of(record).given_up]
    if record.state == "RUNNING" and record.trouble == erasures.KEYRING_AWAY:
        named = {remark.place for remark in remarks}
        remarks += [
            PlaceRemark(copy.place, "away", copy.written_at, None)
            for copy in by_place.values()
            if copy.is_away and copy.place not in named
        ]
    return remarks


def _remark(noted: GivenUp, copy: KeyringCopy | None) -> PlaceRemark:
    """What was declared of the place last; one that is given up no longer was written since."""
    if copy is not None and copy.given_up is None:
        return PlaceRemark(copy.place, "rewritten", copy.written_at, noted.reason)
    now = (copy.given_up if copy else None) or noted
    return PlaceRemark(now.place, now.fate.value, now.at, now.reason)
