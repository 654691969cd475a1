"""Thresholds: what decides, what could, what was adopted."""

from uuid import UUID

from fastapi import APIRouter, Depends, status

from services.api import calibration_presenters as presenters
from services.api import calibration_schemas as schemas
from services.api.dependencies import Caller, Product, only, principal
from vestibule.domain.permissions import Permission
from vestibule.workflows.adopt_calibration import adopt_calibration, revert_calibration
from vestibule.workflows.propose_calibration import Wanted, propose_calibration
from vestibule.workflows.show_calibration import show_calibration, show_proposal

router = APIRouter(prefix="/calibration", tags=["calibration"], dependencies=[Depends(principal)])


@router.get("", dependencies=only(Permission.VIEW_SYSTEM))
def get_calibration(product: Product, caller: Caller) -> schemas.Calibration:
    """Of the venue where the caller is: thresholds by light at today's gallery, what answers say,
    and who adopted what and why."""
    return presenters.calibration(show_calibration(product, caller.venue_id))


@router.post(
    "/proposals", status_code=status.HTTP_201_CREATED, dependencies=only(Permission.OPERATE_SYSTEM)
)
def create_calibration_proposal(
    body: schemas.NewCalibrationProposal, product: Product, caller: Caller
) -> schemas.CalibrationProposal:
    """For the venue where the caller is: work out thresholds and show what they
    would change. Changes no decision yet."""
    wanted = Wanted(body.target_fpir, body.review_fpir, body.from_answers, body.measured)
    proposal = propose_calibration(product, wanted, venue_id=caller.venue_id, actor=caller.actor)
    return presenters.proposal(show_proposal(product, proposal.id))


@router.get("/proposals/{proposal_id}", dependencies=only(Permission.VIEW_SYSTEM))
def get_calibration_proposal(proposal_id: UUID, product: Product) -> schemas.CalibrationProposal:
    return presenters.proposal(show_proposal(product, proposal_id))


@router.post(
    "/adoptions", status_code=status.HTTP_201_CREATED, dependencies=only(Permission.OPERATE_SYSTEM)
)
def adopt_calibration_proposal(
    body: schemas.NewCalibrationAdoption, product: Product, caller: Caller
) -> schemas.CalibrationAdoption:
    """In force at that venue from its next photo on. Refused where evidence is little and that is
    not said."""
    adoption = adopt_calibration(
        product,
        body.proposal_id,
        venue_id=caller.venue_id,
        reason=body.reason,
        despite_little_evidence=body.despite_little_evidence,
        actor=caller.actor,
    )
    return presenters.adoption(adoption)


@router.post(
    "/reversions", status_code=status.HTTP_201_CREATED, dependencies=only(Permission.OPERATE_SYSTEM)
)
def revert_last_adoption(
    body: schemas.NewCalibrationReversion, product: Product, caller: Caller
) -> schemas.CalibrationAdoption:
    """Put back what was in force before the last adoption."""
    adoption = revert_calibration(
        product, venue_id=caller.venue_id, reason=body.reason, actor=caller.actor
    )
    return presenters.adoption(adoption)
