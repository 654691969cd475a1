"""A manager said "not them" of an alert: that pair is not raised again while the entry lasts.

The face's embedding is kept for it (docs/adr/0030 says why): sealed under a key of its own, used
for nothing but to leave this customer out, and gone with the entry.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np
import structlog

from vestibule.domain.decision import Candidate
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId
from vestibule.domain.similarity import best_by_customer, scores_between
from vestibule.records import alert_rejections, customers, gallery
from vestibule.records.alert_tables import Alert, AlertRejection
from vestibule.workflows.runtime import Runtime

AT_MOST = timedelta(days=400)
"""However often an entry is extended."""
log = structlog.get_logger(__name__)


def remember_until_the_entry_ends(runtime: Runtime, alert: Alert, embedding: Embeddings) -> None:
    """Safe to run twice; nothing where the installation remembers for the night only."""
    if not runtime.limits.remembers_rejected_alerts:
        return
    key, context = secrets.token_bytes(32), _context(alert.id)
    sealed = runtime.sealer.under(key).seal(gallery.to_bytes(embedding), context=context)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        if customers.find_for_change(transaction, alert.customer_id) is None:
            return
        alert_rejections.add(
            transaction,
            AlertRejection(
                alert_id=alert.id,
                customer_id=alert.customer_id,
                space_id=runtime.engine.space.id,
                sealing_key=runtime.sealer.seal(key, context=context),
                sealed=sealed,
                created_at=now,
                expires_at=now + AT_MOST,
            ),
        )


def with_lasting_rejections(
    runtime: Runtime,
    embeddings: Embeddings,
    candidates: Sequence[Sequence[Candidate]],
    tonight: Sequence[Mapping[CustomerId, float]],
) -> list[dict[CustomerId, float]]:
    """Per face, how alike it is to those that were said not to be a customer: the higher of both.

    Candidates alone are asked about, so that a photo of nobody opens nothing.
    """
    merged = [dict(found) for found in tonight]
    wanted = {candidate.customer_id for offered in candidates for candidate in offered}
    if not wanted:
        return merged
    with runtime.database.look() as transaction:
        rows = alert_rejections.of_customers(
            transaction, wanted, space_id=runtime.engine.space.id, now=runtime.clock.now()
        )
    opened = [
        (customer_id, found)
        for row, customer_id in rows
        if (found := _opened(runtime, row)) is not None
    ]
    if not opened:
        return merged
    scores = scores_between(
        runtime.engine.space.metric, embeddings, np.stack([found for _, found in opened])
    )
    owners = [CustomerId(customer_id) for customer_id, _ in opened]
    for known, row in zip(merged, scores, strict=True):
        for customer_id, score in best_by_customer(owners, [float(x) for x in row]).items():
            known[customer_id] = max(score, known.get(customer_id, score))
    return merged


def _opened(runtime: Runtime, row: AlertRejection) -> Embeddings | None:
    """None for one that another key sealed: a face too many is asked about, none too few."""
    context = _context(row.alert_id)
    try:
        key = runtime.sealer.unseal(row.sealing_key, context=context)
        return gallery.from_bytes(runtime.sealer.under(key).unseal(row.sealed, context=context))
    except ValueError:
        log.warning("alert_rejection.unreadable", alert=str(row.alert_id))
        return None


def _context(alert_id: UUID) -> str:
    return f"alert_rejection/{alert_id}"
