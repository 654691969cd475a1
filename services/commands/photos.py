"""``vestibule enrol-folder`` and ``vestibule identify``: photos from a disk."""

import json
from pathlib import Path
from typing import Annotated

import typer

from services.client import api_client
from services.commands.enrol_folder import enrol_people, parse_override, people_in
from services.commands.identify import Identified, identify_files
from services.commands.words import progress_bar, tell_install, words
from services.logged_settings import logged_settings

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]


def enrol_folder(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, metavar="DIR")],
    consent_basis: Annotated[
        str, typer.Option(help="On what basis these people are enrolled: explicit-consent.")
    ],
    override_codes: Annotated[
        str | None,
        typer.Option("--override", help="Findings to enrol in spite of: CODE[,CODE]."),
    ] = None,
    override_reason: Annotated[
        str | None, typer.Option(help="Why; kept with each face that is enrolled so.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Enrol every photo under DIR, one folder a person. Run it again to go on."""
    if consent_basis != "explicit-consent":
        raise typer.BadParameter("explicit-consent is the one basis there is.")
    try:
        override = parse_override(override_codes, override_reason)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    people = people_in(folder)
    total = sum(len(files) for files in people.values())
    if total == 0:
        words.print("There are no person folders with photos in it.")
        raise typer.Exit(1)
    counts: dict[str, int] = {}
    settings = logged_settings()
    with api_client(settings, report=tell_install) as client, progress_bar() as bar:
        task = bar.add_task("Enrolling", total=total)
        for item in enrol_people(
            client,
            people,
            consent_basis=consent_basis,
            limit_bytes=settings.max_upload_bytes,
            override=override,
        ):
            outcome = item.outcome or "error"
            counts[outcome] = counts.get(outcome, 0) + 1
            bar.advance(task)
            if as_json:
                typer.echo(json.dumps(item.as_json(), ensure_ascii=False))
            else:
                typer.echo(item.in_words())
    words.print(", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(counts.items())))
    raise typer.Exit(1 if counts.get("error") else 0)


def identify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    as_json: AsJson = False,
) -> None:
    """Say who is in these photos. Nothing of them is kept."""
    failed = False
    settings = logged_settings()
    with api_client(settings, report=tell_install) as client:
        for result in identify_files(client, files, limit_bytes=settings.max_upload_bytes):
            failed |= result.error is not None
            if as_json:
                typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
            else:
                _print_identified(result)
    raise typer.Exit(1 if failed else 0)


def _print_identified(result: Identified) -> None:
    if result.error is not None:
        typer.echo(f"{result.file}: {result.error['detail']}")
        return
    if not result.faces:
        typer.echo(f"{result.file}: no face")
    for face in result.faces:
        x1, y1, x2, y2 = (round(side) for side in face["box_xyxy_px"])
        who = face["customer"]["name"] if face["customer"] else (face["reason"] or "not known here")
        score = ""
        if face["score"] is not None:
            score = f"  score {face['score']:.3f} (threshold {face['threshold']:.3f})"
        typer.echo(f"{result.file}: [{x1},{y1},{x2},{y2}] {face['decision']} {who}{score}")
