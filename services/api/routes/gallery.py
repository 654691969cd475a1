"""The health of the gallery: what does not fit, what people said of it, what files lack."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from services.api import gallery_schemas as schemas
from services.api import presenters
from services.api.dependencies import Caller, Product, only, principal
from services.api.template_schemas import CustomerNamed
from vestibule.domain.gallery_health import FindingKind
from vestibule.domain.permissions import Permission
from vestibule.records import audit, gallery_health, jobs, tables
from vestibule.records.database import Transaction
from vestibule.records.gallery_tables import GalleryFinding, GalleryJudgement
from vestibule.workflows.examine_gallery import request_examination
from vestibule.workflows.judge_finding import judge_finding, take_judgement_back
from vestibule.workflows.record_look import record_look

router = APIRouter(prefix="/gallery", tags=["gallery"], dependencies=[Depends(principal)])

OLD_AFTER = timedelta(days=2 * 365)
"""Faces change; LFW's photos of one person are mostly closer in time than this."""
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/health", dependencies=only(Permission.CURATE_GALLERY))
def get_gallery_health(product: Product) -> schemas.GalleryHealth:
    """When the gallery was last looked through, and how much was found."""
    now = product.clock.now()
    with product.database.begin() as transaction:
        job = jobs.latest_of_kind(transaction, "GALLERY")
        done = jobs.latest_done_of_kind(transaction, "GALLERY")
        found = gallery_health.counts(transaction)
        judged = gallery_health.count_judgements(transaction)
    gaps = product.gaps.of(product.database, product.engine.space.id, old_before=now - OLD_AFTER)
    known = done.progress if done else {}
    return schemas.GalleryHealth(
        state=presenters.job_state(job) if job else "never",
        step=job.progress.get("step") if job and job.finished_at is None else None,
        error=presenters.job_error(job) if job else None,
        examined_at=done.finished_at if done else None,
        customers=known.get("customers"),
        templates=known.get("templates"),
        comparisons=known.get("comparisons"),
        expected_pairs=known.get("expected_pairs"),
        findings={_name(kind): count for kind, count in found.items()},
        gaps={gap: found.customers for gap, found in gaps.items()},
        judged=judged,
    )


@router.post(
    "/examination",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=only(Permission.CURATE_GALLERY),
)
def examine_the_gallery(product: Product, caller: Caller) -> schemas.GalleryHealth:
    """Look through all of it (a job); the one that is under way if there is one."""
    request_examination(product, actor=caller.actor)
    return get_gallery_health(product)


@router.get("/findings", dependencies=only(Permission.CURATE_GALLERY))
def list_findings(
    product: Product,
    caller: Caller,
    kind: schemas.FindingName,
    offset: Offset = 0,
    limit: Limit = 20,
) -> schemas.GalleryFindingPage:
    """Of one kind, the gravest first: those that still stand and that nobody judged.

    Looking at them is recorded.
    """
    wanted = FindingKind(kind.upper())
    with product.database.begin() as transaction:
        rows = gallery_health.findings(transaction, wanted, offset=offset, limit=limit)
        total = gallery_health.counts(transaction).get(wanted.value, 0)
        shown = [_finding(transaction, row) for row in rows]
        audit.append(
            transaction,
            at=product.clock.now(),
            actor=caller.actor,
            action="gallery.view",
            subject="gallery",
            kind=wanted.value,
            customers=[str(row.customer_id) for row in rows],
        )
    return schemas.GalleryFindingPage(
        items=shown, total=total, next_offset=_next(offset, limit, total)
    )


@router.get("/gaps", dependencies=only(Permission.CURATE_GALLERY))
def list_gaps(
    product: Product,
    caller: Caller,
    kind: schemas.GapName,
    offset: Offset = 0,
    limit: Limit = 20,
) -> schemas.GapPage:
    """Customers whose file lacks something, by name. Looking at them is recorded.

    In a large gallery ``total`` may be a minute behind.
    """
    page = product.gaps.page(
        product.database,
        product.engine.space.id,
        kind,
        old_before=product.clock.now() - OLD_AFTER,
        offset=offset,
        limit=limit,
    )
    record_look(
        product,
        actor=caller.actor,
        action="gallery.view",
        subject="gallery",
        customers=[item.customer.id for item in page.items],
    )
    return schemas.GapPage(
        items=[
            presenters.customer_summary(item, space_id=product.engine.space.id)
            for item in page.items
        ],
        total=page.total,
        next_offset=_next(offset, limit, page.total),
    )


