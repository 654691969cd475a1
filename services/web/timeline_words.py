"""What each event of a guest's history is called."""

from typing import Any

from services.web import incident_words
from services.web.api_client import JsonObject
from services.web.i18n import Wording
from services.web.notice_view import PURPOSES
from services.web.review_words import OUTCOMES
from services.web.words import N_

KINDS = {
    "visit": N_("Visits"),
    "purchase": N_("Purchases"),
    "offer": N_("Offers"),
    "incident": N_("Incidents"),
    "decision": N_("Decisions"),
    "consent": N_("Consents"),
    "face": N_("Faces"),
    "merge": N_("Merges"),
}
ICONS = {
    "visit": "door",
    "purchase": "tick",
    "offer": "sparkle",
    "incident": "warning",
    "decision": "check",
    "consent": "consent",
    "face": "person",
    "merge": "guests",
}
TOLD_BY = (
    N_("incident report"),
    N_("approved proposal"),
    N_("rejected proposal"),
    N_("appeal"),
    N_("alert at the door"),
)
"""Sources of events that are no person's name."""
_OUTCOMES = {
    "enrolled": N_("A face was enrolled"),
    "already_enrolled": N_("A photo was sent that is on file"),
    "rejected": N_("A photo was rejected for enrolment"),
}


def event_words(wording: Wording, event: JsonObject) -> str:
    """One line; what a newer API tells of more is called by its kind."""
    facts: dict[str, Any] = event["facts"]
    kind = event["kind"]
    if kind in _TELLERS:
        return _TELLERS[kind](wording, facts)
    name = KINDS[kind]
    return wording.text(name)


def _visit(wording: Wording, facts: dict[str, Any]) -> str:
    if facts.get("left_at"):
        return wording.text("Came in, left at %(time)s", time=wording.clock_time(facts["left_at"]))
    return wording.text("Came in")


def _consent(wording: Wording, facts: dict[str, Any]) -> str:
    purpose = wording.text(PURPOSES.get(facts["purpose"], facts["purpose"]))
    if facts["step"] == "withdrawn":
        return wording.text("Consent withdrawn: %(purpose)s", purpose=purpose)
    return wording.text("Consent given: %(purpose)s", purpose=purpose)


def _face(wording: Wording, facts: dict[str, Any]) -> str:
    outcome = facts["outcome"]
    words = _OUTCOMES[outcome]
    return wording.text(words)


def _merge(wording: Wording, facts: dict[str, Any]) -> str:
    if facts["undone_at"]:
        return wording.text("Merged with the file of %(name)s, taken back", name=facts["name"])
    return wording.text("Merged with the file of %(name)s", name=facts["name"])


def _incident(wording: Wording, facts: dict[str, Any]) -> str:
    kind, part, state = (
        table[facts[name].lower()]
        for table, name in (
            (incident_words.KINDS, "incident_kind"),
            (incident_words.PARTS, "part"),
            (incident_words.STATES, "state"),
        )
    )
    return " · ".join(wording.text(words) for words in (kind, part, state))


def _purchase(wording: Wording, facts: dict[str, Any]) -> str:
    amount = wording.money(facts["amount_minor"], facts["currency"])
    if facts["is_void"]:
        return wording.text("Bought for %(amount)s, void", amount=amount)
    return wording.text("Bought for %(amount)s", amount=amount)


def _offer(wording: Wording, facts: dict[str, Any]) -> str:
    one, other = facts["words_en"], facts["words_fr"]
    what = (other or one) if wording.language == "fr" else (one or other)
    if facts["redeemed_at"]:
        day = wording.night_day(facts["redeemed_at"])
        return wording.text("Offered: %(what)s, redeemed %(day)s", what=what, day=day)
    if facts["taken_back_at"]:
        return wording.text("Offered: %(what)s, taken back", what=what)
    if facts["is_over"]:
        return wording.text("Offered: %(what)s, not redeemed", what=what)
    day = wording.night_day(facts["ends_at"])
    return wording.text("Offered: %(what)s, until %(day)s", what=what, day=day)


def _decision(wording: Wording, facts: dict[str, Any]) -> str:
    if "alert" in facts:
        return wording.text("Seen at the door while kept out, confirmed by a manager")
    if "appeal" in facts:
        return _appeal(wording, facts)
    if "proposal" in facts:
        return wording.plural(
            "Proposal to keep out for %(num)s day, rejected",
            "Proposal to keep out for %(num)s days, rejected",
            facts["days"],
        )
    if facts["lifted_at"]:
        return wording.text("Kept out, lifted %(day)s", day=wording.day(facts["lifted_at"]))
    return wording.text("Kept out until %(day)s", day=wording.day(facts["ends_at"]))


def _appeal(wording: Wording, facts: dict[str, Any]) -> str:
    if facts["step"] == "decided":
        words = OUTCOMES[facts["outcome"]]
        return wording.text("Appeal decided: %(outcome)s", outcome=wording.text(words))
    if facts["is_open"]:
        return wording.text("Appealed, to be decided by %(day)s", day=wording.day(facts["due_at"]))
    return wording.text("Appealed")


_TELLERS = {
    "visit": _visit,
    "consent": _consent,
    "face": _face,
    "merge": _merge,
    "incident": _incident,
    "purchase": _purchase,
    "offer": _offer,
    "decision": _decision,
}
