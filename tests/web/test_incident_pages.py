"""Reporting with one thumb, deciding at a desk, and what is said when two do at once."""

from uuid import uuid4

import pytest

from tests.web.fake_incidents import CAMILLE, attachment, incident, step

pytestmark = pytest.mark.anyio

REPORT = {"kind": "theft", "severity": "2", "account": "Took a coat.", "ago": "0"}


async def test_list_says_what_who_where_and_what_became_of_it(browser, fake):
    people = [{"part": "actor", "customer_id": None, "name": None, "description": "Red jacket"}]
    fake.incidents.append(incident(people=people, attachment_count=2))
    page = await browser.get("/incidents")

    for words in ("Violence", "Serious", "Red jacket", "Main venue", "Nadia", "2 files"):
        assert words in page.text
    assert "Waits for a decision (1)" in page.text


async def test_filters_stay_in_the_address_and_in_the_form(browser, fake):
    fake.incidents += [incident(kind="theft", severity=5), incident(kind="fraud", severity=1)]
    page = await browser.get("/incidents?kind=theft&least_severity=4&state=nonsense&cursor=")

    assert '<option value="theft" selected>' in page.text
    assert page.text.count('class="incident-row"') == 1
    assert "/incidents?state=verified&amp;kind=theft&amp;least_severity=4" in page.text


async def test_more_are_loaded_behind_the_first_page(browser, fake):
    fake.incidents += [incident() for _ in range(25)]
    page = await browser.get("/incidents")
    assert "cursor=20" in page.text
    rest = await browser.get("/incidents?cursor=20", headers={"HX-Request": "true"})
    assert rest.text.count('class="incident-row"') == 5
    assert "<html" not in rest.text


async def test_door_staff_are_told_that_they_see_their_own_undecided_reports(browser, fake):
    fake.permissions = frozenset({"photos.identify", "incidents.report"})
    page = await browser.get("/incidents")
    assert "These are your own reports that nobody has decided yet." in page.text
    assert "Report an incident" in page.text


async def test_dpo_sees_the_list_and_is_offered_no_report(browser, fake):
    fake.permissions = frozenset({"incidents.view", "audit.read"})
    page = await browser.get("/incidents")
    assert page.status_code == 200
    assert "/incidents/new" not in page.text
    assert (await browser.get("/incidents/new")).status_code == 403


async def test_incident_of_somebody_erased_says_what_law_keeps_and_who_reads_the_name(
    browser, fake
):
    fake.incidents.append(incident(erased_kept_until="2027-03-01T12:00:00Z"))
    url = f"/incidents/{fake.incidents[0]['id']}"
    assert "You read the name" in (await browser.get(url)).text
    fake.permissions = frozenset({"incidents.view", "incidents.verify"})
    page = (await browser.get(url)).text
    assert "A guest who was in it was erased" in page and "You read the name" not in page


async def test_somebody_erased_leads_to_no_page(browser, fake):
    guest = fake.add_guest("Ada")
    there = {"part": "victim", "customer_id": guest["id"], "name": "Ada", "description": None}
    gone = {"part": "actor", "customer_id": str(uuid4()), "name": None, "description": None}
    fake.incidents.append(incident(people=[there, gone]))
    page = (await browser.get(f"/incidents/{fake.incidents[0]['id']}")).text
    assert "somebody who was deleted" in page
    assert f"/guests/{guest['id']}" in page
    assert f"/guests/{gone['customer_id']}" not in page


# ── reporting ───────────────────────────────────────────────────────────────────────────────
async def test_report_from_a_guests_page_names_the_guest(browser, fake):
    guest = fake.add_guest("Zoé Lefèvre")
    page = await browser.open(f"/incidents/new?guest={guest['id']}")
    assert "Zoé Lefèvre" in page.text

    who = {"person-0-customer_id": guest["id"], "person-0-part": "victim"}
    page = await browser.submit("/incidents", {**REPORT, **who})

    assert "Reported. A manager decides about it." in page.text
    people = fake.incidents[0]["people"]
    assert [(one["customer_id"], one["part"]) for one in people] == [(guest["id"], "victim")]


