"""Notices, what shows that a consent was given, links for guests' phones, legal provisions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Consent, Json


class PrivacyNotice(Base):
    """A version of the notice. A draft changes; what is published never does again."""

    __tablename__ = "privacy_notice"
    __table_args__ = (
        CheckConstraint("state IN ('DRAFT', 'PUBLISHED')", name="state"),
        CheckConstraint("(state = 'PUBLISHED') = (published_at IS NOT NULL)", name="published"),
        CheckConstraint("validity_days > 0", name="validity"),
        Index(
            "uq_privacy_notice_draft",
            "state",
            unique=True,
            postgresql_where=text("state = 'DRAFT'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    version: Mapped[str] = mapped_column(unique=True)
    """Consents name it."""
    state: Mapped[str] = mapped_column(default="DRAFT")
    texts: Mapped[Json]
    """By language, as ``domain.notice.NoticeText`` writes it."""
    validity_days: Mapped[int]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    published_by: Mapped[str | None]
    published_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]


class ConsentProof(Base):
    """What shows that a guest agreed or withdrew: a signature, a scan, or their typed name.

    The file is sealed under a key of its own, which is sealed under the guest's (``sealed_face``),
    or under the installation's from before guests had keys. Deleting the row makes the object
    unreadable at once; destroying the guest's key, what backups hold of it too.
    """

    __tablename__ = "consent_proof"
    __table_args__ = (
        CheckConstraint("kind IN ('given', 'withdrawn')", name="kind"),
        CheckConstraint("method IN ('tablet', 'paper', 'phone')", name="method"),
        CheckConstraint("(object_key IS NULL) = (sealing_key IS NULL)", name="sealed"),
        CheckConstraint("object_key IS NOT NULL OR typed_name IS NOT NULL", name="something"),
        Index("ix_consent_proof_customer_id", "customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    kind: Mapped[str]
    method: Mapped[str]
    language: Mapped[str]
    typed_name: Mapped[str | None]
    media_type: Mapped[str | None]
    size_bytes: Mapped[int | None]
    sha256: Mapped[str | None]
    object_key: Mapped[str | None]
    sealing_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


for _proof in (Consent.proof_id, Consent.withdrawal_proof_id):
    Index(f"ix_consent_{_proof.key}", _proof, postgresql_where=_proof.is_not(None))


class ConsentLink(Base):
    """A one-time link for a guest's own phone. Only the SHA-256 of its token is stored."""

    __tablename__ = "consent_link"
    __table_args__ = (
        CheckConstraint("asks IN ('give', 'withdraw')", name="asks"),
        Index("ix_consent_link_customer_id", "customer_id"),
        Index("ix_consent_link_expires_at", "expires_at"),
    )

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    asks: Mapped[str]
    notice_version: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LegalProvision(Base):
    """A text of law on which faces may be compared with those of people on the watchlist.

    It counts from its approval until ``ends_at``, at that venue or, with NULL, in the whole chain.
    """

    __tablename__ = "legal_provision"
    __table_args__ = (
        CheckConstraint("state IN ('PROPOSED', 'APPROVED', 'REFUSED')", name="state"),
        CheckConstraint("state <> 'APPROVED' OR approved_at IS NOT NULL", name="approved"),
        Index("ix_legal_provision_state_ends_at", "state", "ends_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID | None] = mapped_column(ForeignKey("venue.id"))
    title: Mapped[str]
    reference: Mapped[str]
    """Where the law is found: code, article, date."""
    wording: Mapped[str]
    """Its very words, and why they apply."""
    state: Mapped[str] = mapped_column(default="PROPOSED")
    ends_at: Mapped[datetime]
    proposed_by: Mapped[str]
    proposed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
