"""Who may do what: permissions by name, roles that carry them, and where they hold.

Deny by default: what no role of a caller carries is refused. ``docs/roles.md`` is held to this.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    """What a route asks for. The values are the scopes of API keys: never renamed."""

    IDENTIFY = "photos.identify"
    ANSWER_FACES = "faces.answer"
    RECORD_VISITS = "visits.record"
    VIEW_TONIGHT = "tonight.view"
    ENROL = "customers.enrol"
    OVERRIDE_ENROLMENT = "enrolment.override"
    VIEW_CUSTOMERS = "customers.view"
    EDIT_CUSTOMERS = "customers.edit"
    MERGE_CUSTOMERS = "customers.merge"
    IMPORT_CUSTOMERS = "customers.import"
    EXPORT_CUSTOMERS = "customers.export"
    RECORD_CONSENT = "consents.record"
    ERASE_CUSTOMERS = "customers.erase"
    CURATE_GALLERY = "gallery.curate"
    RECORD_PURCHASES = "purchases.record"
    VIEW_PURCHASES = "purchases.view"
    REDEEM_OFFERS = "offers.redeem"
    MAKE_OFFERS = "offers.make"
    PLAN_OFFERS = "offers.plan"
    REPORT_INCIDENTS = "incidents.report"
    VIEW_INCIDENTS = "incidents.view"
    VERIFY_INCIDENTS = "incidents.verify"
    VIEW_WATCHLIST = "watchlist.view"
    DECIDE_PROPOSALS = "watchlist.decide"
    RECORD_APPEALS = "appeals.record"
    DECIDE_APPEALS = "appeals.decide"
    EDIT_POLICY = "watchlist.policy"
    ANSWER_ALERTS = "alerts.answer"
    HANDLE_REQUESTS = "privacy.requests"
    MANAGE_PRIVACY = "privacy.manage"
    READ_AUDIT = "audit.read"
    MANAGE_PEOPLE = "people.manage"
    MANAGE_VENUES = "venues.manage"
    MANAGE_KEYS = "keys.manage"
    VIEW_SYSTEM = "system.view"
    OPERATE_SYSTEM = "system.operate"


class Role(StrEnum):
    """What a person is to a venue, or to the whole chain."""

    DOOR = "door"
    HOST = "host"
    MANAGER = "manager"
    DPO = "dpo"
    ADMIN = "admin"


_DOOR = frozenset(
    {
        Permission.IDENTIFY,
        Permission.ANSWER_FACES,
        Permission.RECORD_VISITS,
        Permission.VIEW_TONIGHT,
        Permission.REPORT_INCIDENTS,
        Permission.REDEEM_OFFERS,
    }
)
_HOST = frozenset(
    {
        *_DOOR,
        Permission.ENROL,
        Permission.VIEW_CUSTOMERS,
        Permission.EDIT_CUSTOMERS,
        Permission.RECORD_CONSENT,
        Permission.RECORD_PURCHASES,
        Permission.VIEW_PURCHASES,
        Permission.MAKE_OFFERS,
        Permission.RECORD_APPEALS,
    }
)
_MANAGER = frozenset(
    {
        *_HOST,
        Permission.OVERRIDE_ENROLMENT,
        Permission.MERGE_CUSTOMERS,
        Permission.IMPORT_CUSTOMERS,
        Permission.EXPORT_CUSTOMERS,
        Permission.PLAN_OFFERS,
        Permission.CURATE_GALLERY,
        Permission.VIEW_INCIDENTS,
        Permission.VERIFY_INCIDENTS,
        Permission.VIEW_WATCHLIST,
        Permission.DECIDE_PROPOSALS,
        Permission.DECIDE_APPEALS,
        Permission.EDIT_POLICY,
        Permission.ANSWER_ALERTS,
    }
)
_DPO = frozenset(
    {
        Permission.VIEW_CUSTOMERS,
        Permission.VIEW_PURCHASES,
        Permission.VIEW_INCIDENTS,
        Permission.VIEW_WATCHLIST,
        Permission.RECORD_CONSENT,
        Permission.RECORD_APPEALS,
        Permission.EXPORT_CUSTOMERS,
        Permission.ERASE_CUSTOMERS,
        Permission.HANDLE_REQUESTS,
        Permission.MANAGE_PRIVACY,
        Permission.READ_AUDIT,
        Permission.VIEW_SYSTEM,
    }
)
_ADMIN = frozenset(
    {
        Permission.MANAGE_PEOPLE,
        Permission.MANAGE_VENUES,
        Permission.MANAGE_KEYS,
        Permission.VIEW_SYSTEM,
        Permission.OPERATE_SYSTEM,
        Permission.CURATE_GALLERY,
    }
)
PERMISSIONS_BY_ROLE: Mapping[Role, frozenset[Permission]] = {
    Role.DOOR: _DOOR,
    Role.HOST: _HOST,
    Role.MANAGER: _MANAGER,
    Role.DPO: _DPO,
    Role.ADMIN: _ADMIN,
}


CHAIN_WIDE = frozenset(
    {
        Permission.OPERATE_SYSTEM,
        Permission.MANAGE_VENUES,
        Permission.MANAGE_KEYS,
        Permission.READ_AUDIT,
        Permission.MANAGE_PRIVACY,
        Permission.EDIT_POLICY,
    }
)
"""What concerns every venue at once: a role at one venue does not carry it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at one venue; ``venue_id`` None is every venue of the chain."""

    role: Role
    venue_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """Each permission with the venues it holds at, None for every venue. Others are refused."""

    venues_by_permission: Mapping[Permission, frozenset[UUID] | None]

    def may(self, permission: Permission, venue_id: UUID | None = None) -> bool:
        """At that venue; without one, at any."""
        if permission not in self.venues_by_permission:
            return False
        venues = self.venues_by_permission[permission]
        return venues is None or venue_id is None or venue_id in venues

    def may_everywhere(self, permission: Permission) -> bool:
        """At every venue of the chain, those that open later too."""
        return (
            permission in self.venues_by_permission
            and self.venues_by_permission[permission] is None
        )

    def places(self, opened: Sequence[UUID]) -> list[UUID]:
        """Of these venues, those where anything is allowed."""
        found = set[UUID]()
        for venue_ids in self.venues_by_permission.values():
            if venue_ids is None:
                return list(opened)
            found |= venue_ids
        return [venue_id for venue_id in opened if venue_id in found]

    def venues(self, permission: Permission) -> frozenset[UUID] | None:
        """Where it holds: None is everywhere, an empty set nowhere."""
        return self.venues_by_permission.get(permission, frozenset())


def permissions_of(grant: Grant) -> frozenset[Permission]:
    carried = PERMISSIONS_BY_ROLE[grant.role]
    return carried if grant.venue_id is None else carried - CHAIN_WIDE


def rights_of(grants: Iterable[Grant]) -> Rights:
    """What several roles come to together."""
    found: dict[Permission, frozenset[UUID] | None] = {}
    for grant in grants:
        for permission in permissions_of(grant):
            venues = found.get(permission, frozenset())
            if grant.venue_id is None or venues is None:
                found[permission] = None
            else:
                found[permission] = venues | {grant.venue_id}
    return Rights(found)


def rights_in_scopes(scopes: Iterable[str]) -> Rights:
    """Of an API key: at every venue, what its scopes name. Words nobody knows give nothing."""
    known = {permission.value: permission for permission in Permission}
    return Rights({known[scope]: None for scope in scopes if scope in known})


def narrowed(rights: Rights, limit: Rights) -> Rights:
    """What both allow, and only where both do."""
    both: dict[Permission, frozenset[UUID] | None] = {}
    for permission, venue_ids in rights.venues_by_permission.items():
        if permission not in limit.venues_by_permission:
            continue
        there = limit.venues_by_permission[permission]
        if venue_ids is None or there is None:
            both[permission] = there if venue_ids is None else venue_ids
        else:
            both[permission] = venue_ids & there
    return Rights(both)


EVERY_ROLE = tuple(Grant(role) for role in Role)
EVERYTHING = Rights(dict.fromkeys(Permission))
