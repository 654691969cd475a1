"""What makes the demo a club in use: its staff, and all that happened there in some weeks.

Nobody can sign in as the demo staff: the accounts have no password and no link until the owner
makes one. Where real guests have visits nothing of this is loaded, so that it never stands among
their figures.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from vestibule.domain.permissions import Grant, Role, rights_of
from vestibule.records import accounts, incidents, venues, visits
from vestibule.records.database import Transaction
from vestibule.records.people_tables import Account
from vestibule.workflows.load_demo_alerts import load_demo_alerts
from vestibule.workflows.load_demo_incidents import (
    load_demo_incidents,
    load_demo_purchases,
    remove_demo_incidents,
)
from vestibule.workflows.load_demo_offers import load_demo_offers
from vestibule.workflows.load_demo_requests import load_demo_requests
from vestibule.workflows.load_demo_watchlist import GUESTS_NEEDED, DemoStaff, load_demo_watchlist
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

STAFF = (
    ("Dora Klein", Role.DOOR),
    ("Malik Benali", Role.DOOR),
    ("Hélène Vidal", Role.HOST),
    ("Anna Rossi", Role.MANAGER),
    ("Ben Okafor", Role.MANAGER),
    ("Cleo Martin", Role.MANAGER),
    ("Dominique Perrin", Role.DPO),
)


def load_demo_club(
    runtime: Runtime,
    in_incidents: Sequence[UUID],
    on_the_watchlist: Sequence[UUID],
    regulars: Sequence[UUID] = (),
) -> None:
    """Around demo guests of whom nothing is on record. A club that is there is left alone."""
    with runtime.database.begin() as transaction:
        if visits.any_of_real_guests(transaction) or _is_there(transaction, in_incidents):
            return
        venue_id = venues.home(transaction).id
        now = runtime.clock.now()
        people = [_member(transaction, name, role, now=now) for name, role in STAFF]
        signed_in = [_principal(account, role, venue_id) for account, role in people]
    dora, malik, host, anna, ben, cleo, dpo = signed_in
    staff = DemoStaff(doors=(dora, malik), managers=(anna, ben, cleo), host=host)
    load_demo_watchlist(runtime, on_the_watchlist[:GUESTS_NEEDED], staff, venue_id=venue_id)
    load_demo_alerts(runtime, on_the_watchlist, cleo, venue_id=venue_id)
    load_demo_purchases(runtime, in_incidents, by=host)
    load_demo_offers(runtime, [*regulars, *in_incidents], by=host)
    load_demo_requests(runtime, in_incidents, by=dpo)
    load_demo_incidents(runtime, in_incidents, reporters=(dora, malik), manager=cleo)


def remove_demo_club(runtime: Runtime) -> None:
    """Its incidents go, and nobody is of its staff any more. Its guests are erased by the caller.

    The accounts stay, disabled: entries of the audit log name them.
    """
    remove_demo_incidents(runtime)
    with runtime.database.begin() as transaction:
        for account in accounts.demo_staff(transaction):
            account.status = "DISABLED"


def _is_there(transaction: Transaction, guests: Sequence[UUID]) -> bool:
    return any(incidents.past_of(transaction, guest_id) for guest_id in guests)


def _member(
    transaction: Transaction, name: str, role: Role, *, now: datetime
) -> tuple[Account, Role]:
    email = accounts.demo_email(name)
    for known in accounts.demo_staff(transaction):
        if known.email == email:
            known.status = "ACTIVE"
            return known, role
    made = accounts.add(transaction, name=name, email=email, status="ACTIVE", now=now)
    accounts.grant_roles(transaction, made.id, [Grant(role)], granted_by="demo", now=now)
    return made, role


def _principal(account: Account, role: Role, venue_id: UUID) -> Principal:
    grants = (Grant(role),)
    return Principal(account.name, None, account.id, rights_of(grants), venue_id, grants)
