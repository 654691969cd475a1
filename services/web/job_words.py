"""What jobs, queues and lost messages are, in words."""

from services.web.words import N_

KINDS = {
    "identify": N_("A photo from the door"),
    "enrol": N_("An enrolment"),
    "remember": N_("An answer “Not them”"),
    "gallery": N_("A look through the gallery"),
    "demo": N_("Demo guests"),
    "notify": N_("News of an alert for outside"),
    "chunk": N_("A part of a batch job"),
}
OTHER_KIND = N_("Other work")

QUEUES = {
    "identify": N_("Photos from the door"),
    "enrol": N_("Enrolments"),
    "bulk": N_("Long work"),
    "schedule": N_("Upkeep"),
}

STATES = {
    "failed": N_("Failed"),
    "queued": N_("Waiting"),
    "running": N_("Running"),
}

NOTHING = {
    "failed": N_("Nothing has failed"),
    "queued": N_("Nothing waits"),
    "running": N_("Nothing runs"),
}

UNREADABLE = {
    "not_a_message": N_("Not a message"),
    "unknown_task": N_("Asks for work that nobody knows"),
    "damaged": N_("Damaged"),
}
