"""The table of duties: nothing in it that is not there, nothing hidden that is open."""

from pathlib import Path

import pytest

from tests.duties import marks
from tests.duties.marks import Answer, UnreadableMarkError, answers
from tests.duties.ran import outcomes, unproven
from tests.duties.table import DOCUMENT, OPEN, document, duties, nodes_named


@pytest.mark.duty("GDPR 5(2)")
def test_art_5_table_of_duties_is_what_the_tests_say():
    assert DOCUMENT.read_text() == document(answers()), "run `make privacy-docs`"


def test_every_mark_names_a_duty_that_is_declared():
    declared = [duty.name for duty in duties()]
    assert len(declared) == len(set(declared)) > 30
    assert [one for one in answers() if one.duty not in declared] == []


def test_each_answered_duty_has_a_test_that_is_named_after_its_article():
    found = answers()
    unnamed = [
        duty.name
        for duty in duties()
        if (tests := [one.test for one in found if one.duty == duty.name])
        and not any(test.startswith(duty.named) for test in tests)
    ]
    assert unnamed == []


def test_duty_that_no_test_answers_stands_as_open():
    text = document([Answer("GDPR 17", "tests/unit/test_a.py", "test_art_17_gone")])
    assert text.count(f"| {OPEN} |  |") == len(duties()) - 1
    assert "[art 17 gone](../../tests/unit/test_a.py)" in text
    assert f", {len(duties()) - 1} open: GDPR 5(1)(a)" in text


def test_document_links_to_every_test_and_to_no_other():
    assert nodes_named(DOCUMENT.read_text()) == {(one.path, one.test) for one in answers()}


@pytest.mark.parametrize(
    "source",
    [
        'pytestmark = pytest.mark.duty("GDPR 17")\n',
        'class TestIt:\n    @pytest.mark.duty("GDPR 17")\n    def test_it(self): ...\n',
        "@pytest.mark.duty(NAME)\ndef test_it(): ...\n",
        "@pytest.mark.duty\ndef test_it(): ...\n",
    ],
)
def test_mark_that_the_table_would_miss_is_refused(source, tmp_path, monkeypatch):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(source)
    monkeypatch.setattr(marks, "ROOT", tmp_path)
    with pytest.raises(UnreadableMarkError):
        answers()


REPORT = """<testsuites><testsuite>
<testcase classname="tests.unit.test_a" name="test_ran[one]"/>
<testcase classname="tests.unit.test_a" name="test_ran[two]"><skipped/></testcase>
<testcase classname="tests.unit.test_a" name="test_skipped"><skipped/></testcase>
<testcase classname="tests.unit.test_a" name="test_failed[one]"/>
<testcase classname="tests.unit.test_a" name="test_failed[two]"><failure/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("tests", "wrong"),
    [
        (["test_ran"], []),
        (["test_ran", "test_skipped"], []),
        (["test_skipped"], ["every test that answers it was skipped"]),
        (["test_failed"], ["test_failed failed"]),
        (["test_ran", "test_gone"], ["test_gone did not run"]),
    ],
)
def test_duty_is_proven_by_tests_that_ran(tests, wrong, tmp_path: Path):
    report = tmp_path / "junit.xml"
    report.write_text(REPORT)
    rows = [Answer("GDPR 17", "tests/unit/test_a.py", test) for test in tests]
    said = unproven(rows, outcomes([report]))
    assert [words.endswith(end) for words, end in zip(said, wrong, strict=True)] == [
        True for _ in wrong
    ]
