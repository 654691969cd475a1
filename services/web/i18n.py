"""Languages, and times as people of that language write them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_of_day
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from babel.support import NullTranslations, Translations

from services.web.words import N_

SOURCE_LANGUAGE = "en"
# Dates of a European venue: day before month, 24 hours.
LOCALES = {"en": "en_GB", "fr": "fr_FR"}
ACTORS = {
    "the guest": N_("the guest"),
    "guest": N_("the guest"),
    "demo": N_("the demo data"),
    "owner": N_("the owner"),
    "operator": N_("whoever runs the installation"),
    "settings": N_("the settings"),
    "system": N_("the product itself"),
    "unknown": N_("somebody unknown"),
}
"""Who did something and is no account; people stand by their names."""
VISIT_SOURCES = {
    "face": N_("face confirmed at the door"),
    "hand": N_("by hand"),
    "ticket": N_("ticket"),
    "import": N_("imported"),
}
LANGUAGE_NAMES = {"en": "English", "fr": "Français"}


def load_catalogues(folder: Path) -> dict[str, NullTranslations]:
    """Every language's catalogue, compiled in memory from its committed ``.po`` file."""
    catalogues: dict[str, NullTranslations] = {SOURCE_LANGUAGE: NullTranslations()}
    for path in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        compiled = BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source))
        compiled.seek(0)
        catalogues[path.parent.parent.name] = Translations(fp=compiled)
    return catalogues


def choose_language(preferred: str | None, accept_language: str) -> str:
    """The person's own choice first, then the browser's list by weight, else English."""
    if preferred in LOCALES:
        return str(preferred)
    weighted = [_weighted(part) for part in accept_language.split(",")]
    for language, weight in sorted(weighted, key=lambda pair: -pair[1]):
        if language in LOCALES and weight > 0:
            return language
    return SOURCE_LANGUAGE


def _weighted(part: str) -> tuple[str, float]:
    tag, _, parameter = part.strip().partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        weight = 0.0
    return tag.split("-")[0].lower(), weight


@dataclass(frozen=True, slots=True)
class VenueTime:
    """Where and until when a night lasts: it belongs to the day on which it began."""

    zone: ZoneInfo
    closes_at_hour: int
    clock: Callable[[], datetime]


_LOCAL: ContextVar[VenueTime | None] = ContextVar("local_time", default=None)


@contextmanager
def local_time(time: VenueTime) -> Iterator[None]:
    """Meanwhile what is written goes by that venue's time: one set of templates serves them all."""
    token = _LOCAL.set(time)
    try:
        yield
    finally:
        _LOCAL.reset(token)


_DAY_PATTERNS = {"en": "E d MMM", "fr": "E d MMMM"}
"""A French short month ends in a dot, which a sentence would put a second one behind."""


