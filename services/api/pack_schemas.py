"""Model packs as they go over the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.api.schemas import Request


class Network(BaseModel):
    """One network of a pack. ``url`` is set where an operator has to get the file."""

    role: Literal["detector", "embedder", "dark_embedder"]
    architecture: str
    licence: str
    provenance: str
    file: str
    sha256: str
    url: str | None
    pinned_by: str | None = Field(description="Who published the hash, if not the maker.")


class PackCheck(BaseModel):
    """``faults`` are in English, one sentence a fault; none when every file is as pinned."""

    at: datetime
    faults: list[str]


class Pack(BaseModel):
    """``terms`` have to be accepted before the pack is installed or used, where there are any."""

    name: str
    is_active: bool
    is_own: bool
    installed: bool
    licence: str
    commercial_use: Literal["allowed", "ask_counsel", "forbidden"]
    terms: str | None
    terms_sha256: str | None
    accepted_by: str | None
    accepted_at: datetime | None
    detector: str
    embedder: str
    networks: list[Network]
    metric: Literal["cosine", "euclidean"]
    dimension: int
    size_bytes: int
    low_light: Literal["on", "off", "lifted"] | None
    space_id: str
    calibrated: bool
    check: PackCheck | None = Field(description="The last comparison with the pinned hashes.")
    customers_elsewhere: int = Field(
        description="Searchable customers who have a template, but none in this pack's space."
    )
    note: str


class TermsAcceptance(Request):
    """``terms_sha256`` names the words that were shown, so that nobody accepts others."""

    terms_sha256: str = Field(pattern="^[0-9a-f]{64}$")
