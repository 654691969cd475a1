"""A release is rolled out while photos come in: migrate first, then one process after the other."""

import io
import os
import subprocess
import tarfile
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.bench.machine import ROOT
from tests.faults.distributed.aftermath import look_at
from tests.faults.distributed.site import Site
from tests.faults.distributed.uploads import Stream
from tests.stack.next_release import REVISION, back_to_this_release, next_release
from vestibule.records.database import Database
from vestibule.records.migrating import migrate

LONGEST_REQUEST_S = 15.0
NOTED = ROOT / "tests/unit/records/previous_release.toml"


@pytest.fixture
def owner(site: Site) -> Iterator[Database]:
    """The database as ``vestibule migrate`` sees it."""
    database = Database(site.stack.postgres.url, pool_size=2)
    yield database
    database.close()


@pytest.fixture(autouse=True, scope="module")
def queue_as_long_as_it_gets(site: Site) -> Iterator[None]:
    """Or a slow machine refuses uploads for its own slowness, and not for the upgrade."""
    names = ("api-1", "api-2")
    usual = {name: dict(site.stack[name].environment) for name in names}
    for name in names:
        site.restart(name, VESTIBULE_MAX_QUEUE_WAIT_S="600")
    yield
    for name in names:
        site.stack[name].environment.clear()
        site.restart(name, **usual[name])


def test_uploads_go_on_while_the_next_release_migrates_and_rolls(
    site: Site, owner: Database, tmp_path: Path
) -> None:
    """This release plays the one before: its processes run on, and start anew, on that schema."""
    with next_release(tmp_path):
        try:
            with site.reader() as reader, site.stream() as stream:
                time.sleep(1.5)
                with _a_long_look_at_jobs(owner):
                    assert migrate(owner) == REVISION
                for name in ("api-1", "worker-1"):
                    site.restart(name)
                time.sleep(2)
        finally:
            back_to_this_release(owner)
    _require_unharmed(site, stream)
    assert set(reader.said()) == {"200"}


def test_release_before_works_with_this_schema(site: Site, tmp_path: Path) -> None:
    """Half of the processes are that release's, as in the middle of a rolling upgrade."""
    _unpack(_previous_release(), tmp_path)
    names = ("api-1", "worker-1")
    former = {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    usual = {name: dict(site.stack[name].environment) for name in names}
    try:
        for name in names:
            site.restart(name, **former)
        with site.stream() as stream:
            time.sleep(10)
    finally:
        for name in names:
            site.stack[name].environment.clear()
            site.restart(name, **usual[name])
    _require_unharmed(site, stream)


def _require_unharmed(site: Site, stream: Stream) -> None:
    found = look_at(site.stack, stream.tally.accepted)
    assert (found.lost, found.doubled, found.wrong, dict(found.failed)) == ([], [], [], {})
    assert set(stream.tally.said()) == {"202"}
    assert stream.tally.longest_s() < LONGEST_REQUEST_S


class _a_long_look_at_jobs:  # noqa: N801 - reads as a statement
    """Somebody's report holds the table for a few seconds: the migration must wait for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = threading.Thread(target=self._look)
        self._has_begun = threading.Event()

    def __enter__(self) -> None:
        self._thread.start()
        assert self._has_begun.wait(10)

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _look(self) -> None:
        with self._database.begin() as transaction:
            transaction.execute(text("SELECT count(*) FROM job"))
            self._has_begun.set()
            time.sleep(3)


def _previous_release() -> str:
    """``PREVIOUS_RELEASE`` names it; else the latest tag before this one, else the noted commit."""
    named = os.environ.get("PREVIOUS_RELEASE")
    if named:
        return named
    tag = _told("git", "describe", "--tags", "--abbrev=0", "HEAD^")
    noted = tomllib.loads(NOTED.read_text())["commit"]
    release = tag or (noted if _told("git", "cat-file", "-t", noted) == "commit" else None)
    if release is None:
        pytest.skip(
            "this clone holds neither a tag nor the commit of the release before; name one: "
            "PREVIOUS_RELEASE=… (what migrations may do to it is checked in tests/unit/records)"
        )
    return release


def _told(*asking: str) -> str | None:
    told = subprocess.run(asking, cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip() if told.returncode == 0 else None


def _unpack(release: str, folder: Path) -> None:
    packing = ["git", "archive", release, "vestibule", "services"]
    packed = subprocess.run(packing, cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