async def test_report_from_a_face_card_needs_no_right_to_see_guests(browser, fake):
    fake.permissions = frozenset({"photos.identify", "incidents.report"})
    fake.add_guest("Zoé Lefèvre")
    fake.pace_s = 0
    photo = fake.add_photo(b"photo")
    face = next(face for face in photo["faces"] if fake.face(face)["customer"])
    name = fake.face(face)["customer"]["name"]

    page = await browser.get(f"/incidents/new?photo={photo['id']}&face={face['id']}")

    assert name in page.text


async def test_unnamed_people_are_described_and_empty_descriptions_left_out(browser, fake):
    await browser.open("/incidents/new")
    people = {
        "person-0-description": "  Tall, red jacket ",
        "person-0-part": "actor",
        "person-1-description": " ",
        "person-1-part": "actor",
    }
    await browser.submit("/incidents", {**REPORT, **people})

    assert [one["description"] for one in fake.incidents[0]["people"]] == ["Tall, red jacket"]


async def test_what_is_missing_is_said_and_nothing_that_was_typed_is_lost(browser, fake):
    await browser.open("/incidents/new")
    typed = {
        "account": "Took a coat & ran.",
        "person-0-description": "Cap",
        "person-0-part": "actor",
    }
    page = await browser.submit("/incidents", typed)

    assert page.status_code == 422
    for words in ("Choose what it was.", "Choose how bad it was.", "Took a coat &amp; ran.", "Cap"):
        assert words in page.text
    assert fake.incidents == []


async def test_same_form_sent_twice_carries_one_id(browser, fake):
    await browser.open("/incidents/new")
    chosen = str(uuid4())
    for _ in range(2):
        await browser.submit("/incidents", {**REPORT, "id": chosen})
    assert {one["id"] for one in fake.incidents} == {chosen}


@pytest.mark.parametrize("at", ["", "nonsense", "2199-01-01T00:00", "1950-01-01T00:00"])
async def test_time_that_cannot_be_meant_is_refused_in_words(browser, at):
    await browser.open("/incidents/new")
    page = await browser.submit("/incidents", {**REPORT, "ago": "at", "at": at})
    assert page.status_code == 422
    assert "a time that has passed" in page.text


# ── one incident ────────────────────────────────────────────────────────────────────────────
async def test_decision_is_taken_with_the_version_that_was_seen(browser, fake):
    fake.incidents.append(incident(version=4))
    path = f"/incidents/{fake.incidents[0]['id']}"
    page = await browser.open(path)
    assert 'name="version" value="4"' in page.text

    page = await browser.submit(f"{path}/verification", {"version": "4", "reason": "Seen."})

    assert "Verified: it counts from now on." in page.text
    assert fake.incidents[0]["decision_reason"] == "Seen."


async def test_change_meanwhile_is_said_and_the_typed_reason_kept(browser, fake):
    fake.incidents.append(incident(version=5))
    path = f"/incidents/{fake.incidents[0]['id']}"
    await browser.open(path)

    page = await browser.submit(f"{path}/verification", {"version": "4", "reason": "Seen it."})

    assert page.status_code == 409
    assert "Somebody changed or decided this incident in the meantime." in page.text
    assert "Seen it." in page.text
    assert fake.incidents[0]["state"] == "reported"


async def test_dismissal_needs_a_reason(browser, fake):
    fake.incidents.append(incident())
    path = f"/incidents/{fake.incidents[0]['id']}"
    await browser.open(path)
    page = await browser.submit(f"{path}/dismissal", {"version": "1", "reason": " "})
    assert page.status_code == 422
    assert "Say in a few words why it is dismissed." in page.text
    page = await browser.submit(f"{path}/dismissal", {"version": "1", "reason": "Not them."})
    assert "Dismissed: it never counts." in page.text


async def test_own_report_is_refused_in_its_own_words(browser, fake):
    fake.incidents.append(incident(reporter=CAMILLE))
    path = f"/incidents/{fake.incidents[0]['id']}"
    await browser.open(path)
    page = await browser.submit(f"{path}/verification", {"version": "1"})
    assert page.status_code == 403
    assert "You reported or corrected this incident" in page.text


