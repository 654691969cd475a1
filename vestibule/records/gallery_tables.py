"""Tables around the gallery's upkeep: what was answered, moved and judged of its templates."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json

_FINDING_KINDS = "('OUTLIER', 'NEARER', 'DUPLICATE', 'WRONG_MATCHES', 'POOR', 'OVERRIDDEN')"


class NotThem(Base):
    """A face of one photo that a person said is not this customer: hash, box, no biometrics.

    ``template_id`` is the template behind the wrong match; ``face_id`` is NULL once the photo has
    expired. The customer's erasure takes the row along.
    """

    __tablename__ = "not_them"
    __table_args__ = (
        Index("ix_not_them_photo_sha256", "photo_sha256"),
        Index("ix_not_them_customer_id", "customer_id"),
        Index("ix_not_them_template_id", "template_id"),
        Index("ix_not_them_face_id", "face_id"),
        Index("ix_not_them_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    photo_sha256: Mapped[str]
    box_x1_px: Mapped[float]
    box_y1_px: Mapped[float]
    box_x2_px: Mapped[float]
    box_y2_px: Mapped[float]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("template.id", ondelete="SET NULL"))
    face_id: Mapped[UUID | None] = mapped_column(ForeignKey("face.id", ondelete="SET NULL"))
    answered_by: Mapped[str]
    answered_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TemplateMove(Base):
    """A face that was on the wrong file. ``before`` is what the move changed, for moving it back:
    by template id, its customer, status and who decided that.

    Erasing either customer takes the row along: its reason may speak of them.
    """

    __tablename__ = "template_move"
    __table_args__ = (
        Index("ix_template_move_template_id", "template_id"),
        Index("ix_template_move_from_customer_id", "from_customer_id"),
        Index("ix_template_move_to_customer_id", "to_customer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    template_id: Mapped[UUID] = mapped_column(ForeignKey("template.id", ondelete="CASCADE"))
    from_customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    to_customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    reason: Mapped[str]
    before: Mapped[Json]
    moved_by: Mapped[str]
    moved_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class GalleryFinding(Base):
    """What the last look through the gallery found; all of it is replaced by the next one.

    ``score`` is how alike the two templates are; ``own_score`` how alike ``template_id`` is to the
    nearest other of its customer.
    """

    __tablename__ = "gallery_finding"
    __table_args__ = (
        CheckConstraint(f"kind IN {_FINDING_KINDS}", name="kind"),
        Index("ix_gallery_finding_kind_rank", "kind", "rank"),
        Index("ix_gallery_finding_customer_id", "customer_id"),
        Index("ix_gallery_finding_other_customer_id", "other_customer_id"),
        Index("ix_gallery_finding_template_id", "template_id"),
        Index("ix_gallery_finding_other_template_id", "other_template_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    kind: Mapped[str]
    rank: Mapped[int]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    template_id: Mapped[UUID] = mapped_column(ForeignKey("template.id", ondelete="CASCADE"))
    other_customer_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE")
    )
    other_template_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("template.id", ondelete="CASCADE")
    )
    score: Mapped[float | None]
    own_score: Mapped[float | None]
    count: Mapped[int | None]


class GalleryJudgement(Base):
    """A person looked at a finding and said that it is as it should be: it is not shown again.

    A pair of customers for duplicates, in the order of their ids; a template for the others.
    """

    __tablename__ = "gallery_judgement"
    __table_args__ = (
        CheckConstraint(f"kind IN {_FINDING_KINDS}", name="kind"),
        Index("ix_gallery_judgement_customer_id", "customer_id"),
        Index("ix_gallery_judgement_other_customer_id", "other_customer_id"),
        Index("ix_gallery_judgement_template_id", "template_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    kind: Mapped[str]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    other_customer_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE")
    )
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("template.id", ondelete="CASCADE"))
    judged_by: Mapped[str]
    judged_at: Mapped[datetime]
