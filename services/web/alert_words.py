"""What alerts are, in words."""

from services.web.i18n import Wording
from services.web.words import N_

PERIODS = (7, 30, 90)
STATES = {
    "same_person": N_("It was them"),
    "not_them": N_("Not them"),
    "lapsed": N_("Ended before anybody answered"),
    "open": N_("Nobody has answered"),
}
ANSWERED = {
    "same_person": N_("Recorded: it is them. Decide at the door what happens."),
    "not_them": N_("Recorded: not them. This face is not raised again for this guest."),
}
ANSWERED_BEFORE = {
    "same_person": N_("%(name)s answered first: it is them. Your answer was not recorded."),
    "not_them": N_("%(name)s answered first: not them. Your answer was not recorded."),
    "lapsed": N_("The entry has ended meanwhile. Your answer was not recorded."),
}
DOOR_SAID = {
    "same_person": N_("At the door they say: it is them."),
    "not_them": N_("At the door they say: not them."),
}
_MINUTE_S = 60


def span(wording: Wording, seconds: float | None) -> str:
    """How long something took, as coarse as it matters."""
    if seconds is None:
        return "–"
    if seconds < _MINUTE_S:
        return wording.plural("%(num)s second", "%(num)s seconds", round(seconds))
    return wording.plural("%(num)s minute", "%(num)s minutes", round(seconds / _MINUTE_S))


def after(wording: Wording, seconds: float | None) -> str:
    return "" if seconds is None else wording.text("after %(span)s", span=span(wording, seconds))
