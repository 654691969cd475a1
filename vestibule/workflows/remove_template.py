"""One face goes from a file: rows, vectors and crop, in every space."""

from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.records import audit, gallery
from vestibule.workflows.index_templates import unindex_templates
from vestibule.workflows.runtime import Runtime


def remove_template(runtime: Runtime, template_id: UUID, *, actor: str) -> None:
    """No search finds it from the commit on. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        template = gallery.find_template_for_change(transaction, template_id)
        if template is None:
            raise NotFoundError()
        rows = [template, *gallery.counterparts(transaction, template)]
        for row in rows:
            transaction.delete(row)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=actor,
            action="template.remove",
            subject=f"customer:{template.customer_id}",
            template=str(template_id),
        )
    unindex_templates(runtime, [row.id for row in rows])
    for key in {row.crop_key for row in rows}:
        runtime.blobs.delete(key)
