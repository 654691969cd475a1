"""What the algorithm weighs and how often it errs, told to everybody and naming nobody."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.mark.duty("GDPR 5(1)(a)", "AI Act 13")
async def test_art_5_everybody_reads_the_policy_in_force_and_the_measured_errors(client):
    said = (await client.get("/v1/transparency")).json()
    assert said["policy"]["points"]["violence"]
    rows = said["measured"]["conditions"]
    assert len(rows) > 5
    for row in rows:
        for rate in (row["strangers_taken"], row["guests_not_found"]):
            assert rate["low"] <= rate["value"] <= rate["high"]
    groups = {
        (row["group"], row["conditions"] == ["clean"]): row for row in said["measured"]["groups"]
    }
    assert set(groups) == {
        (group, bright) for group in ("women", "men") for bright in (True, False)
    }
    for row in groups.values():
        for rate in (row["strangers_taken"], row["guests_not_found"]):
            assert rate["low"] <= rate["value"] <= rate["high"] and rate["people"] >= 30


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_page_opens_without_a_session_in_both_languages(web, language):
    page = await web.get("/transparency", headers={"Accept-Language": language})
    assert page.status_code == 200
    words = {"en": "Never your face", "fr": "Jamais votre visage"}[language]
    assert words in page.text and "%(" not in page.text and "%%" not in page.text
    group = {"en": "women", "fr": "femmes"}[language]
    assert f'<span class="transparency-group">{group}</span>' in page.text
