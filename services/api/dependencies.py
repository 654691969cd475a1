"""What routes ask for: the installation, and who is calling."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from vestibule.domain.errors import ForbiddenError, NotSignedInError
from vestibule.domain.permissions import Permission
from vestibule.wiring_parts import Installation
from vestibule.workflows.personal_links import Guest, authenticate_guest
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


def at_own_page(
    product: Annotated[Runtime, Depends(runtime)],
    token: Annotated[str, Depends(access_token)],
) -> Guest:
    """A customer who came by their personal link. No role and no key is one."""
    return authenticate_guest(product, token)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route asks for: one of these, at any venue. With none it is enough to be known.

    Raises ForbiddenError. Where a venue is known the route asks for the permission there.
    """

    permissions: tuple[Permission, ...]

    def __call__(self, caller: Annotated[Principal, Depends(principal)]) -> Principal:
        if self.permissions and not any(caller.may(one) for one in self.permissions):
            raise ForbiddenError(permission=self.permissions[0].value)
        return caller


@dataclass(frozen=True, slots=True)
class NeedsEverything:
    """For what would make its user the owner of the installation: every permission everywhere."""

    def __call__(self, caller: Annotated[Principal, Depends(principal)]) -> Principal:
        if not all(caller.rights.may_everywhere(permission) for permission in Permission):
            raise ForbiddenError(permission="everything")
        return caller


def needs(*permissions: Permission) -> Needs:
    return Needs(permissions)


def only(*permissions: Permission) -> Sequence[params.Depends]:
    """For ``dependencies=`` of a route: whoever holds one of these."""
    return [Depends(needs(*permissions))]


KNOWN = [Depends(needs())]
"""For ``dependencies=`` of a route that everybody who is signed in may call."""
EVERYTHING_ONLY = [Depends(NeedsEverything())]


Here = Annotated[Installation, Depends(installation)]
Product = Annotated[Runtime, Depends(runtime)]
Caller = Annotated[Principal, Depends(principal)]
AtOwnPage = Annotated[Guest, Depends(at_own_page)]
Token = Annotated[str, Depends(access_token)]
