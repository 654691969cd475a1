"""The sums of a chain in words and tables, each with the figures that went in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

from tests.bench.measured import Measured
from tests.bench.sizing_model import Assumptions, Basis, Chain, Plan, Search

START = "<!-- sizing: written by `make sizing`, do not edit -->"
END = "<!-- sizing: end -->"
ASSUMED = {
    "guests_a_night": "guests of a venue on a full night",
    "peak_hour_share": "of them in the busiest hour",
    "photos_a_guest": "photos for each guest (groups share one, some are repeated)",
    "burst": "the worst minutes of that hour, over its mean",
    "nights_a_year": "nights a year",
    "templates_a_guest": "templates a guest",
    "upload_bytes": "bytes of a phone's photo",
    "photo_kept_hours": "hours that a photo is kept (`VESTIBULE_PHOTO_RETENTION_HOURS`)",
    "wait_s": "seconds that a photo may wait for a worker …",
    "wait_longer_share": "… but for this share of photos at the peak",
    "busy_at_most": "share of their time that cores of other parts are busy at the peak",
    "memory_at_most": "share of a machine's memory that the index may have",
    "machine_cores": "cores of a machine of the index",
    "machine_bytes": "bytes of its memory",
    "outage_minutes": "minutes for which Redis must hold what no worker takes",
    "not_them_share": "share of faces that are answered *not them*",
    "rows_kept_years": "years for which audit entries, visits and counts are kept",
    "copies_from_templates": "templates from which on the index has copies",
    "copies": "copies then",
}


def document(plans: Mapping[Chain, Plan], larger: Plan, basis: Basis) -> str:
    """All that `make sizing` writes. ``larger``: the largest chain with templates of 512."""
    chains = list(plans)
    measured = basis.measured
    own = '`make sizing SIZING_ARGS="--venues 40 --templates 800000 --guests-a-night 300"`'
    parts = [
        "### What goes in",
        *(f"- Measured, {what}: {source}" for what, source in measured.sources.items()),
        _gpu_words(measured),
        "",
        f"Assumed. {own} prints the steps below for your own.",
        "",
        _table(("assumption", "value"), _assumed_rows(basis.assumed)),
        "",
        f"### Chains, with templates of {basis.dimension} numbers",
        _table(("", *(_chain(chain) for chain in chains)), _rows(list(plans.values()))),
        "",
        f"### Step by step: {_chain(chains[-1])}",
        steps(chains[-1], plans[chains[-1]], basis),
        "",
        "### The same chain with templates of 512 numbers",
        "Packs of the InsightFace family. What changes:",
        "",
        _table(("", _chain(chains[-1])), _index_rows([larger])),
    ]
    return "\n".join(parts)


def steps(chain: Chain, plan: Plan, basis: Basis) -> str:
    """One chain's arithmetic, a line a step."""
    lines = [
        *_arrivals(chain, plan, basis),
        *_workers(plan, basis),
        *_index(chain, plan, basis),
        *_record(chain, plan, basis),
        *_others(plan, basis),
    ]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


# ── the steps ───────────────────────────────────────────────────────────────────────────────
def _arrivals(chain: Chain, plan: Plan, basis: Basis) -> list[str]:
    assumed = basis.assumed
    guests, share, photos = assumed.guests_a_night, assumed.peak_hour_share, assumed.photos_a_guest
    hour, burst = guests * share * photos, assumed.burst
    return [
        f"**Photos.** {guests:g} guests x {share:g} in the busiest hour x {photos:g} photos = "
        f"{hour:.0f} an hour and venue; x {burst:g} for its worst minutes / 3,600 s = "
        f"{hour * burst / 3600:.4f} a second; x {chain.venues:,} venues, all at the same hour = "
        f"**{plan.photos_a_second:.2f} photos a second**.",
        f"**Faces.** x {basis.measured.faces_a_photo:.2f} a photo = "
        f"**{plan.faces_a_second:.1f} faces a second**.",
    ]