async def test_who_changed_it_is_offered_dismissal_alone(browser, fake):
    fake.incidents.append(incident(may_verify=False))
    page = await browser.get(f"/incidents/{fake.incidents[0]['id']}")
    assert "another manager has to verify it" in page.text
    assert "/dismissal" in page.text
    assert "Verify</span>" not in page.text


async def test_history_tells_every_step_in_words(browser, fake):
    changes = {
        "kind": {"was": "theft", "is": "fraud"},
        "severity": {"was": 2, "is": 4},
        "state": {"was": "VERIFIED", "is": "REPORTED"},
        "account": {"was": "Old words", "is": "New words"},
        "people": {"was": [], "is": [{}]},
        "occurred_at": {"was": "2026-11-21T23:00:00+00:00", "is": "2026-11-21T23:30:00+00:00"},
        "attachment": {"was": None, "is": "stairs.jpg"},
    }
    told = step("edited", CAMILLE, reason="The camera shows it.", changes=changes)
    fake.incidents.append(incident(history=[told]))
    page = await browser.get(f"/incidents/{fake.incidents[0]['id']}")
    for words in ("Corrected", "Theft → Fraud", "2 → 4", "Old words", "The camera shows it."):
        assert words in page.text


# ── corrections and files ───────────────────────────────────────────────────────────────────
async def test_correction_leaves_the_exact_time_alone_unless_it_was_moved(browser, fake):
    fake.incidents.append(incident(occurred_at="2026-11-21T23:14:37+00:00"))
    one = fake.incidents[0]
    path = f"/incidents/{one['id']}"
    page = await browser.open(f"{path}/edit")
    shown = page.text.split('name="at" value="')[1].split('"')[0]

    same = {"version": "1", "kind": "theft", "severity": "4", "account": "Said better."}
    await browser.submit(path, {**same, "at": shown, "reason": "Better words."})

    assert (one["severity"], one["account"]) == (4, "Said better.")
    assert one["occurred_at"] == "2026-11-21T23:14:37+00:00"


async def test_correction_that_comes_too_late_keeps_what_was_typed(browser, fake):
    fake.incidents.append(incident(version=3))
    path = f"/incidents/{fake.incidents[0]['id']}"
    await browser.open(f"{path}/edit")
    typed = {"version": "2", "kind": "theft", "severity": "4", "account": "Typed at length."}
    page = await browser.submit(path, typed)
    assert page.status_code == 409
    assert "Typed at length." in page.text
    assert 'name="version" value="3"' in page.text


async def test_manager_adds_a_guest_by_name(browser, fake):
    guest = fake.add_guest("Zoé Lefèvre")
    fake.incidents.append(incident())
    path = f"/incidents/{fake.incidents[0]['id']}"
    page = await browser.open(f"{path}/people?query=zo")
    assert "Zoé Lefèvre" in page.text
    who = {"version": "1", "customer_id": guest["id"], "part": "actor"}
    await browser.submit(f"{path}/people", who)
    assert fake.incidents[0]["people"] == [{"part": "actor", "customer_id": guest["id"]}]


async def test_file_is_passed_on_with_its_name(browser, fake):
    fake.incidents.append(incident())
    path = f"/incidents/{fake.incidents[0]['id']}"
    await browser.open(path)
    fields = {"csrf_token": browser.token}
    files = {"photo": ("stairs\r\nX: 1.jpg", b"picture", "image/jpeg")}
    page = await browser.post(f"{path}/attachments", data=fields, files=files)
    assert "The file is attached." in page.text
    assert "stairs" in fake.incidents[0]["attachments"][0]["name"]

    files = {"photo": ("x.zip", b"ZIP", "application/zip")}
    page = await browser.post(f"{path}/attachments", data=fields, files=files)
    assert page.status_code == 415
    assert "Only pictures and PDF documents can be attached." in page.text


