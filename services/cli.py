"""The ``vestibule`` command."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from services.client import ApiClient, RefusedError, api_client, bring_schema_up_to_date
from services.commands.audit import audit_app
from services.commands.backup import register as register_backup
from services.commands.batches import batch_app, generation_app
from services.commands.calibrate import calibrate
from services.commands.enrol_folder import enrol_people, parse_override, people_in
from services.commands.erasures import erase_app
from services.commands.identify import Identified, identify_files
from services.commands.measure import (
    EvaluationOptions,
    counts_of,
    degradations_of,
    evaluate_folder,
    has_installation,
    store_reports,
)
from services.commands.measure_gate import evaluate_gate_folder
from services.commands.models import models_app
from services.commands.processes import register as register_processes
from services.commands.publish_recognition import publish_recognition
from services.commands.storage import storage_app
from services.no_core_dumps import refuse_core_dumps
from services.serve import Product, serve
from vestibule import __version__
from vestibule.domain.errors import VestibuleError
from vestibule.domain.index_at_rest import IndexAtRest
from vestibule.evaluation.report_tables import comparison_tables, markdown_tables
from vestibule.settings import Settings
from vestibule.telemetry import configure_logging

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Face re-identification for clubs. Settings come from VESTIBULE_* in the environment.",
)
keys_app = typer.Typer(no_args_is_help=True, help="API keys for programs.")
app.add_typer(models_app, name="models")
app.add_typer(batch_app, name="batch")
app.add_typer(generation_app, name="generation")
app.add_typer(storage_app, name="storage")
app.add_typer(audit_app, name="audit")
app.add_typer(keys_app, name="api-key")
app.add_typer(erase_app, name="erase")
register_processes(app)
register_backup(app)
words = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]


def main() -> None:
    """Run a command; an expected error is one sentence on stderr and exit status 1."""
    refuse_core_dumps()
    try:
        app()
    except (VestibuleError, RefusedError) as error:
        words.print(f"[red]{error}[/red]" if str(error) else error.code)
        raise SystemExit(1) from None
    except ValidationError as error:
        for item in error.errors():
            name = "VESTIBULE_" + "_".join(str(part) for part in item["loc"]).upper()
            words.print(f"[red]{name}: {item['msg']}[/red]")
        raise SystemExit(2) from None


@contextmanager
def _quiet_settings() -> Iterator[Settings]:
    """Settings, with logs going where they are set to go."""
    settings = Settings()
    configure_logging(settings.log, settings.data_dir / "logs")
    yield settings


@contextmanager
def _client() -> Iterator[tuple[ApiClient, Settings]]:
    with _quiet_settings() as settings, api_client(settings, report=_tell_install) as client:
        yield client, settings


def _tell_install(step: str, subject: str) -> None:
    """First starts take a while; say what is going on, on stderr."""
    if step == "filling":
        words.print(f"Filling {subject} …", style="dim")
    elif step != "installed":
        words.print(f"Model weights: {step} {subject} …", style="dim")


# ── running it ──────────────────────────────────────────────────────────────────────────────
@app.command("serve")
def run_server(
    demo: Annotated[bool, typer.Option("--demo", help="Load demo guests at start.")] = False,
) -> None:
    """Run the product; prints the address with a one-time sign-in link. Ctrl-C stops it."""

    def announce(product: Product) -> None:
        if demo:
            product.load_demo()
        elsewhere = product.customers_elsewhere()
        if elsewhere:
            words.print(
                f"[yellow]{elsewhere} guests were enrolled with another model pack or other "
                "settings: no photo finds them until they are enrolled anew, or the former pack "
                "is in use again.[/yellow]"
            )
        if product.installation.index_at_rest is IndexAtRest.PLAIN:
            words.print(
                "[yellow]The index of faces lies readable on the disk: memory has no room for it. "
                "Encrypt that disk: docs/operations/at-rest.md.[/yellow]"
            )
        typer.echo(f"Vestibule is ready: {product.sign_in_url()}")
        sys.stdout.flush()

    with _quiet_settings() as settings:
        serve(settings, announce=announce, report=_tell_install)


@app.command()
def migrate() -> None:
    """Bring the database to this release's schema."""
    with _quiet_settings() as settings:
        bring_schema_up_to_date(settings, report=_tell_install)
    typer.echo("The database has this release's schema.")


@app.command("sign-in-link")
def sign_in_link() -> None:
    """Print a new one-time sign-in link of the running product."""
    with _client() as (client, settings):
        base = settings.public_url or client.base_url
        typer.echo(base.rstrip("/") + client.post("/v1/sign-in-links")["path"])


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


