"""The threat model names tests that are there, and leaves no kind of threat out."""

import pytest

from tests.duties import threats


def test_document_is_what_the_threats_say():
    assert threats.DOCUMENT.read_text() == threats.document(), "run `make privacy-docs`"


@pytest.mark.duty("GDPR 32")
def test_art_32_every_threat_names_tests_that_are_there():
    assert all(threat["tests"] for threat in threats.threats())
    assert threats.missing() == []


def test_every_kind_of_threat_is_thought_of():
    assert {threat["kind"] for threat in threats.threats()} == set(threats.STRIDE)
