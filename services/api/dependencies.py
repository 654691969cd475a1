"""What routes ask for: the installation, and who is calling."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from vestibule.domain.errors import ForbiddenError, NotSignedInError
from vestibule.domain.permissions import Permission
from vestibule.wiring import Installation
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal, authenticate

_bearer = HTTPBearer(auto_error=False, description="A session's token or an API key.")


def installation(request: Request) -> Installation:
    found = request.app.state.installation
    assert isinstance(found, Installation)
    return found


def runtime(here: Annotated[Installation, Depends(installation)]) -> Runtime:
    """Bound to the generation that answers now, for the whole request."""
    return here.runtime.at_serving()


def access_token(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    if credentials is None:
        raise NotSignedInError()
    return credentials.credentials


def principal(
    here: Annotated[Installation, Depends(installation)],
    token: Annotated[str, Depends(access_token)],
) -> Principal:
    """Every route but the exchange of a sign-in link depends on this: deny by default."""
    return authenticate(here.runtime.database, here.runtime.clock, token)


def needs(permission: Permission) -> Callable[[Principal], Principal]:
    """What a route asks for, at any venue; raises ForbiddenError. The route asks for the venue."""

    def permitted(caller: Annotated[Principal, Depends(principal)]) -> Principal:
        if not caller.may(permission):
            raise ForbiddenError(permission=permission.value)
        return caller

    return permitted


Here = Annotated[Installation, Depends(installation)]
Product = Annotated[Runtime, Depends(runtime)]
Caller = Annotated[Principal, Depends(principal)]
Token = Annotated[str, Depends(access_token)]
