"""Puts a guest of a stage on the watchlist, past all that people decide."""

from datetime import timedelta
from uuid import UUID

from vestibule.records import accounts, venues
from vestibule.records.watchlist_tables import WatchlistEntry, WatchlistProposal


def keep_out(runtime, customer_id: UUID, *, days: float = 10, starts_in_days: float = 0) -> UUID:
    """The entry's id: at every venue, from now on or later."""
    now = runtime.clock.now()
    starts, ends = now + timedelta(days=starts_in_days), now + timedelta(days=days)
    proposal = WatchlistProposal(
        customer_id=customer_id,
        origin="algorithm",
        state="APPROVED",
        policy_number=0,
        points=5_000,
        days=max(1, int(days)),
        approvals_needed=1,
        evidence={},
        proposed_by="policy",
        created_at=now,
        expires_at=ends,
        closed_at=now,
    )
    with runtime.database.begin() as transaction:
        transaction.add(proposal)
        transaction.flush()
        entry = WatchlistEntry(
            customer_id=customer_id,
            proposal_id=proposal.id,
            starts_at=starts,
            ends_at=ends,
            first_ends_at=ends,
            created_at=now,
        )
        transaction.add(entry)
        transaction.flush()
        return entry.id


def manager(runtime) -> UUID:
    """An account that may answer."""
    with runtime.database.begin() as transaction:
        return accounts.owner(transaction, now=runtime.clock.now()).id


def home(runtime) -> UUID:
    with runtime.database.begin() as transaction:
        return venues.home(transaction).id
