"""Templates: the enrolled faces."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response, status

from services.api.dependencies import Caller, Product, principal
from services.api.images import JPEG_RESPONSE, jpeg
from vestibule.domain.errors import NotFoundError
from vestibule.records import customers, gallery
from vestibule.workflows.remove_template import remove_template

router = APIRouter(prefix="/templates", tags=["templates"], dependencies=[Depends(principal)])


@router.get("/{template_id}/crop", response_class=Response, responses=JPEG_RESPONSE)
def get_template_crop(template_id: UUID, product: Product) -> Response:
    with product.database.begin() as transaction:
        template = gallery.find_template(transaction, template_id)
        if template is None or customers.find(transaction, template.customer_id) is None:
            raise NotFoundError()
    return jpeg(product.blobs, template.crop_key)


@router.delete("/{template_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_template(template_id: UUID, product: Product, caller: Caller) -> Response:
    """From the answer on, no photo is compared with it."""
    remove_template(product, template_id, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
