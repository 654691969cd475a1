"""An import that is killed, stopped, poisoned or led astray: each photo once, no other file."""

from pathlib import Path

import pytest

from tests.integration.generations import open_jobs, work_off
from tests.integration.import_places import ON_PAPER, Place
from vestibule.adapters.folder_import import FolderImport
from vestibule.domain.errors import (
    ConflictError,
    ImportSourceMissingError,
    StorageUnavailableError,
)
from vestibule.domain.ids import JobId
from vestibule.records import batches, jobs
from vestibule.records.tables import Job
from vestibule.workflows import import_photo, work_on_chunk
from vestibule.workflows.request_import import request_import
from vestibule.workflows.run_batch import cancel_batch, pause_batch, resume_batch, tend_batches
from vestibule.workflows.run_job import run_job


@pytest.fixture(autouse=True)
def nobody_is_waited_for_long(monkeypatch):
    """Photos that other tests left waiting in the same database would hold up every step."""
    monkeypatch.setattr("vestibule.workflows.work_on_chunk.DOOR_PATIENCE_S", 0.05)


class Killed(BaseException):
    """As a kill: nothing catches it, nothing is told."""


@pytest.mark.parametrize("step", range(1, 4))
@pytest.mark.parametrize(
    "killed_in",
    [
        "work_on_chunk.listed_photos",
        "batches.note_listed",
        "import_photo._guest",
        "import_photo.template_from_source",
        "import_photo._store",
        "import_photo.index_templates",
        "work_on_chunk._settle",
        "work_on_chunk._end",
    ],
)
def test_killed_between_any_steps_it_goes_on_where_it_was(
    folder: Place, monkeypatch, killed_in: str, step: int
) -> None:
    for axis, name in enumerate(("Ada", "Béa", "Ced")):
        folder.guest(name, axis, photos=2)
    module_name, name = killed_in.split(".")
    module = {"work_on_chunk": work_on_chunk, "import_photo": import_photo, "batches": batches}
    real, calls = getattr(module[module_name], name), []

    def dies(*arguments, **options):
        calls.append(1)
        if len(calls) == step:
            raise Killed
        return real(*arguments, **options)

    monkeypatch.setattr(module[module_name], name, dies)
    batch = folder.request()
    _work_off_between_kills(folder)

    assert folder.now(batch).state == "DONE"
    assert folder.progress(batch) == batches.Progress(6, 6, 0)
    assert folder.faces() == {"Ada": 2, "Béa": 2, "Ced": 2}
    assert all(len(folder.searchable(name)) == 2 for name in ("Ada", "Béa", "Ced"))
    crops = folder.runtime.blobs.keys("customers/")
    assert len([key for key in crops if str(folder.named("Ada").id) in key]) >= 2


def _work_off_between_kills(folder: Place) -> None:
    for _ in range(100):
        tend_batches(folder.runtime)
        waiting = open_jobs(folder.runtime)
        if not waiting:
            return
        for job_id in waiting:
            try:
                run_job(folder.runtime, JobId(job_id))
            except Killed:  # its lease runs out, and another worker takes it
                folder.runtime.clock.moment += jobs.LEASE * 2


def test_photo_that_ends_its_process_each_time_is_one_failure_and_stops_nobody(
    folder: Place, tmp_path: Path, monkeypatch
) -> None:
    folder.guest("Ada", 1, photos=2)
    folder.guest("Béa", 2, photos=2)
    poison = tmp_path / "imports/Ada/1.png"
    content, real = poison.read_bytes(), import_photo.check_upload

    def crashes(runtime, given):
        if given == content:
            raise Killed
        return real(runtime, given)

    monkeypatch.setattr(import_photo, "check_upload", crashes)
    batch = folder.request()
    _work_off_between_kills(folder)

    assert folder.now(batch).state == "DONE"
    assert folder.failures(batch) == {"Ada/1.png": "crashed_worker"}
    assert folder.progress(batch) == batches.Progress(4, 4, 1)
    assert folder.faces() == {"Ada": 1, "Béa": 2}


def test_job_under_suspicion_does_one_photo_and_leaves_the_rest_to_another(folder: Place) -> None:
    folder.guest("Ada", 1, photos=3)
    batch = folder.request()
    run_job(folder.runtime, open_jobs(folder.runtime)[0])
    (job_id,) = open_jobs(folder.runtime)
    with folder.runtime.database.begin() as transaction:
        transaction.get(Job, job_id).crashes = 1

    run_job(folder.runtime, job_id)

    assert folder.progress(batch).settled == 1
    (next_id,) = open_jobs(folder.runtime)
    assert next_id != job_id
    work_off(folder.runtime)
    assert folder.progress(batch) == batches.Progress(3, 3, 0)


def test_paused_import_stops_after_the_photo_and_resumes_there(folder: Place, monkeypatch) -> None:
    folder.guest("Ada", 1, photos=3)
    batch = folder.request()
    real = work_on_chunk.import_photo

    def pause_after_a_photo(*arguments, **options):
        found = real(*arguments, **options)
        pause_batch(folder.runtime, batch.id, actor="test")
        return found

    monkeypatch.setattr(work_on_chunk, "import_photo", pause_after_a_photo)
    work_off(folder.runtime)
    assert folder.now(batch).state == "PAUSED"
    assert tend_batches(folder.runtime) == 0
    assert folder.faces() == {"Ada": 1}

    monkeypatch.setattr(work_on_chunk, "import_photo", real)
    resume_batch(folder.runtime, batch.id, actor="test")
    work_off(folder.runtime)
    assert folder.now(batch).state == "DONE"
    assert folder.faces() == {"Ada": 3}


