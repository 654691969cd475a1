"""What a look through the gallery found, what people said of it, and files that lack something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import aliased

from vestibule.domain.gallery_health import Finding, FindingKind
from vestibule.records.consents import agrees_to, stands
from vestibule.records.customers import CustomerOverview, overviews
from vestibule.records.database import Transaction
from vestibule.records.gallery import has_basis
from vestibule.records.gallery_tables import GalleryFinding, GalleryJudgement
from vestibule.records.tables import Consent, Customer, Template

_LOCK = 0x6765616C  # one advisory lock: two people who ask at once start one examination

Gap = Literal["no_consent", "no_face", "single_face", "old_faces"]
GAPS: tuple[Gap, ...] = ("no_consent", "no_face", "single_face", "old_faces")


def one_at_a_time(transaction: Transaction) -> None:
    transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def searchable_owners(transaction: Transaction, space_id: str) -> dict[UUID, UUID]:
    """Every template that a search may show, with its customer."""
    query = select(Template.id, Template.customer_id).join(Customer)
    query = query.where(Template.space_id == space_id, Template.status == "ACTIVE", has_basis())
    return dict(transaction.execute(query).all())


# ── findings ────────────────────────────────────────────────────────────────────────────────
def replace_findings(transaction: Transaction, findings: Sequence[Finding]) -> None:
    """Those of people and faces that went meanwhile are left out."""
    transaction.execute(delete(GalleryFinding))
    templates = {f.template_id for f in findings} | {f.other_template_id for f in findings}
    query = select(Template.id, Template.customer_id).where(Template.id.in_(templates - {None}))
    owner = dict(transaction.execute(query.with_for_update(read=True)).all())
    for rank, finding in enumerate(findings):
        other = finding.other_template_id
        if owner.get(finding.template_id) != finding.customer_id:
            continue
        if other is not None and owner.get(other) != finding.other_customer_id:
            continue
        transaction.add(_row(finding, rank))
    transaction.flush()


def _row(finding: Finding, rank: int) -> GalleryFinding:
    return GalleryFinding(
        kind=finding.kind.value,
        rank=rank,
        customer_id=finding.customer_id,
        template_id=finding.template_id,
        other_customer_id=finding.other_customer_id,
        other_template_id=finding.other_template_id,
        score=finding.score,
        own_score=finding.own_score,
        count=finding.count,
    )


def findings(
    transaction: Transaction, kind: FindingKind, *, offset: int, limit: int
) -> list[GalleryFinding]:
    """Those that still stand, the gravest first."""
    query = _standing().where(GalleryFinding.kind == kind.value)
    query = query.order_by(GalleryFinding.rank, GalleryFinding.id).offset(offset).limit(limit)
    return list(transaction.scalars(query))


def finding(transaction: Transaction, finding_id: UUID) -> GalleryFinding | None:
    return transaction.scalar(_standing().where(GalleryFinding.id == finding_id))


def counts(transaction: Transaction) -> dict[str, int]:
    """How many of each kind still stand."""
    standing = _standing().subquery()
    query = select(standing.c.kind, func.count()).group_by(standing.c.kind)
    return dict(transaction.execute(query).all())


def _standing() -> Select[GalleryFinding]:
    """Nobody judged it, and its faces are searched and on the same files as when it was found."""
    one, other = aliased(Template), aliased(Template)
    in_place = and_(
        one.id == GalleryFinding.template_id,
        one.customer_id == GalleryFinding.customer_id,
        one.status == "ACTIVE",
    )
    other_in_place = exists().where(
        other.id == GalleryFinding.other_template_id,
        other.customer_id == GalleryFinding.other_customer_id,
        other.status == "ACTIVE",
    )
    return (
        select(GalleryFinding)
        .join(one, in_place)
        .where(or_(GalleryFinding.other_template_id.is_(None), other_in_place))
        .where(~exists().where(_judges()))
    )


def _judges() -> ColumnElement[bool]:
    is_pair = and_(
        GalleryJudgement.customer_id == GalleryFinding.customer_id,
        GalleryJudgement.other_customer_id == GalleryFinding.other_customer_id,
    )
    is_face = GalleryJudgement.template_id == GalleryFinding.template_id
    same = or_(
        and_(GalleryFinding.kind == FindingKind.DUPLICATE.value, is_pair),
        and_(GalleryFinding.kind != FindingKind.DUPLICATE.value, is_face),
    )
    return and_(GalleryJudgement.kind == GalleryFinding.kind, same)


# ── judgements ──────────────────────────────────────────────────────────────────────────────
def judge(
    transaction: Transaction, found: GalleryFinding, *, actor: str, now: datetime
) -> GalleryJudgement:
    is_pair = found.kind == FindingKind.DUPLICATE.value
    row = GalleryJudgement(
        kind=found.kind,
        customer_id=found.customer_id,
        other_customer_id=found.other_customer_id if is_pair else None,
        template_id=None if is_pair else found.template_id,
        judged_by=actor,
        judged_at=now,
    )
    transaction.add(row)
    transaction.flush()
    return row


def judgements(transaction: Transaction, *, offset: int, limit: int) -> list[GalleryJudgement]:
    """The latest first."""
    query = select(GalleryJudgement).order_by(
        GalleryJudgement.judged_at.desc(), GalleryJudgement.id
    )
    return list(transaction.scalars(query.offset(offset).limit(limit)))


def count_judgements(transaction: Transaction) -> int:
    return transaction.scalar(select(func.count()).select_from(GalleryJudgement)) or 0


def take_judgement(transaction: Transaction, judgement_id: UUID) -> GalleryJudgement | None:
    return transaction.scalar(
        delete(GalleryJudgement)
        .where(GalleryJudgement.id == judgement_id)
        .returning(GalleryJudgement)
    )


# ── files that lack something ───────────────────────────────────────────────────────────────
FEW = 2_000


@dataclass(frozen=True, slots=True)
class GapFound:
    """How many customers' files lack it; ``who`` they are, where they are ``FEW`` or less."""

    customers: int
    who: Sequence[UUID] | None