def _workers(plan: Plan, basis: Basis) -> list[str]:
    assumed, photos, cores = basis.assumed, plan.photos_a_second, plan.worker_cores
    full, patience = assumed.busy_at_most, f"{assumed.wait_s:g} s"
    cards = "not measured" if plan.gpu_cards is None else f"**{plan.gpu_cards}**"
    return [
        f"**Worker cores.** {photos:.2f} photos a second x {basis.cpu_s('worker'):.3f} s of a core "
        f"= {plan.worker_load:.2f} erlangs. By Erlang C **{cores} cores** are the fewest with "
        f"which at most {assumed.wait_longer_share:.0%} of photos wait longer than {patience}. The "
        f"mean wait is then {plan.worker_wait_s * 1000:.0f} ms, and the cores are busy "
        f"{plan.worker_load / cores:.0%} of the time.",
        f"**GPU cards instead**, for the models alone: {cards}.",
        f"**API.** {photos:.2f} x {basis.cpu_s('api') * 1000:.1f} ms of a core / {full:g} = "
        f"{plan.api_cores:.1f}: **{_copies(plan.api_cores)} copies**, since a process uses one "
        "core, and two at least.",
    ]


def _index(chain: Chain, plan: Plan, basis: Basis) -> list[str]:
    memory, disk, copies = basis.index_memory_bytes, basis.index_disk_bytes, plan.index_copies
    pace = basis.measured.index_filled_a_second
    return [
        f"**Memory of the index.** {chain.templates:,} templates x {memory:.0f} B (int8, ids, "
        f"payload index) x {copies} copies = **{_size(plan.index_memory)}**.",
        f"**Disk of the index.** x {disk:.0f} B (with the vectors as they are) = "
        f"**{_size(plan.index_disk)}** for a generation; twice that while another is filled.",
        _search_step("consents for one venue each", plan.by_venue, plan, basis),
        _search_step("consents for the whole chain", plan.chain_wide, plan, basis),
        f"**Filling it anew** from Postgres. {chain.templates:,} / {pace:,.0f} a second by one "
        f"process = {_time(plan.index_fill_s)}.",
    ]


def _search_step(name: str, search: Search, plan: Plan, basis: Basis) -> str:
    copies, full = plan.index_copies, basis.assumed.busy_at_most
    return (
        f"**Search, {name}.** {search.scanned:,.0f} templates are scanned for a face; x "
        f"{basis.search_s_a_million * 1000:.1f} ms of a core a million = {_span(search.face_s)}. x "
        f"{plan.faces_a_second:.1f} faces a second x {copies // 2 + 1} (a majority of {copies}) = "
        f"{search.busy_cores:.1f} cores busy; / {full:g} = **{_several(search.cores, 'core')}** on "
        f"{_several(search.machines, 'machine')}, in {_several(search.shards, 'shard')}."
    )


def _record(chain: Chain, plan: Plan, basis: Basis) -> list[str]:
    assumed, measured = basis.assumed, basis.measured
    night = chain.venues * assumed.guests_a_night * assumed.photos_a_guest
    passing, kept = measured.photo_passing_row_bytes, measured.photo_kept_row_bytes
    work_ms = basis.cpu_s("postgres") * 1000
    return [
        f"**Rows of the gallery.** {chain.templates:,} templates x {basis.template_row_bytes:.0f} "
        f"B + {plan.guests:,.0f} guests x {measured.guest_row_bytes:.0f} B = "
        f"{_size(plan.gallery_rows)}.",
        f"**Rows of a night.** {night:,.0f} photos x {passing:,.0f} B = {_size(plan.passing_rows)} "
        f"until they expire; x {kept:,.0f} B x {assumed.nights_a_year:g} nights = "
        f"{_size(plan.kept_rows_a_year)} a year that stay.",
        f"**Postgres.** The gallery, a night, and {assumed.rows_kept_years:g} years = "
        f"**{_size(plan.postgres_bytes)}**; as much again for its log and for room.",
        f"**Its work.** {plan.photos_a_second:.2f} photos a second x "
        f"{measured.statements_a_photo:.1f} statements = **{plan.statements_a_second:,.0f} a "
        f"second**; x {work_ms:.1f} ms of a core a photo / {assumed.busy_at_most:g} = "
        f"{plan.postgres_cores:.1f} cores.",
    ]


