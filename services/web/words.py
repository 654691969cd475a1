"""What each problem of the API is called here: what happened, what is safe, what to do.

The sentences are marked with ``N_`` for extraction and translated when they are shown.
"""

from dataclasses import dataclass


def N_(message: str) -> str:  # noqa: N802  # gettext's own name for "translate later"
    return message


@dataclass(frozen=True, slots=True)
class ProblemWords:
    happened: str
    safe: str
    to_do: str


PROBLEMS: dict[str, ProblemWords] = {
    "not_an_image": ProblemWords(
        N_("This file is not a photo that can be read here."),
        N_("Nothing was stored."),
        N_("Choose a JPEG, PNG, WebP or HEIC photo."),
    ),
    "damaged_image": ProblemWords(
        N_("The photo is damaged and was not read."),
        N_("Nothing was stored."),
        N_("Take it again, or choose another."),
    ),
    "too_many_pixels": ProblemWords(
        N_("The photo has more pixels than are read here."),
        N_("It was not opened and nothing was stored."),
        N_("Send a smaller version of it."),
    ),
    "photo_too_large": ProblemWords(
        N_("The file is larger than photos may be here."),
        N_("Nothing was stored."),
        N_("Send a smaller version of it."),
    ),
    "too_busy": ProblemWords(
        N_("So many photos are waiting that this one would wait too long."),
        N_("Nothing was stored."),
        N_("Send it again in a few seconds."),
    ),
    "empty_upload": ProblemWords(
        N_("No photo arrived: the file was empty."),
        N_("Nothing was stored."),
        N_("Choose the photo again."),
    ),
    "invalid_input": ProblemWords(
        N_("Something in the form does not fit."),
        N_("Nothing was changed."),
        N_("Correct the marked field and send it again."),
    ),
    "consent_missing": ProblemWords(
        N_("Enrolling a face needs the guest’s consent, and none is on record."),
        N_("The face was not enrolled."),
        N_("Show the notice, ask, and record the answer. Or continue without the face."),
    ),
    "under_age": ProblemWords(
        N_("This guest is under age and cannot be enrolled."),
        N_("Nothing of the face was kept."),
        N_("If the birth date is wrong, correct it in the guest’s profile."),
    ),
    "not_found": ProblemWords(
        N_("There is nothing here by this address."),
        N_("It may have been removed, or it has expired as photos do."),
        N_("Go back to the door, or look among the guests."),
    ),
    "link_ended": ProblemWords(
        N_("This link opens nothing, or nothing any more."),
        N_("Links to pictures and files hold for minutes, for whose page they are on."),
        N_("Go back, load the page again, and open it from there."),
    ),
    "conflict": ProblemWords(
        N_("This has changed in the meantime."),
        N_("Nothing was changed by you."),
        N_("Reload the page and look again."),
    ),
    "space_unavailable": ProblemWords(
        N_("The model pack of this generation is not here any more as it was then."),
        N_("Nothing was changed, and the present generation answers."),
        N_("Install that pack again, or drop the generation."),
    ),
    "still_incomplete": ProblemWords(
        N_("The index does not hold every face yet that it must."),
        N_("Nothing was changed, and the present generation answers."),
        N_("Try again in a minute."),
    ),
    "calibration_missing": ProblemWords(
        N_("Nobody has measured how alike different people look to this pack."),
        N_("Nothing was begun, and the present pack answers."),
        N_("Calibrate it first, on the machine itself: vestibule calibrate."),
    ),
    "import_source_missing": ProblemWords(
        N_("The place for imports is not there."),
        N_("What was imported stays, and nothing more was read."),
        N_("Ask whoever runs this installation whether disk or bucket is there, then go on."),
    ),
    "hold_expired": ProblemWords(
        N_("This face is no longer held, so it cannot be enrolled from this photo."),
        N_("Nothing of the face was kept."),
        N_("Take a new photo of the guest."),
    ),
    "licence_not_accepted": ProblemWords(
        N_("The terms of this model pack have not been accepted."),
        N_("Nothing was installed or changed."),
        N_("Read the terms on the page of models, and accept them if you may."),
    ),
    "not_overridable": ProblemWords(
        N_("This photo cannot be accepted, whatever the reason."),
        N_("No template was made; the guest’s file is unchanged."),
        N_("Take another photo, or choose the right guest."),
    ),
    "offers_not_agreed": ProblemWords(
        N_("This guest does not agree to offers."),
        N_("Nothing was made."),
        N_("Ask them, and record their answer, before you offer something."),
    ),
    "offer_not_open": ProblemWords(
        N_("This offer does not hold any more."),
        N_("It is not given twice, and nothing was changed by you."),
        N_("Reload the page and look again."),
    ),
    "not_signed_in": ProblemWords(
        N_("You are signed out."),
        N_("Nothing is kept in this browser."),
        N_("Open a new sign-in link."),
    ),
    "sign_in_link_spent": ProblemWords(
        N_("This sign-in link was used before, or it is too old."),
        N_("Each link works once, so a copied link opens nothing."),
        N_("Get a new one."),
    ),
    "wrong_credentials": ProblemWords(
        N_("This e-mail address and this password do not belong together."),
        N_("Nothing was changed."),
        N_("Type both again, or ask whoever manages people here for a new link."),
    ),
    "wrong_code": ProblemWords(
        N_("This code is not the present one, or it was used before."),
        N_("Nothing was changed."),
        N_("Wait for the next code and type that one."),
    ),
    "sign_in_expired": ProblemWords(
        N_("The password was given too long ago."),
        N_("Nothing was changed."),
        N_("Sign in again."),
    ),
    "identity_refused": ProblemWords(
        N_("Your company’s account does not open Vestibule."),
        N_("Nobody invited its e-mail address here, or it is not verified there."),
        N_("Ask whoever manages people here for an invitation."),
    ),
    "provider_unavailable": ProblemWords(
        N_("Your company’s sign-in does not answer at the moment."),
        N_("Nothing was changed."),
        N_("Try again in a minute, or sign in by password."),
    ),
    "consent_link_spent": ProblemWords(
        N_("This link no longer works."),
        N_("It was answered before, or its time is over. Nothing was changed."),
        N_("Ask our staff for a new one."),
    ),
    "invitation_spent": ProblemWords(
        N_("This invitation no longer works."),
        N_("It was used before, replaced by a newer one, or it is too old."),
        N_("Ask whoever invited you for a new link."),
    ),
    "too_many_attempts": ProblemWords(
        N_("Signing in failed too often from here."),
        N_("The account is not locked, and browsers that signed in before are not slowed down."),
        N_("Wait a little, then try again."),
    ),
    "weak_password": ProblemWords(
        N_("This password is too short or among those that are guessed first."),
        N_("Nothing was changed."),
        N_("Take at least 12 characters: four or five words that do not belong together."),
    ),
    "last_admin": ProblemWords(
        N_("Nobody else could manage people then."),
        N_("Nothing was changed."),
        N_("Make somebody else an administrator of all venues first."),
    ),
    "too_little_evidence": ProblemWords(
        N_("There is too little evidence for these thresholds."),
        N_("Nothing was changed."),
        N_("Tick that you adopt them nevertheless, and say why. Or wait for more answers."),
    ),
    "storage_full": ProblemWords(
        N_("There is no room left on the disk."),
        N_("Nothing was stored; what was there before is intact."),
        N_("Tell whoever runs this installation."),
    ),
    "storage_unavailable": ProblemWords(
        N_("The storage of pictures does not answer at the moment."),
        N_("Nothing is lost; it usually comes back by itself within seconds."),
        N_("Try again in a few seconds."),
    ),
    "index_unavailable": ProblemWords(
        N_("The search does not answer at the moment."),
        N_("Nothing is lost; it usually comes back by itself within seconds."),
        N_("Try again in a few seconds."),
    ),
    "database_unavailable": ProblemWords(
        N_("The database does not answer at the moment."),
        N_("Nothing is lost; it usually comes back by itself within seconds."),
        N_("This page tries again by itself."),
    ),
    "broker_unavailable": ProblemWords(
        N_("Work cannot be handed out at the moment."),
        N_("Nothing is lost; it is handed out by itself when the queue is back."),
        N_("This page tries again by itself."),
    ),
    "volatile_memory_unavailable": ProblemWords(
        N_("The memory of tonight’s answers does not answer at the moment."),
        N_("Nothing is lost; what it holds ends by itself when the venue closes."),
        N_("This page tries again by itself."),
    ),
    "temporarily_unavailable": ProblemWords(
        N_("A part of Vestibule does not answer at the moment."),
        N_("Nothing is lost."),
        N_("Try again in a few seconds."),
    ),
    "backup_place_reached": ProblemWords(
        N_("This place of backups answers."),
        N_("It is not given up; the keyring there can be rewritten."),
        N_("Look at the erasures again in a minute."),
    ),
    "still_findable": ProblemWords(
        N_("The deletion is not finished: a part that knows the guest does not answer."),
        N_("The guest is no longer shown anywhere."),
        N_("It goes on by itself; Privacy, Erasures shows how far it is."),
    ),
    "import_running": ProblemWords(
        N_("The deletion waits: a list that names the guest is being imported."),
        N_("The guest is no longer shown anywhere."),
        N_("It goes on by itself; Privacy, Erasures shows how far it is."),
    ),
    "method_not_allowed": ProblemWords(
        N_("This address cannot be used in this way."),
        N_("Nothing was changed."),
        N_("Go back to the door, or look among the guests."),
    ),
    "crashed_worker": ProblemWords(
        N_("This could not be worked on: the program that reads photos crashed over it, twice."),
        N_("Everything else goes on."),
        N_("Take another photo. If this happens with other photos too, tell whoever runs this."),
    ),
    "hung_worker": ProblemWords(
        N_("This could not be worked on: the program that reads photos hung over it, twice."),
        N_("Everything else goes on."),
        N_("Take another photo. If this happens with other photos too, tell whoever runs this."),
    ),
    "cancelled": ProblemWords(
        N_("This was cancelled before it was begun."),
        N_("Everything else goes on."),
        N_("Send it again if it is still wanted."),
    ),
    "gave_up": ProblemWords(
        N_("This was tried several times and never came to an end."),
        N_("Everything else goes on."),
        N_("Try again. If it happens again, tell whoever runs this installation."),
    ),
    "internal_error": ProblemWords(
        N_("Something went wrong on our side."),
        N_("Your guests and photos are as they were."),
        N_("Try again. If it happens again, pass on the reference below."),
    ),
    "unreachable": ProblemWords(
        N_("Vestibule does not answer at the moment."),
        N_("Nothing is lost; photos that were received are still worked on."),
        N_("This page tries again by itself."),
    ),
    "forbidden": ProblemWords(
        N_("You are not allowed to do this."),
        N_("Nothing was changed."),
        N_("Ask someone who may, or go back to the door."),
    ),
    "own_report": ProblemWords(
        N_("You reported or corrected this incident."),
        N_("Nothing was changed: it still waits for a decision."),
        N_("Ask another manager to decide it."),
    ),
    "person_needed": ProblemWords(
        N_("Only a person can do this, signed in as themselves."),
        N_("Nothing was changed."),
        N_("Sign in with your own account."),
    ),
    "identity_unchecked": ProblemWords(
        N_("It is not noted yet how it was made sure who asks."),
        N_("Nothing was changed."),
        N_("Note how their identity was checked, then answer."),
    ),
    "restricted": ProblemWords(
        N_("The use of this guest’s data is restricted."),
        N_("Nothing was added: what is there is kept and not used."),
        N_("Ask the data protection officer."),
    ),
    "personal_link_spent": ProblemWords(
        N_("This link no longer opens anything."),
        N_("Nothing was shown to anybody."),
        N_("Ask at the venue for a new one."),
    ),
    "incident_changed": ProblemWords(
        N_("Somebody changed or decided this incident in the meantime."),
        N_("Nothing was changed by you."),
        N_("Read it again, then say what to do."),
    ),
    "too_many_attachments": ProblemWords(
        N_("As many files are attached to this incident as can be."),
        N_("The file was not stored."),
        N_("Remove one that is not needed, or describe it in words."),
    ),
    "attachment_refused": ProblemWords(
        N_("Only pictures and PDF documents can be attached."),
        N_("The file was not stored."),
        N_("Choose another file, or describe it in words."),
    ),
    "forged_request": ProblemWords(
        N_("This page was open too long, or the request did not come from it."),
        N_("Nothing was changed."),
        N_("Reload the page and do it again."),
    ),
    "form_too_large": ProblemWords(
        N_("What was sent is far too long."),
        N_("Nothing was changed."),
        N_("Shorten it and send it again."),
    ),
}

