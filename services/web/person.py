"""Who is signed in, what they may do, and what the navigation offers them.

Nothing here decides: the API refuses whatever it is asked. Pages follow, so that nobody is led to
a door that does not open.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.web.api_client import JsonObject
from services.web.words import N_


@dataclass(frozen=True, slots=True)
class Person:
    """``permissions`` are those that hold anywhere, with their venues; None is everywhere."""

    name: str = ""
    is_person: bool = False
    permissions: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    owes_second_factor: bool = False
    venue: JsonObject = field(default_factory=dict)
    venues: Sequence[JsonObject] = ()
    appeals_overdue: int = 0
    requests_pressing: int = 0

    def can(self, *permissions: str) -> bool:
        """One of them."""
        return any(permission in self.permissions for permission in permissions)

    def where(self, permission: str) -> Sequence[str] | None:
        """None is everywhere, an empty list nowhere."""
        return self.permissions.get(permission, ())


NOBODY = Person()


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation: where it leads and who is shown it."""

    path: str
    icon: str
    name: str
    permission: str
    prefix: str = ""

    def is_here(self, path: str) -> bool:
        return path == self.path or (bool(self.prefix) and path.startswith(self.prefix))


PLACES = (
    Place("/", "door", N_("Door"), "photos.identify"),
    Place("/tonight", "clock", N_("Tonight"), "tonight.view", "/tonight"),
    Place("/guests", "guests", N_("Guests"), "customers.view", "/guests"),
    Place("/incidents", "warning", N_("Incidents"), "incidents.report", "/incidents"),
    Place("/incidents", "warning", N_("Incidents"), "incidents.view", "/incidents"),
    Place("/alerts", "manager", N_("Alerts"), "alerts.answer", "/alerts"),
    Place("/offers", "sparkle", N_("Offers"), "offers.plan", "/offers"),
    Place("/review", "check", N_("Review"), "watchlist.view", "/review"),
    Place("/privacy/requests", "consent", N_("Privacy"), "privacy.requests", "/privacy"),
    Place("/privacy/consents", "consent", N_("Privacy"), "consents.record", "/privacy"),
    Place("/privacy/consents", "consent", N_("Privacy"), "privacy.manage", "/privacy"),
    Place("/privacy/provisions", "consent", N_("Privacy"), "watchlist.policy", "/privacy"),
    Place("/privacy/audit", "consent", N_("Privacy"), "audit.read", "/privacy"),
    Place("/privacy/erasures", "consent", N_("Privacy"), "customers.erase", "/privacy"),
    Place("/system", "system", N_("System"), "system.view", "/system"),
    Place("/system/people", "system", N_("System"), "people.manage", "/system"),
    Place("/system/gallery", "system", N_("System"), "gallery.curate", "/system"),
)

PRIVACY_TABS: tuple[tuple[str, str], ...] = (
    ("/privacy/requests", N_("Requests")),
    ("/privacy/consents", N_("Consents")),
    ("/privacy/provisions", N_("Provisions of law")),
    ("/privacy/notices", N_("Notices")),
    ("/privacy/audit", N_("Audit log")),
    ("/privacy/retention", N_("Retention")),
    ("/privacy/erasures", N_("Erasures")),
)
"""The pages of the privacy desk; ``PAGES`` says for whom each is."""

PAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"/", ()),  # whoever does not work at the door is led on to where they do
    (r"/door/recent|/photos/.*|/faces/[^/]+/crop|/demo/samples/.*", ("photos.identify",)),
    (r"/account.*|/styleguide", ()),
    (r"/demo/progress", ("system.operate",)),
    (r"/faces/.*/enrol|/enrol/.*|/enrolments/.*", ("customers.enrol",)),
    (r"/templates/.*", ("customers.view", "gallery.curate")),
    (r"/guests/[^/]+/portrait", ("customers.view", "photos.identify")),
    (r"/guests/new|/guests/[^/]+/edit", ("customers.edit",)),
    (r"/guests/[^/]+/delete", ("customers.erase",)),
    (r"/guests/[^/]+/offer", ("offers.make",)),
    (r"/guests/[^/]+/own-page/data.zip", ("privacy.requests",)),
    (r"/guests/[^/]+/own-page", ("consents.record", "privacy.requests")),
    (r"/guests/[^/]+/appeal", ("appeals.record",)),
    (r"/guests/[^/]+/consent(/.+)?", ("consents.record",)),
    (r"/guests/[^/]+/proofs/.+", ("consents.record", "privacy.manage")),
    (r"/guests/[^/]+/add-photo", ("customers.enrol",)),
    (r"/guests/imports?|/guests/imports/.*", ("customers.import",)),
    (r"/guests/export", ("customers.export",)),
    (r"/guests/duplicates.*|/guests/[^/]+/merge/.*", ("customers.merge",)),
    (r"/guests.*", ("customers.view",)),
    (r"/offers/.+/take-back", ("offers.make",)),
    (r"/offers/.+/(redeem|undo)", ("offers.redeem",)),
    (r"/offers.*", ("offers.plan",)),
    (r"/tonight.*", ("tonight.view",)),
    (r"/till.*", ("purchases.view", "purchases.record", "watchlist.policy")),
    (r"/incidents/new|/incidents/[^/]+/(edit|people)", ("incidents.report",)),
    (r"/incidents.*", ("incidents.report", "incidents.view")),
    (r"/alerts.*", ("alerts.answer",)),
    (r"/review.*", ("watchlist.view",)),
    (
        r"/privacy",  # leads on to the first of its pages that the person may see
        (
            "privacy.requests",
            "consents.record",
            "privacy.manage",
            "watchlist.policy",
            "audit.read",
            "customers.erase",
        ),
    ),
    (r"/privacy/requests/new", ("privacy.requests", "consents.record")),
    (r"/privacy/requests.*", ("privacy.requests",)),
    (r"/privacy/notices.*", ("privacy.manage",)),
    (r"/privacy/consents", ("consents.record", "privacy.manage")),
    (r"/privacy/provisions", ("privacy.manage", "watchlist.policy")),
    (r"/privacy/audit.*", ("audit.read",)),
    (r"/privacy/retention.*", ("privacy.manage",)),
    (r"/privacy/erasures/places.*", ("privacy.manage",)),
    (r"/privacy/erasures.*", ("customers.erase",)),
    (r"/privacy.*", ("privacy.manage", "privacy.requests", "audit.read")),
    (r"/system/gallery.*", ("gallery.curate",)),
    (r"/system/batches/generations/.+", ("system.operate",)),
    (r"/system/batches/.+", ("system.operate", "customers.import")),
    (r"/system/batches", ("system.view", "customers.import")),
    (r"/system/people.*", ("people.manage",)),
    (r"/system/venues.*", ("venues.manage",)),
    (r"/system/keys.*", ("keys.manage",)),
    (r"/system.*", ("system.view",)),
)
"""Whom each page is for: the first pattern that fits its route counts, one permission is enough.

A page without a line is refused to everybody.
"""


def served_places(served: Iterable[str]) -> tuple[Place, ...]:
    """The entries whose pages this application has."""
    there = set(served)
    return tuple(place for place in PLACES if place.path in there)


def offered(places: Iterable[Place], person: Person) -> list[Place]:
    """The entries for this person, each name once."""
    by_name: dict[str, Place] = {}
    for place in places:
        if person.can(place.permission):
            by_name.setdefault(place.name, place)
    return list(by_name.values())


def privacy_tabs(person: Person) -> list[tuple[str, str]]:
    """Those that this person may see, in their order."""
    return [tab for tab in PRIVACY_TABS if person.can(*(page_permissions(tab[0]) or ()))]


def page_permissions(path: str) -> tuple[str, ...] | None:
    """One of which opens the page; none are asked for where it is enough to be signed in."""
    return next((needed for pattern, needed in PAGES if re.fullmatch(pattern, path)), None)
