"""Demo guests: public portraits that packages carry, guests without a face, a club in use."""

import hashlib
import json
from datetime import timedelta
from uuid import UUID

from vestibule.domain.errors import BlobMissingError, ConflictError, WeightsError
from vestibule.domain.ids import CustomerId, JobId, new_uuid
from vestibule.domain.night import night_of
from vestibule.ports import SamplePhoto
from vestibule.records import audit, customers, data_requests, gallery, jobs, venues, visits
from vestibule.records.database import Transaction
from vestibule.records.tables import Job
from vestibule.workflows.carry_over import carry_to_other_spaces
from vestibule.workflows.demo_guests import (
    GUESTS,
    IN_INCIDENTS,
    ON_THE_WATCHLIST,
    REGULARS,
    DemoGuest,
)
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.load_demo_club import load_demo_club, remove_demo_club
from vestibule.workflows.make_template import Rejection, template_from_photo
from vestibule.workflows.record_consent import ConsentGiven, add_consent
from vestibule.workflows.register_customer import NewCustomer, add_customer
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.send_job import send_job

_TITLES_KEY = "demo/titles.json"


def request_demo(runtime: Runtime, *, actor: str) -> Job:
    """Start loading. Raises ConflictError while the guests are loading or loaded."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        latest = jobs.latest_of_kind(transaction, "DEMO")
        is_loading = latest is not None and latest.finished_at is None
        is_loaded = latest is not None and latest.state == "DONE"
        if is_loading or (is_loaded and customers.demo_ids(transaction)):
            raise ConflictError("The demo guests are here already.")
        job = jobs.add(transaction, kind="DEMO", subject_id=new_uuid(), queue="bulk", now=now)
        audit.append(transaction, at=now, actor=actor, action="demo.request", subject="demo")
    send_job(runtime, JobId(job.id), queue="bulk")
    return job


def load_demo(runtime: Runtime, job: Job) -> None:
    """Run the whole job. Safe to run twice: a guest who is there already is left alone."""
    _mark(runtime, job, "fetching")
    samples = runtime.samples.fetch()
    for sample in samples:
        runtime.blobs.put(sample_key(sample.id), sample.content)
        preview = runtime.codec.resize_to_fit(
            runtime.codec.decode_upright(sample.content), long_side_px=320
        )
        runtime.blobs.put(thumbnail_key(sample.id), runtime.codec.encode_jpeg(preview))
    titles = {sample.id: sample.title for sample in samples}
    runtime.blobs.put(_TITLES_KEY, json.dumps(titles).encode())
    ids: dict[str, UUID] = {}
    for number, guest in enumerate(GUESTS, start=1):
        _mark(runtime, job, f"{number}/{len(GUESTS)}")
        portraits = [sample for sample in samples if sample.person == guest.name]
        ids[guest.name] = _load_guest(runtime, guest, portraits[:1])
    load_demo_club(
        runtime,
        [ids[guest.name] for guest in IN_INCIDENTS],
        [ids[guest.name] for guest in ON_THE_WATCHLIST],
        [ids[guest.name] for guest in REGULARS],
    )
    with runtime.database.begin() as transaction:
        jobs.finish(transaction, job, now=runtime.clock.now())


def remove_demo(runtime: Runtime, *, actor: str) -> None:
    """Erase every demo guest, what they did and the sample photos. Guests of people's stay."""
    with runtime.database.begin() as transaction:
        guests = customers.demo_ids(transaction)
        data_requests.remove_of(transaction, guests)
    for customer_id in guests:
        erase_customer(runtime, CustomerId(customer_id), actor=actor)
    remove_demo_club(runtime)
    for key in runtime.blobs.keys("demo/"):
        runtime.blobs.delete(key)


def sample_titles(runtime: Runtime) -> dict[str, str]:
    """The sample photos that are stored, with their titles."""
    try:
        titles: dict[str, str] = json.loads(runtime.blobs.get(_TITLES_KEY))
    except BlobMissingError:
        return {}
    return titles


def sample_key(sample_id: str) -> str:
    return f"demo/photos/{sample_id}"


def thumbnail_key(sample_id: str) -> str:
    return f"demo/thumbnails/{sample_id}.jpg"


def _mark(runtime: Runtime, job: Job, step: str) -> None:
    with runtime.database.begin(durable=False) as transaction:
        jobs.mark_stage(transaction, job, now=runtime.clock.now(), step=step)


def _load_guest(runtime: Runtime, guest: DemoGuest, portraits: list[SamplePhoto]) -> UUID:
    reference = "demo:" + hashlib.sha256(guest.name.encode()).hexdigest()[:12]
    with runtime.database.begin() as transaction:
        known = customers.find_by_reference(transaction, reference)
        customer = known or add_customer(
            runtime,
            transaction,
            NewCustomer(
                guest.name,
                notes=guest.notes,
                reference=reference,
                is_demo=True,
                birth_date=guest.birth_date,
                language=guest.language,
                tags=guest.tags,
            ),
        )
        if known is None and portraits:
            given = ConsentGiven(basis="explicit-consent", given_by="demo")
            add_consent(runtime, transaction, customer.id, given, actor="demo")
        if known is None and guest not in ON_THE_WATCHLIST:
            agreed = ConsentGiven("explicit-consent", "demo", purposes=("offers",))
            add_consent(runtime, transaction, customer.id, agreed, actor="demo")
        _add_visits(runtime, transaction, customer.id, guest)
    for portrait in portraits:
        _enrol_portrait(runtime, customer.id, portrait)
    return customer.id


def _enrol_portrait(runtime: Runtime, customer_id: UUID, portrait: SamplePhoto) -> None:
    source = hashlib.sha256(portrait.content).hexdigest()
    with runtime.database.begin() as transaction:
        known = gallery.template_from_source(
            transaction,
            customer_id=customer_id,
            space_id=runtime.engine.space.id,
            source_sha256=source,
        )
    template = known or template_from_photo(
        runtime, portrait.content, customer_id=customer_id, source_sha256=source
    )
    if isinstance(template, Rejection):
        raise WeightsError(
            "A demo portrait was rejected.", sample=portrait.id, reason=template.reason.value
        )
    if known is None:
        with runtime.database.begin() as transaction:
            transaction.add(template)
    index_templates(runtime, [template.id])
    carry_to_other_spaces(runtime, [template.id])


def _add_visits(
    runtime: Runtime,
    transaction: Transaction,
    customer_id: UUID,
    guest: DemoGuest,
) -> None:
    venue = venues.home(transaction)
    for days in guest.nights_ago:
        entered_at = runtime.clock.now() - timedelta(days=days, minutes=days * 7 % 50)
        visits.add_visit(
            transaction,
            customer_id,
            venue_id=venue.id,
            night=night_of(
                entered_at, timezone=venue.timezone, closes_at_hour=venue.closes_at_hour
            ),
            entered_at=entered_at,
        )
