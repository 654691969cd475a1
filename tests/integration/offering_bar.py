"""A house that offers something to its guests."""

from datetime import timedelta
from uuid import uuid4

from tests.integration.incident_house import House
from vestibule.domain.night import night_of
from vestibule.domain.offers import OfferKind, OfferTerms
from vestibule.domain.permissions import Role
from vestibule.domain.segmentation import Segment
from vestibule.records import customers, offers, visits
from vestibule.records.tables import Customer
from vestibule.records.timeline import timeline
from vestibule.workflows.make_offer import make_offer
from vestibule.workflows.make_offer_round import NewRound, make_round
from vestibule.workflows.record_consent import ConsentGiven, record_consents, withdraw_consent
from vestibule.workflows.show_offers import list_offers

DAY = timedelta(days=1)


class Bar:
    """A house that offers something to its guests."""

    def __init__(self, stage) -> None:
        self.stage, self.runtime, self.house = stage, stage.runtime, House(stage)
        self.here = self.house.venue_id
        self.door, self.host = self.house.staff(Role.DOOR), self.house.staff(Role.HOST)
        self.manager = self.house.staff(Role.MANAGER)

    @property
    def now(self):
        return self.runtime.clock.now()

    def guest(self, *nights_ago: int, agrees: bool = True, venue_id=None) -> Customer:
        guest = self.stage.guest("Zoé", consent=False)
        if agrees:
            self.consent(guest, "offers")
        for days in nights_ago:
            entered_at = self.now - days * DAY
            with self.runtime.database.begin() as transaction:
                visits.add_visit(
                    transaction,
                    guest.id,
                    venue_id=venue_id or self.here,
                    night=night_of(entered_at, timezone="Europe/Paris", closes_at_hour=8),
                    entered_at=entered_at,
                )
        return guest

    def consent(self, guest, *purposes: str, venue_id=None) -> None:
        given = ConsentGiven("explicit-consent", "test", purposes=purposes, venue_id=venue_id)
        record_consents(self.runtime, guest.id, given, actor="test")

    def terms(self, **changes) -> OfferTerms:
        told = {"words_en": "A drink", "words_fr": "Un verre", "ends_at": self.now + 7 * DAY}
        return OfferTerms(kind=OfferKind.DRINK, **{"starts_at": self.now, **told, **changes})

    def offer(self, guest, *, by=None, venue_id="here", offer_id=None, **changes):
        where = self.here if venue_id == "here" else venue_id
        return make_offer(
            self.runtime,
            guest.id,
            self.terms(**changes),
            venue_id=where,
            offer_id=offer_id,
            by=by or self.host,
        )

    def at_the_door(self, guest, venue_id=None) -> list:
        with self.runtime.database.begin() as transaction:
            found = offers.open_at_door(
                transaction, [guest.id], venue_id=venue_id or self.here, now=self.now
            )
        return [one.id for one in found.get(guest.id, [])]

    def listed(self, guest, by=None):
        return list_offers(self.runtime, guest.id, limit=50, after=None, by=by or self.host)

    def history(self, guest) -> list:
        with self.runtime.database.begin() as transaction:
            return timeline(transaction, guest.id, allowed={"offer": None}, limit=10, now=self.now)

    def withdraw(self, guest) -> None:
        with self.runtime.database.begin() as transaction:
            given = customers.consents_of(transaction, guest.id)
        for consent in given:
            withdraw_consent(self.runtime, guest.id, consent.id, actor="test")

    def round(self, segment=Segment.NEW, *, seen: int = 1, venue_id="here", key=None, by=None):
        where = self.here if venue_id == "here" else venue_id
        wanted = NewRound(key or uuid4(), segment, self.terms(), where, seen)
        return make_round(self.runtime, wanted, by=by or self.manager)
