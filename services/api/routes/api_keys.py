"""Keys for programs: made, listed, revoked."""

from datetime import timedelta

from fastapi import APIRouter, Depends, Response, status

from services.api import people_presenters as presenters
from services.api import people_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.permissions import Permission
from vestibule.records import access
from vestibule.workflows.api_keys import make_key, revoke_key

router = APIRouter(prefix="/api-keys", tags=["keys"], dependencies=[Depends(principal)])


@router.get("", dependencies=only(Permission.MANAGE_KEYS))
def list_api_keys(product: Product, caller: Caller) -> schemas.ApiKeyList:
    """Those that people made and that work, the newest first."""
    with product.database.look() as transaction:
        rows = access.keys(transaction, now=product.clock.now())
        items = [presenters.key(transaction, row) for row in rows]
    return schemas.ApiKeyList(items=items, may_give=presenters.permissions(caller))


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=only(Permission.MANAGE_KEYS))
def create_api_key(body: schemas.NewApiKey, product: Product, caller: Caller) -> schemas.ApiKey:
    """A key for programs. It is shown this once, and never holds more than whoever made it."""
    days = body.expires_in_days
    until = product.clock.now() + timedelta(days=days) if days else None
    key = make_key(product, caller, name=body.name, expires_at=until, scopes=body.scopes)
    return schemas.ApiKey(
        id=access.digest(key)[: access.HANDLE_LENGTH],
        name=body.name,
        api_key=key,
        expires_at=until,
        scopes=body.scopes,
    )


@router.delete(
    "/{key_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=only(Permission.MANAGE_KEYS)
)
def revoke_api_key(key_id: str, product: Product, caller: Caller) -> Response:
    """From the answer on it opens nothing."""
    revoke_key(product, key_id, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
