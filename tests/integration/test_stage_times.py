"""A photo says what its time went on, and the metrics say it for all."""

import httpx

from services.started_here import started_here

STAGES = ("queue_wait", "decode", "detect", "assess", "embed", "search", "decide", "store")


def test_finished_photo_says_how_long_each_stage_took(api, empty_photo):
    accepted = api.post("/v1/photos", content=empty_photo + b"timed").json()
    waiting = api.get(accepted["photo_url"]).json()
    done = api.get(accepted["photo_url"], params={"wait_s": 30}).json()

    assert waiting["timings_ms"] is None or waiting["state"] == "done"
    assert list(done["timings_ms"]) == list(STAGES)
    assert done["timings_ms"]["detect"] > 0
    assert done["timings_ms"]["store"] > 0


def test_metrics_count_every_stage_of_every_photo(api, empty_photo):
    def counts() -> dict[str, float]:
        lines = api.get("/metrics").text.splitlines()
        start = 'vestibule_stage_seconds_count{stage="'
        found = [line.removeprefix(start).split('"} ') for line in lines if line.startswith(start)]
        return {name: float(value) for name, value in found}

    before = counts()  # without series until the first photo of a run
    accepted = api.post("/v1/photos", content=empty_photo + b"counted").json()
    done = api.get(accepted["photo_url"], params={"wait_s": 30}).json()
    after = counts()

    assert done["state"] == "done"
    assert {name: after[name] - before.get(name, 0) for name in STAGES} == dict.fromkeys(STAGES, 1)


def test_photo_that_shares_its_runs_says_how_long_it_waited_for_that(make_settings, empty_photo):
    with started_here(make_settings(batching="on")) as sharing:
        headers = {"Authorization": f"Bearer {sharing.api_key}"}
        with httpx.Client(base_url=sharing.url, headers=headers, trust_env=False) as http:
            accepted = http.post("/v1/photos", content=empty_photo).json()
            done = http.get(accepted["photo_url"], params={"wait_s": 30}, timeout=60).json()
            metrics = http.get("/metrics").text

    assert done["state"] == "done"
    assert done["timings_ms"]["wait_in_batch"] < 1_000
    assert 'vestibule_batch_wait_seconds_count{model="centerface"}' in metrics
    assert 'vestibule_batch_rows_count{model="centerface"}' in metrics
