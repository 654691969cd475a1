"""What the guests of the demo ask about their data: two wait for an answer, one has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vestibule.domain.data_rights import Channel, IdentityCheck, RequestState, Right
from vestibule.records import venues
from vestibule.workflows.answer_data_request import close_request
from vestibule.workflows.check_age import today_at
from vestibule.workflows.principal import Principal
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.take_data_request import Asked, take_down_request


@dataclass(frozen=True, slots=True)
class _Story:
    """``ago`` is days since it was received. ``answer`` closes it."""

    right: Right
    channel: Channel
    words: str
    ago: int
    identity: IdentityCheck | None = None
    answer: str = ""


_STORIES = (
    _Story(
        Right.ACCESS,
        Channel.EMAIL,
        "Je souhaite une copie de tout ce que vous détenez sur moi.",
        26,
        IdentityCheck.CONTACT_ON_FILE,
    ),
    _Story(Right.PORTABILITY, Channel.LETTER, "Please send me my visits as a file.", 6),
    _Story(
        Right.RECTIFICATION,
        Channel.IN_PERSON,
        "Mon nom s’écrit avec deux « n ».",
        3,
        IdentityCheck.KNOWN_IN_PERSON,
        "Corrigé sur place.",
    ),
)


def load_demo_requests(runtime: Runtime, guests: Sequence[UUID], *, by: Principal) -> None:
    """One each. Not safe to run twice: for a club that was not there."""
    with runtime.database.look() as reader:
        today = today_at(runtime, venues.home(reader))
    for guest, story in zip(guests, _STORIES, strict=False):
        asked = Asked(
            right=story.right,
            channel=story.channel,
            words=story.words,
            identity=story.identity,
            received_on=today - timedelta(days=story.ago),
        )
        made = take_down_request(runtime, asked, customer_id=guest, requester=None, caller=by)
        if story.answer:
            close_request(runtime, made.id, RequestState.ANSWERED, words=story.answer, caller=by)
