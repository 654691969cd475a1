"""Keys for programs, which can never do more than the people who made them."""

from collections.abc import Sequence
from datetime import datetime

from vestibule.domain.errors import ForbiddenError, NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import access, audit
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import make_api_key


def make_key(
    runtime: Runtime,
    by: Principal,
    *,
    name: str,
    expires_at: datetime | None,
    scopes: Sequence[str] | None,
) -> str:
    """The token, shown once. Raises ForbiddenError for a scope that the maker does not hold.

    Of keys only the machine's own makes others: what a key makes would outlive its limits.
    """
    is_machine = all(by.rights.may_everywhere(permission) for permission in Permission)
    if by.account_id is None and not is_machine:
        raise ForbiddenError("A key makes no keys.", permission=Permission.MANAGE_KEYS.value)
    for scope in scopes or ():
        if not by.may(Permission(scope)):
            raise ForbiddenError(permission=scope)
    return make_api_key(
        runtime.database,
        runtime.clock,
        name=name,
        expires_at=expires_at,
        scopes=scopes,
        made_by=by,
    )


def revoke_key(runtime: Runtime, handle: str, *, actor: str) -> None:
    """Raises NotFoundError for a key that is not here or ended before."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        key = access.revoke_by_handle(transaction, handle, kind="api_key", now=now, account_id=None)
        if key is None or key.made_by is None:
            raise NotFoundError()
        transaction.flush()
        audit.append(transaction, at=now, actor=actor, action="api_key.revoke", subject=key.actor)
