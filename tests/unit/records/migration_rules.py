"""What a migration may not do while the release before still runs on the same database."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script

_TABLE = r'"?(?P<table>\w+)"?'
_CREATED = re.compile(rf"CREATE TABLE {_TABLE}", re.I)
_BREAKING = {
    "takes the table away": rf"DROP TABLE {_TABLE}",
    "takes a column away": rf"ALTER TABLE {_TABLE} DROP COLUMN",
    "renames": rf"ALTER TABLE {_TABLE} RENAME",
    "changes a type": rf"ALTER TABLE {_TABLE} ALTER COLUMN \w+ (?:SET DATA )?TYPE",
    "forbids what may be missing": rf"ALTER TABLE {_TABLE} ALTER COLUMN \w+ SET NOT NULL",
    "takes a default away": rf"ALTER TABLE {_TABLE} ALTER COLUMN \w+ DROP DEFAULT",
    "adds a column that must be given": (
        rf"ALTER TABLE {_TABLE} ADD COLUMN (?!.*\bDEFAULT\b).*\bNOT NULL\b"
    ),
    "forbids what was allowed": (
        rf"ALTER TABLE {_TABLE} ADD CONSTRAINT \"?(?P<name>\w+)\"? (?:CHECK|UNIQUE|EXCLUDE)"
        rf"|CREATE UNIQUE INDEX (?:CONCURRENTLY )?\"?\w+\"? ON \"?(?P<indexed>\w+)\"?"
    ),
    "keeps writers waiting while it makes an index": (
        rf"CREATE INDEX (?!CONCURRENTLY)\"?\w+\"? ON {_TABLE}"
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """``contracts``: the first release that does without what it removes."""

    revision: str
    statements: tuple[str, ...]
    contracts: str | None = None


def step_of(script: Script) -> Step:
    """The migration as the SQL that it would run."""
    said = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said}
    )
    with Operations.context(context):
        script.module.upgrade()
    statements = [re.sub(r"\s+", " ", one).strip() for one in said.getvalue().split(";")]
    contracts = getattr(script.module, "contracts", None)
    return Step(script.revision, tuple(filter(None, statements)), contracts)


def tables_made(steps: Iterable[Step]) -> set[str]:
    found: set[str] = set()
    for step in steps:
        for statement in step.statements:
            made = _CREATED.match(statement)
            if made:
                found.add(made["table"])
    return found


def breaking(step: Step, *, in_use: set[str]) -> Iterator[str]:
    """What of the step would break a release that uses those tables, or keep it waiting."""
    replaced = {name for s in step.statements for name in re.findall(r"DROP CONSTRAINT (\w+)", s)}
    for statement in step.statements:
        for what, pattern in _BREAKING.items():
            found = re.match(pattern, statement, re.I)
            if found is None:
                continue
            named = found.groupdict()
            table = named.get("table") or named.get("indexed")
            # A constraint that takes the place of one of its name allows more than that one did.
            if table in in_use and named.get("name") not in replaced:
                yield f"{step.revision} {what}: {statement[:90]}"
