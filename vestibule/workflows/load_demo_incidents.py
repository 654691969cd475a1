"""What happened at the demo venue, and what its guests bought: a few nights that look lived in.

For whoever loads the demo guests. Each call is safe to run twice: incidents and lines of receipts
have ids that follow from whom they are about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from vestibule.domain.errors import IncidentChangedError
from vestibule.domain.incidents import IncidentKind, Involved, Part
from vestibule.records import incidents
from vestibule.workflows.decide_incident import close_incident, dismiss_incident, verify_incident
from vestibule.workflows.record_purchases import SoldLine, record_purchases
from vestibule.workflows.report_incident import NewIncident, report_incident
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sign_in import Principal

_NAMESPACE = UUID("5e0f7a52-3b0e-4c0c-9a55-7d7d0a3c1a10")


@dataclass(frozen=True, slots=True)
class _Story:
    """``who`` and ``reporter`` are places in the lists of guests and of reporters."""

    kind: IncidentKind
    severity: int
    nights_ago: int
    who: int
    reporter: int
    becomes: str
    account: str
    harmed: str | None = None
    why: str = ""


_STORIES = (
    _Story(
        IncidentKind.VIOLENCE,
        4,
        12,
        0,
        0,
        "CLOSED",
        "Hit another guest at the bar after an argument about a seat. Two of us held him back.",
        "A man of about thirty in a white shirt",
        "Seen on the camera at the bar; the guest who was hit wanted no ambulance.",
    ),
    _Story(
        IncidentKind.HARASSMENT,
        4,
        5,
        0,
        1,
        "VERIFIED",
        "Followed a guest from the dance floor to the cloakroom and would not leave her alone.",
        "A woman in a green dress",
        "Spoke to the guest and to the cloakroom.",
    ),
    _Story(
        IncidentKind.DAMAGE,
        2,
        9,
        1,
        0,
        "DISMISSED",
        "Broke the mirror in the corridor.",
        None,
        "The camera shows that it was another guest.",
    ),
    _Story(
        IncidentKind.OVER_CONSUMPTION,
        3,
        3,
        2,
        1,
        "VERIFIED",
        "Could no longer stand; we called a taxi and waited with her.",
        None,
        "The taxi's receipt is there.",
    ),
    _Story(
        IncidentKind.THEFT,
        2,
        1,
        3,
        0,
        "REPORTED",
        "Was seen leaving with a coat that is not his. He says that it was taken by mistake.",
    ),
    _Story(
        IncidentKind.VIOLENCE,
        3,
        0,
        0,
        1,
        "REPORTED",
        "Pushed a guest in the queue when asked to wait.",
        "A tall man in a red jacket",
    ),
)


def load_demo_incidents(
    runtime: Runtime, guests: Sequence[UUID], *, reporters: Sequence[Principal], manager: Principal
) -> list[UUID]:
    """Reported by ``reporters`` (two at least, so that no word stands alone), decided by
    ``manager``, who is none of them. Stories about guests beyond the list are left out."""
    made = []
    for number, story in enumerate(_STORIES):
        if story.who < len(guests):
            reporter = reporters[story.reporter % len(reporters)]
            made.append(_report(runtime, story, guests[story.who], number, reporter))
            _decide(runtime, made[-1], story, manager)
    return made


def load_demo_purchases(runtime: Runtime, guests: Sequence[UUID], *, by: Principal) -> int:
    """Some weeks of drinks and food, and one guest tonight of whom staff should take care. How
    many lines that were; one that is there already is left alone."""
    sold = [
        line
        for place, guest_id in enumerate(guests)
        for line in [*_weeks(runtime, guest_id, place), *_tonight(runtime, guest_id, place)]
    ]
    return len(record_purchases(runtime, sold, by=by))


def remove_demo_incidents(runtime: Runtime) -> int:
    """With what is attached. Their guests are erased by whoever removes the demo."""
    with runtime.database.begin() as transaction:
        keys, count = incidents.remove_demo(transaction)
    for key in keys:
        runtime.blobs.delete(key)
    return count


def _report(
    runtime: Runtime, story: _Story, guest_id: UUID, number: int, reporter: Principal
) -> UUID:
    harmed = [Involved(Part.VICTIM, description=story.harmed)] if story.harmed else []
    new = NewIncident(
        id=uuid5(_NAMESPACE, f"{guest_id}/{number}"),
        kind=story.kind,
        severity=story.severity,
        account=story.account,
        people=[Involved(Part.ACTOR, guest_id), *harmed],
        occurred_at=runtime.clock.now() - timedelta(days=story.nights_ago, minutes=20 + 7 * number),
        is_demo=True,
    )
    return report_incident(runtime, new, by=reporter)


def _decide(runtime: Runtime, incident_id: UUID, story: _Story, manager: Principal) -> None:
    try:
        if story.becomes == "DISMISSED":
            dismiss_incident(runtime, incident_id, seen_version=1, reason=story.why, by=manager)
        elif story.becomes != "REPORTED":
            verify_incident(runtime, incident_id, seen_version=1, reason=story.why, by=manager)
        if story.becomes == "CLOSED":
            close_incident(runtime, incident_id, seen_version=2, reason=None, by=manager)
    except IncidentChangedError:
        return  # it was loaded before


_MENU = (
    ("entry", 2000, 0),
    ("beer", 700, 150),
    ("cocktail", 1300, 200),
    ("soft drink", 500, 0),
    ("champagne", 9500, 600),
)


def _weeks(runtime: Runtime, guest_id: UUID, place: int) -> list[SoldLine]:
    """Every guest on other nights and with another taste."""
    return [
        _line(runtime, guest_id, f"w{week}", number, minutes=week * 7 * 1_440 + 30 * number)
        for week in range(1 + place % 2, 5, 1 + place % 2)
        for number in range(1 + place, 4 + place)
    ]


def _tonight(runtime: Runtime, guest_id: UUID, place: int) -> list[SoldLine]:
    if place != 2:
        return []
    return [_line(runtime, guest_id, "t", 2, minutes=25 * step, line=step) for step in range(1, 4)]


def _line(
    runtime: Runtime, guest_id: UUID, night: str, item: int, *, minutes: int, line: int = 0
) -> SoldLine:
    category, amount_minor, alcohol_hundredths = _MENU[item % len(_MENU)]
    return SoldLine(
        till="demo",
        receipt=f"{uuid5(_NAMESPACE, str(guest_id)).hex[:10]}-{night}",
        line=line or item,
        occurred_at=runtime.clock.now() - timedelta(minutes=minutes),
        amount_minor=amount_minor,
        currency="EUR",
        category=category,
        alcohol_hundredths=alcohol_hundredths,
        customer_id=guest_id,
    )
