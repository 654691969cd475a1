"""Of a customer's templates those are searched that stand best for all; the others are kept.

Each space chooses by its own scores. What a person decided of a face counts in every space.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import TemplateId
from vestibule.domain.rejection import same_person_scores
from vestibule.domain.template_selection import (
    SelectableTemplate,
    enrolment_margin,
    near_duplicate_score,
    select_templates,
)
from vestibule.records import audit, customers, gallery, generations
from vestibule.records.database import Transaction
from vestibule.records.tables import Template
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import open_embeddings


@dataclass(frozen=True, slots=True)
class Choice:
    """What a selection changed: templates that are searched no more, and again."""

    retired: tuple[UUID, ...] = ()
    revived: tuple[UUID, ...] = ()

    @property
    def changed(self) -> tuple[UUID, ...]:
        return self.retired + self.revived


def choose_templates(
    runtime: Runtime, transaction: Transaction, customer_id: UUID, *, newest: UUID | None = None
) -> Choice:
    """Apply the cap to one customer, whose row must be locked. The index is the caller's to do.

    Chooses anew among all that no person decided, also those retired earlier, so the order in
    which they came makes no difference. What is retired now names ``newest`` as its replacement.
    """
    rows = gallery.templates_of(transaction, customer_id)
    opened = open_embeddings(runtime, rows)
    choices = [
        _choose_in_space(runtime, space, rows, opened, newest=newest)
        for space in _live_spaces(transaction)
    ]
    return Choice(
        tuple(item for choice in choices for item in choice.retired),
        tuple(item for choice in choices for item in choice.revived),
    )


def choose_templates_of_all(
    runtime: Runtime, transaction: Transaction, customer_ids: Iterable[UUID]
) -> None:
    """As ``choose_templates``, for several customers whose rows must be locked, after templates
    were added: who has one alone in each space has nothing to choose."""
    spaces = _live_spaces(transaction)
    of_each = gallery.templates_by_customer(transaction, customer_ids).values()
    opened = open_embeddings(runtime, [row for rows in of_each for row in rows])
    for rows in of_each:
        for space in spaces:
            _choose_in_space(runtime, space, rows, opened, newest=None)


def _live_spaces(transaction: Transaction) -> list[EmbeddingSpace]:
    spaces = {generation.space for generation in generations.live(transaction)}
    return sorted(spaces, key=lambda space: space.id)


def _choose_in_space(
    runtime: Runtime,
    space: EmbeddingSpace,
    of_customer: Iterable[Template],
    opened: Mapping[UUID, Embeddings],
    *,
    newest: UUID | None,
) -> Choice:
    rows = [
        row
        for row in of_customer
        if row.space_id == space.id
        and row.id in opened
        and (row.decided_by is None or row.status == "ACTIVE")
    ]
    calibration = runtime.calibration_in(space) if rows else None
    if calibration is None:  # a space that cannot be measured here any more keeps what it has
        return Choice()
    same_person = same_person_scores(calibration.quantiles)
    kept = select_templates(
        [_selectable(row, opened[row.id]) for row in rows],
        space.metric,
        cap=runtime.limits.templates_per_customer,
        near_duplicate=near_duplicate_score(same_person.likely),
    )
    retired = [row for row in rows if row.status == "ACTIVE" and row.id not in kept]
    revived = [row for row in rows if row.status == "RETIRED" and row.id in kept]
    for row in retired:
        _retire(runtime, row, replacement=newest if newest in kept else None)
    for row in revived:
        _revive(row)
    return Choice(tuple(row.id for row in retired), tuple(row.id for row in revived))


def restore_template(
    runtime: Runtime, template_id: UUID, *, instead_of: UUID | None, actor: str
) -> Choice:
    """Search a retired template again because a person says so; others may have to give way.

    ``instead_of`` is retired for it, by the same person's word. Raises NotFoundError, and
    ConflictError when as many as are allowed were chosen by hand already.
    """
    with runtime.database.begin() as transaction:
        template = _locked(transaction, template_id)
        if instead_of is not None:
            other = gallery.find_template_for_change(transaction, instead_of)
            if other is None or other.customer_id != template.customer_id:
                raise NotFoundError()
            for row in (other, *gallery.counterparts(transaction, other)):
                _retire(runtime, row, replacement=template.id)
                row.decided_by = actor
        rows = [template, *gallery.counterparts(transaction, template)]
        for row in rows:
            _revive(row)
            row.decided_by = actor
        transaction.flush()
        choice = choose_templates(runtime, transaction, template.customer_id, newest=template.id)
        _require_room(runtime, transaction, template)
        _audit(runtime, transaction, template, "template.restore", choice, actor, instead_of)
        transaction.flush()
        affected = [row.id for row in gallery.templates_of(transaction, template.customer_id)]
    index_templates(runtime, affected)
    return choice


def retire_template(runtime: Runtime, template_id: UUID, *, actor: str) -> None:
    """Keep a template and compare nobody with it from now on. Safe to run twice."""
    with runtime.database.begin() as transaction:
        template = _locked(transaction, template_id)
        rows = [template, *gallery.counterparts(transaction, template)]
        if any(row.status == "ACTIVE" or row.decided_by is None for row in rows):
            for row in rows:
                _retire(runtime, row, replacement=None)
                row.decided_by = actor
            _audit(runtime, transaction, template, "template.retire", Choice(), actor, None)
    index_templates(runtime, [row.id for row in rows])


def _selectable(row: Template, embedding: Embeddings) -> SelectableTemplate:
    return SelectableTemplate(
        id=TemplateId(row.id),
        embedding=embedding,
        quality=enrolment_margin(row.quality),
        created_at=row.created_at,
        is_pinned=row.decided_by is not None,
    )


def _retire(runtime: Runtime, row: Template, *, replacement: UUID | None) -> None:
    row.status, row.retired_at = "RETIRED", runtime.clock.now()
    row.retired_for = replacement


def _revive(row: Template) -> None:
    row.status, row.retired_at, row.retired_for = "ACTIVE", None, None


def _locked(transaction: Transaction, template_id: UUID) -> Template:
    """The template, its customer locked before it. Raises NotFoundError."""
    seen = gallery.find_template(transaction, template_id)
    if seen is None or customers.find_for_change(transaction, seen.customer_id) is None:
        raise NotFoundError()
    owner = seen.customer_id
    template = gallery.find_template_for_change(transaction, template_id)
    if template is None or template.customer_id != owner:
        raise ConflictError("This face was moved or removed in the meantime.")
    return template


def _require_room(runtime: Runtime, transaction: Transaction, template: Template) -> None:
    pinned = [
        row
        for row in gallery.templates_of(transaction, template.customer_id)
        if row.space_id == template.space_id and row.status == "ACTIVE" and row.decided_by
    ]
    limit = runtime.limits.templates_per_customer
    if len(pinned) > limit:
        raise ConflictError("As many faces as are allowed were chosen by hand.", limit=limit)


def _audit(
    runtime: Runtime,
    transaction: Transaction,
    template: Template,
    action: str,
    choice: Choice,
    actor: str,
    instead_of: UUID | None,
) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=actor,
        action=action,
        subject=f"customer:{template.customer_id}",
        template=str(template.id),
        instead_of=str(instead_of) if instead_of else None,
        retired=[str(item) for item in choice.retired],
        revived=[str(item) for item in choice.revived],
    )
