"""The chain's watchlist policy: compared with the one in force over the past, then adopted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from vestibule.domain.errors import ConflictError, ForbiddenError
from vestibule.domain.permissions import Permission
from vestibule.domain.watchlist_deciders import Objection
from vestibule.domain.watchlist_policy import content_of, policy_of
from vestibule.domain.watchlist_simulation import Comparison, compare
from vestibule.records import (
    audit,
    incident_histories,
    watchlist_policies,
    watchlist_proposals,
)
from vestibule.records.watchlist_tables import WatchlistPolicyVersion
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

SHOWN_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Simulated:
    """``names`` are of the customers whose changes are shown, the first ``SHOWN_CHANGES``."""

    comparison: Comparison
    names: Mapping[UUID, str]


def simulate_policy(
    runtime: Runtime, content: Mapping[str, Any], *, caller: Principal
) -> Simulated:
    """What it would have proposed, beside what the one in force would have. Writes only that
    somebody looked. Raises InvalidInputError, ForbiddenError.
    """
    _require_whole_chain(caller)
    wanted = policy_of(content)
    with runtime.database.begin() as transaction:
        now = watchlist_policies.in_force(transaction).policy
        histories = incident_histories.counting_histories(transaction)
    comparison = compare(now, wanted, histories)
    ids = [change.customer_id for change in comparison.changes[:SHOWN_CHANGES]]
    with runtime.database.begin() as transaction:
        names = watchlist_proposals.names_of(transaction, ids)
        audit.append(
            transaction,
            at=runtime.clock.now(),
            actor=caller.actor,
            action="watchlist_policy.simulate",
            subject="watchlist_policy",
            customers_named=len(names),
        )
    return Simulated(comparison, names)


def adopt_policy(
    runtime: Runtime,
    content: Mapping[str, Any],
    *,
    reason: str,
    replaces: int,
    caller: Principal,
) -> WatchlistPolicyVersion:
    """In force for the next proposal on; what is open or decided stays as it was made.

    ``replaces`` is the version that the caller saw in force. Raises InvalidInputError,
    ForbiddenError, ConflictError where another is in force by now, or just this.
    """
    account_id = _require_whole_chain(caller)
    policy = policy_of(content)
    now = runtime.clock.now()
    with runtime.database.begin() as transaction:
        current = watchlist_policies.in_force_for_change(transaction)
        if current.number != replaces:
            raise ConflictError("Another version came into force.", in_force=current.number)
        if current.policy == policy:
            raise ConflictError("This is in force already.", in_force=current.number)
        version = WatchlistPolicyVersion(
            number=current.number + 1,
            content=content_of(policy),
            reason=reason,
            adopted_by=caller.actor,
            adopted_by_id=account_id,
            adopted_at=now,
        )
        transaction.add(version)
        transaction.flush()
        audit.append(
            transaction,
            at=now,
            actor=caller.actor,
            action="watchlist_policy.adopt",
            subject=f"watchlist_policy:{version.number}",
            replaces=current.number,
            changed=_changed(content_of(current.policy), version.content),
        )
    return version


def may_edit_policy(caller: Principal) -> bool:
    """A policy holds everywhere, and a simulation names people of everywhere."""
    return caller.account_id is not None and all(
        caller.rights.may_everywhere(permission)
        for permission in (Permission.EDIT_POLICY, Permission.VIEW_WATCHLIST)
    )


def _require_whole_chain(caller: Principal) -> UUID:
    if caller.account_id is None:
        raise ForbiddenError(objection=Objection.NOT_A_PERSON.value)
    if not may_edit_policy(caller):
        raise ForbiddenError(objection=Objection.NOT_PERMITTED.value)
    return caller.account_id


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in after if before[name] != after[name])
