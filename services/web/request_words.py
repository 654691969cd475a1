"""Requests about data in words."""

from services.web.words import N_

RIGHTS = {
    "access": N_("See what is held"),
    "rectification": N_("Have it corrected"),
    "erasure": N_("Be erased"),
    "restriction": N_("Have its use restricted"),
    "portability": N_("Take it along"),
    "objection": N_("Object to its use"),
}
CHANNELS = {
    "letter": N_("by letter"),
    "email": N_("by e-mail"),
    "in_person": N_("in person"),
    "phone": N_("by phone"),
    "page": N_("on their own page"),
}
IDENTITIES = {
    "document_seen": N_("an identity document was seen"),
    "known_in_person": N_("known in person"),
    "contact_on_file": N_("asked back at the address or number on file"),
    "personal_link": N_("by their personal link"),
}
STATES = {
    "open": N_("Open"),
    "answered": N_("Granted"),
    "refused": N_("Refused"),
    "taken_back": N_("Taken back"),
}
STEPS = {
    "received": N_("Request received"),
    "identified": N_("Identity checked"),
    "extended": N_("More time taken"),
    "noted": N_("Note"),
    "told": N_("Recipient told"),
    "answered": N_("Granted"),
    "refused": N_("Refused"),
    "taken_back": N_("Taken back"),
}
FIELDS = {
    "name": N_("Name"),
    "birth_date": N_("Birth date"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "language": N_("Language"),
}
GRANTING = {
    "access": N_("Send their file with the answer; granting notes here that you did."),
    "rectification": N_(
        "Have a host or a manager correct the guest’s page first; granting notes here that it is "
        "done. Then tell whoever was sent the data."
    ),
    "restriction": N_(
        "Granting restricts the use at once: no photo finds them and nothing is added. It is "
        "lifted under “Their own page” on the guest’s page."
    ),
    "portability": N_("Send their file with the answer; granting notes here that you did."),
    "objection": N_("Granting takes them out of statistics and offers at once."),
}
"""What granting does, for a guest; an erasure has words of its own."""
SAID = {
    "identity": N_("Noted. The request can be answered now."),
    "extension": N_("The new day is on record."),
    "notes": N_("The note is kept."),
    "outcome": N_("Answered: the request is closed."),
}
"""Once a part of the page was sent."""
OUTCOMES = {
    "answered": N_("Grant it"),
    "refused": N_("Refuse it"),
    "taken_back": N_("They took it back"),
}
