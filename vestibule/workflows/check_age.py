"""Whether a customer is old enough: asked anew each time, since people come of age."""

from datetime import date

from vestibule.domain.age import day_at, is_minor
from vestibule.domain.errors import UnderAgeError
from vestibule.records.database import Transaction
from vestibule.records.tables import Customer, Venue
from vestibule.workflows.runtime import Runtime


def today_at(runtime: Runtime, venue: Venue) -> date:
    return day_at(runtime.clock.now(), timezone=venue.timezone)


def is_under_age(runtime: Runtime, transaction: Transaction, customer: Customer) -> bool:
    """By the age that their home venue asks for."""
    home = transaction.get_one(Venue, customer.venue_id)
    today = today_at(runtime, home)
    return is_minor(customer.birth_date, today, minimum_age=home.minimum_age)


def require_of_age(runtime: Runtime, transaction: Transaction, customer: Customer) -> None:
    """Raises UnderAgeError: whoever is a minor is never enrolled, whatever consent there is."""
    if is_under_age(runtime, transaction, customer):
        raise UnderAgeError(customer=str(customer.id))
