"""Where a list goes on: opaque to callers, a moment and an id to us."""

import base64
import binascii
import json
from datetime import datetime
from uuid import UUID

from vestibule.domain.errors import InvalidInputError


def write_cursor(after: tuple[datetime, UUID]) -> str:
    content = json.dumps([after[0].isoformat(), str(after[1])])
    return base64.urlsafe_b64encode(content.encode()).decode()


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Raises InvalidInputError for what is not one of ours."""
    try:
        moment, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        read = datetime.fromisoformat(moment)
        if read.tzinfo is None:
            raise ValueError("no zone")
        return read, UUID(key)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidInputError("The cursor is not one of ours.", fields=["cursor"]) from error
