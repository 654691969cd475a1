"""Signing in, accounts, people, keys and venues, as they go over the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.api.schemas import Name, PermissionHeld, Request, RoleHeld, RoleName, VenueNamed
from vestibule.domain.jurisdiction import FRANCE
from vestibule.domain.permissions import Permission


def _address(text: str) -> str:
    local, at, host = text.partition("@")
    if not (local and at and host) or "@" in host or any(c.isspace() for c in text):
        raise ValueError("must be an e-mail address")
    return text.lower()


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=254),
    AfterValidator(_address),
]
Password = Annotated[str, StringConstraints(max_length=1_024)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_SCOPES = frozenset(permission.value for permission in Permission)


def _scope(text: str) -> str:
    if text not in _SCOPES:
        raise ValueError("is no permission")
    return text


Scope = Annotated[str, AfterValidator(_scope)]


# ── signing in ──────────────────────────────────────────────────────────────────────────────
class BrowserTold(Request):
    """What is known of the browser that signs in. All of it may be missing."""

    device_token: str | None = Field(
        default=None, max_length=200, description="What it was given when it signed in before."
    )
    source: str = Field(default="", max_length=100, description="Its network address.")
    words: str | None = Field(default=None, max_length=80, description="'Firefox on Android'.")


class PasswordSignIn(Request):
    email: str = Field(max_length=254)
    password: Password
    browser: BrowserTold = BrowserTold()


class CodeSignIn(Request):
    ticket: Secret
    code: Code = Field(description="Six digits of the authenticator app, or a recovery code.")
    browser: BrowserTold = BrowserTold()


class SignInStep(BaseModel):
    """``code_owed``: send ``ticket`` with a code to ``/v1/session/code``, within five minutes."""

    state: Literal["signed_in", "code_owed"]
    access_token: str | None = None
    expires_at: datetime | None = None
    device_token: str | None = Field(
        default=None, description="For this browser to keep and to send next time."
    )
    ticket: str | None = None


class CompanySignIn(BaseModel):
    """``name`` is null where people sign in by password and link alone."""

    name: str | None


class CompanyBeginning(Request):
    redirect_uri: str = Field(
        max_length=500, description="Where the browser comes back to; registered at the provider."
    )


class CompanyFlow(BaseModel):
    """Keep ``flow`` with the browser and send it with what it comes back with, in ten minutes."""

    url: str
    flow: str


class CompanyCallback(Request):
    flow: str = Field(min_length=1, max_length=4_000)
    state: str = Field(max_length=500)
    code: str = Field(min_length=1, max_length=4_000)
    browser: BrowserTold = BrowserTold()


class InvitationToken(Request):
    token: Secret


class Invitation(BaseModel):
    name: str
    email: str | None


class InvitationAcceptance(Request):
    token: Secret
    password: Password
    browser: BrowserTold = BrowserTold()


class PlaceChange(Request):
    venue_id: UUID


# ── one's own account ───────────────────────────────────────────────────────────────────────
class OwnAccount(BaseModel):
    id: UUID
    name: str
    email: str | None
    has_password: bool
    second_factor_since: datetime | None
    owes_second_factor: bool = Field(description="Nothing else is allowed before it is set up.")
    recovery_codes_left: int


class PasswordChange(Request):
    current: Password = Field(description="Empty for an account that has none yet.")
    new: Password


class SessionsEnded(BaseModel):
    ended: int


class PasswordProof(Request):
    password: Password


class SecondFactorSecret(BaseModel):
    """Shown this once. It counts after a code of it was confirmed."""

    secret: str
    uri: str
    qr_svg: str = Field(description="The uri as a QR code, an SVG without style or script.")


class SecondFactorCode(Request):
    code: Code


class RecoveryCodes(BaseModel):
    """Each stands in for a code once. Shown this once."""

    codes: list[str]


class SessionOnRecord(BaseModel):
    id: str
    is_this: bool
    signed_in_by: str | None = Field(description="link, password or oidc.")
    device: str | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class SessionList(BaseModel):
    items: list[SessionOnRecord]


# ── people ──────────────────────────────────────────────────────────────────────────────────
class RoleWanted(Request):
    role: RoleName
    venue_id: UUID | None = Field(default=None, description="Null is every venue of the chain.")


class NewPerson(Request):
    name: Name
    email: Email
    roles: list[RoleWanted] = Field(max_length=200)


class RoleChange(Request):
    roles: list[RoleWanted] = Field(max_length=200, description="All that they hold from now on.")


class NameChange(Request):
    name: Name


class RoleGiven(RoleHeld):
    granted_by: str
    granted_at: datetime


class Person(BaseModel):
    """``in_reach``: whoever asks may change them."""

    id: UUID
    name: str
    email: str | None
    status: Literal["invited", "active", "disabled"]
    is_owner: bool = Field(description="Whom one-time links of the command line sign in.")
    roles: list[RoleGiven]
    has_second_factor: bool
    owes_second_factor: bool
    last_seen_at: datetime | None
    created_at: datetime
    in_reach: bool


class PersonList(BaseModel):
    items: list[Person]


class NewInvitation(BaseModel):
    """``path`` is shown this once, for the person alone: nothing sends it."""

    person: Person
    path: str
    expires_at: datetime


class SignInPolicy(BaseModel):
    second_factor_roles: list[RoleName]


class SignInPolicyChange(Request):
    second_factor_roles: list[RoleName] = Field(max_length=5)


# ── keys ────────────────────────────────────────────────────────────────────────────────────
class NewApiKey(Request):
    name: Name
    expires_in_days: int | None = Field(default=90, ge=1, le=3_650)
    scopes: list[Scope] | None = Field(
        default=None,
        max_length=100,
        description="Permissions that whoever asks holds; null is all of them.",
    )


class ApiKey(BaseModel):
    """``api_key`` is shown this once; only its hash is stored."""

    id: str
    name: str
    api_key: str
    expires_at: datetime | None
    scopes: list[str] | None


class ApiKeyOnRecord(BaseModel):
    """``made_by``: it can never do more than they may."""

    id: str
    name: str
    made_by: str
    scopes: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class ApiKeyList(BaseModel):
    items: list[ApiKeyOnRecord]
    may_give: list[PermissionHeld] = Field(description="What whoever asks may put into a key.")


# ── venues ──────────────────────────────────────────────────────────────────────────────────
Hour = Annotated[int, Field(ge=0, le=23)]
TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=64)]
MinimumAge = Annotated[
    int,
    Field(
        ge=FRANCE.minimum_age,
        le=25,
        description="Whole years; asked of those who are at home here, and never less than the "
        "jurisdiction profile asks for.",
    ),
]
Capacity = Annotated[
    int | None, Field(ge=1, le=100_000, description="How many fit inside; null where none is set.")
]


class NewVenue(Request):
    name: Name
    timezone: TimeZone
    closes_at_hour: Hour = Field(description="A night belongs to the day it began until then.")
    minimum_age: MinimumAge = 18
    capacity: Capacity = None


class VenueChange(Request):
    name: Name | None = None
    timezone: TimeZone | None = None
    closes_at_hour: Hour | None = None
    minimum_age: MinimumAge | None = None
    capacity: Capacity = None


class Venue(VenueNamed):
    timezone: str
    closes_at_hour: int
    minimum_age: int
    capacity: int | None
    people: int = Field(description="Who has a role at this venue, or in the whole chain.")


class VenueList(BaseModel):
    items: list[Venue]
