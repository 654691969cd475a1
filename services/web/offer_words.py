"""What offers and segments are called."""

from services.web.words import N_

KINDS = {
    "drink": N_("A drink"),
    "entry": N_("Entry"),
    "reduction": N_("A reduction"),
    "cloakroom": N_("The cloakroom"),
    "table": N_("A table"),
    "other": N_("Something else"),
}
STATES = {
    "waiting": N_("Not yet"),
    "open": N_("Holds now"),
    "redeemed": N_("Redeemed"),
    "taken_back": N_("Taken back"),
    "expired": N_("Over"),
}
SEGMENTS = {
    "regular": N_("Regulars"),
    "returning": N_("Coming again"),
    "new": N_("New"),
    "lapsed": N_("Not here for long"),
    "never": N_("Not here yet"),
}
REDEEMED_ALREADY = N_("Redeemed already, at this door or another. It is not given twice.")
NOT_OPEN = {
    "redeemed": REDEEMED_ALREADY,
    "taken_back": N_("This offer was taken back. Do not give it."),
    "expired": N_("This offer is over. Do not give it."),
    "waiting": N_("This offer does not hold yet."),
}
"""Of any other state: it does not hold here."""
NOT_HERE = N_("This offer does not hold here.")
