"""How long each kind of thing is kept: clocks, what a chain may set, what a profile allows at most.

A clock begins at a moment that ``BEGINS`` names and runs for whole days. ``docs/privacy/
retention.md`` takes its table from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from vestibule.domain.errors import InvalidInputError
from vestibule.domain.jurisdiction import (
    FRANCE,
    STORAGE_LIMITATION,
    Jurisdiction,
    Maximum,
    Weight,
)


class Kept(StrEnum):
    """What has a clock of its own that a chain sets. The values are written down: never renamed."""

    VISIT = "visit"
    PURCHASE = "purchase"
    INCIDENT = "incident"
    DISMISSED_INCIDENT = "dismissed_incident"
    ALERT = "alert"
    PROPOSAL = "proposal"
    ENTRY = "entry"
    APPEAL = "appeal"
    TEMPLATE = "template"
    CUSTOMER = "customer"
    CONSENT = "consent"
    CONSENT_PROOF = "consent_proof"
    OFFER = "offer"
    DATA_REQUEST = "data_request"
    LINK = "link"
    ENROLMENT = "enrolment"
    JOB = "job"
    SESSION = "session"
    IMPORT = "import"
    AUDIT = "audit"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Clock:
    """In days. ``least``: under it the thing does not serve what it is kept for."""

    days: int
    least: int
    begins: str
    """In English words, for documents; pages say it in the reader's language."""


CLOCKS: Mapping[Kept, Clock] = {
    Kept.VISIT: Clock(730, 30, "when the guest came in"),
    Kept.PURCHASE: Clock(730, 30, "when it was bought"),
    Kept.INCIDENT: Clock(1095, 180, "when it happened"),
    Kept.DISMISSED_INCIDENT: Clock(90, 7, "when it was dismissed"),
    Kept.ALERT: Clock(365, 30, "when it was raised"),
    Kept.PROPOSAL: Clock(180, 30, "when it was rejected, withdrawn or expired"),
    Kept.ENTRY: Clock(365, 30, "when the entry ended"),
    Kept.APPEAL: Clock(365, 90, "when it was decided and the entry has ended"),
    Kept.TEMPLATE: Clock(365, 60, "the last visit, consent or photo of the guest"),
    Kept.CUSTOMER: Clock(
        1095, 365, "the last visit, purchase, consent, photo, incident or request"
    ),
    Kept.CONSENT: Clock(1825, 365, "when the consent ended"),
    Kept.CONSENT_PROOF: Clock(1825, 365, "when the last consent that it shows ended"),
    Kept.OFFER: Clock(730, 30, "when it was redeemed, taken back or over"),
    Kept.DATA_REQUEST: Clock(1095, 365, "when it was answered, refused or taken back"),
    Kept.LINK: Clock(30, 1, "when the link ended"),
    Kept.ENROLMENT: Clock(365, 30, "when the photo was looked at"),
    Kept.JOB: Clock(30, 7, "when it ended"),
    Kept.SESSION: Clock(90, 7, "when the session ended"),
    Kept.IMPORT: Clock(90, 7, "when the list was taken in"),
    Kept.AUDIT: Clock(365, 180, "when the entry was written"),
    Kept.BACKUP: Clock(30, 7, "when the backup was made"),
}

_IN_PROFILE: Mapping[Kept, str] = {
    Kept.VISIT: "visit",
    Kept.PURCHASE: "purchase",
    Kept.INCIDENT: "incident",
    Kept.ENTRY: "watchlist_entry",
    Kept.APPEAL: "appeal",
    Kept.TEMPLATE: "template_inactive",
    Kept.CUSTOMER: "customer_inactive",
    Kept.CONSENT: "consent_proof",
    Kept.CONSENT_PROOF: "consent_proof",
    Kept.OFFER: "offer",
    Kept.DATA_REQUEST: "data_request",
    Kept.JOB: "log",
    Kept.SESSION: "log",
    Kept.AUDIT: "audit",
    Kept.BACKUP: "backup",
}
"""What a profile calls it."""
_MOST_DAYS: Mapping[Kept, int] = {
    Kept.DISMISSED_INCIDENT: 365,
    Kept.ALERT: 1095,
    Kept.PROPOSAL: 365,
    Kept.LINK: 365,
    Kept.ENROLMENT: 1095,
    Kept.IMPORT: 365,
}
"""No text speaks of these: GDPR 5(1)(e), and the numbers are this product's."""

