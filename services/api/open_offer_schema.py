"""What a face card says of an offer: words, and until when."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

OfferKindName = Literal["drink", "entry", "reduction", "cloakroom", "table", "other"]


class OpenOffer(BaseModel):
    id: UUID
    kind: OfferKindName
    words_en: str = Field(description="As they were typed; empty where only French was.")
    words_fr: str
    ends_at: datetime
