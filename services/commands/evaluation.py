"""``vestibule evaluate`` and its like: how well faces are told apart, measured."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from services.commands.connecting import connected
from services.commands.measure import (
    EvaluationOptions,
    counts_of,
    degradations_of,
    evaluate_folder,
    has_installation,
    store_reports,
)
from services.commands.measure_gate import evaluate_gate_folder
from services.commands.publish_recognition import publish_recognition
from services.commands.words import advancing, progress_bar, tell_install, words
from vestibule.evaluation.report_tables import comparison_tables, markdown_tables
from vestibule.settings import Settings

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
    with progress_bar() as bar:
        evaluated = evaluate_folder(
            Settings(), folder, options, stage=partial(advancing, bar), report=tell_install
        )
    for found in evaluated.reports:
        typer.echo(markdown_tables(found) + "\n")
    if evaluated.comparison is not None:
        typer.echo(comparison_tables(evaluated.comparison))
    words.print(f"Figures written to {', '.join(map(str, evaluated.files))}")
    if store and has_installation(Settings()):
        with connected(tell_install) as client:
            store_reports(client, evaluated.reports)
        words.print("Kept with this installation: see System, Accuracy.")


def publish(files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...")] = None) -> None:
    """Take reports into this checkout and write docs/recognition.md from all it has."""
    for path in publish_recognition(Path(), files or []):
        typer.echo(f"{path} changed")


def evaluate_gate(
    folder: Labelled,
    faces: Annotated[int, typer.Option(help="On how many people faults are drawn.", min=1)] = 300,
    document: Document = None,
) -> None:
    """Measure what the gate at enrolment refuses: good photos, and faults drawn into them."""
    with progress_bar() as bar:
        tables = evaluate_gate_folder(
            Settings(),
            folder,
            faces=faces,
            document=document,
            progress=advancing(bar, "Evaluating the gate"),
            report=tell_install,
        )
    typer.echo(tables)
