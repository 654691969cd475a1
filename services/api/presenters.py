"""Rows become what goes over the wire."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from services.api import calibration_schemas, schemas
from services.api.fault_schemas import OverrideRecord
from services.api.offer_presenters import open_offers
from vestibule.domain.age import age_on, is_minor
from vestibule.domain.alikeness import Alikeness
from vestibule.domain.consumption import Care
from vestibule.records import tables
from vestibule.records.customers import CustomerOverview
from vestibule.records.offer_tables import Offer
from vestibule.records.visit_tables import Visit
from vestibule.stage_times import STAGES as STAGES_TIMED

STAGES: tuple[schemas.Stage, ...] = ("received", "detecting", "recognising", "done")


def job_state(job: tables.Job) -> schemas.JobState:
    return cast(schemas.JobState, job.state.lower())


def job_error(job: tables.Job) -> schemas.JobError | None:
    if job.state != "FAILED":
        return None
    return schemas.JobError(code=job.error_code or "", detail=job.error_detail or "")


def stage(job: tables.Job) -> schemas.Stage:
    reached = job.progress.get("stages", {})
    return [name for name in STAGES if name in reached or name == "received"][-1]


def consent(row: tables.Consent, *, now: datetime) -> schemas.Consent:
    is_over = row.expires_at is not None and row.expires_at <= now
    shown = schemas.Consent.model_validate(row, from_attributes=True)
    return shown.model_copy(update={"stands": row.withdrawn_at is None and not is_over})


def template(row: tables.Template) -> schemas.Template:
    return schemas.Template(
        id=row.id,
        space_id=row.space_id,
        created_at=row.created_at,
        crop_url=f"/v1/templates/{row.id}/crop",
        status=cast(Any, row.status.lower()),
        retired_at=row.retired_at,
        retired_for=row.retired_for,
        override=OverrideRecord.model_validate(row.override) if row.override else None,
    )


def customer_summary(overview: CustomerOverview, *, space_id: str) -> schemas.CustomerSummary:
    """``space_id`` is the one that photos are compared in now."""
    return schemas.CustomerSummary(**_summary(overview, space_id))


def customer(
    overview: CustomerOverview,
    *,
    space_id: str,
    visits: list[Visit],
    templates: list[tables.Template],
    consents: list[tables.Consent],
    home: tables.Venue,
    today: date,
    now: datetime,
) -> schemas.Customer:
    """``today`` is the day at the home venue, which decides who is a minor."""
    row = overview.customer
    shown = _in_space(templates, space_id)
    return schemas.Customer(
        **_summary(overview, space_id),
        notes=row.notes,
        birth_date=row.birth_date,
        age=age_on(row.birth_date, today) if row.birth_date else None,
        minor=is_minor(row.birth_date, today, minimum_age=home.minimum_age),
        phone=row.phone,
        email=row.email,
        language=row.language,
        home_venue_id=home.id,
        home_venue=home.name,
        created_at=row.created_at,
        visit_count=overview.visit_count,
        visits=[schemas.Visit.model_validate(visit, from_attributes=True) for visit in visits],
        templates=[template(item) for item in shown if item.status == "ACTIVE"],
        retired_templates=[template(item) for item in shown if item.status != "ACTIVE"],
        consents=[consent(item, now=now) for item in consents],
        restricted_since=row.restricted_at,
        objects_to_statistics_since=row.objects_to_statistics_at,
        objects_to_offers_since=row.objects_to_offers_at,
    )


def _in_space(templates: list[tables.Template], space_id: str) -> list[tables.Template]:
    """Each face once: as it is compared now, or as it was where it is not in that space."""
    by_photo = {row.source_sha256: row for row in templates}
    by_photo |= {row.source_sha256: row for row in templates if row.space_id == space_id}
    return [row for row in templates if by_photo[row.source_sha256] is row]


def _summary(overview: CustomerOverview, space_id: str) -> dict[str, Any]:
    row = overview.customer
    faces = overview.faces_on_file(space_id)
    return {
        "id": row.id,
        "name": row.name,
        "reference": row.reference,
        "tags": row.tags,
        "is_demo": row.is_demo,
        "searchable": space_id in overview.templates_by_space and overview.has_consent,
        "template_count": faces,
        "last_visit_at": overview.last_visit_at,
        "portrait_url": f"/v1/customers/{row.id}/portrait" if faces else None,
    }


def photo_summary(
    row: tables.Photo, job: tables.Job, *, faces: int, matches: int
) -> schemas.PhotoSummary:
    is_done = job.state == "DONE"
    return schemas.PhotoSummary(
        id=row.id,
        created_at=row.created_at,
        state=job_state(job),
        face_count=faces if is_done else None,
        match_count=matches if is_done else None,
    )


def photo(
    row: tables.Photo,
    job: tables.Job,
    faces: list[schemas.Face],
    *,
    same_as: tables.Photo | None,
) -> schemas.Photo:
    matches = sum(face.decision == "MATCH" for face in faces)
    summary = photo_summary(row, job, faces=len(faces), matches=matches)
    return schemas.Photo(
        **summary.model_dump(),
        stage=stage(job),
        expires_at=row.expires_at,
        width_px=row.width_px,
        height_px=row.height_px,
        image_url=f"/v1/photos/{row.id}/image" if row.image_key else None,
        same_as=(
            schemas.SameUpload(photo_id=same_as.id, created_at=same_as.created_at)
            if same_as
            else None
        ),
        error=job_error(job),
        gallery_size=row.gallery_size,
        timings_ms=_timings_ms(job),
        faces=faces,
    )


def _timings_ms(job: tables.Job) -> dict[str, float] | None:
    """In the order of the stages, which the database does not keep."""
    stored = job.progress.get("timings_ms")
    return {name: stored[name] for name in STAGES_TIMED if name in stored} if stored else None


def face(
    row: tables.Face,
    overviews: Mapping[UUID, CustomerOverview],
    *,
    held_until: datetime | None,
    alikeness: Alikeness | None,
    care: Care | None = None,
    offers: Sequence[Offer] = (),
) -> schemas.Face:
    overview = overviews.get(row.customer_id) if row.customer_id else None
    return schemas.Face(
        id=row.id,
        number=row.number,
        box_xyxy_px=(row.box_x1_px, row.box_y1_px, row.box_x2_px, row.box_y2_px),
        detection_score=row.detection_score,
        decision=cast(schemas.DecisionName, row.decision),
        score=row.score,
        threshold=row.threshold,
        review_threshold=row.review_threshold,
        space_id=row.space_id,
        light_band=cast(Any, row.light_band),
        alikeness=(
            calibration_schemas.Alikeness.model_validate(alikeness, from_attributes=True)
            if alikeness
            else None
        ),
        reason=cast("schemas.UnusableName | None", row.reason),
        customer=matched_customer(overview, care, _for_them(row, offers)) if overview else None,
        alert=None,
        crop_url=f"/v1/faces/{row.id}/crop" if _has_crop(row) or held_until else None,
        answer=cast(Any, row.answer),
        can_enrol_until=held_until if row.answer is None else None,
    )


def _has_crop(row: tables.Face) -> bool:
    """A face that was said to be somebody else's is hidden before its pixels are gone."""
    return row.crop_key is not None and row.answer != "not_them"


def _for_them(row: tables.Face, offers: Sequence[Offer]) -> Sequence[Offer]:
    """Nothing is offered to somebody who only may be the guest."""
    is_them = row.answer == "same_person" or (row.answer is None and row.decision == "MATCH")
    return offers if is_them else ()


def matched_customer(
    overview: CustomerOverview, care: Care | None = None, offers: Sequence[Offer] = ()
) -> schemas.MatchedCustomer:
    """Of somebody who does not agree (any more, or who was found by law alone) only the name."""
    agrees = overview.has_consent
    return schemas.MatchedCustomer(
        id=overview.customer.id,
        name=overview.customer.name,
        last_visit_at=overview.last_visit_at if agrees else None,
        visit_count=overview.visit_count if agrees else 0,
        portrait_url=f"/v1/customers/{overview.customer.id}/portrait",
        care=care.value if care is not None and agrees else None,
        offers=open_offers(offers if agrees else ()),
    )
