"""What is held about a person as it goes over the wire: only theirs, and in the open."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.api import personal_schemas as schemas
from vestibule.records.personal_data import Held
from vestibule.records.rights_tables import PersonalLink
from vestibule.records.tables import Customer, Face, Photo, Template
from vestibule.records.watchlist_tables import WatchlistAppeal, WatchlistEntry

_TOLD = ("received", "extended", "answered", "refused", "taken_back")
"""Steps that the person took or was told of; notes among staff are not for them."""


def personal_data(held: Held, *, now: datetime) -> schemas.PersonalData:
    file = held.files[0]
    return schemas.PersonalData(
        made_at=now,
        profile=_profile(held),
        restricted_since=file.restricted_at,
        objects_to_statistics_since=file.objects_to_statistics_at,
        objects_to_offers_since=file.objects_to_offers_at,
        consents=_consents(held),
        faces=[_face(one) for one in _one_a_picture(held.templates)],
        sightings=[_sighting(held, face, photo) for face, photo in held.sightings],
        visits=_visits(held),
        purchases=_purchases(held),
        offers=_offers(held),
        incidents=_incidents(held),
        proposals=_proposals(held),
        watchlist=[_entry(held, entry, now=now) for entry in held.entries],
        requests=_requests(held),
        looks=[schemas.PersonalLook(at=at, action=action) for at, action in held.looks],
        ends=_ends(held),
        kept_back_until=held.kept_back_until,
    )


def data_use(row: Customer) -> schemas.DataUse:
    return schemas.DataUse(
        restricted_since=row.restricted_at,
        objects_to_statistics_since=row.objects_to_statistics_at,
        objects_to_offers_since=row.objects_to_offers_at,
    )


def link(row: PersonalLink, *, now: datetime) -> schemas.PersonalLinkOnRecord:
    is_live = row.revoked_at is None and row.expires_at > now
    facts = {
        name: getattr(row, name)
        for name in schemas.PersonalLinkOnRecord.model_fields
        if name != "is_live"
    }
    return schemas.PersonalLinkOnRecord(**facts, is_live=is_live)


def _profile(held: Held) -> schemas.PersonalProfile:
    file = held.files[0]
    return schemas.PersonalProfile(
        name=file.name,
        birth_date=file.birth_date,
        phone=file.phone,
        email=file.email,
        language=file.language,
        loyalty_number=file.reference,
        tags=file.tags,
        notes=file.notes,
        home_venue=held.venues[file.venue_id],
        on_file_since=min(one.created_at for one in held.files),
        other_names=sorted({one.name for one in held.files} - {file.name}),
    )


def _consents(held: Held) -> list[schemas.PersonalConsent]:
    return [
        schemas.PersonalConsent(
            id=row.id,
            purpose=row.purpose,
            basis=row.basis,
            venue=_place(held, row.venue_id),
            notice_version=row.notice_version,
            method=row.method,
            given_at=row.given_at,
            expires_at=row.expires_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in held.consents
    ]


def _one_a_picture(templates: Iterable[Template]) -> list[Template]:
    """The same face in two spaces has one picture; the one that is compared stands for both."""
    by_picture: dict[str, Template] = {}
    for row in templates:
        known = by_picture.setdefault(row.crop_key, row)
        if known.status != "ACTIVE" and row.status == "ACTIVE":
            by_picture[row.crop_key] = row
    return list(by_picture.values())


def _face(row: Template) -> schemas.PersonalFace:
    return schemas.PersonalFace(
        id=row.id,
        added_at=row.created_at,
        is_compared=row.status == "ACTIVE",
        picture=f"pictures/face-{row.id}.jpg",
    )


def _sighting(held: Held, face: Face, photo: Photo) -> schemas.PersonalSighting:
    return schemas.PersonalSighting.model_validate(
        {
            "id": face.id,
            "at": photo.created_at,
            "venue": held.venues[photo.venue_id],
            "decision": face.decision,
            "expires_at": photo.expires_at,
            "picture": f"pictures/seen-{face.id}.jpg" if face.crop_key else None,
        }
    )


def _visits(held: Held) -> list[schemas.PersonalVisit]:
    return [
        schemas.PersonalVisit(
            night=row.night,
            venue=held.venues[row.venue_id],
            entered_at=row.entered_at,
            left_at=row.left_at,
            known_by=row.source,
        )
        for row in held.visits
    ]


def _purchases(held: Held) -> list[schemas.PersonalPurchase]:
    return [
        schemas.PersonalPurchase(
            at=row.occurred_at,
            night=row.night,
            venue=held.venues[row.venue_id],
            category=row.category,
            amount_minor=row.amount_minor,
            currency=row.currency,
            is_voided=row.state == "VOIDED",
        )
        for row in held.purchases
    ]


def _offers(held: Held) -> list[schemas.PersonalOffer]:
    return [
        schemas.PersonalOffer(
            kind=row.kind,
            words_en=row.words_en,
            words_fr=row.words_fr,
            venue=held.venues[row.venue_id] if row.venue_id else None,
            made_at=row.made_at,
            ends_at=row.ends_at,
            redeemed_at=row.redeemed_at,
            taken_back_at=row.taken_back_at,
            segment=segment,
        )
        for row, segment in held.offers
    ]


def _incidents(held: Held) -> list[schemas.PersonalIncident]:
    return [
        schemas.PersonalIncident.model_validate(
            {
                "id": row.id,
                "kind": row.kind,
                "severity": row.severity,
                "night": row.night,
                "venue": held.venues[row.venue_id],
                "part": part,
                "state": row.state.lower(),
                "has_account": bool(row.account),
            }
        )
        for row, part in held.incidents
    ]


def _proposals(held: Held) -> list[schemas.PersonalProposal]:
    return [
        schemas.PersonalProposal.model_validate(
            {
                "at": row.created_at,
                "venue": _place(held, row.venue_id),
                "origin": row.origin,
                "state": row.state.lower(),
                "points": row.points / 1_000,
                "days": row.days,
            }
        )
        for row in held.proposals
    ]


def _entry(held: Held, row: WatchlistEntry, *, now: datetime) -> schemas.PersonalEntry:
    appeals = [one for one in held.appeals if one.entry_id == row.id]
    is_current = row.lifted_at is None and row.ends_at > now
    return schemas.PersonalEntry(
        id=row.id,
        venue=_place(held, row.venue_id),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        lifted_at=row.lifted_at,
        is_current=is_current,
        can_appeal=is_current and all(one.outcome is not None for one in appeals),
        appeals=[_appeal(one) for one in appeals],
    )


def _appeal(row: WatchlistAppeal) -> schemas.PersonalAppeal:
    """The reason of the outcome may speak of others: the venue tells it."""
    return schemas.PersonalAppeal.model_validate(row, from_attributes=True)


def _requests(held: Held) -> list[schemas.PersonalRequest]:
    return [
        schemas.PersonalRequest.model_validate(
            {
                "id": row.id,
                "right": row.right,
                "state": row.state.lower(),
                "received_on": row.received_on,
                "due_on": row.due_on,
                "steps": [
                    {"action": step.action, "words": step.words, "at": step.at}
                    for step in held.steps
                    if step.request_id == row.id and step.action in _TOLD
                ],
            }
        )
        for row in held.requests
    ]


def _ends(held: Held) -> list[schemas.PersonalEnd]:
    return [
        schemas.PersonalEnd.model_validate(
            {
                "what": one.kind.value,
                "kept_days": one.kept_days,
                "goes_at": one.goes_at,
                "is_announced": one.is_announced,
            }
        )
        for one in held.ends
    ]


def _place(held: Held, venue_id: UUID | None) -> str | None:
    return held.venues[venue_id] if venue_id else None
