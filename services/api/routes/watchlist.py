"""The watchlist: proposals and who decides them, entries, appeals. No machine keeps anybody out."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, status

from services.api import watchlist_presenters as presenters
from services.api import watchlist_schemas as schemas
from services.api.dependencies import Caller, Product, only
from services.api.faces_beside_schemas import FacesToCompare, faces_to_compare
from vestibule.domain.permissions import Permission
from vestibule.workflows.appeal_entry import Outcome, decide_appeal, record_appeal
from vestibule.workflows.check_name import check_name
from vestibule.workflows.decide_proposal import decide_proposal
from vestibule.workflows.lift_entry import lift_entry
from vestibule.workflows.propose_by_hand import Wanted, propose_by_hand
from vestibule.workflows.propose_watchlist import propose_for
from vestibule.workflows.record_look import record_look
from vestibule.workflows.show_faces_beside import show_faces_beside
from vestibule.workflows.show_standing import show_standing
from vestibule.workflows.show_watchlist import (
    show_appeals,
    show_entries,
    show_entry,
    show_proposal,
    show_proposals,
)

router = APIRouter(prefix="/watchlist", tags=["watchlist"])
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=100)]
_VIEW = only(Permission.VIEW_WATCHLIST)
_DECIDE = only(Permission.DECIDE_PROPOSALS)


# ── proposals ───────────────────────────────────────────────────────────────────────────────
@router.get("/proposals", dependencies=_VIEW)
def list_watchlist_proposals(
    product: Product,
    caller: Caller,
    state: Literal["open", "closed"] = "open",
    offset: Offset = 0,
    limit: Limit = 50,
) -> schemas.WatchlistProposalPage:
    """At the caller's venues and for the chain. Open ones by what is due first. It is recorded."""
    shown = show_proposals(
        product, is_open=state == "open", offset=offset, limit=limit, caller=caller
    )
    page = presenters.proposal_page(shown, offset=offset, limit=limit)
    _record(product, caller, "proposals", [item.customer.id for item in page.items])
    return page


@router.post("/proposals", status_code=status.HTTP_201_CREATED, dependencies=_DECIDE)
def create_watchlist_proposal(
    body: schemas.NewWatchlistProposal, product: Product, caller: Caller
) -> schemas.WatchlistProposal:
    """By hand. Where an entry for the same place holds, it asks to extend that one."""
    wanted = Wanted(body.customer_id, body.venue_id, body.days, body.incident_ids, body.reason)
    made = propose_by_hand(product, wanted, caller=caller)
    return presenters.proposal(show_proposal(product, made.id, caller=caller))


@router.get("/proposals/{proposal_id}", dependencies=_VIEW)
def get_watchlist_proposal(
    proposal_id: UUID, product: Product, caller: Caller
) -> schemas.WatchlistProposal:
    """With incidents and arithmetic. Looking at it is recorded."""
    return presenters.proposal(show_proposal(product, proposal_id, caller=caller))


@router.post("/proposals/{proposal_id}/decisions", dependencies=_DECIDE)
def decide_watchlist_proposal(
    proposal_id: UUID, body: schemas.NewWatchlistDecision, product: Product, caller: Caller
) -> schemas.WatchlistProposal:
    """One person's word, once; the last approval needed makes an entry, one rejection closes it."""
    decided = decide_proposal(
        product, proposal_id, verdict=body.verdict, reason=body.reason, caller=caller
    )
    if decided.state == "REJECTED":
        propose_for(product, decided.customer_id, reason="decided")
    return presenters.proposal(show_proposal(product, proposal_id, caller=caller))


@router.get("/customers/{customer_id}", dependencies=_VIEW)
def get_watchlist_standing(
    customer_id: UUID, product: Product, caller: Caller
) -> schemas.WatchlistStanding:
    """Points tonight, place by place, and what was proposed and decided. It is recorded."""
    return presenters.standing(show_standing(product, customer_id, caller=caller))


@router.get("/customers/{customer_id}/faces", dependencies=_VIEW)
def get_faces_to_compare(customer_id: UUID, product: Product, caller: Caller) -> FacesToCompare:
    """Enrolled faces beside those of visits, alerts and incidents. It is recorded."""
    return faces_to_compare(show_faces_beside(product, customer_id, caller=caller))


