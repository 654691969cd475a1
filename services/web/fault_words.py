"""What can be wrong with a photo to enrol, in words: what it is, what to do, what is well."""

from dataclasses import dataclass

from services.web.words import N_


@dataclass(frozen=True, slots=True)
class FaultWords:
    """``passed`` is what is said where the check went well."""

    title: str
    wrong: str
    to_do: str
    passed: str


FAULTS: dict[str, FaultWords] = {
    "no_face": FaultWords(
        N_("No face found"),
        N_("No face was found in the photo."),
        N_("Take a photo of the face from the front, in more light."),
        N_("A face was found"),
    ),
    "several_faces": FaultWords(
        N_("Two faces"),
        N_("The photo shows two faces that could be meant."),
        N_("Pick the guest’s face, or take a photo with one face."),
        N_("One face is meant"),
    ),
    "resembles_other": FaultWords(
        N_("Looks like another guest"),
        N_("The face looks like a guest who is on file already."),
        N_("Compare the two faces. If it is the same person, add the photo to that guest."),
        N_("Looks like no other guest"),
    ),
    "other_person": FaultWords(
        N_("Not like the photos on file"),
        N_("The face does not look like the other photos of this guest."),
        N_("Check that it is the same person. If it is not, choose the right guest."),
        N_("Looks like the other photos of this guest"),
    ),
    "uncertain_face": FaultWords(
        N_("Hardly a face"),
        N_("What was found can hardly be told from something that is no face."),
        N_("Take the face from the front, with nothing before it."),
        N_("Clearly a face"),
    ),
    "cut_off": FaultWords(
        N_("Cut off"),
        N_("A part of the face lies outside the photo."),
        N_("Bring the whole face into the photo."),
        N_("The whole face is in the photo"),
    ),
    "mouth_covered": FaultWords(
        N_("Mouth covered"),
        N_("Mouth or nose cannot be seen: a mask, a scarf, a hand or a glass is before them."),
        N_("Ask the guest to uncover the face for a moment."),
        N_("Mouth and nose can be seen"),
    ),
    "eyes_covered": FaultWords(
        N_("Eyes covered"),
        N_("An eye cannot be seen: sunglasses, a hand, hair or a cap is before it."),
        N_("Ask the guest to take the glasses off, or to move the hair aside."),
        N_("Both eyes can be seen"),
    ),
    "turned": FaultWords(
        N_("Turned away"),
        N_("The face is turned too far to the side."),
        N_("Ask the guest to look at the camera."),
        N_("Turned to the camera"),
    ),
    "tilted": FaultWords(
        N_("Raised or lowered"),
        N_("The head is raised or lowered too far."),
        N_("Hold the camera at the height of the eyes."),
        N_("Neither raised nor lowered"),
    ),
    "rolled": FaultWords(
        N_("Not upright"),
        N_("The head or the camera is tilted too far."),
        N_("Hold the camera upright."),
        N_("Upright"),
    ),
    "too_dark": FaultWords(
        N_("Too dark"),
        N_("Too little light falls on the face."),
        N_("Step under a lamp, or use the flash."),
        N_("Enough light"),
    ),
    "overexposed": FaultWords(
        N_("Too bright"),
        N_("Parts of the face are so bright that nothing can be seen in them."),
        N_("Step out of the lamp’s light, or switch the flash off."),
        N_("Not too bright"),
    ),
    "blurred": FaultWords(
        N_("Blurred"),
        N_("The face moved, or the focus was elsewhere."),
        N_("Hold still for a moment and take it again."),
        N_("Sharp enough"),
    ),
    "too_small": FaultWords(
        N_("Too small"),
        N_("The face is too few pixels wide to be known again."),
        N_("Step closer and take it again."),
        N_("Large enough"),
    ),
    "noisy": FaultWords(
        N_("Grainy"),
        N_("The picture is too grainy, as cameras make it in the dark."),
        N_("Take it in more light."),
        N_("Hardly grainy"),
    ),
    "compressed": FaultWords(
        N_("Compressed"),
        N_("The file was compressed so much that its blocks show."),
        N_("Send the original photo, not a copy from a chat."),
        N_("Hardly compressed"),
    ),
}


def fault_words(code: str) -> FaultWords:
    """Of a fault that these pages do not know yet, the nearest that is true."""
    return FAULTS.get(code, FAULTS["uncertain_face"])