def customers_with_gap(
    transaction: Transaction,
    gap: Gap,
    *,
    space_id: str,
    old_before: datetime,
    offset: int,
    limit: int,
    among: Sequence[UUID] | None = None,
) -> list[CustomerOverview]:
    """As it is now, by name. Few of many are found quickly only ``among`` those who are known."""
    query = select(Customer).where(
        Customer.status == "ACTIVE", _lacks(gap, space_id, old_before=old_before)
    )
    if among is not None:
        query = query.where(Customer.id.in_(among))
    page = query.order_by(Customer.folded_name, Customer.id).offset(offset).limit(limit)
    return overviews(transaction, list(transaction.scalars(page)))


@dataclass(frozen=True, slots=True)
class GapsFound:
    customers: int
    """Whose files were read."""
    by_gap: Mapping[Gap, GapFound]


def find_gaps(transaction: Transaction, *, space_id: str, old_before: datetime) -> GapsFound:
    """Of everybody in one pass: the larger the gallery, the longer it takes."""
    facts = _facts(space_id)
    lacking: dict[Gap, ColumnElement[bool]] = {
        "no_consent": ~facts.c.agrees & (facts.c.faces > 0),
        "no_face": facts.c.agrees & (facts.c.faces == 0),
        "single_face": facts.c.agrees & (facts.c.faces == 1),
        "old_faces": facts.c.agrees & (facts.c.newest < old_before),
    }
    count, who = func.count(), func.array_agg(facts.c.id)
    parts = [
        select(literal(gap), count, case((count <= FEW, who))).where(which)
        for gap, which in lacking.items()
    ]
    everybody = select(literal("everybody"), count, null())
    rows = transaction.execute(union_all(*parts, everybody.select_from(facts))).all()
    found = {gap: (count, who) for gap, count, who in rows}
    customers, _ = found.pop("everybody")
    return GapsFound(
        customers,
        {
            gap: GapFound(count, None if count > FEW else who or [])
            for gap, (count, who) in found.items()
        },
    )


def _facts(space_id: str) -> CTE:
    """Each customer's consent and faces, read table by table: 100,000 look-ups take far longer."""
    agreeing = select(Consent.customer_id).where(Consent.purpose == "recognition", stands())
    agreed = agreeing.distinct().subquery()
    faces = (
        select(
            Template.customer_id,
            func.count().label("n"),
            func.max(Template.created_at).label("newest"),
        )
        .where(Template.space_id == space_id, Template.status == "ACTIVE")
        .group_by(Template.customer_id)
        .subquery()
    )
    return (
        select(
            Customer.id,
            agreed.c.customer_id.is_not(None).label("agrees"),
            func.coalesce(faces.c.n, 0).label("faces"),
            faces.c.newest,
        )
        .outerjoin(agreed, agreed.c.customer_id == Customer.id)
        .outerjoin(faces, faces.c.customer_id == Customer.id)
        .where(Customer.status == "ACTIVE")
        .cte("facts")
    )


def _lacks(gap: Gap, space_id: str, *, old_before: datetime) -> ColumnElement[bool]:
    """A guest who never wanted a face on file lacks nothing."""
    in_use = and_(
        Template.customer_id == Customer.id,
        Template.space_id == space_id,
        Template.status == "ACTIVE",
    )
    agrees = agrees_to("recognition")
    faces = select(func.count()).select_from(Template).where(in_use).scalar_subquery()
    newest = select(func.max(Template.created_at)).where(in_use).scalar_subquery()
    return {
        "no_consent": exists().where(Template.customer_id == Customer.id) & ~agrees,
        "no_face": agrees & ~exists().where(in_use),
        "single_face": agrees & (faces == 1),
        "old_faces": agrees & (newest < old_before),
    }[gap]
