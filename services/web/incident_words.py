"""Incidents in words: kinds, severities, parts, states, and what the history says."""

from services.web.words import N_

KINDS: dict[str, str] = {
    "violence": N_("Violence"),
    "harassment": N_("Harassment"),
    "weapon": N_("Weapon"),
    "theft": N_("Theft"),
    "damage": N_("Damage"),
    "drugs": N_("Drugs"),
    "over_consumption": N_("Drank too much"),
    "fraud": N_("Fraud"),
    "other": N_("Something else"),
}
SEVERITIES: dict[int, str] = {
    1: N_("Slight"),
    2: N_("Noticeable"),
    3: N_("Serious"),
    4: N_("Grave"),
    5: N_("Danger to life"),
}
PARTS: dict[str, str] = {
    "actor": N_("Did it"),
    "victim": N_("Was harmed"),
    "witness": N_("Saw it"),
}
STATES: dict[str, str] = {
    "reported": N_("Waits for a decision"),
    "verified": N_("Verified"),
    "dismissed": N_("Dismissed"),
    "closed": N_("Closed"),
}
PILLS: dict[str, str] = {
    "reported": "check",
    "verified": "known",
    "dismissed": "unusable",
    "closed": "unknown",
}
"""How each state is drawn: icon and colour of the pill."""
ICONS: dict[str, str] = {
    "reported": "clock",
    "verified": "known",
    "dismissed": "close",
    "closed": "tick",
}
ACTIONS: dict[str, str] = {
    "reported": N_("Reported"),
    "edited": N_("Corrected"),
    "verified": N_("Verified"),
    "dismissed": N_("Dismissed"),
    "closed": N_("Closed"),
    "attached": N_("Attached a file"),
    "detached": N_("Removed a file"),
}
FIELDS: dict[str, str] = {
    "kind": N_("Kind"),
    "severity": N_("Severity"),
    "occurred_at": N_("Time"),
    "venue_id": N_("Venue"),
    "account": N_("What happened"),
    "people": N_("People"),
    "state": N_("State"),
    "attachment": N_("File"),
}
AGO_MINUTES: dict[str, str] = {
    "0": N_("Just now"),
    "15": N_("15 minutes ago"),
    "30": N_("Half an hour ago"),
    "60": N_("An hour ago"),
}