# ── judgements ──────────────────────────────────────────────────────────────────────────────
@router.post(
    "/findings/{finding_id}/judgement",
    status_code=status.HTTP_201_CREATED,
    dependencies=only(Permission.CURATE_GALLERY),
)
def say_it_is_right(finding_id: UUID, product: Product, caller: Caller) -> schemas.GalleryJudgement:
    """Two different people, or the right face: the finding is not shown again."""
    judgement = judge_finding(product, finding_id, actor=caller.actor)
    with product.database.begin() as transaction:
        return _judgement(transaction, judgement)


@router.get("/judgements", dependencies=only(Permission.CURATE_GALLERY))
def list_judgements(
    product: Product, caller: Caller, offset: Offset = 0, limit: Limit = 20
) -> schemas.GalleryJudgementPage:
    """What people said of findings, the latest first. Looking at them is recorded."""
    with product.database.begin() as transaction:
        rows = gallery_health.judgements(transaction, offset=offset, limit=limit)
        total = gallery_health.count_judgements(transaction)
        shown = [_judgement(transaction, row) for row in rows]
    record_look(
        product,
        actor=caller.actor,
        action="gallery.view",
        subject="gallery",
        customers=sorted({row.customer_id for row in rows}),
    )
    return schemas.GalleryJudgementPage(
        items=shown, total=total, next_offset=_next(offset, limit, total)
    )


@router.delete(
    "/judgements/{judgement_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=only(Permission.CURATE_GALLERY),
)
def take_it_back(judgement_id: UUID, product: Product, caller: Caller) -> Response:
    """The finding is shown again while it stands."""
    take_judgement_back(product, judgement_id, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _name(kind: str) -> schemas.FindingName:
    return cast(schemas.FindingName, kind.lower())


def _next(offset: int, limit: int, total: int) -> int | None:
    return offset + limit if offset + limit < total else None


def _finding(transaction: Transaction, row: GalleryFinding) -> schemas.GalleryFinding:
    named = _named(transaction, [row.customer_id, row.other_customer_id])
    other = row.other_template_id
    return schemas.GalleryFinding(
        id=row.id,
        kind=_name(row.kind),
        customer=named[row.customer_id],
        face=_face(transaction, row.template_id),
        other_customer=named[row.other_customer_id] if row.other_customer_id else None,
        other=_face(transaction, other) if other else None,
        count=row.count,
    )


def _judgement(transaction: Transaction, row: GalleryJudgement) -> schemas.GalleryJudgement:
    named = _named(transaction, [row.customer_id, row.other_customer_id])
    return schemas.GalleryJudgement(
        id=row.id,
        kind=_name(row.kind),
        customer=named[row.customer_id],
        other_customer=named[row.other_customer_id] if row.other_customer_id else None,
        template_id=row.template_id,
        judged_by=row.judged_by,
        judged_at=row.judged_at,
    )


def _named(
    transaction: Transaction, customer_ids: Iterable[UUID | None]
) -> dict[UUID, CustomerNamed]:
    wanted = [customer_id for customer_id in customer_ids if customer_id is not None]
    rows = [transaction.get_one(tables.Customer, customer_id) for customer_id in wanted]
    return {row.id: CustomerNamed(id=row.id, name=row.name) for row in rows}


def _face(transaction: Transaction, template_id: UUID) -> schemas.FaceOnFile:
    row = transaction.get_one(tables.Template, template_id)
    url = f"/v1/templates/{template_id}/crop"
    return schemas.FaceOnFile(template_id=row.id, crop_url=url, created_at=row.created_at)
