"""A look through the whole gallery: every face compared with its own file and with all others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from vestibule.domain.faces import Embeddings
from vestibule.domain.gallery_health import (
    Finding,
    FindingKind,
    HealthScores,
    Resemblance,
    TemplateView,
    best_by_pair,
    duplicates_of,
    health_scores,
    judge_template,
)
from vestibule.domain.ids import CustomerId, JobId, TemplateId, new_uuid
from vestibule.domain.similarity import scores_between
from vestibule.domain.template_selection import enrolment_margin
from vestibule.ports import Neighbour
from vestibule.records import audit, gallery, gallery_health, jobs, not_them
from vestibule.records.tables import Job, Template
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import open_embeddings
from vestibule.workflows.send_job import send_job

CUSTOMERS_AT_ONCE = 50
"""The index answers nobody else meanwhile, so a batch must not keep the door waiting."""
NEIGHBOURS = 32


def request_examination(runtime: Runtime, *, actor: str) -> Job:
    """Start one, or the one that is under way."""
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        gallery_health.one_at_a_time(transaction)
        latest = jobs.latest_of_kind(transaction, "GALLERY")
        if latest is not None and latest.finished_at is None:
            return latest
        job = jobs.add(transaction, kind="GALLERY", subject_id=new_uuid(), queue="bulk", now=now)
        audit.append(transaction, at=now, actor=actor, action="gallery.examine", subject="gallery")
    send_job(runtime, JobId(job.id), queue="bulk")
    return job


def examine_gallery(runtime: Runtime, job: Job) -> None:
    """Run the whole job. Safe to run twice: what was found before is replaced at the end."""
    space_id = runtime.engine.space.id
    with runtime.database.begin() as transaction:
        size = gallery.size(transaction, space_id)
        owners = gallery_health.searchable_owners(transaction, space_id)
    scores = health_scores(
        runtime.calibration.quantiles, customers=size.customers, templates=size.templates
    )
    look = _Look(scores)
    for done, batch in _batches(runtime, owners):
        look.at(runtime, batch, owners)
        _mark(runtime, job, step=f"{done}/{size.customers}")
    with runtime.database.begin() as transaction:
        if not jobs.holds(transaction, job):
            return
        gallery_health.replace_findings(transaction, look.findings())
        summary = _summary(size, scores)
        jobs.finish(transaction, job, now=runtime.clock.now(), **summary)


def _summary(size: gallery.GallerySize, scores: HealthScores) -> dict[str, float]:
    return {
        "customers": size.customers,
        "templates": size.templates,
        "comparisons": scores.comparisons,
        "expected_pairs": scores.expected_pairs,
        "alike": scores.alike,
        "unlike": scores.unlike,
    }


def _mark(runtime: Runtime, job: Job, **progress: object) -> None:
    with runtime.database.begin(durable=False) as transaction:
        jobs.mark_stage(transaction, job, now=runtime.clock.now(), **progress)


def _batches(
    runtime: Runtime, owners: dict[UUID, UUID]
) -> Iterator[tuple[int, list[list[Template]]]]:
    """The searchable templates of some customers at a time, grouped, with how many are done."""
    by_customer: dict[UUID, list[UUID]] = {}
    for template_id, customer_id in owners.items():
        by_customer.setdefault(customer_id, []).append(template_id)
    customers = sorted(by_customer)
    for start in range(0, len(customers), CUSTOMERS_AT_ONCE):
        some = customers[start : start + CUSTOMERS_AT_ONCE]
        wanted = [template_id for customer in some for template_id in by_customer[customer]]
        groups: dict[UUID, list[Template]] = {customer: [] for customer in some}
        with runtime.database.look() as transaction:
            for row in gallery.templates(transaction, wanted):
                if row.customer_id in groups and row.status == "ACTIVE":
                    groups[row.customer_id].append(row)
        yield start + len(some), [group for group in groups.values() if group]


@dataclass(slots=True)
class _Look:
    """What was found so far."""

    scores: HealthScores
    _faces: list[Finding] = field(default_factory=list)
    _pairs: dict[tuple[CustomerId, CustomerId], Finding] = field(default_factory=dict)

    def at(
        self, runtime: Runtime, groups: Sequence[Sequence[Template]], owners: dict[UUID, UUID]
    ) -> None:
        opened = open_embeddings(runtime, [row for group in groups for row in group])
        groups = [[row for row in group if row.id in opened] for group in groups]
        rows = [row for group in groups for row in group]
        if not rows:
            return
        probes = np.stack([opened[row.id] for row in rows])
        found = iter(runtime.index.search(runtime.generation, probes, limit=NEIGHBOURS))
        own = iter([score for group in groups for score in _own_scores(runtime, group, opened)])
        for row in rows:
            own_score, own_nearest = next(own)
            view = TemplateView(
                template_id=TemplateId(row.id),
                customer_id=CustomerId(row.customer_id),
                own_score=own_score,
                own_nearest=own_nearest,
                others=_others(next(found), row.customer_id, owners),
            )
            self._judge(view)
        self._count(runtime, rows)

    def _judge(self, view: TemplateView) -> None:
        misfit = judge_template(view, self.scores)
        if misfit is not None:
            self._faces.append(misfit)
        if misfit is None or misfit.kind is not FindingKind.NEARER:
            self._pairs = best_by_pair(self._pairs, duplicates_of(view, self.scores))

    def _count(self, runtime: Runtime, rows: Sequence[Template]) -> None:
        with runtime.database.look() as transaction:
            wrong = not_them.counts(transaction, [row.id for row in rows], now=runtime.clock.now())
        for row in rows:
            customer, template = CustomerId(row.customer_id), TemplateId(row.id)
            if row.id in wrong:
                count = wrong[row.id]
                self._faces.append(
                    Finding(FindingKind.WRONG_MATCHES, customer, template, count=count)
                )
            if getattr(row, "override", None):
                self._faces.append(Finding(FindingKind.OVERRIDDEN, customer, template))
            elif enrolment_margin(row.quality) < 1:
                self._faces.append(Finding(FindingKind.POOR, customer, template))

    def findings(self) -> list[Finding]:
        """The gravest first within each kind. A stray face makes no duplicates of its two files."""
        strays = {f.template_id for f in self._faces if f.kind is FindingKind.NEARER}
        duplicates = [
            pair
            for pair in sorted(self._pairs.values(), key=lambda f: -(f.score or 0))
            if not strays & {pair.template_id, pair.other_template_id}
        ]
        faces = sorted(
            self._faces, key=lambda f: (-(f.count or 0), f.own_score or 0, -(f.score or 0))
        )
        return [*faces, *duplicates]


def _own_scores(
    runtime: Runtime, group: Sequence[Template], opened: Mapping[UUID, Embeddings]
) -> list[tuple[float | None, TemplateId | None]]:
    """How alike each template of one customer is to the nearest other, and which that is."""
    if len(group) < 2:
        return [(None, None)] * len(group)
    stack = np.stack([opened[row.id] for row in group])
    scores = scores_between(runtime.engine.space.metric, stack, stack)
    np.fill_diagonal(scores, -np.inf)
    nearest = scores.argmax(axis=1)
    return [
        (float(scores[index, other]), TemplateId(group[other].id))
        for index, other in enumerate(nearest.tolist())
    ]


def _others(
    found: Sequence[Neighbour], customer_id: UUID, owners: dict[UUID, UUID]
) -> list[Resemblance]:
    """By the owners that Postgres knew when the look began; a stale index shows nobody else."""
    return [
        Resemblance(neighbour.template_id, CustomerId(owner), neighbour.score)
        for neighbour in found
        if (owner := owners.get(neighbour.template_id)) is not None and owner != customer_id
    ]
