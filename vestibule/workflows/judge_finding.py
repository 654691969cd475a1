"""A person says of a finding that all is as it should be, or takes that back."""

from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.records import audit, gallery_health
from vestibule.records.database import Transaction
from vestibule.records.gallery_tables import GalleryJudgement
from vestibule.workflows.runtime import Runtime


def judge_finding(runtime: Runtime, finding_id: UUID, *, actor: str) -> GalleryJudgement:
    """The finding is not shown again, also not by the next look. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        found = gallery_health.finding(transaction, finding_id)
        if found is None:
            raise NotFoundError()
        judgement = gallery_health.judge(transaction, found, actor=actor, now=runtime.clock.now())
        _audit(runtime, transaction, judgement, "gallery.judge", actor)
    return judgement


def take_judgement_back(runtime: Runtime, judgement_id: UUID, *, actor: str) -> GalleryJudgement:
    """The finding is shown again while it stands. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        judgement = gallery_health.take_judgement(transaction, judgement_id)
        if judgement is None:
            raise NotFoundError()
        _audit(runtime, transaction, judgement, "gallery.judge_back", actor)
    return judgement


def _audit(
    runtime: Runtime,
    transaction: Transaction,
    judgement: GalleryJudgement,
    action: str,
    actor: str,
) -> None:
    other, template = judgement.other_customer_id, judgement.template_id
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action=action,
        subject=f"customer:{judgement.customer_id}",
        kind=judgement.kind,
        other_customer=str(other) if other else None,
        template=str(template) if template else None,
    )
