"""What is kept for how long, what goes when, and what should have gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vestibule.domain.retention import Kept, RetentionPolicy
from vestibule.records import (
    idle_faces,
    idle_files,
    legal_holds,
    retention,
    retention_policies,
)
from vestibule.records.database import Transaction
from vestibule.records.legal_holds import Held
from vestibule.records.retained import BY_SETTING, IN_TABLES
from vestibule.records.retention import Outlook
from vestibule.records.retention_policies import PolicyInForce
from vestibule.records.retention_tables import RetentionPolicyVersion, RetentionRound
from vestibule.records.tables import Venue
from vestibule.workflows.runtime import Runtime

AHEAD = timedelta(days=30)
SHOWN_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Retention:
    """``outlooks`` by kind or by the name of what a setting rules; kinds without rows have none."""

    in_force: PolicyInForce
    versions: list[RetentionPolicyVersion]
    outlooks: Mapping[str, Outlook]
    rounds: Mapping[str, RetentionRound]
    timezone: str
    now: datetime
    settings: Mapping[str, timedelta]


def show_retention(runtime: Runtime, *, venue_id: UUID) -> Retention:
    """By days as they are at that venue."""
    now = runtime.clock.now()
    with runtime.database.look() as transaction:
        current = retention_policies.in_force(transaction)
        timezone = transaction.get_one(Venue, venue_id).timezone
        held = legal_holds.held(transaction, now=now)
        outlooks = _outlooks(transaction, current.policy, now, timezone, held)
        for name in BY_SETTING:
            outlooks[name] = retention.outlook_of_setting(
                transaction, name, now=now, until=now + AHEAD, timezone=timezone
            )
        return Retention(
            in_force=current,
            versions=retention_policies.versions(transaction, limit=SHOWN_VERSIONS),
            outlooks=outlooks,
            rounds={row.kind: row for row in retention.rounds(transaction)},
            timezone=timezone,
            now=now,
            settings={
                "photo": runtime.limits.photo_retention,
                "hold": runtime.limits.hold,
                "answer": runtime.limits.not_them_memory,
            },
        )


def due_at_once(runtime: Runtime, policy: RetentionPolicy) -> Mapping[Kept, int]:
    """How much of each kind would be gone within minutes if this policy were in force."""
    now = runtime.clock.now()
    with runtime.database.look() as transaction:
        held = legal_holds.held(transaction, now=now)
        found = _outlooks(transaction, policy, now, "UTC", held, until=now)
    return {Kept(name): outlook.overdue for name, outlook in found.items()}


def retention_overdue_s(runtime: Runtime) -> Mapping[str, float]:
    """By kind, for how long the oldest should have been gone; what is held back is not late."""
    now = runtime.clock.now()
    with runtime.database.look() as transaction:
        days = retention_policies.in_force(transaction).policy.days
        held = legal_holds.held(transaction, now=now)
        since = {
            kind: retention.overdue_since(
                transaction, kind, kept_days=days[kind], now=now, held=held
            )
            for kind in IN_TABLES
        }
        since[Kept.TEMPLATE] = idle_faces.END.overdue_since(
            transaction, kept_days=days[Kept.TEMPLATE], now=now, held=held
        )
        since[Kept.CUSTOMER] = idle_files.END.overdue_since(
            transaction, kept_days=days[Kept.CUSTOMER], now=now, held=held
        )
    return {
        kind.value: 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
        for kind, moment in since.items()
    }


def _outlooks(
    transaction: Transaction,
    policy: RetentionPolicy,
    now: datetime,
    timezone: str,
    held: Held,
    *,
    until: datetime | None = None,
) -> dict[str, Outlook]:
    to = until or now + AHEAD
    found = {
        kind.value: retention.outlook(
            transaction,
            kind,
            kept_days=policy.days[kind],
            now=now,
            until=to,
            timezone=timezone,
            held=held,
        )
        for kind in IN_TABLES
    }
    for kind, rows in ((Kept.TEMPLATE, idle_faces.END), (Kept.CUSTOMER, idle_files.END)):
        found[kind.value] = rows.outlook(
            transaction,
            kept_days=policy.days[kind],
            now=now,
            until=to,
            timezone=timezone,
            held=held,
        )
    return found
