"""What lights, sources and shortcomings of thresholds are called here; see ``words``."""

from services.web.words import N_

LIGHTS = {
    "bright": N_("In bright light"),
    "dim": N_("In dim light"),
    "dark": N_("In the dark"),
}

SOURCES = {
    "target": N_("Another target"),
    "answers": N_("From the answers given here"),
    "photos": N_("From labelled photos"),
}

SHORTCOMINGS = {
    "few_answers": N_(
        "Too few answers: at least five nights with enough answered alerts are needed before they "
        "say much. Until then they move the thresholds only a little."
    ),
    "few_people": N_(
        "Too few people: a calibration on fewer than 200 people says little of rare mistakes."
    ),
    "beyond_measured": N_(
        "Nothing so rare was measured: the thresholds are continued from what was, on the strict "
        "side. More guests will be missed than need be."
    ),
}

TARGETS = {
    1 / 300: N_("Very strict: hardly anybody is mistaken, more guests are not recognised."),
    0.005: N_("Strict: fewer mistakes, some more guests are not recognised."),
    0.01: N_("The usual balance."),
    0.02: N_("Generous: more guests are recognised, mistakes are twice as frequent as usual."),
    0.05: N_("Very generous: a person must check every match; mistakes are frequent."),
}
