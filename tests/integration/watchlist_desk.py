"""A chain with staff, what guests did there, and how to do things at once."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from vestibule.domain.incidents import IncidentKind, IncidentState, Part
from vestibule.domain.permissions import Grant, Role, rights_of
from vestibule.records import accounts, audit, incidents, venues, watchlist, watchlist_proposals
from vestibule.records.incident_tables import Incident, IncidentPerson
from vestibule.records.tables import Venue
from vestibule.records.watchlist_tables import WatchlistEntry, WatchlistProposal
from vestibule.workflows.decide_proposal import decide_proposal
from vestibule.workflows.edit_incident import IncidentEdit, edit_incident
from vestibule.workflows.propose_by_hand import Wanted, propose_by_hand
from vestibule.workflows.propose_watchlist import propose_for, tonight_of
from vestibule.workflows.sign_in import Principal

BRAWL = IncidentKind.VIOLENCE


class Desk:
    def __init__(self, stage) -> None:
        self.stage = stage
        self.runtime = stage.runtime
        with self.runtime.database.begin() as transaction:
            self.home = venues.home(transaction).id
        self.doors = [self.staff(Role.DOOR, name=f"door {n}") for n in range(3)]

    # ── people ──────────────────────────────────────────────────────────────────────────────
    def staff(self, role: Role, *, venue_id: UUID | None = None, name: str = "") -> Principal:
        with self.runtime.database.begin() as transaction:
            account = accounts.add(
                transaction,
                name=name or role.value,
                email=None,
                status="ACTIVE",
                now=self.runtime.clock.now(),
            )
        return self._principal(Grant(role, venue_id or self.home), account.id)

    def manager(self, venue_id: UUID | None = None, *, name: str = "") -> Principal:
        return self.staff(Role.MANAGER, venue_id=venue_id, name=name)

    def head_manager(self) -> Principal:
        made = self.manager()
        return self._principal(Grant(Role.MANAGER), made.account_id)

    def key(self) -> Principal:
        return self._principal(Grant(Role.MANAGER), None)

    def _principal(self, grant: Grant, account_id: UUID | None) -> Principal:
        return Principal(
            actor=grant.role.value,
            expires_at=None,
            account_id=account_id,
            rights=rights_of([grant]),
            venue_id=grant.venue_id or self.home,
        )

    def other_venue(self, name: str = "Elsewhere") -> UUID:
        venue_id = uuid4()
        with self.runtime.database.begin() as transaction:
            transaction.add(
                Venue(
                    id=venue_id,
                    name=name,
                    timezone="Asia/Tokyo",
                    closes_at_hour=6,
                    created_at=self.runtime.clock.now(),
                )
            )
        return venue_id

    # ── what happened ───────────────────────────────────────────────────────────────────────
    def guest(self, name: str = "Alex Morel") -> UUID:
        return self.stage.guest(name, consent=False).id

    def incident(
        self,
        guest_id: UUID,
        *,
        by: Principal,
        severity: int = 4,
        kind: IncidentKind = BRAWL,
        nights_ago: int = 1,
        venue_id: UUID | None = None,
        state: str = "VERIFIED",
        part: Part = Part.ACTOR,
    ) -> UUID:
        incident_id, now = uuid4(), self.runtime.clock.now()
        with self.runtime.database.begin() as transaction:
            transaction.add(
                Incident(
                    id=incident_id,
                    venue_id=venue_id or self.home,
                    kind=kind.value,
                    severity=severity,
                    occurred_at=now - timedelta(days=nights_ago),
                    night=tonight_of(self.runtime) - timedelta(days=nights_ago),
                    account="Hit somebody.",
                    state=state,
                    reporter_id=by.account_id,
                    created_at=now,
                    updated_at=now,
                )
            )
            transaction.flush()
            transaction.add(
                IncidentPerson(incident_id=incident_id, customer_id=guest_id, part=part.value)
            )
        return incident_id

    def correct(self, incident_id: UUID, by: Principal) -> None:
        """Its words alone: what counts stays, so that proposals stay open."""
        with self.runtime.database.begin() as transaction:
            row = transaction.get(Incident, incident_id)
            assert row is not None
            seen = row.version
        words = IncidentEdit(account=f"Hit somebody, version {seen}.")
        edit_incident(self.runtime, incident_id, words, seen_version=seen, by=by)

    def corrected_at(self, incident_id: UUID) -> datetime:
        with self.runtime.database.begin() as transaction:
            return incidents.revisions_of(transaction, incident_id)[-1].at

    def becomes(self, incident_id: UUID, state: IncidentState) -> None:
        with self.runtime.database.begin() as transaction:
            row = transaction.get(Incident, incident_id)
            assert row is not None
            row.state = state.value

    def dangerous_guest(self, name: str = "Alex Morel", **fields: object) -> UUID:
        """Two brawls on two nights, told by two people: enough for the venue."""
        guest_id = self.guest(name)
        self.incident(guest_id, by=self.doors[0], nights_ago=2, **fields)
        self.incident(guest_id, by=self.doors[1], nights_ago=1, **fields)
        return guest_id

    # ── what follows ────────────────────────────────────────────────────────────────────────
    def propose(self, guest_id: UUID) -> WatchlistProposal:
        (made,) = propose_for(self.runtime, guest_id, reason="test").proposed
        return self.proposal(made)

    def by_hand(self, guest_id: UUID, by: Principal, *incident_ids: UUID, **fields):
        wanted = {"venue_id": self.home, "days": 14, "reason": "It cannot wait.", **fields}
        return propose_by_hand(
            self.runtime,
            Wanted(customer_id=guest_id, incident_ids=incident_ids, **wanted),
            caller=by,
        )

    def decide(self, proposal_id: UUID, by: Principal, verdict: str = "approve"):
        return decide_proposal(
            self.runtime, proposal_id, verdict=verdict, reason="It is so.", caller=by
        )

    def banned_guest(self, name: str = "Alex Morel") -> tuple[UUID, WatchlistEntry]:
        guest_id = self.dangerous_guest(name)
        self.decide(self.propose(guest_id).id, self.manager())
        return guest_id, self.entries(guest_id)[0]

    def proposal(self, proposal_id: UUID) -> WatchlistProposal:
        with self.runtime.database.begin() as transaction:
            found = watchlist_proposals.find(transaction, proposal_id)
        assert found is not None
        return found

    def proposals(self, guest_id: UUID, *states: str) -> list[WatchlistProposal]:
        with self.runtime.database.begin() as transaction:
            found = watchlist_proposals.of_customer(transaction, guest_id)
        return [one for one in found if not states or one.state in states]

    def entries(self, guest_id: UUID) -> list[WatchlistEntry]:
        query = (
            select(WatchlistEntry)
            .where(WatchlistEntry.customer_id == guest_id)
            .order_by(WatchlistEntry.created_at)
        )
        with self.runtime.database.begin() as transaction:
            return list(transaction.scalars(query))

    def is_kept_out(self, guest_id: UUID, *, venue_id: UUID | None = None, at=None) -> bool:
        with self.runtime.database.begin() as transaction:
            found = watchlist.active_for(
                transaction,
                [guest_id, uuid4()],
                venue_id=venue_id or self.home,
                now=at or self.runtime.clock.now(),
            )
        return guest_id in found

    def passes(self, **time: int) -> None:
        self.runtime.clock.moment += timedelta(**time)

    def audit_holds(self) -> bool:
        with self.runtime.database.begin() as transaction:
            return audit.verify(transaction).broken_at is None


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Start them together; what each returned or raised, in their order."""
    start, came = threading.Barrier(len(steps)), [None] * len(steps)

    def run(place: int, step: Callable[[], object]) -> None:
        start.wait()
        try:
            came[place] = step()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            came[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return came


def errors(came: Sequence[object]) -> list[object]:
    return [one for one in came if isinstance(one, Exception)]
