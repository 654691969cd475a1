"""Every word that a person can see has its French, set as French is set."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.web.words import PROBLEMS

WEB = Path(__file__).parents[3] / "services" / "web"
KEYWORDS = {"_": None, "gettext": None, "N_": None, "text": None, "say": None} | dict.fromkeys(
    ("ngettext", "plural"), (1, 2)
)


@pytest.fixture(scope="module")
def catalogue():
    with (WEB / "translations/fr/LC_MESSAGES/messages.po").open("rb") as source:
        return read_po(source)


@pytest.fixture(scope="module")
def used():
    jinja = {"newstyle_gettext": "true", "trimmed": "true"}
    found = extract_from_dir(
        str(WEB),
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": jinja},
        keywords=KEYWORDS,
    )
    return {message for _file, _line, message, _comments, _context in found}


def translations(catalogue):
    for message in catalogue:
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            yield message, strings


def test_every_string_in_use_is_translated(catalogue, used):
    assert len(used) > 300
    known = {message.id for message, strings in translations(catalogue) if all(strings)}
    assert used - known == set()


def test_no_translation_is_fuzzy_or_left_over(catalogue, used):
    assert [m.id for m, _ in translations(catalogue) if m.fuzzy] == []
    assert [m.id for m, _ in translations(catalogue) if m.id not in used] == []


def test_placeholders_survive_translation(catalogue):
    def marks(text):
        return set(re.findall(r"%\(\w+\)s|\{\w+\}", text))

    for message, strings in translations(catalogue):
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        for source, string in zip(sources, strings, strict=True):
            assert marks(source) == marks(string), source


def test_french_spaces_are_unbreakable(catalogue):
    for _message, strings in translations(catalogue):
        for string in strings:
            assert not re.search(r" [:;?!»]|« ", string), string
            assert not re.search(r"[^\s\u00a0\u202f][;?!»]", string), string
            assert "'" not in string, string


@pytest.mark.parametrize(
    "banned", ["blacklist", "stranger", "intruder", "liste noire", "intrus", "étranger"]
)
def test_words_that_are_never_said_at_the_door(catalogue, used, banned):
    said = [str(message).lower() for message in used]
    said += [str(strings).lower() for _message, strings in translations(catalogue)]
    assert [text for text in said if banned in text] == []


def test_every_problem_of_the_api_has_words():
    table = (WEB.parents[1] / "docs" / "api.md").read_text()
    documented = set(re.findall(r"^\| `(\w+)` \| \d{3} \|", table, re.MULTILINE))
    assert len(documented) > 10
    assert documented - PROBLEMS.keys() == set()


def test_every_problem_in_the_apis_own_table_has_words():
    from services.api.errors import STATUS_BY_CODE

    assert STATUS_BY_CODE.keys() - PROBLEMS.keys() == set()


def test_scripts_use_only_words_that_the_page_gives():
    given = set(
        re.findall(r'^\s+"(\w+)": _\(', (WEB / "templates/_script_words.html").read_text(), re.M)
    )
    asked = {"cameraDenied", "cameraBusy", "cameraNone"}  # chosen by the error's name
    for script in (WEB / "static/js").glob("*.js"):
        text = script.read_text()
        asked |= set(re.findall(r'say\(\s*"(\w+)"', text))
    assert asked - given == set()
