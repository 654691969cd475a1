"""What is kept and since when its clock runs, in words."""

from services.web.i18n import Wording
from services.web.words import N_

KINDS = {
    "visit": N_("Visits"),
    "purchase": N_("Purchases"),
    "incident": N_("Incidents"),
    "dismissed_incident": N_("Dismissed incidents"),
    "alert": N_("Alerts"),
    "proposal": N_("Proposals that came to nothing"),
    "entry": N_("Ended entries of the watchlist"),
    "appeal": N_("Appeals"),
    "template": N_("Faces of guests who no longer come"),
    "customer": N_("Whole files of guests who no longer come"),
    "consent": N_("Consents that ended"),
    "consent_proof": N_("Signatures and scans of consents"),
    "offer": N_("Offers that are over"),
    "data_request": N_("Closed requests about data"),
    "link": N_("Links to guests’ own pages"),
    "enrolment": N_("Photos that were offered for enrolment: what came of it"),
    "job": N_("Jobs that ended"),
    "session": N_("Ended sessions of staff"),
    "import": N_("Lists that were taken in"),
    "audit": N_("Audit log"),
    "backup": N_("Backups"),
    "photo": N_("Photos"),
    "hold": N_("Held faces"),
    "answer": N_("Answers “Not them”"),
}
BEGINS = {
    "visit": N_("from when the guest came in"),
    "purchase": N_("from when it was bought"),
    "incident": N_("from when it happened; longer while somebody is kept out for it"),
    "dismissed_incident": N_("from when it was dismissed"),
    "alert": N_("from when it was raised; as long as its entry at least"),
    "proposal": N_("from when it was rejected, withdrawn or expired"),
    "entry": N_("from its end, with the proposal and the decisions behind it"),
    "appeal": N_("from its decision, and never while the entry lasts"),
    "template": N_("from the last visit, consent or photo; 30 days after their file says so"),
    "customer": N_(
        "from the last visit, purchase, consent, photo, incident or request; announced before"
    ),
    "consent": N_("from when it was withdrawn or expired"),
    "consent_proof": N_("from the end of the last consent that it shows"),
    "offer": N_("from when it was redeemed, taken back or over"),
    "data_request": N_("from when it was answered, refused or taken back"),
    "link": N_("from when the link ended"),
    "enrolment": N_("from when the photo was looked at"),
    "job": N_("from when it ended"),
    "session": N_("from when the session ended"),
    "import": N_("from when it was done"),
    "audit": N_("from when the entry was written; what is left stays provable"),
    "backup": N_("from when it was made: vestibule backup prune"),
    "photo": N_("from the upload"),
    "hold": N_("from the photo"),
    "answer": N_("from the answer"),
}
WEIGHTS = {
    "law": N_("Set by law"),
    "guidance": N_("Advised by the authority"),
    "policy": N_("Set by this product"),
}
PROBLEMS = {
    "out_of_bounds": N_("Whole days from %(least)s to %(most)s."),
    "unknown": N_("This is no kind of thing that is kept."),
}

_YEAR_DAYS = 365
_HOUR_S, _DAY_S = 3_600, 86_400


def kept_words(wording: Wording, seconds: int) -> str:
    """A length of time in the largest unit that fits."""
    if seconds >= 2 * _DAY_S:
        return wording.plural("%(num)s day", "%(num)s days", round(seconds / _DAY_S))
    if seconds >= _HOUR_S:
        return wording.plural("%(num)s hour", "%(num)s hours", round(seconds / _HOUR_S))
    return wording.plural("%(num)s minute", "%(num)s minutes", round(seconds / 60))


def span_words(wording: Wording, days: int) -> str:
    """Whole years as such, as people say it; else days."""
    if days % _YEAR_DAYS == 0:
        return wording.plural("%(num)s year", "%(num)s years", days // _YEAR_DAYS)
    return wording.plural("%(num)s day", "%(num)s days", days)
