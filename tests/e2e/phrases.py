"""The product's own words in one language, so that a test reads what a person reads."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import services.web
from services.web.i18n import VenueTime, Wording, load_catalogues

_TRANSLATIONS = Path(services.web.__file__).parent / "translations"


class Phrases:
    """Call it with the English words of a template."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._wording = _wording(language)

    def __call__(self, message: str, **values: object) -> str:
        return self._wording.text(message, **values)

    def count(self, one: str, many: str, count: int) -> str:
        return self._wording.plural(one, many, count)


@cache
def _wording(language: str) -> Wording:
    time = VenueTime(ZoneInfo("Europe/Paris"), 8, lambda: datetime.now(UTC))
    return Wording(language, load_catalogues(_TRANSLATIONS)[language], time=time)
