"""What people may ask of whoever holds data about them, and by which day they are answered.

GDPR articles 12 and 15 to 21. The month runs as Regulation 1182/71 counts months: from the day
after the request came until the same day of the next month, or its last one. Weekends and holidays
do not move that day here: the earlier answer is right under every reading.
"""

import calendar
from datetime import date, timedelta
from enum import StrEnum

MONTHS_TO_ANSWER = 1
MONTHS_MORE = 2
"""Article 12(3): where requests are complex or many, told with the reason within the month."""


class Right(StrEnum):
    """What is asked for. The values are part of the public contract."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"


ARTICLES = {
    Right.ACCESS: 15,
    Right.RECTIFICATION: 16,
    Right.ERASURE: 17,
    Right.RESTRICTION: 18,
    Right.PORTABILITY: 20,
    Right.OBJECTION: 21,
}


class Channel(StrEnum):
    """How a request came."""

    PAGE = "page"
    LETTER = "letter"
    EMAIL = "email"
    IN_PERSON = "in_person"
    PHONE = "phone"


class IdentityCheck(StrEnum):
    """How it was made sure that the person who asks is the one whom it concerns."""

    PERSONAL_LINK = "personal_link"
    DOCUMENT_SEEN = "document_seen"
    CONTACT_ON_FILE = "contact_on_file"
    KNOWN_IN_PERSON = "known_in_person"


class RequestState(StrEnum):
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    REFUSED = "REFUSED"
    TAKEN_BACK = "TAKEN_BACK"


WARNED_BEFORE = timedelta(days=3)
"""A request that is due within it is pointed out to those who answer it, and to the operator."""


def months_after(day: date, months: int) -> date:
    """The same day that many months later, or the last one of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_on(received_on: date) -> date:
    """The last day on which an answer is in time."""
    return months_after(received_on, MONTHS_TO_ANSWER)


def extended_due_on(received_on: date) -> date:
    """The same, once the person was told of the extension and why."""
    return months_after(received_on, MONTHS_TO_ANSWER + MONTHS_MORE)
