"""After a decision about an incident: whether the watchlist now asks for something else."""

from collections.abc import Iterable
from uuid import UUID

import structlog

from vestibule.domain.errors import DatabaseUnavailableError
from vestibule.workflows.propose_watchlist import propose_for
from vestibule.workflows.runtime import Runtime

log = structlog.get_logger(__name__)


def tell_watchlist(runtime: Runtime, customer_ids: Iterable[UUID], *, reason: str) -> None:
    """For each of them, once the decision is committed. Safe to run any number of times.

    The decision stands whatever becomes of this: what is missed here the nightly round finds.
    """
    for customer_id in sorted(set(customer_ids)):
        try:
            propose_for(runtime, customer_id, reason=reason)
        except DatabaseUnavailableError:
            log.warning("watchlist.left_to_the_night", customer_id=str(customer_id))
