"""One template goes: row, vector and crop."""

from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.domain.ids import TemplateId
from vestibule.records import audit, gallery
from vestibule.workflows.runtime import Runtime


def remove_template(runtime: Runtime, template_id: UUID, *, actor: str) -> None:
    """No search finds it from the commit on. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        template = gallery.find_template(transaction, template_id)
        if template is None:
            raise NotFoundError()
        transaction.delete(template)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="template.remove",
            subject=f"customer:{template.customer_id}",
            template=str(template_id),
        )
    runtime.index.delete(runtime.generation, [TemplateId(template_id)])
    runtime.blobs.delete(template.crop_key)
