"""The watchlist as it goes over the wire. Points leave here in whole points, not thousandths."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.api import watchlist_schemas as schemas
from vestibule.domain.watchlist_scoring import THOUSANDTHS
from vestibule.records.watchlist_names import EvidenceIncident, Names
from vestibule.records.watchlist_tables import WatchlistAppeal, WatchlistDecision, WatchlistEntry
from vestibule.workflows.show_standing import Standing
from vestibule.workflows.show_watchlist import (
    AppealShown,
    EntryPageShown,
    EntryShown,
    ProposalDetail,
    ProposalPageShown,
    ProposalShown,
)


def points(thousandths: int) -> float:
    return thousandths / THOUSANDTHS


def proposal_page(
    shown: ProposalPageShown, *, offset: int, limit: int
) -> schemas.WatchlistProposalPage:
    return schemas.WatchlistProposalPage(
        items=[
            schemas.WatchlistProposalSummary(**_summary(one, shown.names)) for one in shown.items
        ],
        total=shown.total,
        next_offset=_following(offset, limit, shown.total),
    )


def proposal(detail: ProposalDetail) -> schemas.WatchlistProposal:
    row = detail.shown.proposal
    return schemas.WatchlistProposal(
        **_summary(detail.shown, detail.names),
        is_found_by_face=detail.is_found_by_face,
        reason=row.reason,
        proposed_by=row.proposed_by,
        extends=_end(detail.extended),
        entry=_end(detail.entry),
        decisions=[_decision(one, detail.shown) for one in detail.shown.decisions],
        arithmetic=arithmetic(row.evidence, detail.names, policy_number=row.policy_number),
        incidents=[_incident(one, detail.names) for one in detail.incidents],
    )


def entry_page(shown: EntryPageShown, *, offset: int, limit: int) -> schemas.WatchlistEntryPage:
    return schemas.WatchlistEntryPage(
        items=[_entry(one, shown) for one in shown.items],
        total=shown.total,
        next_offset=_following(offset, limit, shown.total),
    )


def entry(shown: EntryPageShown) -> schemas.WatchlistEntry:
    return _entry(shown.items[0], shown)


def appeal_page(
    shown: EntryPageShown, order: list[UUID], total: int, *, offset: int, limit: int
) -> schemas.WatchlistAppealPage:
    """``order`` is that of the appeals; an entry may have several."""
    entries = {one.entry.id: _entry(one, shown) for one in shown.items}
    found = {
        one.appeal.id: (_appeal(one, now=shown.now), entries[one.appeal.entry_id])
        for of in shown.items
        for one in of.appeals
    }
    return schemas.WatchlistAppealPage(
        items=[schemas.AppealOnEntry(appeal=found[one][0], entry=found[one][1]) for one in order],
        total=total,
        next_offset=_following(offset, limit, total),
    )


def recorded(appeals: list[WatchlistAppeal]) -> schemas.RecordedAppeals:
    return schemas.RecordedAppeals(
        items=[schemas.RecordedAppeal(id=one.id, due_at=one.due_at) for one in appeals]
    )


def standing(shown: Standing) -> schemas.WatchlistStanding:
    return schemas.WatchlistStanding(
        customer=schemas.NamedCustomer(id=shown.customer_id, name=shown.customer_name),
        scores=[
            schemas.PlaceScore(
                venue=_venue(venue_id, shown.names),
                arithmetic=arithmetic(content, shown.names, policy_number=shown.policy_number),
            )
            for venue_id, content in shown.scores
        ],
        incidents=[_incident(one, shown.names) for one in shown.incidents],
        proposals=[
            schemas.WatchlistProposalSummary(**_summary(one, shown.names))
            for one in shown.proposals
        ],
        entries=[_entry(one, shown.entries) for one in shown.entries.items],
        longest_days=shown.longest_days,
    )


def _summary(shown: ProposalShown, names: Names) -> dict[str, Any]:
    row = shown.proposal
    return {
        "id": row.id,
        "customer": schemas.NamedCustomer(id=row.customer_id, name=shown.customer_name),
        "venue": _venue(row.venue_id, names),
        "origin": row.origin,
        "state": row.state.lower(),
        "points": points(row.points),
        "threshold": row.evidence["threshold"],
        "days": row.days,
        "approvals_needed": row.approvals_needed,
        "approvals": len(shown.approved_by),
        "objection": shown.objection.value if shown.objection else None,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "closed_at": row.closed_at,
    }


def arithmetic(evidence: dict[str, Any], names: Names, *, policy_number: int) -> schemas.Arithmetic:
    return schemas.Arithmetic(
        as_of=evidence["as_of"],
        lines=[_line(one, names) for one in evidence["lines"]],
        nights=[_sum(one["of"], one) for one in evidence["nights"]],
        reporters=[_sum(_person(UUID(one["of"]), names), one) for one in evidence["reporters"]],
        by_night=points(evidence["by_night"]),
        by_reporter=points(evidence["by_reporter"]),
        decided_by=evidence["decided_by"],
        points=points(evidence["points"]),
        threshold=evidence["threshold"],
        rung=evidence["rung"],
        ladder_days=evidence["ladder_days"],
        policy_number=policy_number,
        policy=evidence["policy"],
    )


def _decision(said: WatchlistDecision, shown: ProposalShown) -> schemas.WatchlistDecision:
    return schemas.WatchlistDecision(
        verdict=said.verdict,
        reason=said.reason,
        decided_by=said.decided_by,
        decided_at=said.decided_at,
        counts=said.verdict != "approve" or said.account_id in shown.approved_by,
    )


def _line(line: dict[str, Any], names: Names) -> schemas.ArithmeticLine:
    return schemas.ArithmeticLine(
        incident_id=line["incident_id"],
        kind=line["kind"],
        severity=line["severity"],
        night=line["night"],
        venue=_venue(UUID(line["venue_id"]), names),
        reported_by=_person(UUID(line["reporter_id"]), names),
        base=line["base"],
        night_number=line["night_number"],
        repetition_percent=line["repetition_percent"],
        age_days=line["age_days"],
        left=points(line["left"]),
        points=points(line["points"]),
    )


def _sum(name: str, of: dict[str, Any]) -> schemas.ArithmeticSum:
    return schemas.ArithmeticSum(
        name=name, points=points(of["points"]), counted=points(of["counted"])
    )


def _incident(one: EvidenceIncident, names: Names) -> schemas.ProposalIncident:
    return schemas.ProposalIncident(
        id=one.id,
        kind=one.kind,
        severity=one.severity,
        state=one.state.lower(),
        occurred_at=one.occurred_at,
        venue=_venue(one.venue_id, names),
        reported_by=_person(one.reporter_id, names),
        account=one.account,
    )


def _entry(of: EntryShown, shown: EntryPageShown) -> schemas.WatchlistEntry:
    row = of.entry
    return schemas.WatchlistEntry(
        id=row.id,
        customer=schemas.NamedCustomer(id=row.customer_id, name=of.customer_name),
        venue=_venue(row.venue_id, shown.names),
        proposal_id=row.proposal_id,
        state=_state(row, shown.now),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        first_ends_at=row.first_ends_at,
        approved_by=list(of.approved_by),
        is_found_by_face=row.customer_id in shown.by_face,
        may_lift=of.may_lift,
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
        lifted_reason=row.lifted_reason,
        appeals=[_appeal(one, now=shown.now) for one in of.appeals],
    )


def _appeal(of: AppealShown, *, now: datetime) -> schemas.WatchlistAppeal:
    row = of.appeal
    return schemas.WatchlistAppeal(
        id=row.id,
        statement=row.statement,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        due_at=row.due_at,
        is_overdue=row.outcome is None and row.due_at <= now,
        objection=of.objection.value if of.objection else None,
        outcome=row.outcome,
        outcome_reason=row.outcome_reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _state(row: WatchlistEntry, now: datetime) -> schemas.EntryState:
    if row.lifted_at is not None:
        return "lifted"
    if row.ends_at <= now:
        return "lapsed"
    return "waiting" if row.starts_at > now else "active"


def _end(entry: WatchlistEntry | None) -> schemas.EntryEnd | None:
    return schemas.EntryEnd.model_validate(entry, from_attributes=True) if entry else None


def _venue(venue_id: UUID | None, names: Names) -> schemas.NamedVenue | None:
    if venue_id is None or venue_id not in names.venues:
        return None
    return schemas.NamedVenue(id=venue_id, name=names.venues[venue_id])


def _person(account_id: UUID, names: Names) -> str:
    return names.accounts.get(account_id, "?")


def _following(offset: int, limit: int, total: int) -> int | None:
    return offset + limit if offset + limit < total else None
