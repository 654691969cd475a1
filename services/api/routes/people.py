"""Accounts of the staff: list, invite, roles, disable; whose password alone is not enough."""

from collections.abc import Iterable
from uuid import UUID

from fastapi import APIRouter, Depends, Response, status

from services.api import people_presenters as presenters
from services.api import people_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.errors import ForbiddenError, NotFoundError
from vestibule.domain.permissions import Grant, Permission, Role
from vestibule.records import accounts, audit, sign_ins
from vestibule.workflows import manage_people, second_factor
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime

router = APIRouter(tags=["people"], dependencies=[Depends(principal)])
_MANAGERS = only(Permission.MANAGE_PEOPLE)


@router.get("/people", dependencies=_MANAGERS)
def list_people(product: Product, caller: Caller) -> schemas.PersonList:
    """By name. Who is out of reach of whoever asks is shown and cannot be changed by them."""
    with product.database.look() as transaction:
        rows = accounts.in_order(transaction)
        items = [presenters.person(transaction, row, seen_by=caller) for row in rows]
    return schemas.PersonList(items=items)


@router.post("/people", status_code=status.HTTP_201_CREATED, dependencies=_MANAGERS)
def invite_person(
    body: schemas.NewPerson, product: Product, caller: Caller
) -> schemas.NewInvitation:
    """An account, and a link to choose a password by. Nothing sends it: hand it over yourself."""
    account, token = manage_people.invite(
        product, caller, name=body.name, email=body.email, grants=_grants(body.roles)
    )
    return _invitation(product, caller, account.id, token)


@router.get("/people/{person_id}", dependencies=_MANAGERS)
def get_person(person_id: UUID, product: Product, caller: Caller) -> schemas.Person:
    return _shown(product, caller, person_id)


@router.patch("/people/{person_id}", dependencies=_MANAGERS)
def rename_person(
    person_id: UUID, body: schemas.NameChange, product: Product, caller: Caller
) -> schemas.Person:
    manage_people.rename(product, caller, person_id, body.name)
    return _shown(product, caller, person_id)


@router.post("/people/{person_id}/roles", dependencies=_MANAGERS)
def change_roles(
    person_id: UUID, body: schemas.RoleChange, product: Product, caller: Caller
) -> schemas.Person:
    """All that they hold from the next request on. 409 ``last_admin`` if nobody would be left."""
    manage_people.change_roles(product, caller, person_id, _grants(body.roles))
    return _shown(product, caller, person_id)


@router.post("/people/{person_id}/invitation", dependencies=_MANAGERS)
def invite_again(person_id: UUID, product: Product, caller: Caller) -> schemas.NewInvitation:
    """A new link to choose a password by, also for who forgot theirs; the one before is dead."""
    token = manage_people.invite_again(product, caller, person_id)
    return _invitation(product, caller, person_id, token)


@router.post("/people/{person_id}/disablement", dependencies=_MANAGERS)
def disable_person(person_id: UUID, product: Product, caller: Caller) -> schemas.Person:
    """Sessions and keys of theirs end at once."""
    manage_people.disable(product, caller, person_id)
    return _shown(product, caller, person_id)


@router.post("/people/{person_id}/enablement", dependencies=_MANAGERS)
def enable_person(person_id: UUID, product: Product, caller: Caller) -> schemas.Person:
    manage_people.enable(product, caller, person_id)
    return _shown(product, caller, person_id)


@router.delete("/people/{person_id}/sessions", dependencies=_MANAGERS)
def end_sessions_of_person(
    person_id: UUID, product: Product, caller: Caller
) -> schemas.SessionsEnded:
    return schemas.SessionsEnded(ended=manage_people.end_sessions(product, caller, person_id))


@router.delete(
    "/people/{person_id}/second-factor",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=_MANAGERS,
)
def remove_second_factor_of_person(person_id: UUID, product: Product, caller: Caller) -> Response:
    """For somebody who lost their phone and their recovery codes."""
    manage_people.reached(product, caller, person_id)
    second_factor.remove_second_factor(product, person_id, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


# ── the policy ──────────────────────────────────────────────────────────────────────────────
@router.get("/sign-in-policy", dependencies=_MANAGERS)
def get_sign_in_policy(product: Product) -> schemas.SignInPolicy:
    with product.database.look() as transaction:
        roles = sign_ins.second_factor_roles(transaction)
    return schemas.SignInPolicy.model_validate({"second_factor_roles": roles})


@router.patch("/sign-in-policy", dependencies=_MANAGERS)
def change_sign_in_policy(
    body: schemas.SignInPolicyChange, product: Product, caller: Caller
) -> schemas.SignInPolicy:
    """Whose password is not enough: they may do nothing before they set a second factor up."""
    if not caller.rights.may_everywhere(Permission.MANAGE_PEOPLE):
        raise ForbiddenError(permission=Permission.MANAGE_PEOPLE.value)
    now, roles = product.clock.now(), sorted(set(body.second_factor_roles))
    with product.database.begin() as transaction:
        sign_ins.set_second_factor_roles(transaction, roles, by=caller.actor, now=now)
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="sign_in_policy.change",
            subject="sign_in_policy",
            second_factor_roles=roles,
        )
    return get_sign_in_policy(product)


def _grants(roles: Iterable[schemas.RoleWanted]) -> set[Grant]:
    return {Grant(Role(wanted.role), wanted.venue_id) for wanted in roles}


def _shown(product: Runtime, caller: Principal, person_id: UUID) -> schemas.Person:
    with product.database.look() as transaction:
        row = accounts.find(transaction, person_id)
        if row is None:
            raise NotFoundError()
        return presenters.person(transaction, row, seen_by=caller)


def _invitation(
    product: Runtime, caller: Principal, person_id: UUID, token: str
) -> schemas.NewInvitation:
    return schemas.NewInvitation(
        person=_shown(product, caller, person_id),
        path=f"/invitations/{token}",
        expires_at=product.clock.now() + manage_people.INVITATION_LIFE,
    )
