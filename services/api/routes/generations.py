"""Generations of the index: which there are, which answers, switch, switch back, drop."""

from fastapi import APIRouter, Depends

from services.api import batch_presenters as presenters
from services.api import batch_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import generations
from vestibule.workflows import switch_generation as switching
from vestibule.workflows.runtime import Runtime

router = APIRouter(prefix="/index-generations", tags=["batches"], dependencies=[Depends(principal)])


@router.get("", dependencies=only(Permission.VIEW_SYSTEM))
def list_index_generations(product: Product) -> schemas.IndexGenerationList:
    with product.database.look() as reader:
        rows = generations.all_rows(reader)
        return schemas.IndexGenerationList(
            items=[presenters.generation(reader, row) for row in rows]
        )


@router.get("/{number}", dependencies=only(Permission.VIEW_SYSTEM))
def get_index_generation(number: int, product: Product) -> schemas.IndexGeneration:
    return _shown(product, number)


@router.post("/{number}/switch", dependencies=only(Permission.OPERATE_SYSTEM))
def switch_index_generation(
    number: int, body: schemas.GenerationSwitch, product: Product, caller: Caller
) -> schemas.IndexGeneration:
    """It answers from now on; the former one stands by, complete, for switching back.

    Refused (409) unless it is proven complete, by number and by id.
    """
    switching.switch_generation(product, number, reason=body.reason, actor=caller.actor)
    return _shown(product, number)


@router.post("/{number}/drop", dependencies=only(Permission.OPERATE_SYSTEM))
def drop_index_generation(
    number: int, body: schemas.GenerationDrop, product: Product, caller: Caller
) -> schemas.IndexGeneration:
    """Gone for good. Not the one that answers, nor one that a batch is filling."""
    switching.drop_generation(
        product,
        number,
        clears_templates=body.clears_templates,
        reason=body.reason,
        actor=caller.actor,
    )
    return _shown(product, number)


def _shown(product: Runtime, number: int) -> schemas.IndexGeneration:
    with product.database.look() as reader:
        row = generations.find(reader, number)
        if row is None:
            raise NotFoundError()
        return presenters.generation(reader, row)
