"""Thresholds: proposed, weighed, adopted with a reason, put back, and in force at once."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest

from services.started_here import started_here
from vestibule.domain.answered_alerts import CountedFaces
from vestibule.domain.calibration_document import content_of
from vestibule.domain.decision import Decision
from vestibule.domain.light_band import LightBand
from vestibule.records import calibrations, venues
from vestibule.records.calibration_tables import AnsweredAlertRow
from vestibule.workflows.expire import expire
from vestibule.workflows.propose_calibration import seen_lately


@pytest.fixture(scope="module")
def served(make_settings):
    """Its own, because thresholds are changed."""
    with started_here(make_settings()) as product:
        yield product


@pytest.fixture(scope="module")
def http(served):
    headers = {"Authorization": f"Bearer {served.api_key}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def runtime(served):
    return served.installation.runtime


def propose(http, **wanted):
    answer = http.post("/v1/calibration/proposals", json=wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()


def adopt(http, proposal, **more):
    body = {"proposal_id": proposal["id"], "reason": "Asked for by the venue", **more}
    return http.post("/v1/calibration/adoptions", json=body)


def home_id(runtime):
    with runtime.database.look() as transaction:
        return venues.home(transaction).id


def match_in(http, band="bright"):
    bands = http.get("/v1/calibration").json()["bands"]
    return next(of["threshold"] for of in bands if of["band"] == band)


def audited(http):
    report = http.post("/v1/audit/verification").json()
    assert report["broken_at"] is None
    return report["entries"]


def spend_nights(runtime, *, nights: int, false_share: float) -> None:
    """Sixty faces a night in bright light, ten of them alerts, all answered."""
    rng = np.random.default_rng(1)
    with runtime.database.begin() as transaction:
        seen = seen_lately(runtime, transaction, venues.home(transaction).id)
        for days in range(nights):
            night = seen.tonight - timedelta(days=days)
            kind = {
                "night": night,
                "band": LightBand.BRIGHT,
                "customers": 100,
                "templates": 100,
                "match": 0.5321,
                "review": 0.4473,
            }
            calibrations.add_faces(
                transaction,
                [
                    *[CountedFaces(decision=Decision.UNKNOWN, score_bin=60, faces=1, **kind)] * 50,
                    *[CountedFaces(decision=Decision.REVIEW, score_bin=96, faces=1, **kind)] * 10,
                ],
                venue_id=seen.venue.id,
                space_id=runtime.engine.space.id,
            )
            for _ in range(10):
                calibrations.add_answer(
                    transaction,
                    AnsweredAlertRow(
                        venue_id=seen.venue.id,
                        space_id=runtime.engine.space.id,
                        night=night,
                        light_band="bright",
                        score=0.48,
                        threshold=0.5321,
                        review_threshold=0.4473,
                        gallery_size=100,
                        answer="not_them" if rng.uniform() < false_share else "same_person",
                        answerer="a",
                        face_id=None,
                    ),
                )


def test_every_light_has_its_thresholds_and_says_what_it_misses(http):
    shown = http.get("/v1/calibration").json()

    assert [of["band"] for of in shown["bands"]] == ["bright", "dim", "dark"]
    for of in shown["bands"]:
        assert of["review_threshold"] <= of["threshold"]
        assert 0 < of["missed_review"] <= of["missed_match"] < 1
    assert shown["in_force"]["target_fpir"] == 0.01
    assert shown["in_force"]["measured_on"]["people"] > 1000


def test_adopted_target_decides_at_once_and_is_put_back_with_who_and_why(http):
    before, entries = match_in(http), audited(http)
    proposal = propose(http, target_fpir=0.005)
    assert match_in(http) == before

    adoption = adopt(http, proposal)

    assert adoption.status_code == 201, adoption.text
    assert match_in(http) > before
    assert http.get("/v1/status").json()["threshold"] > before
    assert http.get("/v1/status").json()["target_fpir"] == 0.005
    assert http.get(f"/v1/calibration/proposals/{proposal['id']}").json()["is_in_force"]
    back = http.post("/v1/calibration/reversions", json={"reason": "Too many missed"}).json()
    assert (back["reverts"], back["proposal_id"], back["before_id"]) == (True, None, proposal["id"])
    assert match_in(http) == before
    history = http.get("/v1/calibration").json()["history"]
    assert [row["reason"] for row in history[:2]] == ["Too many missed", "Asked for by the venue"]
    assert history[0]["adopted_by"]
    assert audited(http) == entries + 4  # verified, proposed, adopted, put back


def test_what_was_adopted_decides_after_the_next_reading_in_another_process_too(http, runtime):
    """A second reader of the same database sees the adoption without being told."""
    from vestibule.workflows.calibration_in_force import CalibrationInForce

    other, here = CalibrationInForce(runtime.in_force.without), home_id(runtime)
    assert other.now(runtime.database, here).target_fpir == 0.01
    adopt(http, propose(http, target_fpir=0.02))

    assert other.now(runtime.database, here).target_fpir == 0.02
    http.post("/v1/calibration/reversions", json={"reason": "End of the test"})
    assert other.now(runtime.database, here).target_fpir == 0.01


def test_venue_decides_by_what_it_adopted_and_no_other_does(http, served, runtime):
    new = {"name": "Île", "timezone": "Indian/Reunion", "closes_at_hour": 7}
    island = http.post("/v1/venues", json=new).json()
    with httpx.Client(base_url=served.url, timeout=60, trust_env=False) as there:
        link = {"token": served.sign_in_url().rsplit("/", 1)[-1]}
        token = there.post("/v1/session", json=link).json()["access_token"]
        there.headers["Authorization"] = f"Bearer {token}"
        there.patch("/v1/session", json={"venue_id": island["id"]}).raise_for_status()
        before = match_in(http)
        foreign = propose(http, target_fpir=0.02)
        assert adopt(there, foreign).status_code == 404
        adopted = propose(there, target_fpir=0.005)
        assert adopt(there, adopted).status_code == 201

        shown = there.get("/v1/calibration").json()

        assert (shown["venue"], shown["in_force"]["target_fpir"]) == ("Île", 0.005)
        assert there.get("/v1/status").json()["threshold"] > before == match_in(http)
        assert runtime.calibration_in_force(UUID(island["id"])).target_fpir == 0.005
        http.post("/v1/calibration/reversions", json={"reason": "Not here"}).raise_for_status()
        assert there.get("/v1/calibration").json()["in_force"]["target_fpir"] == 0.005


def test_little_evidence_is_refused_until_it_is_confirmed(http):
    proposal = propose(http, from_answers=True)
    assert proposal["shortcomings"] == ["few_answers"]

    refused = adopt(http, proposal)

    assert (refused.status_code, refused.json()["code"]) == (409, "too_little_evidence")
    assert refused.json()["facts"]["shortcomings"] == ["few_answers"]
    confirmed = adopt(http, proposal, despite_little_evidence=True).json()
    assert confirmed["despite_little_evidence"]
    http.post("/v1/calibration/reversions", json={"reason": "End of the test"})


def test_target_beyond_what_was_measured_is_a_shortcoming(http):
    assert propose(http, target_fpir=0.001)["shortcomings"] == ["beyond_measured"]


@pytest.mark.parametrize(
    "wanted",
    [{"target_fpir": 0.0001}, {"target_fpir": 0.2}, {"review_fpir": 0.5}, {"measured": {"a": 1}}],
)
def test_what_does_not_fit_is_refused(http, wanted):
    answer = http.post("/v1/calibration/proposals", json=wanted)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_reason_is_needed(http):
    answer = adopt(http, propose(http, target_fpir=0.005), reason="  ")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_unknown_proposal_and_adopting_twice_are_refused(http):
    assert http.get(f"/v1/calibration/proposals/{uuid4()}").status_code == 404
    assert adopt(http, {"id": str(uuid4())}).status_code == 404
    proposal = propose(http, target_fpir=0.005)
    assert adopt(http, proposal).status_code == 201
    assert adopt(http, proposal).json()["code"] == "conflict"
    http.post("/v1/calibration/reversions", json={"reason": "End of the test"})


def test_calibration_of_another_space_is_refused_and_of_this_one_adopted(http, runtime):
    content = content_of(runtime.calibration)
    content["measured_on"] = {**content["measured_on"], "name": "our-own", "people": 150}
    other = {**content, "space_id": "another"}
    assert http.post("/v1/calibration/proposals", json={"measured": other}).status_code == 422

    proposal = propose(http, measured=content)

    assert proposal["source"] == "photos"
    assert proposal["shortcomings"] == ["few_people"]
    assert adopt(http, proposal, despite_little_evidence=True).status_code == 201
    assert http.get("/v1/calibration").json()["in_force"]["measured_on"]["name"] == "our-own"
    http.post("/v1/calibration/reversions", json={"reason": "End of the test"})


def test_answers_of_enough_nights_raise_the_thresholds_and_the_preview_says_what_changes(
    http, runtime
):
    before = match_in(http)
    spend_nights(runtime, nights=12, false_share=1.0)
    shown = next(of for of in http.get("/v1/calibration").json()["answers"])
    assert (shown["band"], shown["nights"], shown["faces"]) == ("bright", 12, 720)
    assert shown["rate"]["low"] < 10 / 60 < shown["rate"]["high"]
    assert shown["is_enough"], str(shown)

    proposal = propose(http, from_answers=True)

    bright = next(of for of in proposal["bands"] if of["band"] == "bright")
    assert proposal["shortcomings"] == []
    assert bright["then"]["review_threshold"] > bright["now"]["review_threshold"]
    assert proposal["nights"] == 12
    assert bright["decided"] == {"match": 0, "review": 120, "unknown": 600}
    assert sum(bright["would_decide"].values()) == 720
    assert adopt(http, proposal).status_code == 201
    assert match_in(http) >= before
    http.post("/v1/calibration/reversions", json={"reason": "End of the test"})


def test_counts_and_answers_go_after_half_a_year(runtime, monkeypatch):
    spend_nights(runtime, nights=1, false_share=0.0)
    later = runtime.clock.now() + timedelta(days=200)
    monkeypatch.setattr(type(runtime.clock), "now", lambda _clock: later)

    expire(runtime)  # or the schedule of the product did, by the same clock
    with runtime.database.look() as transaction:
        venue = venues.home(transaction)
        left = calibrations.counted_faces(
            transaction,
            venue_id=venue.id,
            space_id=runtime.engine.space.id,
            since=(later - timedelta(days=400)).date(),
        )
    assert left == []


def test_gallery_of_nobody_has_thresholds_all_the_same(runtime):
    in_force = runtime.calibration_in_force(home_id(runtime))
    assert in_force.thresholds(LightBand.DARK, customers=0, templates=0).match > 0
