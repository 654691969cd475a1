"""Purchases as the wire shows them, and as it sends them."""

from services.api import purchase_schemas as schemas
from vestibule.domain.consumption import ConsumptionPolicy, hundredths
from vestibule.records import purchase_tables, purchases
from vestibule.workflows.record_purchases import SoldLine
from vestibule.workflows.show_consumption import Consumption


def sold(body: schemas.SoldLine) -> SoldLine:
    return SoldLine(
        till=body.till,
        receipt=body.receipt,
        line=body.line,
        occurred_at=body.occurred_at,
        amount_minor=body.amount_minor,
        currency=body.currency,
        category=body.category.casefold(),
        alcohol_hundredths=hundredths(body.alcohol_units),
        customer_id=body.customer_id,
        loyalty_number=body.loyalty_number,
        venue_id=body.venue_id,
    )


def purchase(row: purchase_tables.Purchase) -> schemas.Purchase:
    return schemas.Purchase(
        id=row.id,
        venue_id=row.venue_id,
        till=row.till,
        receipt=row.receipt,
        line=row.line,
        occurred_at=row.occurred_at,
        amount_minor=row.amount_minor,
        currency=row.currency,
        category=row.category,
        alcohol_units=row.alcohol_hundredths / 100,
        is_voided=row.state == "VOIDED",
    )


def consumption(shown: Consumption) -> schemas.Consumption:
    return schemas.Consumption(
        care=None if shown.care is None else shown.care.value,
        units_in_window=shown.units_hundredths / 100,
        window_hours=shown.policy.window.total_seconds() / 3600,
        tonight=_spent(shown.tonight),
        last_30_days=_spent(shown.recently),
        favourites=[
            schemas.Favourite(category=category, times=times)
            for category, times in shown.favourites
        ],
    )


def policy(shown: ConsumptionPolicy, version: int) -> schemas.ConsumptionPolicy:
    return schemas.ConsumptionPolicy(
        version=version,
        window_hours=shown.window.total_seconds() / 3600,
        watch_units=shown.watch_hundredths / 100,
        care_units=shown.care_hundredths / 100,
    )


def _spent(shown: purchases.Spent) -> schemas.Spent:
    return schemas.Spent(
        purchases=shown.purchases,
        money=[schemas.Sum(amount_minor=one.minor, currency=one.currency) for one in shown.money],
        alcohol_units=shown.alcohol_hundredths / 100,
    )