def _others(plan: Plan, basis: Basis) -> list[str]:
    assumed, measured = basis.assumed, basis.measured
    return [
        f"**Objects.** Crops of {measured.crop_bytes:,.0f} B = {_size(plan.crops)}; a night's "
        f"photos of {measured.photo_object_bytes:,.0f} B = {_size(plan.photos_kept)}: "
        f"**{_size(plan.crops + plan.photos_kept)}** before the store's own copies.",
        f"**Redis.** {plan.photos_a_second:.2f} photos a second x {assumed.outage_minutes:g} "
        f"minutes x {measured.queued_job_bytes:,.0f} B = {_size(plan.redis_bytes)} while no "
        f"worker takes any. In the other, {assumed.not_them_share:.0%} of a night's faces x "
        f"{measured.rejected_face_bytes:,.0f} B = {_size(plan.volatile_bytes)}.",
        f"**Network.** A venue's line upwards {plan.venue_uplink_bits / 1e6:.1f} Mbit/s. Within, a "
        "photo goes in, to the store and to a worker, its result to the store and out: "
        f"**{plan.inner_bits / 1e6:,.0f} Mbit/s**.",
    ]


# ── tables ──────────────────────────────────────────────────────────────────────────────────
def _rows(plans: Sequence[Plan]) -> list[tuple[str, ...]]:
    return [
        _row("photos a second at the peak", plans, lambda p: f"{p.photos_a_second:.2f}"),
        _row("worker cores", plans, lambda p: f"{p.worker_cores}"),
        _row("GPU cards instead", plans, lambda p: _cards(p.gpu_cards)),
        _row("API copies", plans, lambda p: f"{_copies(p.api_cores)}"),
        *_index_rows(plans),
        _row("Postgres: size", plans, lambda p: _size(p.postgres_bytes)),
        _row("Postgres: statements a second", plans, lambda p: f"{p.statements_a_second:,.0f}"),
        _row("Postgres: cores", plans, lambda p: f"{_whole(p.postgres_cores)}"),
        _row("objects", plans, lambda p: _size(p.crops + p.photos_kept)),
        _row("Redis, the broker", plans, lambda p: _size(p.redis_bytes)),
        _row("Redis, rejected faces", plans, lambda p: _size(p.volatile_bytes)),
        _row("network within", plans, lambda p: f"{p.inner_bits / 1e6:,.0f} Mbit/s"),
    ]


def _index_rows(plans: Sequence[Plan]) -> list[tuple[str, ...]]:
    return [
        _row("index: copies", plans, lambda p: f"{p.index_copies}"),
        _row("index: memory, all copies", plans, lambda p: _size(p.index_memory)),
        _row("index: disk, all copies", plans, lambda p: _size(p.index_disk)),
        _row("index: consents for one venue", plans, lambda p: _search_words(p.by_venue)),
        _row("index: consents for the chain", plans, lambda p: _search_words(p.chain_wide)),
    ]


def _row(what: str, plans: Sequence[Plan], say: Callable[[Plan], str]) -> tuple[str, ...]:
    return (what, *(say(plan) for plan in plans))


def _search_words(search: Search) -> str:
    return (
        f"{_several(search.cores, 'core')}, {_several(search.machines, 'machine')}, "
        f"{_several(search.shards, 'shard')}"
    )


def _assumed_rows(assumed: Assumptions) -> list[tuple[str, str]]:
    return [(ASSUMED[each.name], _plain(getattr(assumed, each.name))) for each in fields(assumed)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# ── words ───────────────────────────────────────────────────────────────────────────────────
def _chain(chain: Chain) -> str:
    count = f"{chain.templates / 1e6:g} M" if chain.templates >= 1e6 else f"{chain.templates:,}"
    return f"{_several(chain.venues, 'venue')}, {count} templates"


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("s" if count > 1 else "")


def _gpu_words(measured: Measured) -> str:
    photos, faces = measured.gpu_photos_a_second, measured.gpu_faces_a_second
    if photos is None or faces is None:
        return "- **Not measured: GPUs.** What is said of them below says so too."
    return (
        f"- Measured, a card: {photos:,.0f} photos searched for faces a second, {faces:,.0f} faces."
    )


def _cards(cards: int | None) -> str:
    return "not measured" if cards is None else str(cards)


def _copies(cores: float) -> int:
    return max(2, _whole(cores))


def _whole(cores: float) -> int:
    return max(1, -int(-cores // 1))


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"


def _size(size_bytes: float) -> str:
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.1f} {name}"
    return f"{size_bytes / 1e3:.0f} kB"


def _span(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"


def _time(seconds: float) -> str:
    return (
        f"{seconds / 3600:.1f} hours" if seconds >= 5400 else f"{max(1, seconds / 60):.0f} minutes"
    )
