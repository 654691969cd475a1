"""``vestibule calibrate``: measure labelled photos, weigh answers, adopt thresholds, put back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from services.commands.connecting import connected
from services.commands.measure import calibrate_folder
from services.commands.words import advancing, progress_bar, tell_install
from vestibule.settings import Settings

_PATH = "/v1/calibration"
Json = dict[str, Any]

Folder = Annotated[
    Path | None,
    typer.Argument(exists=True, file_okay=False, metavar="[DIR]", help="One folder a person."),
]
Output = Annotated[Path | None, typer.Option(help="Where the measured quantiles go.")]
Document = Annotated[
    Path | None, typer.Option("--publish", help="Also put the tables into this document.")
]
Kept = Annotated[
    Path | None,
    typer.Option(help="Keep what was seen here (.npz, holds embeddings), and start from it next."),
]
Propose = Annotated[bool, typer.Option(help="Also propose what was measured, to be adopted.")]
FromAnswers = Annotated[bool, typer.Option(help="Propose what the venue's answers say.")]
Target = Annotated[
    float | None, typer.Option(help="Propose this share of unknown faces to match: 0.01.")
]
Show = Annotated[bool, typer.Option(help="Show the thresholds in force.")]
Adopt = Annotated[UUID | None, typer.Option(metavar="ID", help="Put this proposal in force.")]
Revert = Annotated[bool, typer.Option(help="Put back what the last adoption replaced.")]
Reason = Annotated[str, typer.Option(help="Why, for --adopt and --revert; it is kept.")]
Despite = Annotated[bool, typer.Option(help="Adopt although there is little evidence.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def calibrate(  # noqa: PLR0913, PLR0917  # every option of the command
    folder: Folder = None,
    output: Output = None,
    document: Document = None,
    observations: Kept = None,
    propose: Propose = False,
    from_answers: FromAnswers = False,
    target: Target = None,
    show: Show = False,
    adopt: Adopt = None,
    revert: Revert = False,
    reason: Reason = "",
    despite_little_evidence: Despite = False,
    as_json: AsJson = False,
) -> None:
    """Measure scores on labelled photos; propose, show, adopt and put back thresholds.

    With DIR the engine measures alone; all else asks the running product, or starts it.
    """
    _require_one(folder is not None, from_answers, show, adopt is not None, revert, target)
    if (adopt or revert) and len(reason.strip()) < 3:
        raise typer.BadParameter("Say why with --reason: it is kept with the adoption.")
    tell = _tell_json if as_json else _tell_words
    if folder is not None:
        if propose and output is None:  # no file that would decide without being adopted
            output = Settings().data_dir / "calibrations" / "proposed.json"
        path = _measure(folder, output, document, observations)
        if not propose:
            tell({"file": str(path)}, lambda found: [f"Quantiles written to {found['file']}"])
            return
        _propose({"measured": json.loads(path.read_text()), "target_fpir": target}, tell)
    elif adopt is not None:
        body = {"proposal_id": str(adopt), "reason": reason}
        _post("adoptions", body | {"despite_little_evidence": despite_little_evidence}, tell)
    elif revert:
        _post("reversions", {"reason": reason}, tell)
    elif show:
        with connected(tell_install) as client:
            tell(client.get(_PATH), _in_force)
    else:
        _propose({"from_answers": from_answers, "target_fpir": target}, tell)


Lines = Callable[[Json], list[str]]
Tell = Callable[[Json, Lines], None]


def _require_one(
    has_folder: bool,
    from_answers: bool,
    show: bool,
    adopt: bool,
    revert: bool,
    target: float | None,
) -> None:
    asked = [has_folder, from_answers, show, adopt, revert]
    if sum(asked) > 1 or (not any(asked) and target is None):
        raise typer.BadParameter(
            "Name one of: DIR, --from-answers, --target, --show, --adopt ID, --revert."
        )


def _measure(
    folder: Path, output: Path | None, document: Path | None, observations: Path | None
) -> Path:
    with progress_bar() as bar:
        return calibrate_folder(
            Settings(),
            folder,
            output=output,
            document=document,
            observations=observations,
            progress=advancing(bar, "Calibrating"),
            report=tell_install,
        )


def _propose(body: Json, tell: Tell) -> None:
    with connected(tell_install) as client:
        tell(client.post(f"{_PATH}/proposals", body), _proposal)


def _post(what: str, body: Json, tell: Tell) -> None:
    with connected(tell_install) as client:
        tell(client.post(f"{_PATH}/{what}", body), _adoption)


def _tell_json(found: Json, _lines: Lines) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False))


def _tell_words(found: Json, lines: Lines) -> None:
    typer.echo("\n".join(lines(found)))


def _in_force(shown: Json) -> list[str]:
    force = shown["in_force"]
    lines = [
        f"{shown['venue']}: {shown['searchable_customers']:,} guests can be found. "
        f"About {_one_in(force['target_fpir'])} unknown faces is called somebody, "
        f"{_one_in(force['review_fpir'])} at least shown to check.",
        f"Measured on {force['measured_on']['name']}, {force['measured_on']['people']:,} people"
        + (f"; adopted by {force['adopted_by']}: {force['reason']}" if force["reason"] else ""),
        "",
        f"{'light':8}{'match':>8}{'check':>8}{'missed':>9}   answers here",
    ]
    answers = {of["band"]: of for of in shown["answers"]}
    for of in shown["bands"]:
        lines.append(
            f"{of['band']:8}{of['threshold']:8.3f}{of['review_threshold']:8.3f}"
            f"{_percent(of['missed_match']):>9}   {_answers(answers.get(of['band']))}"
        )
    return lines


def _answers(of: Json | None) -> str:
    if of is None:
        return "no face yet"
    little = "" if of["is_enough"] else " (too little)"
    return (
        f"{of['faces']:,} faces, {of['answered']} of {of['alerts']} alerts answered, "
        f"{of['not_them']:g} not them ({of['expected']:g} expected){little}"
    )


def _proposal(shown: Json) -> list[str]:
    lines = [f"Proposal {shown['id']}", f"{'light':8}{'match':>16}{'check':>16}{'missed':>16}"]
    for of in shown["bands"]:
        now, then = of["now"], of["then"]
        lines.append(
            f"{of['band']:8}"
            f"{now['threshold']:>8.3f} → {then['threshold']:.3f}"
            f"{now['review_threshold']:>8.3f} → {then['review_threshold']:.3f}"
            f"{_percent(now['missed_match']):>8} → {_percent(then['missed_match'])}"
        )
    for name in ("match", "review", "unknown"):
        was = sum(of["decided"][name] for of in shown["bands"])
        would = sum(of["would_decide"][name] for of in shown["bands"])
        lines.append(f"Last {shown['nights']} nights, {name}: {was:,} → {would:,}")
    if shown["shortcomings"]:
        lines.append("Little evidence: " + ", ".join(shown["shortcomings"]).replace("_", " "))
    return [*lines, f"vestibule calibrate --adopt {shown['id']} --reason …"]


def _adoption(done: Json) -> list[str]:
    what = "Put back" if done["reverts"] else "In force"
    return [f"{what} from the next photo on (number {done['number']})."]


def _one_in(share: float) -> str:
    return f"1 in {1 / share:,.0f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
