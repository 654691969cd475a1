"""What this installation is, how it is set, and how large its gallery is."""

from typing import Literal

from pydantic import BaseModel, Field


class Status(BaseModel):
    version: str
    pack: str
    space_id: str
    searchable_customers: int
    customers_elsewhere: int = Field(
        description="With a template in another embedding space only: no photo can find them."
    )
    customers: int
    threshold: float
    review_threshold: float
    target_fpir: float
    photos_tonight: int
    max_upload_bytes: int
    photo_retention_hours: int
    hold_minutes: int
    index_at_rest: Literal["sealed", "plain", "plain_as_set", "server"] = Field(
        description="What a stolen disk gives of the index of faces. `sealed`: nothing, it is in "
        "memory and sealed when the product stops. `plain`: the faces as numbers, since memory had "
        "no room. `plain_as_set`: the same, as VESTIBULE_INDEX_AT_REST says. `server`: its "
        "server's disks are its operator's to encrypt."
    )
