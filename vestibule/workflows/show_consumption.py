"""What a guest buys, in figures, and whether staff should take care; the chain's thresholds."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vestibule.domain.consumption import Care, ConsumptionPolicy, care_for
from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.night import night_start
from vestibule.records import audit, customers, purchases, venues
from vestibule.records.database import Transaction
from vestibule.records.purchases import Page, Place, Spent
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_incidents import require_person
from vestibule.workflows.sign_in import Principal

RECENTLY = timedelta(days=30)
HABITS_OVER = timedelta(days=180)
FAVOURITES = 3


@dataclass(frozen=True, slots=True)
class Consumption:
    """``units_hundredths`` are those within the policy's window."""

    tonight: Spent
    recently: Spent
    favourites: list[tuple[str, int]]
    units_hundredths: int
    care: Care | None
    policy: ConsumptionPolicy


def show_consumption(runtime: Runtime, customer_id: UUID, *, by: Principal) -> Consumption:
    """The look is recorded. Tonight is the night at the venue where the caller is.

    Raises NotFoundError.
    """
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        customer_id = _present(transaction, customer_id)
        venue = venues.find(transaction, by.venue_id) or venues.home(transaction)
        began = night_start(now, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour)
        policy, _ = purchases.policy_in_force(transaction)
        soon = now + timedelta(microseconds=1)
        units = purchases.units_by_customer(
            transaction, [customer_id], since=now - policy.window, until=now
        ).get(customer_id, 0)
        shown = Consumption(
            tonight=purchases.spent(transaction, customer_id, since=began, until=soon),
            recently=purchases.spent(transaction, customer_id, since=now - RECENTLY, until=soon),
            favourites=purchases.favourites(
                transaction, customer_id, since=now - HABITS_OVER, limit=FAVOURITES
            ),
            units_hundredths=units,
            care=care_for(units, policy),
            policy=policy,
        )
        _record(runtime, transaction, customer_id, by, "consumption.view")
    return shown


def list_purchases(
    runtime: Runtime, customer_id: UUID, *, limit: int, after: Place | None, by: Principal
) -> Page:
    """The latest first. The look is recorded. Raises NotFoundError."""
    with runtime.database.begin() as transaction:
        customer_id = _present(transaction, customer_id)
        page = purchases.page_of(transaction, customer_id, limit=limit, after=after)
        _record(runtime, transaction, customer_id, by, "purchase.list")
    return page


def policy_in_force(runtime: Runtime) -> tuple[ConsumptionPolicy, int]:
    with runtime.database.look() as reader:
        return purchases.policy_in_force(reader)


def adopt_consumption_policy(
    runtime: Runtime, policy: ConsumptionPolicy, *, seen_version: int, reason: str, by: Principal
) -> int:
    """The version that is in force now.

    Raises PersonNeededError, and ConflictError when somebody changed it since it was read.
    """
    adopter_id, now = require_person(by), runtime.clock.now()
    with runtime.database.begin() as transaction:
        _, present = purchases.policy_in_force(transaction)
        version = seen_version + 1
        is_adopted = present == seen_version and purchases.adopt_policy(
            transaction, policy, version=version, reason=reason, by_id=adopter_id, now=now
        )
        if not is_adopted:
            raise ConflictError("Somebody changed the thresholds meanwhile.", version=present)
        audit.append(
            transaction,
            at=now,
            actor=by.actor,
            action="consumption.policy",
            subject=f"consumption_policy:{version}",
        )
    return version


def _present(transaction: Transaction, customer_id: UUID) -> UUID:
    """Theirs, or that of the customer whom they were merged into. Raises NotFoundError."""
    found = customers.find_present(transaction, customer_id)
    if found is None:
        raise NotFoundError()
    return found.id


def _record(
    runtime: Runtime, transaction: Transaction, customer_id: UUID, by: Principal, action: str
) -> None:
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=by.actor,
        action=action,
        subject=f"customer:{customer_id}",
    )
