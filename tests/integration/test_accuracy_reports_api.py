"""Accuracy reports are kept, shown, forgotten; nothing but figures gets in."""

import json

import pytest

from vestibule.evaluation.intervals import Interval
from vestibule.evaluation.report import FORMAT, EvaluationReport
from vestibule.evaluation.report_files import format_json
from vestibule.evaluation.shipped_reports import shipped_reports

PATH = "/v1/accuracy-reports"


def report_json(**changes: object) -> dict:
    report = EvaluationReport(
        format=FORMAT,
        dataset="our-photos",
        people=40,
        people_with_two_photos=20,
        photos=80,
        gallery_size=20,
        pack="open",
        settings={},
        space_id="30645cc925a867b1",
        target_fpir=0.01,
        review_fpir=0.1,
        seed=0,
        replicates=400,
        degradations=(),
        caveats=(),
        detection=(),
        failure_to_enrol=Interval(0.0, 0.0, 0.1),
        groups=(),
        scenes=(),
        verification=(),
        identification=(),
        several_templates=(),
        held_out=(),
        bands=(),
        histograms=(),
    )
    return {**json.loads(format_json(report)), **changes}


@pytest.fixture
def kept(api):
    answer = api.post(PATH, json=report_json())
    assert answer.status_code == 201, answer.text
    yield answer.json()
    api.delete(f"{PATH}/{answer.json()['id']}")


def audited(product, action: str) -> int:
    from sqlalchemy import func, select

    from vestibule.records.audit_tables import AuditEntry

    with product.installation.runtime.database.begin() as transaction:
        query = select(func.count()).where(AuditEntry.action == action)
        return transaction.scalar(query)


def test_a_kept_report_is_listed_first_and_comes_back_whole(api, kept):
    listed = api.get(PATH).json()["items"]

    assert listed[0] == kept
    assert {item["id"] for item in listed if item["source"] == "shipped"} == set(shipped_reports())
    assert api.get(f"{PATH}/{kept['id']}").json()["report"] == report_json()


def test_what_is_no_figure_does_not_survive(api, product):
    before = audited(product, "accuracy_report.keep")
    answer = api.post(PATH, json=report_json(people_by_name={"Ada": 1}))
    shown = api.get(f"{PATH}/{answer.json()['id']}").text
    api.delete(f"{PATH}/{answer.json()['id']}")

    assert "Ada" not in shown
    assert audited(product, "accuracy_report.keep") == before + 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        json.dumps({"format": 1}).encode(),
        json.dumps(report_json(dataset="a\x00b")).encode(),
        json.dumps(report_json(people=None)).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_no_report_is_refused(api, content):
    answer = api.post(PATH, content=content, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_a_body_over_the_limit_is_refused_with_the_limit(api):
    answer = api.post(PATH, content=b" " * 1_000_001)

    assert answer.status_code == 422
    assert answer.json()["facts"]["limit_bytes"] == 1_000_000


def test_a_forgotten_report_is_gone_and_in_the_audit_log(api, product, kept):
    before = audited(product, "accuracy_report.remove")

    assert api.delete(f"{PATH}/{kept['id']}").status_code == 204
    assert api.get(f"{PATH}/{kept['id']}").status_code == 404
    assert api.delete(f"{PATH}/{kept['id']}").status_code == 404
    assert audited(product, "accuracy_report.remove") == before + 1


@pytest.mark.parametrize("report_id", ["no-such-report", "0b8a3f6f-7a11-4d0b-8f5e-3f6a4f0f8b7d"])
def test_an_unknown_report_is_not_found(api, report_id):
    assert api.get(f"{PATH}/{report_id}").status_code == 404


def test_reports_need_a_session(product):
    import httpx

    assert httpx.get(f"{product.url}{PATH}", trust_env=False).status_code == 401
