"""Batches and generations in words: progress, what failed, and switching by name and reason."""

import pytest

from services.web.batch_words import GENERATION_STATES, KINDS, LOW_LIGHTS, PACES, STATES
from tests.web.fake_batches import batch, comparison, generation
from tests.web.fake_models import pack

pytestmark = pytest.mark.anyio
URL = "/system/batches"


async def test_running_batch_says_how_far_how_fast_and_how_long(browser, fake):
    fake.batches.append(batch())
    page = await browser.get(URL)
    for words in ("640 of 1,712 faces", "4.2 a second", "about 4 minutes left"):
        assert words in page.text
    assert 'http-equiv="refresh"' in page.text
    assert '<progress class="batch-bar" max="1712" value="640"' in page.text


async def test_page_is_still_while_nothing_runs(browser, fake):
    assert "There was no batch yet" in (await browser.get(URL)).text
    fake.batches.append(batch("paused"))
    page = await browser.get(URL)
    assert 'http-equiv="refresh"' not in page.text
    assert "/resumption" in page.text and "/pause" not in page.text


@pytest.mark.parametrize(
    ("state", "deed", "becomes"),
    [
        ("running", "pause", "paused"),
        ("paused", "resumption", "running"),
        ("failed", "resumption", "running"),
    ],
)
async def test_batch_is_paused_and_taken_up_again(browser, fake, state, deed, becomes):
    fake.batches.append(batch(state))
    page = await browser.open(URL)
    assert f"/{deed}" in page.text
    page = await browser.submit(f"{URL}/{fake.batches[0]['id']}/{deed}")
    assert page.url.path == URL and fake.batches[0]["state"] == becomes


async def test_batch_is_called_off_only_after_its_name_was_shown(browser, fake):
    fake.batches.append(batch())
    page = await browser.open(f"{URL}/{fake.batches[0]['id']}/cancellation")
    assert "Call off: Re-embedding the gallery: dlib, low-light step on" in page.text
    assert fake.batches[0]["state"] == "running"
    page = await browser.submit(f"{URL}/{fake.batches[0]['id']}/cancellation")
    assert "Called off." in page.text and fake.batches[0]["state"] == "cancelled"


async def test_fault_that_stopped_a_batch_is_told_with_what_to_do(browser, fake):
    fake.batches.append(batch("failed"))
    page = await browser.get(URL)
    assert "Install that pack again" in page.text and "space_unavailable" in page.text


async def test_what_could_not_be_done_names_the_guest_and_the_reason(browser, fake):
    fake.batches.append(batch(failed=25))
    guest = fake.add_guest("Zoé <b>")
    who = {"id": guest["id"], "name": guest["name"]}
    failure = {"customer": who, "template_id": None, "item": None, "code": "no_face", "at": ""}
    fake.batch_failures += [failure] * 25
    assert "25 could not be done" in (await browser.get(URL)).text
    path = f"{URL}/{fake.batches[0]['id']}"
    page = await browser.get(path)
    assert "Zoé &lt;b&gt;" in page.text and "finds no face in the stored picture" in page.text
    assert page.text.count("Enrol the guest anew") == 20 and "offset=20" in page.text
    rest = await browser.get(f"{path}?offset=20")
    assert rest.text.count("Enrol the guest anew") == 5


async def test_comparison_is_told_in_sentences_with_numbers(browser, fake):
    fake.generations = [generation(2, "ready", comparison=comparison()), generation(1)]
    page = await browser.get(URL)
    for words in (
        "on 400 enrolled faces",
        "396 got the same answer from both",
        "between 97.46\u00a0% and 99.61\u00a0%",
        "3 are found only by the former one",
        "1 is found only by this one",
        "0 are taken for somebody else",
        "the former names 394 rightly and this one 392",
    ):
        assert words in page.text, words


async def test_switch_needs_a_reason_and_says_what_answers(browser, fake):
    fake.generations = [generation(2, "ready", comparison=comparison()), generation(1)]
    path = f"{URL}/generations/2/switch"
    page = await browser.open(path)
    assert "Switch to generation 2?" in page.text and "switch back at any time" in page.text

    page = await browser.submit(path, {"reason": "  "})
    assert page.status_code == 422 and "Say why" in page.text
    assert fake.generation_changes == []

    page = await browser.submit(path, {"reason": "It finds as many."})
    assert "Generation 2 answers from now on." in page.text
    assert fake.generation_changes == [{"what": "switch", "reason": "It finds as many."}]
    assert "Switch back to it" in page.text


async def test_generation_that_would_miss_faces_cannot_be_switched_to(browser, fake):
    fake.generations = [generation(2, "ready", lacking=3), generation(1)]
    page = await browser.open(URL)
    assert "3 faces that are found now would be missed" in page.text
    assert "/generations/2/switch" not in page.text
    page = await browser.submit(f"{URL}/generations/2/switch", {"reason": "now"})
    assert page.status_code == 409 and "changed in the meantime" in page.text
    assert ">now</textarea>" in page.text


@pytest.mark.parametrize("ticked", [True, False])
async def test_generation_is_dropped_by_name_with_or_without_its_templates(browser, fake, ticked):
    fake.generations = [generation(2), generation(1, "standby")]
    path = f"{URL}/generations/1/drop"
    page = await browser.open(path)
    assert "Drop generation 1" in page.text
    fields = {"reason": "Two weeks.", **({"clears_templates": "yes"} if ticked else {})}
    page = await browser.submit(path, fields)
    assert "Generation 1 is gone." in page.text
    change = {"what": "drop", "reason": "Two weeks.", "clears_templates": ticked}
    assert fake.generation_changes == [change]


