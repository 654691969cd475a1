"""Templates: the enrolled faces, which of them are searched, and on whose file they are."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response, status

from services.api import presenters
from services.api import template_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from services.api.images import JPEG_RESPONSE, jpeg_of
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import customers, gallery, template_moves
from vestibule.records.database import Transaction
from vestibule.records.gallery_tables import TemplateMove
from vestibule.workflows.choose_templates import Choice, restore_template, retire_template
from vestibule.workflows.move_template import move_template, undo_move
from vestibule.workflows.record_look import record_part, record_picture
from vestibule.workflows.remove_template import remove_template
from vestibule.workflows.sealed_faces import load_crop
from vestibule.workflows.see_faces import require_face_shown

router = APIRouter(tags=["templates"], dependencies=[Depends(principal)])


@router.get(
    "/templates/{template_id}/crop",
    response_class=Response,
    responses=JPEG_RESPONSE,
    dependencies=only(Permission.VIEW_CUSTOMERS, Permission.CURATE_GALLERY),
)
def get_template_crop(template_id: UUID, product: Product, caller: Caller) -> Response:
    with product.database.begin() as transaction:
        template = gallery.find_template(transaction, template_id)
        customer = customers.find(transaction, template.customer_id) if template else None
        if template is None or customer is None:
            raise NotFoundError()
        shown_to = (Permission.VIEW_CUSTOMERS, Permission.CURATE_GALLERY)
        require_face_shown(transaction, customer, caller, *shown_to)
    record_picture(product, template.customer_id, actor=caller.actor, of="enrolled face")
    return jpeg_of(lambda: load_crop(product, template.crop_key))


@router.delete(
    "/templates/{template_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=only(Permission.ENROL, Permission.ERASE_CUSTOMERS),
)
def delete_template(template_id: UUID, product: Product, caller: Caller) -> Response:
    """From the answer on, no photo is compared with it."""
    remove_template(product, template_id, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/templates/{template_id}/retirement", dependencies=only(Permission.CURATE_GALLERY))
def set_template_aside(
    template_id: UUID, product: Product, caller: Caller
) -> schemas.TemplateChoice:
    """Keep it, and compare nobody with it from the answer on."""
    retire_template(product, template_id, actor=caller.actor)
    return _choice(product, template_id, Choice())


@router.post("/templates/{template_id}/restoration", dependencies=only(Permission.CURATE_GALLERY))
def bring_template_back(
    template_id: UUID, body: schemas.TemplateRestoration, product: Product, caller: Caller
) -> schemas.TemplateChoice:
    """Compare with it again. Where the customer has as many as are allowed, another gives way."""
    choice = restore_template(product, template_id, instead_of=body.instead_of, actor=caller.actor)
    return _choice(product, template_id, choice)


def _choice(product: Product, template_id: UUID, choice: Choice) -> schemas.TemplateChoice:
    with product.database.begin() as transaction:
        template = gallery.find_template(transaction, template_id)
    if template is None:
        raise NotFoundError()
    return schemas.TemplateChoice(
        template=presenters.template(template),
        retired=list(choice.retired),
        revived=list(choice.revived),
    )


# ── moves ───────────────────────────────────────────────────────────────────────────────────
@router.post(
    "/templates/{template_id}/moves",
    status_code=status.HTTP_201_CREATED,
    dependencies=only(Permission.CURATE_GALLERY),
)
def move_template_to_another_file(
    template_id: UUID, body: schemas.NewTemplateMove, product: Product, caller: Caller
) -> schemas.TemplateMove:
    """A face that was enrolled on the wrong customer; the right one must hold a consent."""
    move = move_template(
        product,
        template_id,
        from_customer=body.from_customer_id,
        to_customer=body.to_customer_id,
        reason=body.reason,
        actor=caller.actor,
    )
    return _moves(product, [move])[0]


@router.post("/template-moves/{move_id}/undo", dependencies=only(Permission.CURATE_GALLERY))
def move_template_back(move_id: UUID, product: Product, caller: Caller) -> schemas.TemplateMove:
    """Everything as it was before the move."""
    return _moves(product, [undo_move(product, move_id, actor=caller.actor)])[0]


@router.get("/customers/{customer_id}/template-moves", dependencies=only(Permission.VIEW_CUSTOMERS))
def list_template_moves(
    customer_id: UUID, product: Product, caller: Caller
) -> schemas.TemplateMoveList:
    """Faces that were moved to or from this customer, the latest first."""
    with product.database.begin() as transaction:
        found = customers.find_present(transaction, customer_id)
        if found is None:
            raise NotFoundError()
        moves = template_moves.of_customer(transaction, found.id)
    record_part(product, found.id, actor=caller.actor, of="moves")
    return schemas.TemplateMoveList(items=_moves(product, moves))


def _moves(product: Product, moves: list[TemplateMove]) -> list[schemas.TemplateMove]:
    with product.database.begin() as transaction:
        undoable = template_moves.undoable(transaction, moves)
        return [_move(transaction, move, can_undo=move.id in undoable) for move in moves]


def _move(transaction: Transaction, move: TemplateMove, *, can_undo: bool) -> schemas.TemplateMove:
    def named(customer_id: UUID) -> schemas.CustomerNamed:
        customer = customers.find(transaction, customer_id)
        return schemas.CustomerNamed(id=customer_id, name=customer.name if customer else "")

    return schemas.TemplateMove(
        id=move.id,
        template_id=move.template_id,
        crop_url=f"/v1/templates/{move.template_id}/crop",
        from_customer=named(move.from_customer_id),
        to_customer=named(move.to_customer_id),
        reason=move.reason,
        moved_by=move.moved_by,
        moved_at=move.moved_at,
        undone_by=move.undone_by,
        undone_at=move.undone_at,
        can_undo=can_undo,
    )
