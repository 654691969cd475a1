"""The text that a guest is shown before they agree: in each language, each purpose apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vestibule.domain.jurisdiction import FRANCE, Purpose

LANGUAGES = ("en", "fr")
MAX_TITLE = 200
MAX_BODY = 8_000
MAX_PURPOSE = 400
LONGEST_DAYS = FRANCE.consent_validity.length.days


@dataclass(frozen=True, slots=True)
class NoticeText:
    """``body`` is plain: paragraphs apart by an empty line, points begin with "- ".

    ``purposes`` are the sentences that stand beside the boxes to tick.
    """

    title: str
    body: str
    purposes: Mapping[Purpose, str]

    def as_json(self) -> dict[str, Any]:
        said = {purpose.value: words for purpose, words in self.purposes.items()}
        return {"title": self.title, "body": self.body, "purposes": said}


@dataclass(frozen=True, slots=True)
class Notice:
    """One version. ``validity_days`` is how long a consent given on it counts."""

    version: str
    texts: Mapping[str, NoticeText]
    validity_days: int

    def as_json(self) -> dict[str, Any]:
        return {language: text.as_json() for language, text in self.texts.items()}


def read_text(stored: Mapping[str, Any]) -> NoticeText:
    """What ``as_json`` wrote, or what somebody typed."""
    said = stored.get("purposes", {})
    return NoticeText(
        title=stored.get("title", "").strip(),
        body=stored.get("body", "").strip(),
        purposes={purpose: said.get(purpose.value, "").strip() for purpose in Purpose},
    )


def missing_parts(texts: Mapping[str, NoticeText]) -> list[str]:
    """What keeps it from being published: every language says everything, or nobody is asked."""
    missing = []
    for language in LANGUAGES:
        text = texts.get(language)
        if text is None:
            missing.append(language)
            continue
        missing += [f"{language}.{name}" for name in ("title", "body") if not getattr(text, name)]
        missing += [
            f"{language}.{purpose.value}" for purpose in Purpose if not text.purposes.get(purpose)
        ]
    return missing
