"""A customer's own page in words that are no staff's."""

from services.web.words import N_

PURPOSES = {
    "recognition": N_("Recognise me in photos taken at the door"),
    "offers": N_("Offers that fit me"),
    "statistics": N_("Statistics"),
    "sharing": N_("Share between venues"),
}
PARTS = {
    "actor": N_("You are said to have done it"),
    "victim": N_("It was done to you"),
    "witness": N_("You saw it"),
}
STATES = {
    "reported": N_("reported, nobody has decided yet"),
    "verified": N_("verified by a manager"),
    "dismissed": N_("dismissed: it counts for nothing"),
    "closed": N_("closed"),
}
OUTCOMES = {
    "upheld": N_("It stays as it is."),
    "shortened": N_("It was shortened."),
    "lifted": N_("It was lifted."),
}
REQUEST_STATES = {
    "open": N_("We are working on it"),
    "answered": N_("Granted"),
    "refused": N_("Refused"),
    "taken_back": N_("You took it back"),
}
STEPS = {
    "received": N_("You asked"),
    "extended": N_("We need more time"),
    "answered": N_("Our answer"),
    "refused": N_("Our answer"),
    "taken_back": N_("Taken back"),
}
ENDS = {
    "customer": N_("Your whole file"),
    "template": N_("Your face"),
    "visit": N_("Your visits"),
    "purchase": N_("Your purchases"),
    "offer": N_("Your offers"),
    "consent": N_("What you agreed to"),
    "consent_proof": N_("Your signatures and scans"),
    "incident": N_("Incidents that you were in"),
    "dismissed_incident": N_("Incidents that were dismissed"),
    "proposal": N_("Proposals to keep you out that came to nothing"),
    "entry": N_("That you were not let in"),
    "data_request": N_("Your requests"),
}
BEGINS = {
    "customer": N_("from the last thing that you did here or asked of us"),
    "template": N_("from your last visit, consent or photo"),
    "visit": N_("each from the night on which you came"),
    "purchase": N_("each from when it was bought"),
    "offer": N_("each from when it was redeemed, taken back or over"),
    "consent": N_("each from when it ends or is withdrawn"),
    "consent_proof": N_("each from the end of what it shows"),
    "incident": N_("each from when it happened"),
    "dismissed_incident": N_("each from when it was dismissed"),
    "proposal": N_("each from when it was decided against"),
    "entry": N_("from the day on which it ends"),
    "data_request": N_("each from our answer"),
}
ONE = ("customer", "template")
"""The others are several, of which the first goes first."""
FAULTS = {
    "phone": N_("This is no phone number that we can read."),
    "email": N_("This is no e-mail address that we can read."),
    "language": N_("Choose one of the languages."),
}
