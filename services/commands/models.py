"""``vestibule models``: list packs, accept their terms, install, check and compare them."""

import getpass
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from services.commands.compare_models import PackFigures, compare_packs
from services.commands.words import tell_install, words
from vestibule import wiring_models
from vestibule.domain.errors import WeightsError
from vestibule.evaluation.intervals import Interval
from vestibule.settings import Settings
from vestibule.wiring_models import PackDescription

models_app = typer.Typer(no_args_is_help=False, help="Model packs: list, install, verify, compare.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]

_COMMERCIAL_USE = {
    "allowed": "allowed",
    "ask_counsel": "ask counsel",
    "forbidden": "needs a licence",
}


@models_app.callback(invoke_without_command=True)
def list_by_default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_models()


@models_app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Every pack: installed or not, licence, terms, size, space, calibration."""
    packs = wiring_models.describe_packs(Settings())
    if as_json:
        typer.echo(json.dumps([_as_json(pack) for pack in packs], indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print(_table(packs))
    for pack in packs:
        typer.echo("\n".join(_details(pack)))
    if any(pack.terms and not pack.accepted_by for pack in packs):
        typer.echo("\nTerms that are open are shown by `vestibule models install NAME`.")


def _table(packs: Sequence[PackDescription]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("pack", "state", "commercial use", "terms", "MB", "calibrated"):
        table.add_column(column, no_wrap=True, justify="right" if column == "MB" else "left")
    for pack in packs:
        table.add_row(
            pack.name,
            _state(pack),
            _COMMERCIAL_USE[pack.commercial_use],
            "none" if pack.terms is None else "accepted" if pack.accepted_by else "open",
            f"{pack.size_bytes / 1e6:.1f}" if pack.installed else "",
            "yes" if pack.calibrated else "no",
        )
    return table


def _details(pack: PackDescription) -> list[str]:
    lines = [f"{pack.name}: {pack.dimension} numbers, {pack.metric}, space {pack.space_id}"]
    if pack.accepted_by is not None and pack.accepted_at is not None:
        lines.append(f"  terms accepted by {pack.accepted_by} on {pack.accepted_at:%Y-%m-%d}")
    if pack.check is not None:
        sound = "; ".join(pack.check.faults) or "every file is what it must be"
        lines.append(f"  checked on {pack.check.at:%Y-%m-%d %H:%M} UTC: {sound}")
    for network in pack.networks:
        lines.append(f"  {network.role}: {network.architecture}, {network.licence}")
        lines.append(f"    {network.provenance}")
    return lines


def _state(pack: PackDescription) -> str:
    if not pack.installed:
        return "not installed"
    return "in use" if pack.is_active else "installed"


def _as_json(pack: PackDescription) -> dict[str, object]:
    return json.loads(json.dumps(asdict(pack), default=str))  # type: ignore[no-any-return]


@models_app.command("install")
def install_models(
    pack: Annotated[str | None, typer.Argument(help="A name from the list.")] = None,
    brought: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER|ZIP", help="Where the files are that you bring."),
    ] = None,
    accept_license: Annotated[
        bool, typer.Option("--accept-license", help="Accept the pack's terms; this is recorded.")
    ] = False,
    accepted_by: Annotated[
        str | None, typer.Option(help="Who accepts; by default the account that runs this.")
    ] = None,
    samples: Annotated[
        bool, typer.Option("--samples", help="Also get the demo's photos, if they can be had.")
    ] = False,
) -> None:
    """Get a pack's weights, check them, convert them once."""
    settings = Settings()
    name = pack or (None if brought else "open")
    wanted = (
        wiring_models.brought_pack(settings, brought, name=name)
        if brought is not None
        else wiring_models.find_pack(settings, name or "open")
    )
    if accept_license and wanted.terms is not None:
        by = accepted_by or getpass.getuser()
        wiring_models.accept_terms(settings, wanted, by=by, at=datetime.now(UTC))
        words.print(f"Recorded: {by} accepts the terms of {wanted.name}.")
    wiring_models.require_terms(settings, wanted)
    if brought is not None:
        wiring_models.install_brought_models(settings, brought, name=name, report=tell_install)
    else:
        wiring_models.install_models(settings, wanted.name, report=tell_install)
    typer.echo(f"{wanted.name} is installed.")
    if samples:
        _get_samples(settings)
    described = wiring_models.describe_pack(settings, wanted.name)
    if not described.calibrated:
        typer.echo(
            f"It is not calibrated yet. Before it is used: VESTIBULE_PACK={wanted.name} vestibule "
            "calibrate DIR"
        )


def _get_samples(settings: Settings) -> None:
    """For places where the product itself may not reach other machines."""
    try:
        typer.echo(f"{wiring_models.fetch_samples(settings)} photos of the demo are here.")
    except WeightsError as error:
        words.print(f"[yellow]The demo will not load: {error}[/yellow]")


@models_app.command("verify")
def verify_models(
    pack: Annotated[str | None, typer.Argument(help="By default every installed pack.")] = None,
) -> None:
    """Compare every file of the installed packs with what was pinned; exit status 1 if not so."""
    settings = Settings()
    described = wiring_models.describe_packs(settings)
    names = [pack] if pack else [found.name for found in described if found.installed]
    if not names:
        typer.echo("No pack is installed.")
    is_sound = True
    for name in names:
        check = wiring_models.check_models(settings, name, at=datetime.now(UTC))
        is_sound &= not check.faults
        typer.echo(f"{name}: {'what it must be' if not check.faults else 'not what it must be'}")
        for fault in check.faults:
            typer.echo(f"  {fault}")
    raise typer.Exit(0 if is_sound else 1)


@models_app.command("compare")
def compare_models(
    packs: Annotated[list[str], typer.Argument(help="Two or more packs, then the folder.")],
    is_whole: Annotated[
        bool, typer.Option("--whole", help="Everybody in the folder, not a seeded 150 people.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure packs on the same photos (one folder a person): PACK PACK DIR."""
    *names, folder = packs
    if not Path(folder).is_dir():
        raise typer.BadParameter(f"The last argument is the folder of photos; {folder} is none.")
    with Progress(console=words, transient=True) as bar:

        def stage(title: str) -> Callable[[int, int], None]:
            task = bar.add_task(title, total=None)
            return lambda done, total: bar.update(task, completed=done, total=total)

        figures = compare_packs(
            Settings(), names, Path(folder), is_quick=not is_whole, stage=stage, report=tell_install
        )
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in figures], indent=2))
        return
    Console(highlight=False).print(_comparison(figures))
    typer.echo(
        f"{figures[0].people} people, gallery of {figures[0].gallery}; 95 % intervals by person. "
        "Dark: a quarter of the exposure. Times are medians on this machine as it is now."
    )


def _comparison(figures: Sequence[PackFigures]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("", *(one.name for one in figures)):
        table.add_column(column)
    rows: dict[str, Callable[[PackFigures], str]] = {
        "licence": lambda one: one.licence,
        "commercial use": lambda one: _COMMERCIAL_USE[one.commercial_use],
        "size on disk": lambda one: f"{one.size_mb:.1f} MB",
        "numbers a face": lambda one: str(one.dimension),
        "detecting": lambda one: f"{one.detect_ms_a_photo:.1f} ms a photo",
        "embedding": lambda one: f"{one.embed_ms_a_face:.1f} ms a face",
        "no usable face": lambda one: _rate(one.no_usable_face),
        "rank 1": lambda one: _rate(one.rank_1),
        "rank 1, dark": lambda one: _rate(one.rank_1_in_the_dark),
        "FNIR at FPIR 1 %": lambda one: _rate(one.fnir_at_fpir_1_percent),
        "FNIR at FPIR 10 %": lambda one: _rate(one.fnir_at_fpir_10_percent),
    }
    for title, cell in rows.items():
        table.add_row(title, *(cell(one) for one in figures))
    return table


def _rate(rate: Interval | None) -> str:
    if rate is None or rate.value is None:
        return "too few people"
    between = f" ({rate.low:.3f} to {rate.high:.3f})" if rate.low is not None else ""
    return f"{rate.value:.3f}{between}"
