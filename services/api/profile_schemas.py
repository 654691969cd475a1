"""The profile of a customer over the wire, as it is given and as it is shown."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

Written = Annotated[str, StringConstraints(max_length=400)]
"""As somebody wrote it: cleaned and judged by the workflow, which says what does not fit."""


class ProfileGiven(BaseModel):
    """Each may be left out. What does not fit is named in ``facts.problems`` with a code."""

    birth_date: date | None = Field(
        default=None,
        description="Whoever is younger than the home venue's minimum age is refused: "
        "`under_age`, and nothing of a face is kept.",
    )
    phone: Written | None = Field(
        default=None, description="Kept as digits, with a plus before a country's prefix."
    )
    email: Written | None = Field(default=None, description="Kept in lower case.")
    language: Written | None = Field(default=None, description="A tag like `fr` or `pt-BR`.")
    tags: list[Written] | None = Field(
        default=None, max_length=100, description="At most 20 of at most 40 characters."
    )
    home_venue_id: UUID | None = Field(
        default=None, description="Where they are at home; the first venue without one."
    )


class ProfileShown(BaseModel):
    birth_date: date | None
    age: int | None
    minor: bool = Field(description="Under the home venue's age today: cannot be enrolled.")
    phone: str | None
    email: str | None
    language: str | None
    tags: list[str]
    home_venue_id: UUID
    home_venue: str
    restricted_since: datetime | None = Field(
        default=None, description="Kept and not used: found by no photo, in no segment."
    )
    objects_to_statistics_since: datetime | None = None
    objects_to_offers_since: datetime | None = None
