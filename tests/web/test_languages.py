"""English and French, by the browser's wish and the person's choice."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("en-US,en;q=0.9,fr;q=0.5", "en"),
        ("de, fr;q=0.3, en;q=0.2", "fr"),
        ("de", "en"),
        ("", "en"),
        ("fr;q=nonsense", "en"),
    ],
)
async def test_the_browsers_wish_chooses_the_language(visitor, wish, language):
    page = await visitor.get("/sign-in", headers={"Accept-Language": wish})
    assert f'<html lang="{language}"' in page.text
    assert page.headers["content-language"] == language


async def test_the_persons_choice_is_kept_and_leads_back(visitor):
    page = await visitor.get(
        "/preferences?language=fr&next=/styleguide", headers={"Accept-Language": "en"}
    )
    assert page.url.path == "/styleguide"
    assert '<html lang="fr"' in page.text and "Guide de style" in page.text


async def test_theme_is_in_the_first_byte_of_the_page(visitor):
    assert 'data-theme="dark"' in (await visitor.get("/sign-in")).text
    page = await visitor.get("/preferences?theme=light&next=/sign-in")
    assert '<html lang="en" data-theme="light">' in page.text


async def test_counts_follow_french_plurals(browser, fake):
    page = await browser.get("/guests", headers={"Accept-Language": "fr"})
    assert "Pas encore de clients" in page.text
    fake.add_guest("Ada")
    page = await browser.get("/guests", headers={"Accept-Language": "fr"})
    assert "1 client" in page.text and "1 clients" not in page.text
