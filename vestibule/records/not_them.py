"""Answers "not them": remembered for the very same photo, and counted for the gallery's health."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select

from vestibule.domain.faces import Box, overlap
from vestibule.domain.ids import CustomerId
from vestibule.domain.rejection import SAME_FACE_OVERLAP, RejectedPair
from vestibule.records import customers
from vestibule.records.database import Transaction
from vestibule.records.gallery_tables import NotThem
from vestibule.records.tables import Face, Photo


def add(
    transaction: Transaction,
    face: Face,
    photo: Photo,
    *,
    actor: str,
    now: datetime,
    expires_at: datetime,
) -> NotThem:
    """``face.customer_id`` must be set: it is whom the face is said not to be."""
    row = NotThem(
        photo_sha256=photo.sha256,
        box_x1_px=face.box_x1_px,
        box_y1_px=face.box_y1_px,
        box_x2_px=face.box_x2_px,
        box_y2_px=face.box_y2_px,
        customer_id=face.customer_id,
        template_id=face.template_id,
        face_id=face.id,
        answered_by=actor,
        answered_at=now,
        expires_at=expires_at,
    )
    transaction.add(row)
    transaction.flush()
    return row


def take_back(transaction: Transaction, face: Face, photo: Photo) -> list[UUID]:
    """Forget every such answer for this face of this photo, whichever upload gave it; their ids."""
    box = _box(face)
    rows = transaction.scalars(
        select(NotThem).where(
            NotThem.photo_sha256 == photo.sha256, NotThem.customer_id == face.customer_id
        )
    )
    taken = [row.id for row in rows if overlap(_box(row), box) >= SAME_FACE_OVERLAP]
    transaction.execute(delete(NotThem).where(NotThem.id.in_(taken)))
    return taken


def of_face(transaction: Transaction, face_id: UUID) -> list[NotThem]:
    return list(transaction.scalars(select(NotThem).where(NotThem.face_id == face_id)))


def pairs_of_photo(
    transaction: Transaction, photo_sha256: str, *, now: datetime
) -> list[RejectedPair]:
    rows = transaction.scalars(
        select(NotThem).where(NotThem.photo_sha256 == photo_sha256, NotThem.expires_at > now)
    )
    return [RejectedPair(_box(row), CustomerId(row.customer_id)) for row in rows]


def counts(
    transaction: Transaction, template_ids: Iterable[UUID], *, now: datetime
) -> dict[UUID, int]:
    """How many wrong matches each template was behind, of those still remembered."""
    query = select(NotThem.template_id, func.count()).where(
        NotThem.template_id.in_(list(template_ids)), NotThem.expires_at > now
    )
    rows = transaction.execute(query.group_by(NotThem.template_id))
    return {template_id: count for template_id, count in rows if template_id is not None}


def stands(transaction: Transaction, answer_id: UUID) -> bool:
    """Whether the answer is still there and its customer may still be recognised."""
    row = transaction.get(NotThem, answer_id)
    return row is not None and customers.active_consent(transaction, row.customer_id) is not None


def remove_expired(transaction: Transaction, *, now: datetime) -> int:
    due = delete(NotThem).where(NotThem.expires_at <= now).returning(NotThem.id)
    return len(transaction.scalars(due).all())


def _box(row: NotThem | Face) -> Box:
    return row.box_x1_px, row.box_y1_px, row.box_x2_px, row.box_y2_px
