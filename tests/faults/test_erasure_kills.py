"""kill -9 of a process that erases, before every third of its effects (each, with FAULTS=all); the
restart completes it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vestibule.adapters.local_postgres import LocalPostgres
from vestibule.records.database import Database
from vestibule.records.migrating import migrate

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database_url(make_data_dir):
    postgres = LocalPostgres(make_data_dir())
    postgres.start()
    owner = Database(postgres.url, pool_size=1)
    migrate(owner)
    owner.close()
    yield postgres.url
    postgres.stop()


@pytest.mark.duty("GDPR 17")
def test_art_17_erasure_that_is_killed_anywhere_completes_and_its_receipt_is_true(
    database_url, tmp_path
):
    command = [sys.executable, "-m", "tests.faults.erasing_process", database_url, str(tmp_path)]
    ran = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "EVERY": "1" if os.environ.get("FAULTS") == "all" else "3"},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert ran.returncode == 0, ran.stderr[-4_000:]
    deaths = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]

    assert [one["by"] for one in deaths] == [signal.SIGKILL] * (len(deaths) - 1) + [0]
    assert len(deaths) > 10  # each effect is a place to die at, each step has three or more
    unhurt = told(deaths[-1])
    for death in deaths:
        assert death["true"] and death["left"] == [], death
        assert told(death) == unhurt, death


def told(death: dict) -> dict:
    """What a receipt says was found. A kill may lose vectors that the index had not written yet;
    then their bytes are in its files all the same, and were looked for above."""
    found = dict(death["found"])
    del found["index"]
    return found
