"""The chain's policy for its watchlist: read, tried out over the past, adopted."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, status

from services.api import watchlist_policy_schemas as schemas
from services.api.dependencies import Caller, Product, only
from services.api.watchlist_presenters import points
from services.api.watchlist_schemas import NamedCustomer, NamedVenue
from vestibule.domain.permissions import Permission
from vestibule.domain.watchlist_policy import BOUNDS, content_of
from vestibule.domain.watchlist_simulation import Change, Pair, Supposed
from vestibule.records import watchlist_names, watchlist_policies
from vestibule.records.watchlist_tables import WatchlistPolicyVersion
from vestibule.workflows.adopt_watchlist_policy import (
    SHOWN_CHANGES,
    Simulated,
    adopt_policy,
    may_edit_policy,
    simulate_policy,
)

router = APIRouter(prefix="/watchlist/policy", tags=["watchlist"])
_EDIT = only(Permission.EDIT_POLICY)
SHOWN_VERSIONS = 20


@router.get("", dependencies=only(Permission.VIEW_WATCHLIST))
def get_watchlist_policy(product: Product, caller: Caller) -> schemas.WatchlistPolicy:
    """The version in force, what each number may be, who adopted what and why."""
    with product.database.begin() as transaction:
        current = watchlist_policies.in_force(transaction)
        versions = watchlist_policies.versions(transaction, limit=SHOWN_VERSIONS)
    shipped = schemas.PolicyVersion(
        number=current.number,
        content=content_of(current.policy),
        reason=None,
        adopted_by=None,
        adopted_at=None,
    )
    return schemas.WatchlistPolicy(
        in_force=_version(versions[0]) if versions else shipped,
        bounds={
            name: schemas.PolicyBounds(least=least, most=most)
            for name, (least, most) in BOUNDS.items()
        },
        history=[_version(row) for row in versions],
        may_edit=may_edit_policy(caller),
    )


@router.post("/simulations", dependencies=_EDIT)
def simulate_watchlist_policy(
    body: schemas.NewPolicySimulation, product: Product, caller: Caller
) -> schemas.PolicySimulation:
    """What it would have proposed over the recorded past, beside the one in force."""
    simulated = simulate_policy(product, body.content, caller=caller)
    with product.database.look() as transaction:
        names = watchlist_names.of_venues(transaction).venues
    return _simulation(simulated, names)


@router.post("/versions", status_code=status.HTTP_201_CREATED, dependencies=_EDIT)
def adopt_watchlist_policy(
    body: schemas.NewPolicyVersion, product: Product, caller: Caller
) -> schemas.PolicyVersion:
    """In force from the next proposal on; 409 where another came into force meanwhile."""
    made = adopt_policy(
        product, body.content, reason=body.reason, replaces=body.replaces, caller=caller
    )
    return _version(made)


def _version(row: WatchlistPolicyVersion) -> schemas.PolicyVersion:
    return schemas.PolicyVersion.model_validate(row, from_attributes=True)


def _simulation(simulated: Simulated, venues: Mapping[UUID, str]) -> schemas.PolicySimulation:
    found = simulated.comparison
    return schemas.PolicySimulation(
        customers=found.customers,
        proposals=_pair(found.proposals),
        people=_pair(found.people),
        months=[
            schemas.MonthPair(month=month, now=pair.now, then=pair.then)
            for month, pair in found.months.items()
        ],
        venues=[
            schemas.VenuePair(venue=_venue(venue_id, venues), now=pair.now, then=pair.then)
            for venue_id, pair in found.venues.items()
        ],
        changed_customers=len(found.changes),
        changes=[
            _change(one, simulated.names[one.customer_id], venues)
            for one in found.changes[:SHOWN_CHANGES]
            if one.customer_id in simulated.names
        ],
    )


def _change(change: Change, name: str, venues: Mapping[UUID, str]) -> schemas.SimulatedChange:
    return schemas.SimulatedChange(
        customer=NamedCustomer(id=change.customer_id, name=name),
        now=[_supposed(one, venues) for one in change.now],
        then=[_supposed(one, venues) for one in change.then],
        days_more=change.days_more,
    )


def _supposed(one: Supposed, venues: Mapping[UUID, str]) -> schemas.SupposedProposal:
    finding = one.finding
    return schemas.SupposedProposal(
        night=one.night,
        venue=_venue(finding.venue_id, venues),
        points=points(finding.score.points),
        threshold=finding.threshold,
        days=finding.days,
        incidents=len(finding.score.lines),
        nights=len(finding.score.nights),
        reporters=len(finding.score.reporters),
    )


def _pair(pair: Pair) -> schemas.CountPair:
    return schemas.CountPair(now=pair.now, then=pair.then)


def _venue(venue_id: UUID | None, venues: Mapping[UUID, str]) -> NamedVenue | None:
    return None if venue_id is None else NamedVenue(id=venue_id, name=venues.get(venue_id, "?"))
