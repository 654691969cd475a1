"""How long things are kept: what goes when, and the policy behind it."""

from datetime import timedelta

from fastapi import APIRouter, status

from services.api import retention_schemas as schemas
from services.api.dependencies import Caller, Product, only
from vestibule.domain.jurisdiction import FRANCE
from vestibule.domain.permissions import Permission
from vestibule.domain.retention import Bounds, Kept, bounds, content_of, maximum_of, policy_of
from vestibule.records.retained import BY_SETTING
from vestibule.records.retention_tables import RetentionPolicyVersion
from vestibule.workflows import show_retention
from vestibule.workflows.adopt_retention_policy import adopt_retention_policy as adopt
from vestibule.workflows.remind_of_faces import reminded_guests

router = APIRouter(
    prefix="/retention", tags=["retention"], dependencies=only(Permission.MANAGE_PRIVACY)
)


@router.get("")
def get_retention(product: Product, caller: Caller) -> schemas.Retention:
    """How long each kind is kept, what of it goes on which of the next 30 days, what is late."""
    seen = show_retention.show_retention(product, venue_id=caller.venue_id)
    current = schemas.RetentionVersion(
        number=seen.in_force.number,
        days=content_of(seen.in_force.policy),
        reason=None,
        adopted_by=None,
        adopted_at=None,
    )
    history = [_version(row) for row in seen.versions]
    if history:
        latest = {"reason", "adopted_by", "adopted_at"}
        current = current.model_copy(update=history[0].model_dump(include=latest))
    return schemas.Retention(
        in_force=current,
        profile=FRANCE.code,
        kinds=[
            *(_of_policy(seen, kind) for kind in Kept),
            *(_of_setting(seen, name) for name in BY_SETTING),
        ],
        until=seen.now + show_retention.AHEAD,
        history=history,
    )


@router.get("/reminders")
def list_reminded_guests(product: Product, caller: Caller) -> schemas.RemindedGuests:
    """Whose file says that their face or the whole of it goes, and when; looking is recorded."""
    return schemas.RemindedGuests(
        items=[
            schemas.RemindedGuest(
                id=str(guest.id), name=guest.name, what=guest.what, goes_at=guest.goes_at
            )
            for guest in reminded_guests(product, actor=caller.actor)
        ]
    )


@router.post("/trials")
def try_retention_policy(
    body: schemas.NewRetentionTrial, product: Product
) -> schemas.RetentionTrial:
    """What would go within minutes if this were adopted. Changes nothing."""
    at_once = show_retention.due_at_once(product, policy_of(body.days))
    return schemas.RetentionTrial(at_once={kind.value: n for kind, n in at_once.items()})


@router.post("/versions", status_code=status.HTTP_201_CREATED)
def adopt_retention_policy(
    body: schemas.NewRetentionVersion, product: Product, caller: Caller
) -> schemas.RetentionVersion:
    """In force from the next round on; 409 where another came into force meanwhile."""
    made = adopt(product, body.days, reason=body.reason, replaces=body.replaces, by=caller)
    return _version(made)


def _version(row: RetentionPolicyVersion) -> schemas.RetentionVersion:
    return schemas.RetentionVersion(
        number=row.number,
        days=row.content,
        reason=row.reason,
        adopted_by=row.adopted_by,
        adopted_at=row.adopted_at,
    )


def _of_policy(seen: show_retention.Retention, kind: Kept) -> schemas.RetainedKind:
    kept = timedelta(days=seen.in_force.policy.days[kind])
    return _kind(seen, kind.value, kept, allowed=bounds()[kind], most_from=_most_from(kind))


def _of_setting(seen: show_retention.Retention, name: str) -> schemas.RetainedKind:
    return _kind(seen, name, seen.settings[name])


def _most_from(kind: Kept) -> schemas.MostFrom:
    maximum = maximum_of(FRANCE, kind)
    return schemas.MostFrom(
        weight=maximum.weight.value, source={"en": maximum.source, "fr": maximum.source_fr}
    )


def _kind(
    seen: show_retention.Retention,
    name: str,
    kept: timedelta,
    *,
    allowed: Bounds | None = None,
    most_from: schemas.MostFrom | None = None,
) -> schemas.RetainedKind:
    outlook, looked = seen.outlooks.get(name), seen.rounds.get(name)
    return schemas.RetainedKind(
        kind=name,
        ruled_by="policy" if allowed else "setting",
        kept_s=int(kept.total_seconds()),
        least_days=allowed.least if allowed else None,
        most_days=allowed.most if allowed else None,
        most_from=most_from,
        counted=outlook is not None,
        goes=(
            [schemas.GoesOn(day=day, count=count) for day, count in outlook.days.items()]
            if outlook
            else []
        ),
        overdue=outlook.overdue if outlook else 0,
        overdue_since=outlook.overdue_since if outlook else None,
        held=outlook.held if outlook else 0,
        looked_at=looked.looked_at if looked else None,
        removed=looked.removed if looked else 0,
    )
