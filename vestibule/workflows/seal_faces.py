"""What was enrolled before there were keys is sealed, a few faces at a time.

It may be killed at any moment: a crop is sealed before its rows, each is whole before and after,
and what was not come to is found by the next round. Nothing reads less meanwhile.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from vestibule.domain import sealed_face
from vestibule.domain.errors import BlobMissingError
from vestibule.records import gallery, jobs, keyring, unsealed_faces
from vestibule.records.tables import Template
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import seal_embedding, store_crop

AT_ONCE = 100
ROUND_S = 1.0
"""Of each round of the schedule, which has other things to do. Of one in which a person waits for
an answer it takes ``AT_ONCE`` faces alone: under an endless stream it still gets on."""
QUIET = timedelta(seconds=60)
"""So long no process of the release before may have been connected before faces are sealed."""
LOOK_FOR_STRAYS_EVERY = timedelta(hours=1)
STRAY_FOR = timedelta(days=1)
REWRITE_EVERY = timedelta(minutes=10)
"""Keyrings that an erasure did not reach: a disk that was not there then."""
log = structlog.get_logger(__name__)


def begin_sealing(runtime: Runtime) -> None:
    """For a start at which nothing else runs that could not read sealed faces."""
    with runtime.database.begin() as transaction:
        keyring.begin_sealing(transaction, now=runtime.clock.now())


class FaceSealing:
    """Remembers between rounds since when the release before is gone. For one thread."""

    def __init__(self) -> None:
        self._alone_since: datetime | None = None
        self._looked_for_strays_at: datetime | None = None
        self._rewrote_at: datetime | None = None

    def round(self, runtime: Runtime) -> int:
        """How many templates were sealed."""
        if not runtime.customer_keys.is_sealing():
            self._wait_for_the_release_before(runtime)
            return 0
        self._destroy_stray_keys(runtime)
        self._rewrite_keyrings(runtime)
        count, until_s = 0, time.monotonic() + ROUND_S
        while some := seal_some(runtime, at_once=AT_ONCE):
            count += some
            if time.monotonic() > until_s or _somebody_waits(runtime):
                break
        if count:
            log.info("faces.sealed", count=count)
        return count

    def _wait_for_the_release_before(self, runtime: Runtime) -> None:
        now = runtime.clock.now()
        with runtime.database.look() as reader:
            if keyring.release_before_is_connected(reader):
                self._alone_since = None
                return
        self._alone_since = self._alone_since or now
        if now - self._alone_since >= QUIET:
            begin_sealing(runtime)
            log.info("faces.sealing_began")

    def _rewrite_keyrings(self, runtime: Runtime) -> None:
        now = runtime.clock.now()
        if self._rewrote_at is None or now - self._rewrote_at >= REWRITE_EVERY:
            self._rewrote_at = now
            runtime.keyrings.rewrite()

    def _destroy_stray_keys(self, runtime: Runtime) -> None:
        """Of customers who are no more: the release before erases and knows no keys."""
        now = runtime.clock.now()
        last = self._looked_for_strays_at
        if last is None or now - last >= LOOK_FOR_STRAYS_EVERY:
            self._looked_for_strays_at = now
            with runtime.database.begin() as transaction:
                keyring.destroy_strays(transaction, made_before=now - STRAY_FOR, now=now)


def _somebody_waits(runtime: Runtime) -> bool:
    with runtime.database.look() as reader:
        return jobs.somebody_waits(reader)


def seal_some(runtime: Runtime, *, at_once: int = AT_ONCE) -> int:
    """The next of them; 0 when nothing is left that is not in somebody's hands.

    Each template is locked, so that whoever removes it comes before or after: no crop that was
    deleted is put back.
    """
    with runtime.database.look() as reader:
        waiting = unsealed_faces.next_ones(reader, limit=at_once)
    if not waiting:
        return 0
    runtime.customer_keys.ensure({customer_id for _, customer_id in waiting})
    with runtime.database.begin() as transaction:
        rows = unsealed_faces.lock(transaction, waiting)
        _seal_crops(runtime, rows)
        for row in rows:
            row.embedding = seal_embedding(
                runtime,
                gallery.from_bytes(row.embedding),
                template_id=row.id,
                customer_id=row.customer_id,
            )
    return len(rows)


def _seal_crops(runtime: Runtime, rows: Sequence[Template]) -> None:
    """The same face in two spaces shares one."""
    for key, customer_id in {row.crop_key: row.customer_id for row in rows}.items():
        try:
            content = runtime.blobs.get(key)
        except BlobMissingError:
            continue
        if sealed_face.split(content) is None:
            store_crop(runtime, key, content, customer_id=customer_id)