async def test_file_comes_as_a_download_that_no_page_may_run(browser, fake):
    fake.incidents.append(incident(attachments=[attachment()]))
    one = fake.incidents[0]
    page = f"/incidents/{one['id']}"
    answer = await browser.shown(page, f"{page}/attachments/{one['attachments'][0]['id']}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"


async def test_file_is_removed_with_a_reason(browser, fake):
    fake.incidents.append(incident(attachments=[attachment()]))
    one = fake.incidents[0]
    path = f"/incidents/{one['id']}"
    await browser.open(path)
    removal = f"{path}/attachments/{one['attachments'][0]['id']}/removal"
    assert (await browser.submit(removal, {"reason": ""})).status_code == 422
    page = await browser.submit(removal, {"reason": "Another guest & more."})
    assert "The file was removed." in page.text
    assert one["removed_because"] == "Another guest & more."


# ── who was in it, before it is sent ────────────────────────────────────────────────────────
TYPED = {**REPORT, "account": "Took a coat & ran.", "severity": "2"}
CAP = {"person-0-description": "Cap", "person-0-part": "actor"}


async def test_guest_is_found_and_put_into_a_report_and_nothing_typed_is_lost(browser, fake):
    """Without a script: the whole form comes back each time."""
    guest, coat = fake.add_guest("Zoé Lefèvre"), {**TYPED, **CAP}
    await browser.open("/incidents/new")

    page = await browser.submit(
        "/incidents/new/people", {**coat, "query": "Lefèvre", "act": "search"}
    )
    assert f'value="add-{guest["id"]}"' in page.text

    page = await browser.submit("/incidents/new/people", {**coat, "act": f"add-{guest['id']}"})
    for kept in (
        "Took a coat &amp; ran.",
        'value="Cap"',
        "Zoé Lefèvre",
        'value="theft" required checked',
    ):
        assert kept in page.text
    assert fake.incidents == []

    named = {"person-1-customer_id": guest["id"], "person-1-part": "victim"}
    page = await browser.submit("/incidents/new/people", {**coat, **named, "act": "describe"})
    assert 'name="person-2-description"' in page.text
    await browser.submit("/incidents", {**coat, **named})
    people = fake.incidents[0]["people"]
    assert [(one["name"], one["description"], one["part"]) for one in people] == [
        (None, "Cap", "actor"),
        ("Zoé Lefèvre", None, "victim"),
    ]


async def test_with_a_script_only_the_people_come_back(browser, fake):
    guest = fake.add_guest("Zoé Lefèvre")
    await browser.open("/incidents/new")
    form = {**TYPED, "person-0-description": " ", "person-0-part": "actor"}

    page = await browser.submit(
        "/incidents/new/people",
        {**form, "act": f"add-{guest['id']}"},
        headers={"HX-Request": "true"},
    )

    assert "<html" not in page.text and 'id="involved"' in page.text
    assert 'name="person-0-customer_id"' in page.text  # where nothing was described
    twice = {"person-0-customer_id": guest["id"], "person-0-name": "Z", "person-0-part": "actor"}
    page = await browser.submit(
        "/incidents/new/people", {**TYPED, **twice, "act": f"add-{guest['id']}"}
    )
    assert page.text.count("-customer_id") == 1


async def test_door_describes_people_and_is_offered_no_search(browser, fake):
    fake.permissions = frozenset({"photos.identify", "incidents.report"})
    page = await browser.open("/incidents/new")
    assert 'name="query"' not in page.text

    page = await browser.submit("/incidents/new/people", {**TYPED, **CAP, "act": "describe"})

    assert 'value="Cap"' in page.text and 'name="person-1-description"' in page.text
    gone = {**TYPED, **CAP, "person-0-part": "none", "act": "describe"}
    page = await browser.submit("/incidents/new/people", gone)
    assert "Cap" not in page.text and 'name="person-1-description"' not in page.text


async def test_no_more_than_twenty_people_are_taken(browser, fake):
    many = {f"person-{n}-description": f"Guest {n}" for n in range(20)}
    many |= {f"person-{n}-part": "witness" for n in range(20)}
    await browser.open("/incidents/new")
    page = await browser.submit("/incidents/new/people", {**TYPED, **many, "act": "describe"})
    assert "Twenty people are as many as fit." in page.text
    assert "person-20" not in page.text
    await browser.submit("/incidents", {**TYPED, **many})
    assert len(fake.incidents[0]["people"]) == 20
