"""Who is calling: a session of a person, or an API key."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.errors import ForbiddenError, NotSignedInError
from vestibule.domain.permissions import (
    EVERY_ROLE,
    EVERYTHING,
    Grant,
    Permission,
    Rights,
    narrowed,
    rights_in_scopes,
    rights_of,
)
from vestibule.ports import Clock
from vestibule.records import access, accounts, sign_ins, venues
from vestibule.records.database import Database, Transaction
from vestibule.records.people_tables import Account
from vestibule.records.tables import AccessToken

USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller who is known. ``expires_at`` is None for an API key without an end.

    ``account_id`` is None for a key: it is no person, so it decides nothing that people decide.
    ``venue_id`` is where they are: photos and visits of theirs take place there.
    ``owes_second_factor``: they may do nothing before they have set one up.
    """

    actor: str
    expires_at: datetime | None
    account_id: UUID | None
    rights: Rights
    venue_id: UUID
    grants: tuple[Grant, ...] = ()
    owes_second_factor: bool = False

    def may(self, permission: Permission, venue_id: UUID | None = None) -> bool:
        """At that venue; without one, at any."""
        return self.rights.may(permission, venue_id)

    def require(self, permission: Permission, venue_id: UUID) -> None:
        """Raises ForbiddenError unless they may at that venue."""
        if not self.may(permission, venue_id):
            raise ForbiddenError(permission=permission.value, venue=str(venue_id))

    def venues(self, permission: Permission) -> frozenset[UUID] | None:
        """Where it holds: None is everywhere, an empty set nowhere."""
        return self.rights.venues(permission)


@dataclass(frozen=True, slots=True)
class _Standing:
    rights: Rights
    grants: tuple[Grant, ...] = ()
    owes_second_factor: bool = False


def authenticate(database: Database, clock: Clock, token: str) -> Principal:
    """Roles and keys count as they are now. Raises NotSignedInError."""
    now = clock.now()
    with database.look() as transaction:
        found = access.find_token(transaction, token, now=now)
        if found is None:
            raise NotSignedInError()
        is_key = found.kind == "api_key"
        standing = _of_key(transaction, found) if is_key else _of_person(transaction, found)
        venue_id = _place(transaction, standing.rights, found.venue_id)
    _note_use(database, found, now=now)
    return Principal(
        actor=found.actor,
        expires_at=found.expires_at,
        account_id=found.account_id,
        rights=standing.rights,
        venue_id=venue_id,
        grants=standing.grants,
        owes_second_factor=standing.owes_second_factor,
    )


def _of_key(transaction: Transaction, key: AccessToken) -> _Standing:
    """What its scopes name, as far as its maker may that now."""
    rights = EVERYTHING if key.scopes is None else rights_in_scopes(key.scopes)
    if key.made_by is None:
        return _Standing(rights)
    maker = _active(transaction, key.made_by)
    return _Standing(narrowed(rights, rights_of(accounts.grants_of(transaction, maker.id))))


def _of_person(transaction: Transaction, session: AccessToken) -> _Standing:
    if session.account_id is None:  # a session of the release before, which knew one role
        return _Standing(rights_of(EVERY_ROLE), EVERY_ROLE)
    account = _active(transaction, session.account_id)
    grants = tuple(accounts.grants_of(transaction, account.id))
    if session.signed_in_by == "password" and account.totp_since is None:
        strict = set(sign_ins.second_factor_roles(transaction))
        if any(grant.role.value in strict for grant in grants):
            return _Standing(rights_of([]), grants, owes_second_factor=True)
    return _Standing(rights_of(grants), grants)


def _active(transaction: Transaction, account_id: UUID) -> Account:
    """Raises NotSignedInError for who may not sign in any more."""
    account = accounts.find(transaction, account_id)
    if account is None or account.status != "ACTIVE":
        raise NotSignedInError()
    return account


def _place(transaction: Transaction, rights: Rights, chosen: UUID | None) -> UUID:
    """What was chosen, else the first venue where they may do anything, else the first of all."""
    opened = [venue.id for venue in venues.in_order(transaction)]
    places = rights.places(opened)
    return chosen if chosen in places and chosen is not None else (places or opened)[0]


def _note_use(database: Database, token: AccessToken, *, now: datetime) -> None:
    """Once a minute at most, and nobody waits for it to be on disk."""
    if token.last_used_at is not None and now - token.last_used_at < USE_IS_NOTED_EVERY:
        return
    with database.begin(durable=False) as transaction:
        access.mark_used(transaction, token.token_sha256, now=now)
