"""A person with marks that nobody else has, made through every path there is."""

import io
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from PIL import Image

from services.serve import Product
from tests.integration.watchlisted import keep_out
from vestibule.records import gallery
from vestibule.records.tables import Template
from vestibule.workflows.index_templates import live_generations

NAME = "Quillon Zarafshan-Oddmark"
FOLDER = "Quillon_Zarafshan-Oddmark"
EMAIL = "quillon.oddmark@canary.example"
PHONE = "+33698765431"
CARD = "oddmark-card-77194"
NOTE = "likes oddmark-note-31x"
LISTED = "came by oddmark-list-82q"
TOLD = "oddmark-incident-55k happened to"
FILE = "oddmark-paper-19v.pdf"
CONSENT = {"basis": "explicit-consent", "notice_shown": True, "given_by": "canary"}
PDF = (
    b"%PDF-1.4\n% oddmark-inside-64w\n"
    b"1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)

WORDS = ("oddmark", "Quillon", "quillon", "698765431", "zarafshan")
"""Each is of this person alone, in whatever way names and numbers are written down."""


@dataclass(slots=True)
class Somebody:
    """``prints`` are bytes that only they have: vectors, crops, what the photo says of them."""

    product: Product
    api: httpx.Client
    ids: list[UUID] = field(default_factory=list)
    templates: list[UUID] = field(default_factory=list)
    prints: dict[str, bytes] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return self.ids[0]

    def send(self, method: str, path: str, **content: Any) -> Any:
        answer = self.api.request(method, path, **content)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        return answer.json() if answer.content else None

    def settled(self, path: str, is_over: tuple[str, ...] = ("done", "failed")) -> Any:
        give_up_at = time.monotonic() + 120
        while (found := self.send("GET", path))["state"] not in is_over:
            assert time.monotonic() < give_up_at, found
            time.sleep(0.1)
        return found


def made(product: Product, api: httpx.Client, portraits: list[bytes], imports: Path) -> Somebody:
    who = Somebody(product, api)
    _by_photo(who, portraits[0])
    _by_list(who)
    _by_folder(who, portraits[1], imports)
    _seen_at_the_door(who, portraits[2])
    _bought(who)
    _in_an_incident(who)
    _signed(who)
    _offered_something(who)
    _asked_for_their_rights(who)
    _merged(who)
    _waits_in_a_list(who)
    _remember_prints(who)
    return who


def _by_photo(who: Somebody, photo: bytes) -> None:
    fields = {
        "name": NAME,
        "reference": CARD,
        "consent_basis": "explicit-consent",
        "notice_shown": "true",
        "given_by": "canary",
        "living_person_seen": "true",
    }
    file = {"photo": ("oddmark.jpg", _with_a_mark(photo))}
    begun = who.send("POST", "/v1/enrolments", data=fields, files=file)
    done = who.settled(f"/v1/enrolments/{begun['id']}")
    assert done["outcome"] == "enrolled", done
    who.ids.append(UUID(done["customer_id"]))
    who.send("PATCH", f"/v1/customers/{who.id}", json={"notes": NOTE, "email": EMAIL})


def _with_a_mark(photo: bytes) -> bytes:
    """Cameras write names into files: here the person's."""
    with Image.open(io.BytesIO(photo)) as image:
        exif = image.getexif()
        exif[0x010E] = "oddmark-exif-47j"  # ImageDescription
        encoded = io.BytesIO()
        image.convert("RGB").save(encoded, "JPEG", quality=95, exif=exif)
    return encoded.getvalue()


def _by_list(who: Somebody) -> None:
    text = f"card;name;phone;notes\n{CARD};{NAME};{PHONE};{LISTED}\n"
    made = who.send("POST", "/v1/customer-imports", content=text.encode())
    who.send("POST", f"/v1/customer-imports/{made['id']}/confirmation")
    assert who.settled(f"/v1/customer-imports/{made['id']}")["updated"] == 1


def _by_folder(who: Somebody, photo: bytes, imports: Path) -> None:
    (imports / FOLDER).mkdir(parents=True)
    (imports / FOLDER / "oddmark-photo.jpg").write_bytes(photo)
    asked = {"kind": "import", "source": "folder", "consent": CONSENT}
    batch = who.send("POST", "/v1/batches", json=asked)
    who.settled(f"/v1/batches/{batch['id']}", ("done", "failed", "paused"))
    found = who.send("GET", "/v1/customers", params={"query": NAME})["items"]
    who.ids += [UUID(one["id"]) for one in found if UUID(one["id"]) not in who.ids]
    assert len(who.ids) == 2, found


def _seen_at_the_door(who: Somebody, photo: bytes) -> None:
    """Confirmed, which makes a visit; and once more while they are to be kept out: an alert."""
    sent = who.send("POST", "/v1/photos", content=photo)
    seen = who.settled(f"/v1/photos/{sent['id']}")
    face = next(one for one in seen["faces"] if one["customer"])
    who.send("POST", f"/v1/faces/{face['id']}/answer", json={"answer": "same_person"})
    keep_out(who.product.installation.runtime, who.id)
    sent = who.send("POST", "/v1/photos", content=_with_a_mark(photo))
    who.settled(f"/v1/photos/{sent['id']}")
    assert who.send("GET", "/v1/alerts")["items"]


def _bought(who: Somebody) -> None:
    line = {
        "till": "oddmark-till",
        "receipt": "oddmark-receipt-9",
        "occurred_at": datetime.now(UTC).isoformat(),
        "amount_minor": 900,
        "currency": "EUR",
        "category": "beer",
        "loyalty_number": CARD,
    }
    assert who.send("POST", "/v1/purchases", json=line)["recorded"] == 1


def _in_an_incident(who: Somebody) -> None:
    told = {
        "kind": "other",
        "severity": 2,
        "account": f"{TOLD} {NAME}",
        "people": [{"part": "actor", "customer_id": str(who.id)}],
    }
    incident = who.send("POST", "/v1/incidents", json=told)
    who.send(
        "POST",
        f"/v1/incidents/{incident['id']}/attachments",
        data={"name": FILE},
        files={"photo": (FILE, PDF)},
    )


def _signed(who: Somebody) -> None:
    """On paper, which is scanned, and on a tablet by writing the name."""
    agreed = f"/v1/customers/{who.id}/agreements"
    asked = {"purposes": "recognition offers", "language": "fr"}
    who.send("POST", f"{agreed}/paper", data=asked, files={"photo": (FILE, PDF)})
    typed = {"purposes": ["statistics"], "language": "en", "typed_name": NAME}
    who.send("POST", agreed, json=typed)


def _offered_something(who: Somebody) -> None:
    ends_at = datetime.now(UTC) + timedelta(days=7)
    venue_id = who.send("GET", "/v1/venues")["items"][0]["id"]
    offer = {
        "kind": "drink",
        "words_en": "oddmark-offer-28d",
        "venue_id": venue_id,
        "ends_at": ends_at.isoformat(),
    }
    who.send("POST", f"/v1/customers/{who.id}/offers", json=offer)


def _asked_for_their_rights(who: Somebody) -> None:
    """By letter, and on their own page, which keeps what they wrote."""
    asked = {"right": "access", "channel": "letter", "words": "oddmark-letter-66r"}
    who.send("POST", "/v1/data-requests", json={**asked, "customer_id": str(who.id)})


def _merged(who: Somebody) -> None:
    two = {"kept_id": str(who.ids[0]), "merged_id": str(who.ids[1])}
    who.send("POST", "/v1/customer-merges", json=two)


def _waits_in_a_list(who: Somebody) -> None:
    """Sent and never confirmed."""
    who.send("POST", "/v1/customer-imports", content=f"name;email\n{NAME};{EMAIL}\n".encode())


def _remember_prints(who: Somebody) -> None:
    """What an embedding, a crop and the ids look like in bytes, wherever they may lie."""
    runtime = who.product.installation.runtime
    with runtime.database.begin() as transaction:
        rows = [row for one in who.ids for row in gallery.templates_of(transaction, one)]
    assert len(rows) >= 2, rows
    who.templates = [row.id for row in rows]
    for row in rows:
        who.prints |= _prints_of(who, row)
    for generation in live_generations(runtime):
        for number, one in enumerate(runtime.index.prints(generation, who.templates)):
            who.prints[f"{generation.name} {number}"] = one


def _prints_of(who: Somebody, row: Template) -> dict[str, bytes]:
    runtime = who.product.installation.runtime
    stored = runtime.blobs.get(row.crop_key)
    return {
        f"stored embedding {row.id}": bytes(row.embedding)[:48],
        f"stored crop {row.id}": stored[len(stored) // 2 :][:64],
        f"id {row.id}": str(row.id).encode(),
    }