class Wording:
    """Numbers and times in one language. Times come as ISO 8601 or as datetimes with a zone.

    They are written as of ``time``, or of the venue that ``local_time`` names meanwhile.
    """

    def __init__(self, language: str, catalogue: NullTranslations, *, time: VenueTime) -> None:
        self.language = language
        self._locale = LOCALES[language]
        self._catalogue = catalogue
        self._time: Callable[[], VenueTime] = lambda: _LOCAL.get() or time

    def at(self, time: VenueTime) -> "Wording":
        """The same, by that venue's time in any case."""
        local = copy(self)
        local._time = lambda: time
        return local

    @property
    def _zone(self) -> ZoneInfo:
        return self._time().zone

    @property
    def _closes_at(self) -> timedelta:
        return timedelta(hours=self._time().closes_at_hour)

    def _clock(self) -> datetime:
        return self._time().clock()

    def text(self, message: str, **values: object) -> str:
        translated = str(self._catalogue.ugettext(message))
        return translated % values if values else translated

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        return str(self._catalogue.ungettext(one, many, count)) % {"num": count, **values}

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self._locale))

    def score(self, value: float) -> str:
        return str(format_decimal(value, format="0.00", locale=self._locale))

    def money(self, minor: int, currency: str) -> str:
        """An amount in the currency's smallest unit, as people write it."""
        value = Decimal(minor).scaleb(-get_currency_precision(currency))
        return str(format_currency(value, currency, locale=self._locale))

    def percentage(self, share: float) -> str:
        """A share as a percentage, with the decimals it needs: 0.3 %, 10 %."""
        return str(format_percent(share, format="#,##0.##\u00a0%", locale=self._locale))

    def clock_time(self, moment: str | datetime) -> str:
        return str(format_time(self._local(moment), "short", locale=self._locale))

    def day(self, moment: str | datetime | date) -> str:
        """The date, without the year while it is this year's."""
        local = self._date(moment)
        if local.year == self._local(self._clock()).year:
            return str(format_date(local, _DAY_PATTERNS[self.language], locale=self._locale))
        return str(format_date(local, "long", locale=self._locale))

    def last_day(self, end: str | datetime) -> str:
        """The day that an end at midnight closes, as the form that named it had it."""
        return self.day(self._local(end) - timedelta(seconds=1))

    def moment(self, moment: str | datetime) -> str:
        return str(format_datetime(self._local(moment), "medium", locale=self._locale))

    def typed(self, moment: str | datetime) -> str:
        """As a field for date and time holds it: local, without a zone."""
        return self._local(moment).strftime("%Y-%m-%dT%H:%M")

    def moment_typed(self, value: str) -> datetime:
        """What such a field says, with the zone. Raises ValueError."""
        return datetime.fromisoformat(value).replace(tzinfo=self._zone)

    def iso(self, moment: str | datetime) -> str:
        return self._local(moment).isoformat()

    def when(self, moment: str | datetime) -> str:
        """Today and yesterday by name, older moments by their date."""
        days = (self._local(self._clock()).date() - self._local(moment).date()).days
        if days == 0:
            return self.text("today at %(time)s", time=self.clock_time(moment))
        if days == 1:
            return self.text("yesterday at %(time)s", time=self.clock_time(moment))
        return self.text("%(day)s at %(time)s", day=self.day(moment), time=self.clock_time(moment))

    def last_visit(self, moment: str | datetime | None) -> str:
        """The last visit in words, counted in nights."""
        if moment is None:
            return self.text("No visit on record yet")
        nights = self.nights_ago(moment)
        if nights <= 0:
            return self.text("Already here tonight, since %(time)s", time=self.clock_time(moment))
        if nights == 1:
            return self.text("Last visit: last night")
        if nights < 14:
            return self.plural(
                "Last visit: %(num)s night ago", "Last visit: %(num)s nights ago", nights
            )
        return self.text("Last visit: %(day)s", day=self.night_day(moment))

    def nights_ago(self, moment: str | datetime) -> int:
        return (self._night(self._clock()) - self._night(moment)).days

    def day_begins(self, day: str, *, days_later: int = 0) -> str | None:
        """The first moment of a day that a form names, here, as ISO 8601; None if it names none."""
        try:
            named = date.fromisoformat(day) + timedelta(days=days_later)
        except (ValueError, OverflowError):
            return None
        return datetime.combine(named, clock_of_day(0), tzinfo=self._zone).isoformat()

    def night_day(self, moment: str | datetime) -> str:
        return self.day(self._night(moment))

    def night_end(self, night: date) -> datetime:
        """When the night that begins on that date ends."""
        midnight = datetime.combine(night + timedelta(days=1), clock_of_day(0))
        return (midnight + self._closes_at).replace(tzinfo=self._zone)

    def _night(self, moment: str | datetime) -> date:
        return (self._local(moment) - self._closes_at).date()

    def _date(self, moment: str | datetime | date) -> date:
        if isinstance(moment, str) and len(moment) == len("2026-01-31"):
            return date.fromisoformat(moment)
        if isinstance(moment, date) and not isinstance(moment, datetime):
            return moment
        return self._local(moment).date()

    def _local(self, moment: str | datetime) -> datetime:
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return parsed.astimezone(self._zone)

    def birthday(self, written: str) -> str:
        return str(format_date(date.fromisoformat(written), "long", locale=self._locale))

    def visit_source(self, source: str) -> str:
        """How a visit came to be known."""
        return self.text(VISIT_SOURCES.get(source, source))

    def actor(self, name: str) -> str:
        return self.text(ACTORS[name]) if name in ACTORS else name

    def language_name(self, tag: str) -> str:
        """Its name in the page's language; the tag itself where it has none."""
        try:
            found = Locale.parse(tag, sep="-").get_display_name(self._locale)
        except (UnknownLocaleError, ValueError):
            return tag
        return str(found or tag)

    def filters(self) -> Mapping[str, Callable[..., str]]:
        """For the templates, by the names they use."""
        return {
            "number": self.number,
            "score": self.score,
            "money": self.money,
            "percentage": self.percentage,
            "clock": self.clock_time,
            "day": self.day,
            "moment": self.moment,
            "iso": self.iso,
            "typed": self.typed,
            "when": self.when,
            "last_visit": self.last_visit,
            "last_day": self.last_day,
            "night_day": self.night_day,
            "birthday": self.birthday,
            "visit_source": self.visit_source,
            "actor": self.actor,
            "language_name": self.language_name,
        }