async def test_the_one_that_answers_offers_neither_switch_nor_drop(browser, fake):
    fake.generations = [generation(1)]
    assert "/generations/1/" not in (await browser.get(URL)).text


async def test_reembedding_and_rebuilding_begin_from_the_page(browser, fake):
    fake.packs = [pack("open"), pack("dlib", is_active=False)]
    await browser.open(URL)
    fields = {"kind": "reembed", "pack": "dlib", "low_light": "", "pace": "slow"}
    page = await browser.submit(URL, fields)
    assert "It has begun." in page.text
    assert "One generation is filled at a time" in page.text
    await browser.submit(URL, {"kind": "rebuild"})
    assert fake.asked_batches == [
        {"kind": "reembed", "pace": "slow", "pack": "dlib"},
        {"kind": "rebuild", "pace": "polite"},
    ]


async def test_unknown_change_and_deed_are_not_found(browser, fake):
    fake.generations = [generation(1)]
    assert (await browser.open(f"{URL}/generations/1/explosion")).status_code == 404
    page = await browser.submit(f"{URL}/00000000-0000-0000-0000-000000000000/explosion")
    assert page.status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_kind_state_and_pace_has_words(browser, fake, language):
    fake.batches = [
        batch(state, kind=kind, pace=pace) for kind in KINDS for state in STATES for pace in PACES
    ]
    fake.generations = [
        generation(1, state, low_light=step, comparison=comparison())
        for state in GENERATION_STATES
        for step in LOW_LIGHTS
    ]
    page = await browser.get(URL, headers={"Accept-Language": language})
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (12, "less than a minute left"),
        (61, "about 1 minute left"),
        (1500, "about 25 minutes left"),
        (7300, "about 2 hours left"),
    ],
)
async def test_time_left_is_said_as_people_say_it(browser, fake, seconds, said):
    fake.batches.append(batch(eta_s=seconds))
    assert said in (await browser.get(URL)).text


# ── importing guests ────────────────────────────────────────────────────────────────────────
IMPORT = {"kind": "import", "source": "folder", "pace": "slow"}


async def test_import_begins_with_how_everybody_agreed(browser, fake):
    fake.import_sources = ["folder", "bucket"]
    await browser.open(URL)
    page = await browser.submit(URL, {**IMPORT, "given_by": "on paper ", "consent": "given"})
    assert "It has begun." in page.text
    consent = {"basis": "explicit-consent", "notice_shown": True, "given_by": "on paper"}
    assert fake.asked_batches == [{**IMPORT, "consent": consent}]


@pytest.mark.parametrize("lacking", ["given_by", "consent"])
async def test_import_without_consent_is_not_asked_for(browser, fake, lacking):
    fake.import_sources = ["bucket"]
    await browser.open(URL)
    fields = {**IMPORT, "given_by": "on <i>paper", "consent": "given"}
    del fields[lacking]
    page = await browser.submit(URL, fields)
    assert page.status_code == 422 and "nobody may be enrolled" in page.text
    assert fake.asked_batches == []
    assert lacking == "given_by" or 'value="on &lt;i&gt;paper"' in page.text


async def test_without_a_place_for_imports_it_is_said_who_sets_one_up(browser, fake):
    fake.import_sources = []
    page = await browser.get(URL)
    assert "VESTIBULE_IMPORT_DIR" in page.text and "Import these guests" not in page.text


async def test_import_that_still_lists_says_so_and_promises_no_end(browser, fake):
    fake.import_sources = ["folder"]
    running = {"kind": "import", "source": "folder", "generation": None, "eta_s": None}
    fake.batches.append(batch(**running, is_listing=True, settled=120, total=300))
    page = await browser.get(URL)
    assert "120 photos are through, 300 are found so far." in page.text
    assert "Importing guests: the folder for imports" in page.text
    assert "left" not in page.text.split("a second")[1].split("<progress")[0]
    assert "One import is done at a time" in page.text
    assert "One generation is filled at a time" not in page.text


async def test_photo_that_was_not_imported_is_named_with_its_reason(browser, fake):
    fake.batches.append(batch("done", kind="import", source="folder", failed=3))
    fake.batch_failures += [
        {"customer": None, "template_id": None, "item": item, "code": code, "at": ""}
        for item, code in (
            ("Zoé <b>/1.jpg", "no_face"),
            ("Ada/2.jpg", "consent_withdrawn"),
            ("Ada/3.jpg", "damaged_image"),
        )
    ]
    page = await browser.get(f"{URL}/{fake.batches[0]['id']}")
    assert "Zoé &lt;b&gt;/1.jpg" in page.text
    for words in ("No face was found in the photo.", "took the consent back", "damaged"):
        assert words in page.text


async def test_called_off_import_keeps_its_guests(browser, fake):
    fake.batches.append(batch(kind="import", source="bucket"))
    page = await browser.get(f"{URL}/{fake.batches[0]['id']}/cancellation")
    assert "stay on file" in page.text and "dropped" not in page.text


async def test_who_only_imports_sees_no_index_and_who_only_operates_no_import(browser, fake):
    fake.import_sources = ["folder"]
    fake.generations = [generation(2, "ready", comparison=comparison()), generation(1)]
    fake.batches.append(batch(failed=1))
    fake.permissions = frozenset({"customers.import"})
    page = await browser.get(URL)
    assert "Import these guests" in page.text and "/generations/" not in page.text
    assert "Rebuild the index" not in page.text and "/pause" not in page.text
    assert "/system/jobs" not in page.text

    fake.permissions = frozenset({"system.view"})
    page = await browser.get(URL)
    assert "Import" not in page.text and "Generation 2" in page.text
    assert "/generations/2/switch" not in page.text and "/pause" not in page.text
