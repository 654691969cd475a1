"""Where a list goes on: what the last row is sorted by, opaque to callers."""

import base64
import binascii
import json
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import InvalidInputError


def write_cursor(after: tuple[datetime, UUID]) -> str:
    return write(after[0].isoformat(), after[1])


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Raises InvalidInputError for what is not one of ours."""
    moment, key = _parts(cursor, 2)
    try:
        read = datetime.fromisoformat(moment)
        if read.tzinfo is None:
            raise _foreign()
        return read, UUID(key)
    except (ValueError, TypeError, AttributeError) as error:
        raise _foreign() from error


def write(*parts: object) -> str:
    """Of a list that is sorted by something else."""
    texts = [part if isinstance(part, int) else str(part) for part in parts]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode()


def read_standing(cursor: str) -> tuple[bool, datetime, UUID]:
    """Of a list that shows what is done last. Raises InvalidInputError for what is not ours."""
    is_done, moment, key = _parts(cursor, 3)
    return bool(is_done), *read_cursor(write(moment, key))


def read_rank(cursor: str) -> tuple[int, str, UUID]:
    """Raises InvalidInputError for what is not one of ours."""
    rank, name, key = _parts(cursor, 3)
    try:
        return int(rank), str(name), UUID(key)
    except (ValueError, TypeError, AttributeError) as error:
        raise _foreign() from error


def read_weight(cursor: str) -> tuple[int, UUID]:
    """Raises InvalidInputError for what is not one of ours."""
    weight, key = _parts(cursor, 2)
    try:
        return int(weight), UUID(key)
    except (ValueError, TypeError, AttributeError) as error:
        raise _foreign() from error


def _parts(cursor: str, count: int) -> list[str]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error) as error:
        raise _foreign() from error
    if not isinstance(parts, list) or len(parts) != count:
        raise _foreign()
    return parts


def _foreign() -> InvalidInputError:
    return InvalidInputError("The cursor is not one of ours.", fields=["cursor"])
