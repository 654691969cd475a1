"""A proposal comes into force, or what was in force before it is put back. Nothing is lost."""

from uuid import UUID

from vestibule.domain.errors import ConflictError, NotFoundError, TooLittleEvidenceError
from vestibule.records import audit, calibrations
from vestibule.records.calibration_tables import CalibrationAdoption
from vestibule.records.database import Transaction
from vestibule.records.tables import Venue
from vestibule.workflows.runtime import Runtime


def adopt_calibration(
    runtime: Runtime,
    proposal_id: UUID,
    *,
    venue_id: UUID,
    reason: str,
    despite_little_evidence: bool,
    actor: str,
) -> CalibrationAdoption:
    """In force at that venue from its next photo on.

    Raises NotFoundError (another venue's as well), ConflictError (another space, or in force
    already), and TooLittleEvidenceError (facts: ``shortcomings``) unless that was confirmed.
    """
    space_id = runtime.engine.space.id
    with runtime.database.begin() as transaction:
        venue = _locked_venue(transaction, venue_id)
        proposal = calibrations.find_proposal(transaction, proposal_id)
        if proposal is None or proposal.venue_id != venue.id:
            raise NotFoundError()
        if proposal.space_id != space_id:
            raise ConflictError("This proposal is of another embedding space.")
        last = calibrations.adoption_in_force(transaction, venue_id=venue.id, space_id=space_id)
        before_id = last.proposal_id if last else None
        if before_id == proposal.id:
            raise ConflictError("This is in force already.")
        shortcomings = proposal.evidence["shortcomings"]
        if shortcomings and not despite_little_evidence:
            raise TooLittleEvidenceError(shortcomings=shortcomings)
        adoption = CalibrationAdoption(
            venue_id=venue.id,
            space_id=space_id,
            proposal_id=proposal.id,
            before_id=before_id,
            despite_little_evidence=bool(shortcomings),
            reason=reason,
            adopted_by=actor,
            adopted_at=runtime.clock.now(),
        )
        _record(runtime, transaction, adoption, action="calibration.adopt")
    return adoption


def revert_calibration(
    runtime: Runtime, *, venue_id: UUID, reason: str, actor: str
) -> CalibrationAdoption:
    """Put back what was in force before the last adoption; again, and that comes back.

    Raises ConflictError if nothing was ever adopted.
    """
    space_id = runtime.engine.space.id
    with runtime.database.begin() as transaction:
        venue = _locked_venue(transaction, venue_id)
        last = calibrations.adoption_in_force(transaction, venue_id=venue.id, space_id=space_id)
        if last is None:
            raise ConflictError("Nothing was adopted that could be put back.")
        adoption = CalibrationAdoption(
            venue_id=venue.id,
            space_id=space_id,
            proposal_id=last.before_id,
            before_id=last.proposal_id,
            reverts=True,
            reason=reason,
            adopted_by=actor,
            adopted_at=runtime.clock.now(),
        )
        _record(runtime, transaction, adoption, action="calibration.revert")
    return adoption


def _locked_venue(transaction: Transaction, venue_id: UUID) -> Venue:
    """Two adoptions at once follow each other, so each knows what was before it."""
    return transaction.get_one(Venue, venue_id, with_for_update=True)


def _record(
    runtime: Runtime, transaction: Transaction, adoption: CalibrationAdoption, *, action: str
) -> None:
    transaction.add(adoption)
    transaction.flush()
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=adoption.adopted_by,
        action=action,
        subject=f"venue:{adoption.venue_id}",
        space=adoption.space_id,
        number=adoption.number,
        proposal=str(adoption.proposal_id) if adoption.proposal_id else None,
        before=str(adoption.before_id) if adoption.before_id else None,
        despite_little_evidence=adoption.despite_little_evidence,
    )