# Refusals that say more than that somebody may not.
EXPLAINED_REFUSALS = {"own_report", "person_needed"}

# Problems that pass by themselves: their page loads itself again.
TRANSIENT = {
    "database_unavailable",
    "storage_unavailable",
    "index_unavailable",
    "broker_unavailable",
    "temporarily_unavailable",
    "unreachable",
    "volatile_memory_unavailable",
}

PASSWORD_FAULTS = {
    "too_short": N_("It is too short."),
    "too_long": N_("It is longer than 256 characters."),
    "guessable": N_("It is among those that are guessed first."),
}

UNUSABLE: dict[str, ProblemWords] = {
    "too_small": ProblemWords(
        N_("Too small"),
        N_("The face is too few pixels wide to compare."),
        N_("Step closer and take it again."),
    ),
    "blurred": ProblemWords(
        N_("Blurred"),
        N_("The face moved, or the focus was elsewhere."),
        N_("Hold still for a moment and take it again."),
    ),
    "turned": ProblemWords(
        N_("Turned away"),
        N_("Too little of the face is turned to the camera."),
        N_("Ask the guest to look at the camera."),
    ),
}

# What the API records as "given by": its own words, in English, so that a file reads the same
# whoever recorded it.
GIVEN_BY: dict[str, str] = {
    "the customer in person": N_("in person"),
    "on paper": N_("on paper"),
}
GIVEN_BY_HAND: dict[str, str] = {
    "the customer in person, by typed name": N_("in person, by typing their name"),
    "demo": N_("with the demo data"),
    "the customer on their phone": N_("on their own phone, by typing their name"),
}
"""What is recorded of those who answered by themselves; nobody chooses it."""

# The parts that readiness speaks of.
PARTS: dict[str, str] = {
    "database": N_("the database"),
    "schema": N_("the database’s tables, which are being brought up to date"),
    "index": N_("the index of faces"),
    "storage": N_("the storage of pictures"),
    "worker": N_("the workers that look at photos"),
}


def problem_words(code: str) -> ProblemWords:
    return PROBLEMS.get(code, PROBLEMS["internal_error"])
