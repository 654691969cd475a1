"""How long signing in waits after failures, so that guessing is slow and nobody is locked out.

After OWASP's device cookies: a browser that signed in before is counted by itself, so that what
others try never slows it down. All others are counted by account and source, by source, and by
account. Each only delays: no number of failures closes an account.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FORGOTTEN_AFTER = timedelta(hours=24)


class Count(StrEnum):
    """What failures are counted by."""

    DEVICE = "device"
    ACCOUNT_AND_SOURCE = "account+source"
    ACCOUNT = "account"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Rule:
    """``free`` failures cost nothing; from there the delay doubles every ``doubling`` ones."""

    free: int
    doubling: int
    longest_s: int


RULES = {
    Count.DEVICE: Rule(free=8, doubling=1, longest_s=900),
    Count.ACCOUNT_AND_SOURCE: Rule(free=5, doubling=1, longest_s=900),
    Count.ACCOUNT: Rule(free=50, doubling=10, longest_s=60),
    Count.SOURCE: Rule(free=30, doubling=3, longest_s=300),
}
"""An account's own count is coarse: many sources together get about a guess a minute, and a person
on a new device waits that long at most."""


@dataclass(frozen=True, slots=True)
class Failures:
    count: int
    last_at: datetime


def keys(*, account: str, source: str, device: str | None, scope: str) -> dict[Count, str]:
    """One key a count. They are hashes: no e-mail and no address is stored."""
    if device is not None:
        return {Count.DEVICE: _key(scope, Count.DEVICE, account, device)}
    return {
        Count.ACCOUNT_AND_SOURCE: _key(scope, Count.ACCOUNT_AND_SOURCE, account, source),
        Count.ACCOUNT: _key(scope, Count.ACCOUNT, account),
        Count.SOURCE: _key(scope, Count.SOURCE, source),
    }


def _key(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def delay_s(count: Count, failures: int) -> int:
    rule = RULES[count]
    over = failures - rule.free
    if over < 0:
        return 0
    return int(min(rule.longest_s, 2 ** min(30, over // rule.doubling)))


def wait_s(found: Iterable[tuple[Count, Failures]], *, now: datetime) -> int:
    """How long until the next attempt is taken, 0 if it is now."""
    return max([0, *(_wait_s(count, failures, now) for count, failures in found)])


def slowed_by(found: Iterable[tuple[Count, Failures]], *, now: datetime) -> Count:
    """The count that makes the next attempt wait longest."""
    return max(found, key=lambda one: _wait_s(one[0], one[1], now))[0]


def _wait_s(count: Count, failures: Failures, now: datetime) -> int:
    until = failures.last_at + timedelta(seconds=delay_s(count, failures.count))
    return int(-(-(until - now).total_seconds() // 1))
