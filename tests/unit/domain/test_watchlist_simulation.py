"""The simulator finds what looking everywhere on every night would have found."""

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings

from tests.unit.domain.test_watchlist_scoring_properties import either, incidents
from vestibule.domain.watchlist_policy import AS_SHIPPED
from vestibule.domain.watchlist_scoring import Before, findings
from vestibule.domain.watchlist_simulation import compare, replay

GUEST = UUID(int=7)


def _night_by_night(policy, past):
    """The plain way: each night from the first to the last, every venue."""
    heard, entered, found = defaultdict(frozenset), [], []
    nights = sorted({one.night for one in past})
    night = nights[0] if nights else None
    while night is not None and night <= nights[-1]:
        since = night - timedelta(days=policy.forgotten_after_days)
        known = [one for one in past if one.night <= night]
        before = Before(dict(heard), sum(1 for earlier in entered if earlier > since))
        for finding in findings(policy, known, as_of=night, before=before):
            heard[finding.venue_id] |= finding.score.incident_ids
            entered.append(night)
            found.append((night, finding.venue_id, finding.days, finding.score.points))
        night += timedelta(days=1)
    return found


@settings(max_examples=15)
@given(either, incidents())
def test_replay_is_what_looking_every_night_would_find(policy, past):
    supposed = replay(policy, {GUEST: past}).get(GUEST, ())
    assert [
        (one.night, one.finding.venue_id, one.finding.days, one.finding.score.points)
        for one in supposed
    ] == _night_by_night(policy, past)


@given(either, incidents())
def test_a_policy_compared_with_itself_changes_nobody(policy, past):
    found = compare(policy, policy, {GUEST: past})
    assert found.changes == ()
    assert found.proposals.now == found.proposals.then


@given(either, incidents())
def test_sums_of_a_comparison_agree(policy, past):
    found = compare(AS_SHIPPED, policy, {GUEST: past})
    for by in (found.months, found.venues):
        assert sum(pair.now for pair in by.values()) == found.proposals.now
        assert sum(pair.then for pair in by.values()) == found.proposals.then
