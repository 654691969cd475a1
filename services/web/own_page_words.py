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
FAULTS = {
    "phone": N_("This is no phone number that we can read."),
    "email": N_("This is no e-mail address that we can read."),
    "language": N_("Choose one of the languages."),
}
