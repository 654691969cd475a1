"""What is held about a person as one page of HTML that needs nothing else to be read."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import escape

from babel.numbers import get_currency_precision

from services.api.personal_schemas import PersonalData, PersonalOffer
from services.api.personal_words import in_language

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ccc;"
    "overflow-wrap:break-word}img{width:112px;height:auto}"
    # On a phone each row stands by itself, with the column's name before each cell.
    "@media(max-width:40rem){table.rows thead{display:none}"
    "table.rows tr{display:block;padding:.5rem 0;border-bottom:1px solid #ccc}"
    "table.rows td{display:flex;gap:1rem;border:0}"
    "table.rows td::before{content:attr(data-column);flex:0 0 8rem;font-weight:bold}}"
)
Cell = str | int | float | bool | date | datetime | None


_MADE_FOR = {
    None: "you alone",
    "regular": "guests who come often",
    "returning": "guests who came again",
    "new": "guests who came once",
    "lapsed": "guests who stayed away for long",
    "never": "guests who had not come yet",
}

_ENDS = {
    "customer": "Your whole file",
    "template": "Your face",
    "visit": "Visits",
    "purchase": "Purchases",
    "offer": "Offers",
    "consent": "Consents",
    "consent_proof": "Signatures and scans of your consents",
    "incident": "Incidents",
    "dismissed_incident": "Incidents that were dismissed",
    "proposal": "Proposals to keep you out",
    "entry": "Watchlist",
    "data_request": "Your requests",
}

_NOT_YET = "not while something of yours is open"
_LOOKED_AT = {
    "alert": "An alert at the door",
    "appeal": "An appeal of yours",
    "consent": "What you agreed to",
    "consumption": "What you had at the bar",
    "customer": "Your file",
    "customers": "A list of guests",
    "data_request": "A request of yours",
    "enrolment": "Your enrolment",
    "face": "A photo at the door",
    "gallery": "A look through the faces on file",
    "incident": "An incident",
    "legal_hold": "What may not go yet",
    "offer": "An offer",
    "personal_link": "The link to your own page",
    "photo": "A photo at the door",
    "purchase": "A purchase",
    "retention": "What goes when",
    "template": "Your face",
    "tonight": "Who is in tonight",
    "visit": "A visit",
    "watchlist": "A decision about entry",
}
"""By the first word of the deed; ``data.json`` has the whole of it."""


def html_of(data: PersonalData, *, language: str) -> str:
    """Whatever people wrote is text there and never markup."""
    page = _Page(language)
    _you(page, data)
    _consents_and_faces(page, data)
    _what_happened(page, data)
    _the_watchlist(page, data)
    _what_was_asked(page, data)
    _when_it_goes(page, data)
    title = page.say("What we hold about you")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src 'self' file:; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        + "\n".join(page.parts)
        + "\n</body></html>\n"
    )


class _Page:
    def __init__(self, language: str) -> None:
        self.language = language
        self.parts: list[str] = []

    def say(self, words: str) -> str:
        return escape(in_language(words, self.language))

    def text(self, words: str) -> None:
        self.parts.append(f"<p>{self.say(words)}</p>")

    def head(self, words: str) -> None:
        self.parts.append(f"<h2>{self.say(words)}</h2>")

    def cell(self, value: Cell) -> str:
        if value is None:
            return "–"
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M} UTC"
        if isinstance(value, date):
            return value.isoformat()
        return self.say(str(value))

    def facts(self, rows: Iterable[tuple[str, Cell]]) -> None:
        lines = [
            f'<tr><th scope="row">{self.say(name)}</th><td>{self.cell(value)}</td></tr>'
            for name, value in rows
        ]
        self.parts.append(f"<table>{''.join(lines)}</table>")

    def table(
        self,
        heading: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        pictures: Sequence[str | None] = (),
    ) -> None:
        """``pictures`` stand in a last column, one a row."""
        self.head(heading)
        head = "".join(f'<th scope="col">{self.say(one)}</th>' for one in columns)
        names = [self.say(one) for one in columns]
        lines = [
            "".join(
                f'<td data-column="{name}"><span>{self.cell(value)}</span></td>'
                for name, value in zip(names, row, strict=True)
            )
            for row in rows
        ]
        if not lines:
            self.text("None.")
            return
        if pictures:
            head += f'<th scope="col">{self.say("Picture")}</th>'
            lines = [
                line + (f'<td><img src="{escape(name)}" alt=""></td>' if name else "<td></td>")
                for line, name in zip(lines, pictures, strict=True)
            ]
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        self.parts.append(
            f'<table class="rows"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        )


def _you(page: _Page, data: PersonalData) -> None:
    page.text("This file is whole: nothing about you is left out but what belongs to other people.")
    who = data.profile
    page.head("You")
    page.facts(
        [
            ("Made on", data.made_at),
            ("Name", who.name),
            ("Other names on file", ", ".join(who.other_names) or None),
            ("Birth date", who.birth_date),
            ("Phone", who.phone),
            ("E-mail", who.email),
            ("Language", who.language),
            ("Loyalty number", who.loyalty_number),
            ("Tags", ", ".join(who.tags) or None),
            ("Notes of the staff", who.notes or None),
            ("Home venue", who.home_venue),
            ("On file since", who.on_file_since),
            ("Use restricted since", data.restricted_since),
            ("Objects to statistics since", data.objects_to_statistics_since),
            ("Objects to offers since", data.objects_to_offers_since),
        ]
    )


def _consents_and_faces(page: _Page, data: PersonalData) -> None:
    page.table(
        "Consents",
        ("Purpose", "Venue", "Given", "Until", "Withdrawn"),
        [
            (
                one.purpose,
                one.venue or "Every venue",
                one.given_at,
                one.expires_at,
                one.withdrawn_at,
            )
            for one in data.consents
        ],
    )
    page.table(
        "Your face",
        ("Added", "Compared"),
        [(one.added_at, one.is_compared) for one in data.faces],
        [one.picture for one in data.faces],
    )
    page.text(
        "A list of numbers made from each picture is compared with photos at the door. From the "
        "numbers nobody can read anything but likeness."
    )
    page.table(
        "Photos you were seen in",
        ("Taken", "Venue", "Is removed"),
        [(one.at, one.venue, one.expires_at) for one in data.sightings],
        [one.picture for one in data.sightings],
    )


def _what_happened(page: _Page, data: PersonalData) -> None:
    page.table(
        "Visits",
        ("Night", "Venue", "Came", "Left", "Known by"),
        [(one.night, one.venue, one.entered_at, one.left_at, one.known_by) for one in data.visits],
    )
    page.table(
        "Purchases",
        ("When", "Venue", "What", "Amount", "Voided"),
        [
            (
                one.at,
                one.venue,
                one.category,
                _money(one.amount_minor, one.currency),
                one.is_voided,
            )
            for one in data.purchases
        ],
    )
    page.table(
        "Offers",
        ("When", "Venue", "What", "Until", "Redeemed", "Taken back", "Made for"),
        [
            (
                one.made_at,
                one.venue,
                _offer_words(page, one),
                one.ends_at,
                one.redeemed_at,
                one.taken_back_at,
                _MADE_FOR[one.segment],
            )
            for one in data.offers
        ],
    )
    page.table(
        "Incidents",
        ("Night", "Venue", "What", "Severity", "Your part", "State"),
        [
            (one.night, one.venue, one.kind, one.severity, one.part, one.state)
            for one in data.incidents
        ],
    )
    if data.incidents:
        page.text(
            "The written account may speak of other people: ask for it, and you get it without "
            "them."
        )


def _when_it_goes(page: _Page, data: PersonalData) -> None:
    page.table(
        "When it goes",
        ("What", "Kept, in days", "The first goes"),
        [(_ENDS[one.what], one.kept_days, one.goes_at or _NOT_YET) for one in data.ends],
    )
    page.text(
        "Coming again or agreeing again moves the day of your face and of your file. You need not "
        "wait for it: ask to have everything erased at any time."
    )
    if data.kept_back_until:
        page.facts([("A part may be needed for a claim, and is kept until", data.kept_back_until)])


def _money(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-get_currency_precision(currency))} {currency}"


def _offer_words(page: _Page, offer: PersonalOffer) -> str:
    if page.language == "fr":
        return offer.words_fr or offer.words_en
    return offer.words_en or offer.words_fr


def _the_watchlist(page: _Page, data: PersonalData) -> None:
    page.table(
        "Watchlist",
        ("Venue", "From", "Until", "Lifted"),
        [
            (one.venue or "The whole chain", one.starts_at, one.ends_at, one.lifted_at)
            for one in data.watchlist
        ],
    )
    page.table(
        "Proposals to keep you out",
        ("When", "Venue", "Proposed by", "Points", "State"),
        [
            (one.at, one.venue or "The whole chain", one.origin, one.points, one.state)
            for one in data.proposals
        ],
    )
    page.table(
        "Appeals",
        ("Received", "You said", "Answer by", "Outcome"),
        [
            (one.recorded_at, one.statement, one.due_at, one.outcome)
            for entry in data.watchlist
            for one in entry.appeals
        ],
    )


def _what_was_asked(page: _Page, data: PersonalData) -> None:
    page.table(
        "Your requests",
        ("Asked", "Received", "Answer by", "State", "Words"),
        [
            (
                one.right,
                one.received_on,
                one.due_on,
                one.state,
                " · ".join(step.words for step in one.steps if step.words),
            )
            for one in data.requests
        ],
    )
    page.table(
        "When your data were used",
        ("When", "What it was about"),
        [(one.at, _LOOKED_AT.get(one.action.partition(".")[0], one.action)) for one in data.looks],
    )
