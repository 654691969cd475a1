"""The page of accuracy: answers first, charts with tables, warnings where little is known."""

import re

import pytest

from tests.web.fake_accuracy import STORED_ID, several_reports

PAGE = "/system/accuracy"
pytestmark = pytest.mark.anyio


@pytest.fixture
def fake(fake):
    fake.reports = several_reports()
    return fake


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u202f", " ")


async def test_without_reports_it_says_how_to_make_one(browser, fake):
    fake.reports = {}
    page = await browser.get(PAGE)
    assert page.status_code == 200
    assert "vestibule evaluate" in page.text


async def test_answers_come_first_and_in_sentences(browser):
    said = words((await browser.get(PAGE)).text)
    assert "about 9 would be called somebody" in said
    assert "about 55 would be missed" in said
    assert "In a quarter of the light, about 196" in said
    assert "about 40 would not be found in the worst of the ten degradations: Masks" in said


async def test_it_opens_with_the_report_of_the_engine_in_use(browser):
    page = await browser.get(PAGE)
    assert '<option value="lfw-dev-open" selected>' in page.text
    assert "another engine" not in page.text


async def test_every_chart_has_a_name_and_a_table(browser):
    html = (await browser.get(PAGE)).text
    charts = re.findall(r'<svg[^>]*role="img"[^>]*aria-labelledby="([\w-]+)"', html)
    assert len(charts) == 2 + 5
    for name in charts:
        assert re.search(rf'id="{name}">[^<]+<', html), name
    assert html.count("<table") >= 7


@pytest.mark.duty("AI Act 13")
async def test_ai_act_art_13_few_people_get_no_number_and_few_errors_a_warning(browser):
    html = (await browser.get(PAGE)).text
    dark = re.search(r'<th scope="row">dark</th>(.*?)</tr>', html, re.S)
    dim = re.search(r'<th scope="row">dim</th>(.*?)</tr>', html, re.S)
    assert dark
    assert words(dark[1]).count("too few: 12 people") == 3
    assert dim
    assert words(dim[1]).count("few errors") == 3


async def test_a_second_report_stands_beside_the_first(browser):
    html = (await browser.get(f"{PAGE}?report=lfw-dev-open&with={STORED_ID}")).text
    assert "open beside dlib" in html
    clean = re.search(r'id="pair-title".*?Good light</th>(.*?)</tr>', html, re.S)
    assert clean
    assert "55" in words(clean[1])
    assert "220" in words(clean[1])
    assert "worse" in words(clean[1])


async def test_a_report_beside_itself_is_one_report(browser):
    html = (await browser.get(f"{PAGE}?report=lfw-dev-open&with=lfw-dev-open")).text
    assert "pair-title" not in html


async def test_another_engines_report_says_so_and_declared_groups_are_escaped(browser):
    html = (await browser.get(f"{PAGE}?report={STORED_ID}")).text
    assert "another engine than the one in use" in html
    assert "Crew &lt;b&gt;" in html


async def test_without_thresholds_every_caveat_is_told_and_nothing_is_invented(browser):
    said = words((await browser.get(f"{PAGE}?report=photos-open")).text)
    assert "There are no thresholds for this engine yet" in said
    assert "Only 10 people" in said
    assert "has 1,402 people" in said
    assert "1 photo could not be read" in said
    assert "called somebody (" not in said


@pytest.mark.parametrize("query", ["report=nobody", "report=lfw-dev-open&with=../status"])
async def test_an_unknown_report_is_a_page_of_its_own(browser, query):
    page = await browser.get(f"{PAGE}?{query}")
    assert page.status_code == 404


async def test_a_stored_report_can_be_removed(browser, fake):
    await browser.open(f"{PAGE}?report={STORED_ID}")
    page = await browser.submit(f"{PAGE}/{STORED_ID}/forget")
    assert page.status_code == 200
    assert "The report was removed." in page.text
    assert STORED_ID not in fake.reports


async def test_a_shipped_report_has_no_button_to_remove_it(browser):
    assert "/forget" not in (await browser.get(PAGE)).text


async def test_removing_needs_the_token_of_the_page(browser, fake):
    await browser.get(PAGE)
    answer = await browser.post(f"{PAGE}/{STORED_ID}/forget")
    assert answer.status_code == 403
    assert STORED_ID in fake.reports


async def test_it_speaks_french(browser):
    page = await browser.get(PAGE, headers={"Accept-Language": "fr"})
    assert "À quoi s’attendre" in page.text
    assert "0,01" not in page.text.split("À quoi s’attendre")[1].split("</section>")[0]


async def test_it_is_for_signed_in_people(visitor):
    page = await visitor.get(PAGE)
    assert "/sign-in" in str(page.url) or "sign-in" in page.text
