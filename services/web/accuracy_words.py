"""What degradations, bands and caveats of an accuracy report are called here.

The words are marked with ``N_`` for extraction and translated when they are shown.
"""

from services.web.words import N_

DEGRADATIONS = {
    "clean": N_("Good light"),
    "exposure": N_("A quarter of the light"),
    "gamma": N_("Crushed shadows"),
    "both": N_("A quarter of the light and crushed shadows"),
    "noise": N_("Camera noise"),
    "motion_blur": N_("Movement"),
    "stage_light": N_("Coloured stage light"),
    "infrared": N_("Infrared-like grey"),
    "backlight": N_("A lamp behind"),
    "jpeg": N_("Strong compression"),
    "small_faces": N_("Small faces"),
    "masks": N_("Masks"),
}

AXES = {
    "light": N_("By light on the face"),
    "face_size": N_("By size of the face"),
    "pose": N_("By turn of the head"),
    "group": N_("By declared group"),
    "group_in_poor_light": N_("By declared group, in poor light"),
}

AXIS_NOTES = {
    "light": N_("Good and poor light together, each photo in the light its face was in."),
    "face_size": N_("Pixels from eye to eye; photos as taken and shrunk."),
    "pose": N_("0 looks straight at the camera; at about 1 the nose stands over an eye."),
    "group": N_("What a file beside the photos declares. Nothing is read off a face."),
    "group_in_poor_light": N_("The same groups, photos darkened in three ways together."),
}

GROUPS = {"women": N_("women"), "men": N_("men")}
BANDS = {
    "bright": N_("bright"),
    "dim": N_("dim"),
    "dark": N_("dark"),
    "under 16": N_("under 16"),
    "16 to 32": N_("16 to 32"),
    "32 to 64": N_("32 to 64"),
    "64 and over": N_("64 and over"),
    "under 0.3": N_("under 0.3"),
    "0.3 to 0.6": N_("0.3 to 0.6"),
    "0.6 to 0.9": N_("0.6 to 0.9"),
    "0.9 and over": N_("0.9 and over"),
    **GROUPS,
    "groups of fewer than five people": N_("groups of fewer than five people"),
}
