"""Who may not decide on somebody, whatever their role: those whose own word is judged."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Objection(StrEnum):
    """Why this caller is not the one to decide. The values are part of the public contract."""

    NOT_A_PERSON = "not_a_person"
    NOT_PERMITTED = "not_permitted"
    PROPOSED_IT = "proposed_it"
    REPORTED_AN_INCIDENT = "reported_an_incident"
    CORRECTED_AN_INCIDENT = "corrected_an_incident"
    DECIDED_ALREADY = "decided_already"
    DECIDED_THE_PROPOSAL = "decided_the_proposal"


@dataclass(frozen=True, slots=True)
class Involved:
    """Whose word a proposal rests on, and who gave theirs on it, by account."""

    proposer_id: UUID | None
    reporter_ids: Set[UUID]
    corrector_ids: Set[UUID]
    """Whoever edited one of its incidents: what it says is their word too."""
    decider_ids: Set[UUID]


def objection_to_deciding(
    account_id: UUID | None, *, is_permitted: bool, involved: Involved
) -> Objection | None:
    """To approve or reject a proposal. An API key is no person, whatever its scopes."""
    if account_id is None:
        return Objection.NOT_A_PERSON
    if not is_permitted:
        return Objection.NOT_PERMITTED
    if account_id == involved.proposer_id:
        return Objection.PROPOSED_IT
    if account_id in involved.reporter_ids:
        return Objection.REPORTED_AN_INCIDENT
    if account_id in involved.corrector_ids:
        return Objection.CORRECTED_AN_INCIDENT
    return Objection.DECIDED_ALREADY if account_id in involved.decider_ids else None


def objection_to_hearing(
    account_id: UUID | None, *, is_permitted: bool, involved: Involved
) -> Objection | None:
    """To decide an appeal: nobody hears an appeal against their own word."""
    found = objection_to_deciding(account_id, is_permitted=is_permitted, involved=involved)
    return Objection.DECIDED_THE_PROPOSAL if found is Objection.DECIDED_ALREADY else found


def still_counting(approver_ids: Iterable[UUID], involved: Involved) -> Set[UUID]:
    """Whose approval counts: not that of who corrected an incident after they had given it."""
    own_word = involved.reporter_ids | involved.corrector_ids | {involved.proposer_id}
    return frozenset(approver_ids) - own_word
