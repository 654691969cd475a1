"""Over the wire, to everybody: what the algorithm weighs, and how often it was seen to err."""

from typing import Any

from pydantic import BaseModel, Field

from services.api.watchlist_examples import WATCHLIST_EXAMPLES
from services.api.watchlist_policy_schemas import PolicyContent


class MeasuredRate(BaseModel):
    """A share, with its 95 % interval; null where the set cannot give one."""

    value: float | None
    low: float | None
    high: float | None


class ConditionRates(BaseModel):
    """``condition`` is what was done to the photos, ``clean`` for nothing."""

    condition: str
    strangers_taken: MeasuredRate = Field(description="For somebody of the gallery.")
    guests_not_found: MeasuredRate


class GroupRate(MeasuredRate):
    """``people`` decide it; without a value under 30. Few errors: believe the interval alone."""

    people: int
    has_few_errors: bool


class GroupRates(BaseModel):
    """``group`` is what somebody declared about the people of the set; nothing is read off a face.

    ``conditions`` are what was done to the photos, each of which counts; ``clean`` for nothing.
    """

    group: str
    conditions: list[str]
    strangers_taken: GroupRate = Field(description="For somebody of the gallery.")
    guests_not_found: GroupRate


class MeasuredErrors(BaseModel):
    dataset: str
    people: int
    photos: int
    gallery_size: int
    conditions: list[ConditionRates]
    groups: list[GroupRates] = Field(description="Empty where none were declared.")


class Transparency(BaseModel):
    """The policy in force, and what was measured of the models in use; null where nothing was."""

    policy: PolicyContent
    pack: str
    measured: MeasuredErrors | None


_RATE = {"value": 0.0092, "low": 0.005, "high": 0.0136}
_GROUP_RATE = {**_RATE, "people": 614, "has_few_errors": True}
TRANSPARENCY_EXAMPLES: dict[str, Any] = {
    "Transparency": {
        "policy": WATCHLIST_EXAMPLES["WatchlistPolicy"]["in_force"]["content"],
        "pack": "open",
        "measured": {
            "dataset": "lfw-dev",
            "people": 1402,
            "photos": 2763,
            "gallery_size": 428,
            "conditions": [
                {"condition": "clean", "strangers_taken": _RATE, "guests_not_found": _RATE}
            ],
            "groups": [
                {
                    "group": "women",
                    "conditions": ["clean"],
                    "strangers_taken": _GROUP_RATE,
                    "guests_not_found": _GROUP_RATE,
                }
            ],
        },
    }
}
