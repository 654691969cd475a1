"""Tables around the gallery's upkeep: what was answered, moved and judged of its templates."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


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