NOTICE = timedelta(days=30)
"""Before a face, or a whole file, goes for want of visits, the guest's file says so for so long,
whatever the policy was changed to meanwhile."""


@dataclass(frozen=True, slots=True)
class Bounds:
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """Days by kind, every kind of them."""

    days: Mapping[Kept, int]

    def begun_before(self, kind: Kept, now: datetime) -> datetime:
        """A clock that began at this moment, or before, has run out."""
        return now - timedelta(days=self.days[kind])


def bounds(profile: Jurisdiction = FRANCE) -> dict[Kept, Bounds]:
    return {kind: Bounds(CLOCKS[kind].least, _most_days(profile, kind)) for kind in Kept}


def maximum_of(profile: Jurisdiction, kind: Kept) -> Maximum:
    """With where it comes from: the product itself where no text speaks of that kind."""
    if kind in _IN_PROFILE:
        return profile.retention[_IN_PROFILE[kind]]
    length = timedelta(days=_MOST_DAYS[kind])
    return Maximum(length, CLOCKS[kind].begins, Weight.POLICY, *STORAGE_LIMITATION)


def _most_days(profile: Jurisdiction, kind: Kept) -> int:
    return maximum_of(profile, kind).length.days


def as_shipped(profile: Jurisdiction = FRANCE) -> RetentionPolicy:
    """What holds until a chain adopts its own."""
    return RetentionPolicy(
        {kind: min(CLOCKS[kind].days, _most_days(profile, kind)) for kind in Kept}
    )


def policy_of(content: Mapping[str, Any], profile: Jurisdiction = FRANCE) -> RetentionPolicy:
    """From plain data. Raises InvalidInputError with every problem at once (fact: ``fields``)."""
    problems = list(_problems_of(content, profile))
    if problems:
        words = "; ".join(f"{one['field']}: {one['problem']}" for one in problems)
        raise InvalidInputError(words, fields=problems)
    return RetentionPolicy({kind: content[kind.value] for kind in Kept})


def limited(content: Mapping[str, Any], profile: Jurisdiction = FRANCE) -> RetentionPolicy:
    """What was adopted once, under the limits of today: a profile that became stricter wins."""
    shipped = as_shipped(profile).days
    return RetentionPolicy(
        {
            kind: min(max(content.get(kind.value, shipped[kind]), allowed.least), allowed.most)
            for kind, allowed in bounds(profile).items()
        }
    )


def content_of(policy: RetentionPolicy) -> dict[str, int]:
    return {kind.value: policy.days[kind] for kind in Kept}


def _problems_of(content: Mapping[str, Any], profile: Jurisdiction) -> Iterator[dict[str, Any]]:
    for name in sorted(set(content) - {kind.value for kind in Kept}):
        yield {"field": name, "code": "unknown", "facts": {}, "problem": "is no kind of thing"}
    for kind, allowed in bounds(profile).items():
        if not _fits(content.get(kind.value), allowed):
            yield {
                "field": kind.value,
                "code": "out_of_bounds",
                "facts": {"least": allowed.least, "most": allowed.most},
                "problem": f"whole days from {allowed.least} to {allowed.most}",
            }


def _fits(value: Any, allowed: Bounds) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole and allowed.least <= value <= allowed.most


# ── faces of guests who no longer come ──────────────────────────────────────────────────────
def face_goes_at(
    active_at: datetime, *, days: int, reminded_at: datetime | None, now: datetime
) -> datetime:
    """When the faces of a guest go who was last active at ``active_at``.

    Never before ``NOTICE`` has passed since the reminder; one from before they were active again
    counts as none.
    """
    reminded = reminded_at if reminded_at is not None and reminded_at >= active_at else None
    return max(active_at + timedelta(days=days), (reminded or now) + NOTICE)
