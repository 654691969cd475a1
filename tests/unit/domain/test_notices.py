"""What guests agreed to is what they can read again, word for word."""

import hashlib
import json
from dataclasses import replace

import pytest

from vestibule.domain.built_in_notices import BUILT_IN, SECOND
from vestibule.domain.jurisdiction import Purpose
from vestibule.domain.notice import LANGUAGES, missing_parts, read_text

DIGESTS = {
    "2026-11": "665c65186df84a4b252145096af69ccfc2b91e940148f73af6df7118cf286445",
    "2026-12": "2a87a6b6c1649bb1f2995ce6be6ef96ce2ffcdc7f7f106122e5f5a687f3f88e6",
}


@pytest.mark.duty("GDPR 7(1)")
@pytest.mark.parametrize("version", BUILT_IN)
def test_art_7_words_of_a_version_never_change(version):
    written = json.dumps(BUILT_IN[version].as_json(), sort_keys=True).encode()
    assert hashlib.sha256(written).hexdigest() == DIGESTS[version]


def test_newest_notice_asks_for_each_purpose_in_each_language():
    assert missing_parts(SECOND.texts) == []
    for language in LANGUAGES:
        sentences = SECOND.texts[language].purposes
        assert len({sentences[purpose] for purpose in Purpose}) == len(Purpose)


def test_text_without_a_language_or_a_purpose_says_what_it_lacks():
    english = SECOND.texts["en"]
    silent = replace(english, purposes={**english.purposes, Purpose.OFFERS: ""})
    assert missing_parts({"en": silent}) == ["en.offers", "fr"]


def test_text_comes_back_as_it_was_stored():
    assert read_text(SECOND.texts["fr"].as_json()) == SECOND.texts["fr"]
