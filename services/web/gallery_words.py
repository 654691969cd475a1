"""What each finding in the gallery means, and what to do about it."""

from dataclasses import dataclass

from services.web.words import N_


@dataclass(frozen=True, slots=True)
class FindingWords:
    title: str
    means: str
    to_do: str
    right: str
    """The button that says that all is as it should be; empty where nothing is to be said."""


FINDINGS: dict[str, FindingWords] = {
    "nearer": FindingWords(
        N_("On the wrong file?"),
        N_("The face looks more like another guest than like the faces it is filed with."),
        N_("Compare the two. If it is the other guest, move it there; it can be moved back."),
        N_("It is on the right file"),
    ),
    "outlier": FindingWords(
        N_("Unlike the others"),
        N_("The face hardly looks like the others on its file: another person, or a bad photo."),
        N_("Move it to whom it belongs, or set it aside. A good photo helps more than an odd one."),
        N_("It is the right person"),
    ),
    "duplicate": FindingWords(
        N_("Two files, one person?"),
        N_(
            "Two guests look like one person. Twins and relatives do too, and some pairs by chance."
        ),
        N_(
            "If it is one person, move the faces to the file that stays. Joining two files with "
            "their visits and notes is not possible yet."
        ),
        N_("These are two different people"),
    ),
    "wrong_matches": FindingWords(
        N_("Taken for others"),
        N_("Staff answered “Not them” where this face had made somebody look like the guest."),
        N_("Once may be chance. If it happens again, set the face aside and add a better photo."),
        N_("The face is good"),
    ),
    "poor": FindingWords(
        N_("Poor photos"),
        N_("Small, blurred or turned away: enrolment would refuse this photo today."),
        N_("Ask the guest for a new photo when they come again, then set this one aside."),
        N_("Keep it as it is"),
    ),
    "overridden": FindingWords(
        N_("Accepted in spite of warnings"),
        N_("The photo was enrolled although something was wrong with it; a person decided so."),
        N_("Look whether it still has to be used. A new photo is better."),
        N_("Keep it as it is"),
    ),
}

GAPS: dict[str, FindingWords] = {
    "no_consent": FindingWords(
        N_("Face without a consent"),
        N_("Their consent is withdrawn or missing, so no photo finds them. The faces are kept."),
        N_("Ask again, or remove the faces: without a purpose they should not be kept."),
        "",
    ),
    "no_face": FindingWords(
        N_("Consent without a face"),
        N_("They agreed to be recognised, and no face on their file is compared."),
        N_("Add a photo, or bring back a face that was set aside."),
        "",
    ),
    "single_face": FindingWords(
        N_("One face only"),
        N_("With one face a guest is missed more often. Two halve the misses."),
        N_("Add a photo in other light or with another look when they come again."),
        "",
    ),
    "old_faces": FindingWords(
        N_("Old faces only"),
        N_("Every face on their file is older than two years. Faces change."),
        N_("Add a new photo when they come again."),
        "",
    ),
}