def test_cancelled_import_keeps_its_guests_forgets_the_names_and_adds_nobody(
    folder: Place, monkeypatch
) -> None:
    folder.guest("Ada", 1)
    folder.guest("Béa", 2, photos=2)
    batch = folder.request()
    real, calls = import_photo.template_from_source, []

    def cancelled_meanwhile(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:
            cancel_batch(folder.runtime, batch.id, actor="test")
        return real(*arguments, **options)

    monkeypatch.setattr(import_photo, "template_from_source", cancelled_meanwhile)
    work_off(folder.runtime)

    assert folder.now(batch).state == "CANCELLED"
    assert folder.faces() == {"Ada": 1, "Béa": 0}
    assert all(chunk.items == [] for chunk in folder.chunks(batch))
    assert folder.run().state == "DONE"
    assert folder.faces() == {"Ada": 1, "Béa": 2}


def test_one_import_at_a_time_beside_other_batches(folder: Place) -> None:
    folder.request()
    with pytest.raises(ConflictError):
        folder.request()
    with folder.runtime.database.begin() as transaction:
        assert batches.filling(transaction) is None


def test_photo_gives_way_to_who_waits(folder: Place, monkeypatch) -> None:
    folder.guest("Ada", 1)
    monkeypatch.setattr(work_on_chunk, "DOOR_PATIENCE_S", 5.0)
    looks = []
    monkeypatch.setattr(
        work_on_chunk.jobs, "somebody_waits", lambda _: looks.append(1) or len(looks) < 4
    )
    folder.run()
    assert len(looks) == 4


def test_source_that_is_away_for_a_while_loses_no_photo(folder: Place, monkeypatch) -> None:
    folder.guest("Ada", 1)
    real, away = FolderImport.read, [True, True]

    def read(*arguments, **options):
        if away and away.pop():
            raise StorageUnavailableError
        return real(*arguments, **options)

    monkeypatch.setattr(FolderImport, "read", read)
    batch = folder.request()
    for _ in range(6):
        folder.runtime.clock.moment += jobs.LEASE
        work_off_once(folder)

    assert folder.now(batch).state == "DONE"
    assert folder.faces() == {"Ada": 1}


def work_off_once(folder: Place) -> None:
    for job_id in open_jobs(folder.runtime):
        run_job(folder.runtime, JobId(job_id))


def test_place_that_vanished_stops_the_import_in_words_and_it_can_go_on(
    folder: Place, tmp_path: Path
) -> None:
    folder.guest("Ada", 1, photos=2)
    batch = folder.request()
    run_job(folder.runtime, open_jobs(folder.runtime)[0])
    (tmp_path / "imports").rename(tmp_path / "away")
    work_off(folder.runtime)
    stopped = folder.now(batch)
    assert (stopped.state, stopped.error_code) == ("FAILED", "import_source_missing")

    (tmp_path / "away").rename(tmp_path / "imports")
    resume_batch(folder.runtime, batch.id, actor="test")
    work_off(folder.runtime)
    assert folder.now(batch).state == "DONE"
    assert folder.faces() == {"Ada": 2}


# ── nothing but the place for imports is opened ─────────────────────────────────────────────
@pytest.mark.parametrize(
    "source", ["/etc", "../..", "bucket", "http://169.254.169.254/", "s3://other/", "", "FOLDER"]
)
def test_place_that_the_operator_did_not_set_up_is_never_opened(folder: Place, source) -> None:
    with pytest.raises(ImportSourceMissingError):
        request_import(folder.runtime, source, ON_PAPER, actor="test")
    assert open_jobs(folder.runtime) == []


def test_links_out_of_the_place_are_failures_and_their_targets_stay_unread(
    folder: Place, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "0.png").write_bytes(folder.stage.photo(folder.stage.axis(3)))
    folder.guest("Ada", 1)
    (tmp_path / "imports/Ada/link.png").symlink_to(outside / "0.png")
    (tmp_path / "imports/Mallory").symlink_to(outside)
    batch = folder.run()

    assert folder.failures(batch) == {"Ada/link.png": "import_refused", "Mallory": "import_refused"}
    assert folder.faces() == {"Ada": 1}


@pytest.mark.parametrize("path", ["../outside/0.png", "/etc/passwd", "Ada/../../outside/0.png"])
def test_name_in_a_chunk_that_leads_elsewhere_is_refused(
    folder: Place, tmp_path: Path, path: str
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "0.png").write_bytes(folder.stage.photo(folder.stage.axis(3)))
    folder.guest("Ada", 1)
    batch = folder.request()
    run_job(folder.runtime, open_jobs(folder.runtime)[0])
    with folder.runtime.database.begin() as transaction:
        work = next(c for c in batches.open_chunks(transaction, batch.id) if c.kind == "WORK")
        work.items = [path]
    work_off(folder.runtime)

    assert folder.failures(batch) == {path: "import_refused"}
    assert folder.faces() == {}


def test_folder_names_that_are_no_names_are_refused_one_by_one(folder: Place) -> None:
    folder.guest("x" * 200, 1)
    folder.guest("\u202e\u202c", 2)
    folder.guest("Ada", 3)
    batch = folder.run()

    assert set(folder.failures(batch).values()) == {"invalid_input"}
    assert folder.faces() == {"Ada": 1}
