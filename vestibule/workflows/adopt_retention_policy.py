"""How long things are kept is changed by the data protection officer, with a reason, for good."""

from collections.abc import Mapping
from typing import Any

from vestibule.domain.errors import ConflictError
from vestibule.domain.retention import content_of, policy_of
from vestibule.records import audit, retention_policies
from vestibule.records.retention_tables import RetentionPolicyVersion
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.see_incidents import require_person
from vestibule.workflows.sign_in import Principal


def adopt_retention_policy(
    runtime: Runtime, content: Mapping[str, Any], *, reason: str, replaces: int, by: Principal
) -> RetentionPolicyVersion:
    """In force for the next round on. ``replaces`` is the version that the caller saw in force.

    Raises InvalidInputError, PersonNeededError, ConflictError where another is in
    force by now, or just this.
    """
    account_id, policy, now = require_person(by), policy_of(content), runtime.clock.now()
    with runtime.database.begin() as transaction:
        retention_policies.one_at_a_time(transaction)
        current = retention_policies.in_force(transaction)
        if current.number != replaces:
            raise ConflictError("Another version came into force.", in_force=current.number)
        if current.policy == policy:
            raise ConflictError("This is in force already.", in_force=current.number)
        before, after = content_of(current.policy), content_of(policy)
        version = RetentionPolicyVersion(
            number=current.number + 1,
            content=after,
            reason=reason,
            adopted_by=by.actor,
            adopted_by_id=account_id,
            adopted_at=now,
        )
        transaction.add(version)
        transaction.flush()
        audit.append(
            transaction,
            at=now,
            actor=by.actor,
            action="retention_policy.adopt",
            subject=f"retention_policy:{version.number}",
            replaces=current.number,
            changed={
                name: [before[name], days] for name, days in after.items() if days != before[name]
            },
        )
    return version
