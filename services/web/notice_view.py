"""A notice as pages show it: blocks of plain text, in the page's language first."""

from dataclasses import dataclass

from starlette.requests import Request

from services.web.api_client import JsonObject
from services.web.rendering import api_of, language_of
from services.web.words import N_

PURPOSES = {
    "recognition": N_("Recognition"),
    "offers": N_("Offers"),
    "statistics": N_("Statistics"),
    "sharing": N_("Sharing between venues"),
}
ALSO = tuple(name for name in PURPOSES if name != "recognition")
METHODS = {
    "spoken": N_("spoken"),
    "tablet": N_("signed on a tablet"),
    "paper": N_("signed on paper"),
    "phone": N_("on their own phone"),
    "import": N_("with an import"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or several points."""

    lines: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class ShownNotice:
    language: str
    title: str
    blocks: tuple[Block, ...]
    purposes: dict[str, str]


async def current_notice(request: Request) -> JsonObject:
    """As the API gives it; ``shown`` makes it ready for a page."""
    notice: JsonObject = await api_of(request).get("/v1/privacy-notices/current")
    return notice


def shown(request: Request, notice: JsonObject) -> list[ShownNotice]:
    """In every language, the page's first: a guest may read another than the staff."""
    first = language_of(request)
    order = [first, *(language for language in notice["texts"] if language != first)]
    return [
        ShownNotice(
            language=language,
            title=notice["texts"][language]["title"],
            blocks=blocks(notice["texts"][language]["body"]),
            purposes={
                name: words
                for name, words in notice["texts"][language]["purposes"].items()
                if words
            },
        )
        for language in order
    ]


def blocks(body: str) -> tuple[Block, ...]:
    """Points begin with "- "; an empty line ends a paragraph."""
    found: list[Block] = []
    for part in body.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            found.append(Block(tuple(line[2:] for line in lines), is_list=True))
        else:
            found.append(Block((" ".join(lines),), is_list=False))
    return tuple(found)
