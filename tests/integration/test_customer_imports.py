"""Lists of customers: looked at without a trace, taken in once whatever happens, exported."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from vestibule.domain.errors import ConflictError, NotFoundError
from vestibule.domain.ids import JobId
from vestibule.records import customer_imports, venues
from vestibule.records.tables import Customer
from vestibule.workflows import import_customers as importing
from vestibule.workflows.run_job import run_job


def previewed(stage, text: str):
    with stage.runtime.database.begin() as transaction:
        venue_id = venues.home(transaction).id
    return importing.preview_import(stage.runtime, text.encode(), venue_id=venue_id, actor="test")


def run(stage, import_id):
    confirmed = importing.confirm_import(stage.runtime, import_id, actor="test")
    run_job(stage.runtime, JobId(confirmed.job_id))
    with stage.runtime.database.begin() as transaction:
        return customer_imports.find(transaction, import_id)


def of_tag(stage, tag: str):
    with stage.runtime.database.begin() as transaction:
        query = select(Customer).where(Customer.tags.contains([tag]))
        rows = list(transaction.scalars(query.order_by(Customer.folded_name)))
    stage.guests += [row.id for row in rows if row.id not in stage.guests]
    return rows


def listed(tag: str, count: int) -> str:
    rows = [f"{tag}-{n};Guest {n};{tag}-{n}@example.org;{tag}" for n in range(count)]
    return "\n".join(["card;name;email;tags", *rows])


def test_preview_says_what_would_come_of_each_row_and_writes_no_customer(stage):
    tag = uuid4().hex[:12]
    text = (
        "card;name;birth date;email;tags\n"
        f"{tag};Ann;1990-01-02;ann@example.org;{tag}\n"
        f";;;;{tag}\n"
        f"x;Bo;tomorrow;nowhere;{tag}\n"
        f"y;Kid;2015-01-01;;{tag}\n"
        f"{tag};Twice;;;{tag}\n"
    )
    made = previewed(stage, text)

    assert (made.rows, made.fitting) == (5, 1)
    assert made.problems == [
        {"row": 3, "field": "name", "code": "empty"},
        {"row": 4, "field": "email", "code": "not_an_email"},
        {"row": 4, "field": "birth_date", "code": "not_a_date"},
        {"row": 5, "field": "birth_date", "code": "under_age"},
        {"row": 6, "field": "reference", "code": "twice"},
    ]
    assert of_tag(stage, tag) == []

    importing.discard_import(stage.runtime, made.id, actor="test")
    assert stage.runtime.blobs.keys(f"imports/{made.id}") == []
    with pytest.raises(NotFoundError):
        importing.confirm_import(stage.runtime, made.id, actor="test")


def test_list_taken_in_twice_corrects_and_doubles_nobody(stage):
    tag = uuid4().hex[:12]
    first = run(stage, previewed(stage, listed(tag, 5)).id)
    again = run(stage, previewed(stage, listed(tag, 6)).id)

    assert (first.created, first.updated, first.state) == (5, 0, "DONE")
    assert (again.created, again.updated) == (1, 5)
    assert len(of_tag(stage, tag)) == 6
    assert stage.runtime.blobs.keys(f"imports/{first.id}") == []


def test_row_without_a_number_means_who_has_that_name_and_mail(stage):
    tag = uuid4().hex[:12]
    text = f"name;email;tags\nZoé Lefèvre;{tag}@example.org;{tag}\n"
    for _ in range(2):
        run(stage, previewed(stage, text).id)
    assert len(of_tag(stage, tag)) == 1


def test_two_imports_of_the_same_people_at_once_double_nobody(stage, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_ROWS", 3)
    tag = uuid4().hex[:12]
    rows = listed(tag, 20).splitlines()
    lists = [rows, [rows[0], *reversed(rows[1:])]]
    made = [previewed(stage, "\n".join(one)).id for one in lists]

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda one: run(stage, one), made))

    assert [one.state for one in done] == ["DONE", "DONE"]
    assert sum(one.created for one in done) == 20
    assert len(of_tag(stage, tag)) == 20


def test_double_click_begins_once_and_a_second_delivery_does_nothing(stage):
    tag = uuid4().hex[:12]
    made = previewed(stage, listed(tag, 4))
    with ThreadPoolExecutor(4) as pool:
        jobs = set(
            pool.map(
                lambda _: importing.confirm_import(stage.runtime, made.id, actor="t").job_id,
                range(4),
            )
        )
    assert len(jobs) == 1
    for _ in range(2):
        run_job(stage.runtime, JobId(jobs.copy().pop()))
    assert len(of_tag(stage, tag)) == 4
    with pytest.raises(ConflictError):
        importing.discard_import(stage.runtime, made.id, actor="test")


def test_killed_import_goes_on_where_it_was(stage, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_ROWS", 2)
    tag = uuid4().hex[:12]
    made = importing.confirm_import(
        stage.runtime, previewed(stage, listed(tag, 6)).id, actor="test"
    )
    real, calls = importing._take_in, []

    def killed_in_the_second(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)

    monkeypatch.setattr(importing, "_take_in", killed_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_job(stage.runtime, JobId(made.job_id))
    monkeypatch.setattr(importing, "_take_in", real)
    stage.runtime.clock.moment += timedelta(minutes=5)
    run_job(stage.runtime, JobId(made.job_id))

    with stage.runtime.database.begin() as transaction:
        done = customer_imports.find(transaction, made.id)
    assert (done.state, done.created, done.updated) == ("DONE", 6, 0)
    assert len(of_tag(stage, tag)) == 6


def test_preview_that_nobody_confirms_goes_with_its_file(stage):
    made = previewed(stage, listed(uuid4().hex[:12], 2))
    stage.runtime.clock.moment += timedelta(hours=25)
    importing.expire_imports(stage.runtime)
    with stage.runtime.database.begin() as transaction:
        assert customer_imports.find(transaction, made.id) is None
    assert stage.runtime.blobs.keys(f"imports/{made.id}") == []


def test_list_goes_through_the_api_and_comes_back_in_the_export(api):
    tag = uuid4().hex[:12]
    content = f"Nom;Carte;Téléphone\n=Zoé {tag};{tag};+33 6 12 34 56 78\n".encode("windows-1252")
    made = api.post("/v1/customer-imports", content=content, headers={"Content-Type": "text/csv"})
    assert made.status_code == 201, made.text
    path = f"/v1/customer-imports/{made.json()['id']}"
    assert made.json()["sample"][0]["fields"]["phone"] == "+33612345678"

    assert api.post(f"{path}/confirmation").status_code == 202
    ends = time.monotonic() + 30
    while api.get(path).json()["state"] == "running" and time.monotonic() < ends:
        time.sleep(0.05)
    assert api.get(path).json()["created"] == 1

    text = api.get("/v1/customer-export").text
    assert text.startswith("reference,name,") and f"'=Zoé {tag}" in text
    lines = api.get("/v1/customer-export", params={"form": "json"}).text.splitlines()
    assert any(tag in line for line in lines)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"\x89PNG\r\n\x1a\n\x00", "not_text"), (b"a,b\n1,2\n", "no_name_column")],
)
def test_what_is_no_list_is_refused_with_its_reason(api, content, problem):
    answer = api.post("/v1/customer-imports", content=content)
    assert answer.status_code == 422
    assert answer.json()["facts"]["problem"] == problem
