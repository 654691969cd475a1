"""What batch jobs and generations of the index are, in words."""

from services.web.fault_words import FAULTS
from services.web.i18n import Wording
from services.web.words import N_, problem_words

KINDS = {
    "rebuild": N_("Rebuilding the index"),
    "reembed": N_("Re-embedding the gallery"),
    "import": N_("Importing guests"),
}

STATES = {
    "running": N_("Running"),
    "paused": N_("Paused"),
    "done": N_("Done"),
    "cancelled": N_("Called off"),
    "failed": N_("Stopped by a fault"),
}

PACES = {
    "polite": N_("gives way to people who wait"),
    "slow": N_("gives way, and rests as long as it works"),
    "full": N_("never waits"),
}

LOW_LIGHTS = {
    "on": N_("low-light step on"),
    "off": N_("low-light step off"),
    "lifted": N_("low-light step lifted"),
}

GENERATION_STATES = {
    "building": N_("Being filled"),
    "ready": N_("Complete, not in use yet"),
    "serving": N_("Answers now"),
    "standby": N_("Stands by, complete"),
    "dropped": N_("Dropped"),
}

FAILURES = {
    "no_face": N_("The other pack finds no face in the stored picture. Enrol the guest anew."),
    "crop_missing": N_("The stored picture is gone. Enrol the guest anew."),
}

SOURCES = {
    "folder": N_("the folder for imports"),
    "bucket": N_("the bucket for imports"),
}

NOT_IMPORTED = {
    "blob_missing": N_("The file was gone when its turn came."),
    "import_refused": N_("It is a link, or not a file that may be read."),
    "invalid_input": N_("The folder’s name cannot be a guest’s name: it is empty or too long."),
    "consent_withdrawn": N_("This guest took the consent back. Ask the guest, not the folder."),
    "being_erased": N_("This guest is being deleted."),
    "was_erased": N_(
        "Was erased. A list or a folder does not bring them back; "
        "who agrees anew is enrolled by hand."
    ),
}


def why(kind: str, code: str) -> str:
    """Why one item could not be done, in English: to be translated."""
    if kind == "import" and code in FAULTS:
        return FAULTS[code].wrong
    return {**FAILURES, **NOT_IMPORTED}.get(code) or problem_words(code).happened


def time_left(wording: Wording, seconds: float) -> str:
    """A duration as people say it: never more exact than it is known."""
    minutes = round(seconds / 60)
    if seconds < 50:
        return wording.text("less than a minute left")
    if minutes < 90:
        return wording.plural(
            "about %(num)s minute left", "about %(num)s minutes left", max(1, minutes)
        )
    hours = round(seconds / 3600)
    return wording.plural("about %(num)s hour left", "about %(num)s hours left", hours)
