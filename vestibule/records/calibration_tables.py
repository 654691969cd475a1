"""The tables of calibration: what was decided and answered in numbers, and what was adopted."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class FaceCount(Base):
    """So many decided faces of one night that are alike in all else. No ids of anybody.

    ``score_bin`` is ``domain.answered_alerts.CountedFaces.score_bin``.
    """

    __tablename__ = "face_count"
    __table_args__ = (
        CheckConstraint("decision IN ('MATCH', 'REVIEW', 'UNKNOWN')", name="decision"),
    )

    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"), primary_key=True)
    space_id: Mapped[str] = mapped_column(primary_key=True)
    night: Mapped[date] = mapped_column(primary_key=True)
    light_band: Mapped[str] = mapped_column(primary_key=True)
    decision: Mapped[str] = mapped_column(primary_key=True)
    customers: Mapped[int] = mapped_column(primary_key=True)
    templates: Mapped[int] = mapped_column(primary_key=True)
    threshold: Mapped[float] = mapped_column(primary_key=True)
    review_threshold: Mapped[float] = mapped_column(primary_key=True)
    score_bin: Mapped[int] = mapped_column(primary_key=True)
    faces: Mapped[int]


class AnsweredAlertRow(Base):
    """One answer to a match or a check: a score and what a person said of it.

    Append-only; ``is_replaced`` marks an answer that was turned round. ``face_id`` is there so
    that it can be, and goes with the photo; from then on nothing leads to a person. ``answerer``
    is a digest of account and night: it tells people of one night apart.
    """

    __tablename__ = "answered_alert"
    __table_args__ = (
        CheckConstraint("answer IN ('same_person', 'not_them')", name="answer"),
        Index("ix_answered_alert_venue_id_space_id_night", "venue_id", "space_id", "night"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    space_id: Mapped[str]
    night: Mapped[date]
    light_band: Mapped[str]
    score: Mapped[float]
    threshold: Mapped[float]
    review_threshold: Mapped[float]
    gallery_size: Mapped[int]
    answer: Mapped[str]
    answerer: Mapped[str]
    face_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("face.id", ondelete="SET NULL"), index=True
    )
    is_replaced: Mapped[bool] = mapped_column(default=False)


class CalibrationProposal(Base):
    """Thresholds that could be adopted. ``measured`` is a whole calibration, or NULL for the one
    that is there without any adoption; ``factors`` are by light band; ``evidence`` is what was
    known when it was made, with its shortcomings.
    """

    __tablename__ = "calibration_proposal"
    __table_args__ = (
        CheckConstraint("source IN ('target', 'answers', 'photos')", name="source"),
        Index("ix_calibration_proposal_venue_id_created_at", "venue_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    space_id: Mapped[str]
    source: Mapped[str]
    target_fpir: Mapped[float]
    review_fpir: Mapped[float]
    factors: Mapped[Json]
    measured: Mapped[Json | None]
    evidence: Mapped[Json]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class CalibrationAdoption(Base):
    """Append-only: the last row of a venue and space is in force.

    ``proposal_id`` NULL puts back what is there without any adoption; ``before_id`` is what was
    in force until then, and ``reverts`` says that this put it back.
    """

    __tablename__ = "calibration_adoption"
    __table_args__ = (Index("ix_calibration_adoption_in_force", "venue_id", "space_id", "number"),)

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    space_id: Mapped[str]
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("calibration_proposal.id"))
    before_id: Mapped[UUID | None] = mapped_column(ForeignKey("calibration_proposal.id"))
    reverts: Mapped[bool] = mapped_column(default=False)
    despite_little_evidence: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str]
    adopted_by: Mapped[str]
    adopted_at: Mapped[datetime]
