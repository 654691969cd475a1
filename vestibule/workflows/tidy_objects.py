"""Objects that no row knows go away, but only those that stay unknown for a while."""

from datetime import datetime, timedelta

from vestibule.workflows.expire import orphans
from vestibule.workflows.move_template import stale_crops
from vestibule.workflows.runtime import Runtime

LOOK_EVERY = timedelta(minutes=15)
UNKNOWN_FOR = timedelta(hours=1)
"""An object is stored seconds before its row; what no row knows for so long is left over."""


class ObjectTidying:
    """Remembers between rounds since when an object is unknown. For one thread.

    The embedded mode tidies at its start, when nothing can be on its way; here other processes
    may be storing right now.
    """

    def __init__(self) -> None:
        self._unknown_since: dict[str, datetime] = {}
        self._looked_at: datetime | None = None

    def round(self, runtime: Runtime) -> int:
        """Look, if it is time, and remove what has been unknown for long; how many that were."""
        now = runtime.clock.now()
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return 0
        self._looked_at = now
        unknown = {*orphans(runtime), *stale_crops(runtime)}
        self._unknown_since = {key: self._unknown_since.get(key, now) for key in unknown}
        due = [key for key, since in self._unknown_since.items() if now - since >= UNKNOWN_FOR]
        for key in due:
            runtime.blobs.delete(key)
            del self._unknown_since[key]
        return len(due)
