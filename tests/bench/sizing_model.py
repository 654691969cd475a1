"""A chain of venues calculated from measured figures: arrivals, workers, index, record, rest."""

import math
from dataclasses import dataclass

from tests.bench.measured import Measured, NotMeasuredError
from tests.bench.queueing import mean_wait_s, offered_load, servers_for


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What was not measured: how venues live, and how full one runs machines."""

    guests_a_night: float = 800
    peak_hour_share: float = 0.35
    photos_a_guest: float = 0.8
    burst: float = 1.5
    nights_a_year: float = 200
    templates_a_guest: float = 5
    upload_bytes: float = 3_000_000
    photo_kept_hours: float = 24
    wait_s: float = 1.0
    wait_longer_share: float = 0.05
    busy_at_most: float = 0.6
    memory_at_most: float = 0.75
    machine_cores: int = 16
    machine_bytes: float = 64e9
    outage_minutes: float = 10
    not_them_share: float = 0.02
    rows_kept_years: float = 3
    copies_from_templates: int = 2_000_000
    copies: int = 3


@dataclass(frozen=True, slots=True)
class Chain:
    venues: int
    templates: int


CHAINS = (
    Chain(1, 50_000),
    Chain(10, 500_000),
    Chain(50, 5_000_000),
    Chain(150, 15_000_000),
    Chain(500, 50_000_000),
)


@dataclass(frozen=True, slots=True)
class Basis:
    """What is calculated with. ``dimension`` is of the pack's embeddings."""

    measured: Measured
    assumed: Assumptions
    dimension: int

    @property
    def more_numbers(self) -> int:
        """Of a template, than those that were measured have."""
        return self.dimension - self.measured.dimension

    @property
    def template_row_bytes(self) -> float:
        return self.measured.template_row_bytes + 4 * self.more_numbers

    @property
    def index_memory_bytes(self) -> float:
        """A byte a number, and what a template takes beside its numbers."""
        return self.measured.template_index_memory_bytes + self.more_numbers

    @property
    def index_disk_bytes(self) -> float:
        """Four bytes a number as it is, one quantized, and the rest."""
        return self.measured.template_index_disk_bytes + 5 * self.more_numbers

    @property
    def search_s_a_million(self) -> float:
        """Of a core, for a face: a scan takes as long as its bytes."""
        return self.measured.search_s_a_million * self.dimension / self.measured.dimension

    def cpu_s(self, part: str) -> float:
        """Of a photo. Raises NotMeasuredError."""
        try:
            return self.measured.cpu_s_a_photo[part]
        except KeyError as error:
            raise NotMeasuredError(f"no processor time of {part}: `make bench-sizes`") from error