# ── people and photos ───────────────────────────────────────────────────────────────────────
@app.command("enrol-folder")
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
    with _client() as (client, settings), _progress() as bar:
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


@app.command()
def identify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    as_json: AsJson = False,
) -> None:
    """Say who is in these photos. Nothing of them is kept."""
    failed = False
    with _client() as (client, settings):
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


# ── keeping it ──────────────────────────────────────────────────────────────────────────────
@app.command("rebuild-index")
def rebuild_index() -> None:
    """Make the vector index equal to the record, without running a model."""
    with _client() as (client, _):
        result = client.post("/v1/index/reconciliation")
    typer.echo(f"{result['added']} templates added, {result['removed']} removed")


@keys_app.command("create")
def create_api_key(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    days: Annotated[int, typer.Option(help="How long it works.", min=1, max=3650)] = 90,
) -> None:
    """Make an API key and print it, this once."""
    with _client() as (client, _):
        key = client.post("/v1/api-keys", {"name": name, "expires_in_days": days})
    typer.echo(key["api_key"])


# ── measuring it ────────────────────────────────────────────────────────────────────────────
Labelled = Annotated[Path, typer.Argument(exists=True, file_okay=False, metavar="DIR")]
Document = Annotated[
    Path | None, typer.Option("--publish", help="Also put the tables into this document.")
]

Groups = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="Declared groups: person,group or given_name,group. Else the set's groups.csv.",
    ),
]


@app.command()
def evaluate(  # noqa: PLR0913  # every option of the command
    folder: Labelled,
    *,
    output: Annotated[Path, typer.Option(help="The folder that figures go to.")] = Path(
        "build/evaluation"
    ),
    other: Annotated[
        str | None,
        typer.Option(
            "--compare", help="A second engine: dlib, or open:low-light=off. Same photos, paired."
        ),
    ] = None,
    degradations: Annotated[
        str, typer.Option(help="Which, by comma, as in the figures: exposure,masks. All if empty.")
    ] = "",
    is_quick: Annotated[bool, typer.Option("--quick", help="A seeded 150 people only.")] = False,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.", min=0)] = 0,
    counts: Annotated[
        list[str] | None,
        typer.Option("--count", help="Faces in a group photo, counted by eye: its stem=6."),
    ] = None,
    groups: Groups = None,
    store: Annotated[
        bool, typer.Option(help="Keep the report with this installation, where there is one.")
    ] = True,
) -> None:
    """Measure detection, verification and identification on labelled photos, degraded too."""
    options = EvaluationOptions(
        output=output,
        other=other,
        degradations=degradations_of(degradations),
        is_quick=is_quick,
        seed=seed,
        expected_faces=counts_of(counts or []),
        groups_file=groups,
    )
    with _progress() as bar:
        evaluated = evaluate_folder(
            Settings(), folder, options, stage=partial(_advance, bar), report=_tell_install
        )
    for found in evaluated.reports:
        typer.echo(markdown_tables(found) + "\n")
    if evaluated.comparison is not None:
        typer.echo(comparison_tables(evaluated.comparison))
    words.print(f"Figures written to {', '.join(map(str, evaluated.files))}")
    if store and has_installation(Settings()):
        with _client() as (client, _):
            store_reports(client, evaluated.reports)
        words.print("Kept with this installation: see System, Accuracy.")


@app.command("publish-recognition", hidden=True)
def publish(files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...")] = None) -> None:
    """Take reports into this checkout and write docs/recognition.md from all it has."""
    for path in publish_recognition(Path(), files or []):
        typer.echo(f"{path} changed")


app.command()(calibrate)


@app.command("evaluate-gate")
def evaluate_gate(
    folder: Labelled,
    faces: Annotated[int, typer.Option(help="On how many people faults are drawn.", min=1)] = 300,
    document: Document = None,
) -> None:
    """Measure what the gate at enrolment refuses: good photos, and faults drawn into them."""
    with _progress() as bar:
        tables = evaluate_gate_folder(
            Settings(),
            folder,
            faces=faces,
            document=document,
            progress=_advance(bar, "Evaluating the gate"),
            report=_tell_install,
        )
    typer.echo(tables)


def _advance(bar: Progress, title: str) -> Callable[[int, int], None]:
    task = bar.add_task(title, total=None)

    def advance(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)

    return advance


def _progress() -> Progress:
    return Progress(
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=words,
        transient=True,
    )


if __name__ == "__main__":
    main()
