"""Over the wire: which faces of a customer are searched, and faces that were moved."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.api.schemas import Request, Template
from vestibule.domain.names import clean_text

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=500),
    AfterValidator(clean_text),
]


class TemplateRestoration(Request):
    """Which other face gives way; left out, the one that is missed least does if one must."""

    instead_of: UUID | None = None


class TemplateChoice(BaseModel):
    """The face as it is now, and what else changed by it."""

    template: Template
    retired: list[UUID] = Field(description="Templates that are searched no more.")
    revived: list[UUID] = Field(description="Retired templates that are searched again.")


class NewTemplateMove(Request):
    from_customer_id: UUID = Field(description="Whose file it is on; a conflict if not any more.")
    to_customer_id: UUID
    reason: Reason


class CustomerNamed(BaseModel):
    id: UUID
    name: str


class TemplateMove(BaseModel):
    """``can_undo``: the face was not moved on, removed or moved back since."""

    id: UUID
    template_id: UUID
    crop_url: str
    from_customer: CustomerNamed
    to_customer: CustomerNamed
    reason: str
    moved_by: str
    moved_at: datetime
    undone_by: str | None
    undone_at: datetime | None
    can_undo: bool


class TemplateMoveList(BaseModel):
    items: list[TemplateMove]
