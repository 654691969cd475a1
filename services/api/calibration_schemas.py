"""What goes over the wire of calibration: scores in numbers of people, thresholds, answers."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

LightName = Literal["bright", "dim", "dark"]


class Alikeness(BaseModel):
    """How many other people look at least so much like the candidate as this face does.

    It is not the probability that this is the customer, which depends on who comes in.
    """

    one_in: int = Field(description="About one person in so many; in steps of 1, 2 and 5.")
    is_bound: bool = Field(description="Fewer than one in so many: it was not measured further.")
    source: Literal["measured", "venue"] = Field(
        description="On labelled photos, or from this venue's own answered alerts."
    )
    set_name: str | None = Field(description="The labelled photos, if measured on some.")
    people: int | None
    pairs: int = Field(description="Pairs of people, or comparisons of unknown faces with guests.")
    measured_at: date | None
    band: LightName
    own_light: bool = Field(description="Measured in the light of this face.")
    at_most_one_in: int | None = Field(
        description="With a bound: what the rule of three allows, had no pair been so alike."
    )