# ── entries ─────────────────────────────────────────────────────────────────────────────────
@router.get("/entries", dependencies=_VIEW)
def list_watchlist_entries(
    product: Product,
    caller: Caller,
    state: Literal["current", "past"] = "current",
    query: Annotated[str, Query(max_length=200, description="Part of a name, any case.")] = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> schemas.WatchlistEntryPage:
    """Those that hold or will, by who comes free first; or those that are over. It is recorded."""
    shown = show_entries(
        product,
        holds=state == "current",
        query=query,
        offset=offset,
        limit=limit,
        caller=caller,
    )
    page = presenters.entry_page(shown, offset=offset, limit=limit)
    _record(product, caller, "entries", [item.customer.id for item in page.items])
    return page


@router.get("/entries/{entry_id}", dependencies=_VIEW)
def get_watchlist_entry(entry_id: UUID, product: Product, caller: Caller) -> schemas.WatchlistEntry:
    """Looking at it is recorded."""
    return presenters.entry(show_entry(product, entry_id, caller=caller))


@router.post("/entries/{entry_id}/lift", dependencies=_DECIDE)
def lift_watchlist_entry(
    entry_id: UUID, body: schemas.NewWatchlistLift, product: Product, caller: Caller
) -> schemas.WatchlistEntry:
    """It ends now, with a reason. Longer is a new proposal."""
    lift_entry(product, entry_id, reason=body.reason, caller=caller)
    return presenters.entry(show_entry(product, entry_id, caller=caller))


@router.post("/name-checks", dependencies=only(Permission.IDENTIFY))
def check_name_at_door(
    body: schemas.NameCheck, product: Product, caller: Caller
) -> schemas.NameChecked:
    """For guests without a face on file: the whole name as the paper says it. It is recorded."""
    found = check_name(product, body.name, venue_id=body.venue_id, caller=caller)
    return schemas.NameChecked(call_a_manager=found)


# ── appeals ─────────────────────────────────────────────────────────────────────────────────
@router.get("/appeals", dependencies=_VIEW)
def list_watchlist_appeals(
    product: Product,
    caller: Caller,
    state: Literal["open", "decided"] = "open",
    offset: Offset = 0,
    limit: Limit = 50,
) -> schemas.WatchlistAppealPage:
    """Open ones by what is due first. It is recorded."""
    shown, order, total = show_appeals(
        product, is_open=state == "open", offset=offset, limit=limit, caller=caller
    )
    page = presenters.appeal_page(shown, order, total, offset=offset, limit=limit)
    _record(product, caller, "appeals", [item.entry.customer.id for item in page.items])
    return page


@router.post(
    "/appeals",
    status_code=status.HTTP_201_CREATED,
    dependencies=only(Permission.RECORD_APPEALS),
)
def record_watchlist_appeal(
    body: schemas.NewWatchlistAppeal, product: Product, caller: Caller
) -> schemas.RecordedAppeals:
    """Taken down for the customer; 404 where nothing holds against them at the caller's venues."""
    made = record_appeal(product, body.customer_id, statement=body.statement, caller=caller)
    return presenters.recorded(made)


@router.post("/appeals/{appeal_id}/outcome", dependencies=only(Permission.DECIDE_APPEALS))
def decide_watchlist_appeal(
    appeal_id: UUID, body: schemas.NewAppealOutcome, product: Product, caller: Caller
) -> schemas.WatchlistEntry:
    """By nobody who approved, proposed or reported. Upheld, shortened or lifted, with a reason."""
    outcome = Outcome(body.outcome, body.reason, body.ends_at)
    decided = decide_appeal(product, appeal_id, outcome, caller=caller)
    return presenters.entry(show_entry(product, decided.entry_id, caller=caller))


def _record(product: Product, caller: Caller, what: str, customers: list[UUID]) -> None:
    if customers:
        record_look(
            product,
            actor=caller.actor,
            action="watchlist.view",
            subject=what,
            customers=customers,
        )
