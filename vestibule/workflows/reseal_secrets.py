"""After the installation's key was rotated, what lasts is sealed anew under the new one."""

from collections.abc import Mapping

import structlog

from vestibule.domain import sealed_face
from vestibule.ports import BlobStore, Sealer
from vestibule.records import sealed_columns
from vestibule.records.database import Database
from vestibule.records.sealed_columns import SEALED_COLUMNS, SealedColumn

ANCHORS = "audit/"
log = structlog.get_logger(__name__)


def reseal(database: Database, blobs: BlobStore, installation: Sealer) -> Mapping[str, int]:
    """How many of each kind were sealed anew; ``unreadable``: those that neither key opens.

    The product may run meanwhile, with both keys. May be killed at any moment and begun again:
    each value is whole before and after, and one that somebody changes meanwhile is left to them.
    """
    done: dict[str, int] = {"unreadable": 0}
    for column in SEALED_COLUMNS:
        done[column.name] = _column(database, installation, column, done)
    done["anchors of the audit log"] = _anchors(blobs, installation, done)
    return done


def _column(
    database: Database, installation: Sealer, column: SealedColumn, done: dict[str, int]
) -> int:
    count, after = 0, None
    while True:
        with database.begin() as transaction:
            rows = sealed_columns.page_after(transaction, column, after)
            for key, sealed, context in rows:
                if sealed_face.split(sealed) is not None:  # by a guest's key, which has its own row
                    continue
                new = _anew(installation, sealed, context=context)
                if new is None:
                    done["unreadable"] += 1
                    continue
                sealed_columns.replace(transaction, column, key, old=sealed, new=new)
                count += 1
        if not rows:
            return count
        after = rows[-1][0]


def _anchors(blobs: BlobStore, installation: Sealer, done: dict[str, int]) -> int:
    """They are never deleted, so none is brought back."""
    count = 0
    for key in blobs.keys(ANCHORS):
        new = _anew(installation, blobs.get(key), context=key)
        if new is None:
            done["unreadable"] += 1
            continue
        blobs.put(key, new)
        count += 1
    return count


def _anew(installation: Sealer, sealed: bytes, *, context: str) -> bytes | None:
    try:
        return installation.seal(installation.unseal(sealed, context=context), context=context)
    except ValueError:
        log.warning("reseal.unreadable")
        return None
