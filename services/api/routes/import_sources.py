"""The places that the operator set up for photos to import."""

from fastapi import APIRouter, Depends

from services.api import batch_schemas as schemas
from services.api.dependencies import Product, only, principal
from vestibule.domain.permissions import Permission

router = APIRouter(prefix="/import-sources", tags=["batches"], dependencies=[Depends(principal)])


@router.get("", dependencies=only(Permission.IMPORT_CUSTOMERS))
def list_import_sources(product: Product) -> schemas.ImportSourceList:
    """Nothing else can be named when an import is begun."""
    found = [schemas.ImportSource.model_validate({"name": name}) for name in product.imports]
    return schemas.ImportSourceList(items=found)
