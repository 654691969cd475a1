"""The tables. Names of states are stored as text and checked by the database."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.domain.jurisdiction import Purpose

Json = dict[str, Any]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), Json: JSONB}  # noqa: RUF012 (SQLAlchemy reads it from the class)


def _states(*names: str) -> str:
    return "({})".format(", ".join(f"'{name}'" for name in names))


class Venue(Base):
    """A club of the chain. A night ends at ``closes_at_hour`` local time, not at midnight."""

    __tablename__ = "venue"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    name: Mapped[str]
    timezone: Mapped[str]
    closes_at_hour: Mapped[int]
    minimum_age: Mapped[int] = mapped_column(default=18, server_default=text("18"))
    capacity: Mapped[int | None]
    created_at: Mapped[datetime]


class Customer(Base):
    """``folded_name`` is the name without case and accents, for search. ``venue_id`` is home.

    MERGED: the same person as ``merged_into_id``, kept so that the merge can be undone; shown and
    found nowhere.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint(f"status IN {_states('ACTIVE', 'ERASING', 'MERGED')}", name="status"),
        Index("ix_customer_folded_name_id", "folded_name", "id"),
        Index(
            "ix_customer_active", "folded_name", "id", postgresql_where=text("status = 'ACTIVE'")
        ),
        Index("ix_customer_tags", "tags", postgresql_using="gin"),
        Index("ix_customer_erasing", "id", postgresql_where=text("status = 'ERASING'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    name: Mapped[str]
    folded_name: Mapped[str]
    notes: Mapped[str] = mapped_column(default="")
    reference: Mapped[str | None] = mapped_column(unique=True)
    birth_date: Mapped[date | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    phone_key: Mapped[str | None] = mapped_column(index=True)
    email: Mapped[str | None] = mapped_column(index=True)
    language: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    status: Mapped[str] = mapped_column(default="ACTIVE")
    merged_into_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), index=True
    )
    restricted_at: Mapped[datetime | None]
    """Since when their data is kept and not used: they are in no search and no segment."""
    objects_to_statistics_at: Mapped[datetime | None]
    objects_to_offers_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Consent(Base):
    """A lawful basis for one purpose. ``venue_id`` NULL means every venue of the chain.

    It counts until it is withdrawn or expires; ``records.consents.stands`` says so in a query.
    ``method`` is how it was given: spoken, tablet, paper, phone or import. ``lapsed_at`` is when
    the product took note that it had expired.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(f"purpose IN {_states(*Purpose)}", name="purpose"),
        CheckConstraint(f"basis IN {_states('explicit-consent')}", name="basis"),
        Index(
            "ix_consent_active",
            "customer_id",
            "purpose",
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_consent_customer_id_given_at", "customer_id", "given_at"),
        Index("ix_consent_expires_at", "expires_at", postgresql_where=text("withdrawn_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    purpose: Mapped[str]
    basis: Mapped[str]
    notice_version: Mapped[str]
    given_by: Mapped[str]
    recorded_by: Mapped[str]
    given_at: Mapped[datetime]
    method: Mapped[str] = mapped_column(default="spoken", server_default=text("'spoken'"))
    language: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    """NULL: given before consents had an end."""
    lapsed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    proof_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("consent_proof.id", ondelete="SET NULL")
    )
    withdrawal_proof_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("consent_proof.id", ondelete="SET NULL")
    )


class Template(Base):
    """An embedding accepted into the gallery. ``embedding`` is little-endian float32, d values.

    RETIRED: kept and not searched. ``retired_for`` is the template that took its place, if one
    did. ``decided_by`` is set where a person decided the status; no selection changes it then.
    ``quality`` is what was measured and found at enrolment. ``override`` is set where a person
    accepted the photo in spite of findings: their codes, the reason, by whom and when.
    """

    __tablename__ = "template"
    __table_args__ = (
        CheckConstraint(f"status IN {_states('ACTIVE', 'RETIRED')}", name="status"),
        UniqueConstraint("customer_id", "space_id", "source_sha256"),
        Index("ix_template_space_id_customer_id", "space_id", "customer_id"),
        Index(
            "ix_template_unsealed", "id", postgresql_where=text("octet_length(embedding) % 4 = 0")
        ),
        Index("ix_template_decided", "decided_by", postgresql_where=text("decided_by IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    space_id: Mapped[str]
    embedding: Mapped[bytes] = mapped_column(LargeBinary)
    crop_key: Mapped[str]
    source_sha256: Mapped[str]
    quality: Mapped[Json]
    status: Mapped[str] = mapped_column(default="ACTIVE", server_default="ACTIVE")
    retired_at: Mapped[datetime | None]
    retired_for: Mapped[UUID | None] = mapped_column(
        ForeignKey("template.id", ondelete="SET NULL"), index=True
    )
    decided_by: Mapped[str | None]
    override: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime]


JOB_KINDS = ("IDENTIFY", "ENROL", "DEMO", "GALLERY", "REMEMBER", "CHUNK", "NOTIFY", "CUSTOMERS")


class Job(Base):
    """Work that is owed. The message on the queue carries the id alone.

    ``lease_expires_at`` is set while a worker holds the job; ``attempt`` fences off a worker
    whose lease ran out. ``traceparent`` is the place in a trace that asked for the work, as W3C
    writes it: random numbers, kept here so that a message that is sent again does not lose them.
    ``crashes`` counts attempts that ended with their process; they are not held against the job.
    ``dismissed_at`` is when a person had seen that it failed and wanted nothing more of it.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(f"state IN {_states('QUEUED', 'RUNNING', 'DONE', 'FAILED')}", name="state"),
        CheckConstraint(f"kind IN {_states(*JOB_KINDS)}", name="kind"),
        Index("ix_job_open", "state", "created_at", postgresql_where=text("finished_at IS NULL")),
        Index(
            "ix_job_finished",
            "queue",
            "finished_at",
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    kind: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(index=True)
    queue: Mapped[str]
    state: Mapped[str] = mapped_column(default="QUEUED")
    progress: Mapped[Json] = mapped_column(default=dict)
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    lease_expires_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    traceparent: Mapped[str | None]
    crashes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    dismissed_at: Mapped[datetime | None]


class Photo(Base):
    """An upload. ``upload_key`` names the original until that is gone, ``image_key`` what stays."""

    __tablename__ = "photo"
    __table_args__ = (Index("ix_photo_sha256_created_at", "sha256", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), index=True)
    sha256: Mapped[str]
    upload_key: Mapped[str | None]
    image_key: Mapped[str | None]
    width_px: Mapped[int]
    height_px: Mapped[int]
    gallery_size: Mapped[int | None]
    uploaded_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Face(Base):
    """One face of a photo and what was decided, at which threshold, in which space.

    ``template_id`` is the template that looked most alike, for MATCH and REVIEW.
    """

    __tablename__ = "face"
    __table_args__ = (
        UniqueConstraint("photo_id", "number"),
        CheckConstraint(
            f"decision IN {_states('MATCH', 'REVIEW', 'UNKNOWN', 'UNUSABLE')}", name="decision"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"))
    number: Mapped[int]
    box_x1_px: Mapped[float]
    box_y1_px: Mapped[float]
    box_x2_px: Mapped[float]
    box_y2_px: Mapped[float]
    detection_score: Mapped[float]
    decision: Mapped[str]
    reason: Mapped[str | None]
    score: Mapped[float | None]
    threshold: Mapped[float | None]
    review_threshold: Mapped[float | None]
    space_id: Mapped[str]
    light_band: Mapped[str | None]
    customer_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("customer.id", ondelete="SET NULL"), index=True
    )
    template_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("template.id", ondelete="SET NULL"), index=True
    )
    crop_key: Mapped[str | None]
    answer: Mapped[str | None]


class FaceHold(Base):
    """The sealed region of an unknown face, kept for minutes so that it can be enrolled.

    ``sealing_key`` is this hold's own key, itself sealed under the installation's; deleting the
    row makes the object unreadable at once. ``frame`` holds box and landmarks in the region.
    """

    __tablename__ = "face_hold"

    face_id: Mapped[UUID] = mapped_column(
        ForeignKey("face.id", ondelete="CASCADE"), primary_key=True
    )
    region_key: Mapped[str]
    sealing_key: Mapped[bytes] = mapped_column(LargeBinary)
    frame: Mapped[Json]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Enrolment(Base):
    """A request to add a template to a customer, from an uploaded photo or from a held face.

    ``living_person_seen``: whether somebody said that they saw a person and not a picture of one.
    ``checks`` holds what was found and what passed. ``picked_face`` is the position of the face
    that a person meant among those held; ``override`` as in ``Template``, once it was asked for.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        CheckConstraint(
            f"outcome IN {_states('enrolled', 'already_enrolled', 'rejected')}", name="outcome"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id"), index=True)
    face_id: Mapped[UUID | None] = mapped_column(ForeignKey("face.id", ondelete="SET NULL"))
    upload_key: Mapped[str | None]
    source_sha256: Mapped[str]
    living_person_seen: Mapped[bool | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    checks: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    picked_face: Mapped[int | None]
    override: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    resembles_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("customer.id", ondelete="SET NULL"), index=True
    )
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("template.id", ondelete="SET NULL"))
    requested_by: Mapped[str]
    created_at: Mapped[datetime]


class EnrolmentHold(Base):
    """The sealed pixels of a rejected upload, kept for minutes as ``FaceHold`` is.

    ``frame`` holds the size of the picture and box and landmarks of each face that could be meant.
    """

    __tablename__ = "enrolment_hold"

    enrolment_id: Mapped[UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), primary_key=True
    )
    region_key: Mapped[str]
    sealing_key: Mapped[bytes] = mapped_column(LargeBinary)
    frame: Mapped[Json]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInLink(Base):
    """Only the SHA-256 of the link's token is stored."""

    __tablename__ = "sign_in_link"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    actor: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccessToken(Base):
    """A session or an API key. Only the SHA-256 of the token is stored.

    A session is somebody's: ``account_id``. A key is nobody's and may do what ``scopes`` name.
    """

    __tablename__ = "access_token"
    __table_args__ = (
        CheckConstraint(f"kind IN {_states('session', 'api_key')}", name="kind"),
        Index("ix_access_token_account_id", "account_id"),
    )

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    actor: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    scopes: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    signed_in_by: Mapped[str | None]
    """link, password or oidc; NULL for a key."""
    device: Mapped[str | None]
    """What browser, in words of a few kinds; never its whole user agent."""
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    """Where its person said to be; NULL is the first venue that they may be at."""
    last_used_at: Mapped[datetime | None]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """Whose a key is: it can never do more than they may."""