@dataclass(frozen=True, slots=True)
class Search:
    """Of the index, where every consent holds for so many templates."""

    scanned: float
    face_s: float
    """Of a core."""
    busy_cores: float
    cores: int
    machines: int
    shards: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a chain needs. Sizes in bytes, work in cores."""

    photos_a_second: float
    faces_a_second: float
    worker_load: float
    worker_cores: int
    worker_wait_s: float
    gpu_cards: int | None
    api_cores: float
    postgres_cores: float
    statements_a_second: float
    index_copies: int
    index_memory: float
    index_disk: float
    by_venue: Search
    chain_wide: Search
    index_fill_s: float
    guests: float
    gallery_rows: float
    passing_rows: float
    kept_rows_a_year: float
    postgres_bytes: float
    crops: float
    photos_kept: float
    redis_bytes: float
    volatile_bytes: float
    venue_uplink_bits: float
    inner_bits: float


def plan(chain: Chain, basis: Basis) -> Plan:
    """Every figure of one chain, from top to bottom as the document explains it."""
    measured, assumed = basis.measured, basis.assumed
    per_venue = peak_photos_a_second(assumed)
    photos, service_s = chain.venues * per_venue, basis.cpu_s("worker")
    faces = photos * measured.faces_a_photo
    cores = servers_for(
        photos, service_s, wait_s=assumed.wait_s, but_for_share=assumed.wait_longer_share
    )
    copies = assumed.copies if chain.templates >= assumed.copies_from_templates else 1
    guests = chain.templates / assumed.templates_a_guest
    night = chain.venues * assumed.guests_a_night * assumed.photos_a_guest
    rows = chain.templates * basis.template_row_bytes + guests * measured.guest_row_bytes
    kept_at_once = night * assumed.photo_kept_hours / 24
    passing = kept_at_once * measured.photo_passing_row_bytes
    a_year = night * assumed.nights_a_year * measured.photo_kept_row_bytes
    said_no = night * measured.faces_a_photo * assumed.not_them_share
    moved = 3 * assumed.upload_bytes + 2 * measured.photo_object_bytes
    return Plan(
        photos_a_second=photos,
        faces_a_second=faces,
        worker_load=offered_load(photos, service_s),
        worker_cores=cores,
        worker_wait_s=mean_wait_s(cores, photos, service_s),
        gpu_cards=_cards(photos, faces, basis),
        api_cores=photos * basis.cpu_s("api") / assumed.busy_at_most,
        postgres_cores=photos * basis.cpu_s("postgres") / assumed.busy_at_most,
        statements_a_second=photos * measured.statements_a_photo,
        index_copies=copies,
        index_memory=chain.templates * copies * basis.index_memory_bytes,
        index_disk=chain.templates * copies * basis.index_disk_bytes,
        by_venue=_search(chain, basis, scanned=chain.templates / chain.venues, faces=faces),
        chain_wide=_search(chain, basis, scanned=chain.templates, faces=faces),
        index_fill_s=chain.templates / measured.index_filled_a_second,
        guests=guests,
        gallery_rows=rows,
        passing_rows=passing,
        kept_rows_a_year=a_year,
        postgres_bytes=rows + passing + a_year * assumed.rows_kept_years,
        crops=chain.templates * measured.crop_bytes,
        photos_kept=kept_at_once * measured.photo_object_bytes,
        redis_bytes=photos * 60 * assumed.outage_minutes * measured.queued_job_bytes,
        volatile_bytes=said_no * measured.rejected_face_bytes,
        venue_uplink_bits=8 * per_venue * assumed.upload_bytes,
        inner_bits=8 * photos * moved,
    )


def peak_photos_a_second(assumed: Assumptions) -> float:
    """Of one venue, in the worst minutes of its busiest hour."""
    in_that_hour = assumed.guests_a_night * assumed.peak_hour_share * assumed.photos_a_guest
    return in_that_hour / 3600 * assumed.burst


def _search(chain: Chain, basis: Basis, *, scanned: float, faces: float) -> Search:
    """A scan of every template that a face may match, on as many copies as a majority is."""
    assumed = basis.assumed
    copies = assumed.copies if chain.templates >= assumed.copies_from_templates else 1
    face_s = scanned / 1e6 * basis.search_s_a_million
    busy = faces * face_s * (copies // 2 + 1)
    cores = max(1, math.ceil(busy / assumed.busy_at_most))
    memory = chain.templates * copies * basis.index_memory_bytes
    for_memory = math.ceil(memory / (assumed.machine_bytes * assumed.memory_at_most))
    machines = max(copies, for_memory, math.ceil(cores / assumed.machine_cores))
    # Twice as many as machines, so that one that is added later has something to take over.
    shards = 1 if machines == 1 else 2 * machines
    return Search(scanned, face_s, busy, cores, machines, shards)


def _cards(photos: float, faces: float, basis: Basis) -> int | None:
    """Detection of every photo and embedding of every face, one after the other on the card."""
    photo_pace, face_pace = basis.measured.gpu_photos_a_second, basis.measured.gpu_faces_a_second
    if photo_pace is None or face_pace is None:
        return None
    busy = photos / photo_pace + faces / face_pace
    return max(1, math.ceil(busy / basis.assumed.busy_at_most))
