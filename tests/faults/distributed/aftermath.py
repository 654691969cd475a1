"""What Postgres and the store hold of accepted photos: each of them once, whole and right."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from tests.faults.distributed.uploads import Accepted
from tests.stack.stack import BUCKET, Stack

_OF_PHOTOS = """
SELECT photo.id::text, job.state, photo.upload_key IS NOT NULL,
       (SELECT count(*) FROM audit_entry
         WHERE action = 'photo.identify' AND subject = 'photo:' || photo.id),
       ARRAY(SELECT number FROM face WHERE photo_id = photo.id ORDER BY number),
       ARRAY(SELECT crop_key FROM face WHERE photo_id = photo.id AND crop_key IS NOT NULL)
  FROM photo JOIN job ON job.id = photo.job_id
 WHERE photo.id::text = ANY(%s)
"""
_VISITS_DOUBLED = """
SELECT count(*) FROM (SELECT 1 FROM visit GROUP BY customer_id, venue_id, night
HAVING count(*) > 1) AS doubled
"""
ROUND_PATIENCE_S = 15
_COUNTED = "SELECT coalesce(sum(faces), 0) FROM face_count"
_DECIDED = "SELECT count(*) FROM face WHERE threshold IS NOT NULL AND score IS NOT NULL"


@dataclass(slots=True)
class Aftermath:
    """Each list holds words about one photo; all empty is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)


def look_at(stack: Stack, accepted: Sequence[Accepted]) -> Aftermath:
    """By way of the servers themselves, not of the product."""
    found = Aftermath()
    with connect(stack) as link:
        rows = {row[0]: row[1:] for row in link.execute(_OF_PHOTOS, [[p.id for p in accepted]])}
        (visits,) = link.execute(_VISITS_DOUBLED).fetchone()
    if visits:
        found.doubled.append(f"{visits} visits twice in a night")
    for photo in accepted:
        _look_at_one(stack, photo, rows.get(photo.id), found)
    return found


def _look_at_one(stack: Stack, photo: Accepted, row: tuple | None, found: Aftermath) -> None:
    if row is None:
        found.lost.append(f"{photo.id}: no row")
        return
    state, _, audited, numbers, crops = row
    if state not in ("DONE", "FAILED") or photo.state != state.lower():
        found.lost.append(f"{photo.id}: {state} in the record, {photo.state!r} to its sender")
        return
    if state == "FAILED":
        found.failed[photo.error_code or "without a code"] += 1
    if audited != (state == "DONE"):
        found.doubled.append(f"{photo.id}: {audited} audit entries, {state}")
    if state == "FAILED":
        return
    if numbers != list(range(1, photo.shot.faces + 1)):
        found.doubled.append(f"{photo.id}: faces {numbers}")
    surplus = _surplus(stack, photo.id, {f"photos/{photo.id}/image.jpg", *crops})
    if surplus:
        found.doubled.append(f"{photo.id}: objects too many or too few: {sorted(surplus)}")
    if photo.names != photo.shot.names:
        found.wrong.append(f"{photo.id}: {sorted(photo.names)}, not {sorted(photo.shot.names)}")


def _surplus(stack: Stack, photo_id: str, right: set[str]) -> set[str]:
    """What a kill left over may stay until the next round of the scheduler, and no longer."""
    give_up_at = time.monotonic() + ROUND_PATIENCE_S
    while (surplus := _objects_of(stack, photo_id) ^ right) and time.monotonic() < give_up_at:
        time.sleep(0.5)
    return surplus


def _objects_of(stack: Stack, photo_id: str) -> set[str]:
    found = stack.objects.client().list_objects(BUCKET, f"photos/{photo_id}/", recursive=True)
    return {str(item.object_name) for item in found}


def faces_counted_and_decided(stack: Stack) -> tuple[int, int]:
    """What the statistics add up to, and what they are about."""
    with connect(stack) as link:
        (counted,) = link.execute(_COUNTED).fetchone()
        (decided,) = link.execute(_DECIDED).fetchone()
    return int(counted), int(decided)


def connect(stack: Stack) -> "psycopg.Connection[tuple]":
    """To Postgres itself, past the link."""
    return psycopg.connect(stack.postgres.url.replace("+psycopg", ""), autocommit=True)
