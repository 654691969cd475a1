"""Tables without a clock of their own, and why that is.

A test demands of every table that it is here or under a clock, so that none is forgotten. Messages
to guests are not here: none is stored.
"""

from collections.abc import Mapping
from datetime import datetime

from vestibule.domain.retention import Kept
from vestibule.records.retained import BY_SETTING, IN_TABLES, retained

_WITH_FILE = "goes with the guest's file"
_WITH_ALERT = "goes with its alert"
_WITH_ENTRY = "goes with the entry of the watchlist, or with the proposal that became none"
_WITH_INCIDENT = "goes with its incident"
_STAFF = "is about staff and goes with the account, which the audit log names and which stays"
_NOBODY = "names no guest"
_RULES = "is what the chain decided, each version of it: it names who decided, and no guest"

CLOCKLESS: Mapping[str, str] = {
    "access_token": "sessions have a clock; keys of programs are nobody's and stay until revoked",
    "account": "is never deleted, only disabled: entries of the audit log name it",
    "accuracy_report": _NOBODY,
    "alert_event": _WITH_ALERT,
    "alert_rejection": "carries its own end, and goes within seconds of it",
    "alert_sighting": _WITH_ALERT,
    "answered_alert": "counts by night, without guests; goes after 180 days",
    "audit_entry": "has a clock: it is cut at its beginning, see the ADR of the clocks",
    "audit_start": _NOBODY,
    "batch": _NOBODY,
    "batch_chunk": "its items are emptied when it is done",
    "batch_failure": "its file name is forgotten after 30 days, and the row goes with the guest",
    "calibration_adoption": _RULES,
    "calibration_proposal": _RULES,
    "consent_link": "ends after minutes, and goes with the next round",
    "consumption_policy": _RULES,
    "customer_key": "goes with the guest's file; that it was destroyed stays, by a random id",
    "customer_merge": _WITH_FILE,
    "data_request_step": "goes with its request, and before that with the guest's file",
    "duplicate_suggestion": _WITH_FILE,
    "erasure": "names nobody: ids that lead nowhere any more, and the receipt that is proof of it",
    "erasure_step": "goes with its erasure and names nobody",
    "face": "goes with its photo",
    "face_count": "counts by night, without guests; goes after 180 days",
    "face_reminder": _WITH_FILE,
    "file_reminder": _WITH_FILE,
    "gallery_finding": "is made anew by each look through the gallery, and goes with the guest",
    "gallery_judgement": _WITH_FILE,
    "head_count": "counts who came in, without names",
    "incident_attachment": _WITH_INCIDENT,
    "incident_person": _WITH_INCIDENT,
    "incident_revision": _WITH_INCIDENT,
    "index_generation": _NOBODY,
    "invitation": _STAFF,
    "keyring_copy": _NOBODY,
    "keyring_state": _NOBODY,
    "known_device": _STAFF,
    "legal_hold": "is over after three years at most, and goes with what it held",
    "legal_provision": _RULES,
    "offer_round": "is the words of an offer and a segment; its offers have a clock",
    "personal_session": "ends after half an hour, and goes with the next",
    "privacy_notice": "is what was shown to guests, readable for good; it names no guest",
    "purchase_change": "goes with its purchase",
    "recovery_code": _STAFF,
    "retention_policy": _RULES,
    "retention_round": _NOBODY,
    "role_grant": _STAFF,
    "sign_in_attempts": "is a hash and a number, and goes a day after the last attempt",
    "sign_in_link": _STAFF,
    "sign_in_policy": _RULES,
    "sign_in_ticket": "ends after minutes, and goes with the next",
    "suppression": "carries its own end: three years, as the authority asks of such lists",
    "template_move": _WITH_FILE,
    "unknown_purchases": "counts what was bought by who is not known",
    "unreadable_message": _NOBODY,
    "venue": _NOBODY,
    "watchlist_decision": _WITH_ENTRY,
    "watchlist_entry": "has a clock, with the proposal that carries it",
    "watchlist_evidence": _WITH_ENTRY,
    "watchlist_policy_version": _RULES,
    "worker": "is a process, and goes within an hour of its last sign",
}


def clocked(now: datetime) -> Mapping[str, str]:
    """Tables whose rows go by a clock, with what it is called."""
    found = {}
    for kind in IN_TABLES:
        found[retained(kind, now=now).key.class_.__tablename__] = kind.value
    for name, columns in BY_SETTING.items():
        found |= {column.class_.__tablename__: name for column in columns}
    return found | {"template": Kept.TEMPLATE.value, "customer": Kept.CUSTOMER.value}
