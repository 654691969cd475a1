"""No migration breaks the release that still runs while it is made."""

import tomllib
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from tests.unit.records.migration_rules import Step, breaking, step_of, tables_made
from vestibule import __version__
from vestibule.records import migrating

PREVIOUS = tomllib.loads((Path(__file__).parent / "previous_release.toml").read_text())


def steps() -> list[Step]:
    script = ScriptDirectory.from_config(migrating._config())
    return [step_of(one) for one in reversed(list(script.walk_revisions()))]


def known_and_new() -> tuple[list[Step], list[Step]]:
    """Those that the previous release has run, and those that it has not."""
    all_steps = steps()
    names = [step.revision for step in all_steps]
    place = names.index(PREVIOUS["revision"]) + 1
    return all_steps[:place], all_steps[place:]


def as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_migrations_since_the_previous_release_let_it_run_on() -> None:
    known, new = known_and_new()
    in_use = tables_made(known)
    assert {"job", "photo", "face"} <= in_use
    found = [
        words
        for step in new
        if step.contracts is None or as_numbers(step.contracts) > as_numbers(PREVIOUS["version"])
        for words in breaking(step, in_use=in_use)
    ]
    assert found == []


def test_previous_release_is_not_a_later_one() -> None:
    assert as_numbers(PREVIOUS["version"]) <= as_numbers(__version__)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE job",
        "ALTER TABLE job DROP COLUMN queue",
        "ALTER TABLE job RENAME queue TO lane",
        "ALTER TABLE job RENAME TO task",
        "ALTER TABLE job ALTER COLUMN attempt TYPE BIGINT",
        "ALTER TABLE job ALTER COLUMN started_at SET NOT NULL",
        "ALTER TABLE job ALTER COLUMN state DROP DEFAULT",
        "ALTER TABLE job ADD COLUMN shelf VARCHAR NOT NULL",
        "ALTER TABLE job ADD CONSTRAINT ck_job_shelf CHECK (attempt < 3)",
        "CREATE UNIQUE INDEX CONCURRENTLY uq_job ON job (subject_id)",
        "CREATE INDEX ix_job_kind ON job (kind)",
    ],
)
def test_breaking_statement_is_found(statement: str) -> None:
    assert list(breaking(Step("0099", (statement,)), in_use={"job"}))
    assert not list(breaking(Step("0099", (statement,)), in_use={"photo"}))


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE shelf (id UUID NOT NULL)",),
        ("ALTER TABLE job ADD COLUMN shelf VARCHAR",),
        ("ALTER TABLE job ADD COLUMN shelf INTEGER DEFAULT '0' NOT NULL",),
        ("CREATE INDEX CONCURRENTLY ix_job_kind ON job (kind)",),
        (
            "ALTER TABLE job DROP CONSTRAINT ck_job_kind",
            "ALTER TABLE job ADD CONSTRAINT ck_job_kind CHECK (kind IN ('A', 'B'))",
        ),
    ],
)
def test_expanding_statements_are_let_through(statements: tuple[str, ...]) -> None:
    assert not list(breaking(Step("0099", statements), in_use={"job"}))
