"""Record of processing, impact assessment and transparency: their facts are the code's."""

import re

import pytest

from services.privacy_documents import DOCUMENTS, FOLDER, PARTS, written


@pytest.mark.duty("GDPR 30", "GDPR 35", "GDPR 5(1)(a)")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_art_30_facts_in_the_document_are_those_of_the_code(name):
    text = (FOLDER / name).read_text()
    assert written(text) == text, "run `make privacy-docs`"


@pytest.mark.duty("GDPR 35")
def test_art_35_assessment_tells_rates_with_intervals_and_what_was_not_measured():
    text = (FOLDER / "impact-assessment.md").read_text()
    assert "95 % interval" in text and "No groups by age or origin" in text
    assert "| women | as taken |" in text and "| men | as taken |" in text
    assert "## What can go wrong for people" in text


@pytest.mark.duty("GDPR 5(1)(a)")
def test_art_5_what_is_weighed_and_how_often_it_errs_is_told():
    text = (FOLDER / "transparency.md").read_text()
    assert "| violence |" in text and "strangers taken for somebody" in text


def test_every_part_stands_in_a_document():
    marks = "".join((FOLDER / name).read_text() for name in DOCUMENTS)
    assert set(re.findall(r"<!-- (?!end of )([\w ]+) -->", marks)) == set(PARTS)
