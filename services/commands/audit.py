"""``vestibule audit``: prove the log, search it, take it along."""

import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import typer

from services.commands.connecting import connected

audit_app = typer.Typer(no_args_is_help=True, help="The audit log.")

_FLAWS = {
    "changed": "Entry {at} was changed.",
    "missing": "Entries before {at} are missing, or stand in another order.",
    "cut_off": "The end was cut off: {at} and what came after it are gone.",
}
Since = Annotated[datetime | None, typer.Option(help="From this moment on (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="Before this moment (UTC).")]
Actor = Annotated[str | None, typer.Option(help="Who did it.")]
Action = Annotated[str | None, typer.Option(help="What was done: photo.identify, …")]
Subject = Annotated[str | None, typer.Option(help="With what: customer:ID, photo:ID, …")]


@audit_app.command("verify")
def verify(
    head: Annotated[
        str | None, typer.Option(help="NUMBER:SHA256 that an earlier run printed.")
    ] = None,
) -> None:
    """Recompute the chain and compare it with the heads that are kept apart from it.

    Exit status 1, with the number of the first entry that does not fit, if one does not.
    """
    with connected() as client:
        report = client.post("/v1/audit/verification", {"head": _head(head)})
    for name in report["unreadable_heads"]:
        typer.echo(f"The kept head {name} was changed.")
    if report["broken_at"] is not None:
        typer.echo(
            f"The chain is broken at entry {report['broken_at']}. "
            + _FLAWS[report["flaw"]].format(at=report["broken_at"])
        )
    if report["broken_at"] is not None or report["unreadable_heads"]:
        raise typer.Exit(1)
    typer.echo(f"All {report['entries']} entries fit, and {report['heads']} kept heads.")
    if report["start"] is not None:
        typer.echo(
            f"Proven from entry {report['start']['number'] + 1} on: {report['removed']} older ones "
            "went because their time was up."
        )
        if not report["start_is_sealed"]:
            typer.echo("No sealed copy outside the database says so, as after a restore.")
    if report["head"] is not None:
        typer.echo(f"Head: {report['head']['number']}:{report['head']['entry_sha256']}")


@audit_app.command("search")
def search(
    *,
    since: Since = None,
    until: Until = None,
    actor: Actor = None,
    action: Action = None,
    subject: Subject = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    """The newest entries that fit, one JSON object a line. This is recorded too."""
    asked = _asked(since=since, until=until, actor=actor, action=action, subject=subject)
    with connected() as client:
        found = client.get(f"/v1/audit/entries?{urlencode({**asked, 'limit': limit})}")
    for entry in found["items"]:
        typer.echo(json.dumps(entry, ensure_ascii=False))


@audit_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="- is standard output.")],
    *,
    file_format: Annotated[
        Literal["csv", "jsonl"] | None, typer.Option("--format", help="Else by FILE's ending.")
    ] = None,
    since: Since = None,
    until: Until = None,
    actor: Actor = None,
    action: Action = None,
    subject: Subject = None,
) -> None:
    """All entries that fit, the oldest first, as CSV or JSON lines. This is recorded too."""
    chosen = file_format or ("jsonl" if file.suffix == ".jsonl" else "csv")
    asked = _asked(since=since, until=until, actor=actor, action=action, subject=subject)
    path = f"/v1/audit/export?{urlencode({**asked, 'format': chosen})}"
    with connected() as client:
        if str(file) == "-":
            client.download(path, sys.stdout.buffer)
        else:
            with file.open("wb") as into:
                client.download(path, into)


def _head(told: str | None) -> dict[str, Any] | None:
    if told is None:
        return None
    found = re.fullmatch(r"([1-9]\d{0,17}):([0-9a-f]{64})", told)
    if found is None:
        raise typer.BadParameter("--head is NUMBER:SHA256, as `audit verify` prints it.")
    return {"number": int(found[1]), "entry_sha256": found[2]}


def _asked(**values: datetime | str | None) -> dict[str, str]:
    return {
        name: f"{value.isoformat()}Z" if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }
