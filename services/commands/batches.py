"""``vestibule batch`` and ``vestibule generation``: large work, and what it fills."""

import json
import time
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.client import ApiClient
from services.commands.connecting import connected
from services.commands.words import words

batch_app = typer.Typer(
    no_args_is_help=True, help="Large work: rebuild, re-embed, import, follow, stop."
)
generation_app = typer.Typer(no_args_is_help=True, help="Fillings of the index: switch, drop.")
LOOK_EVERY_S = 1.0

Pace = Annotated[str, typer.Option(help="polite gives way to people who wait; slow; full.")]
AtOnce = Annotated[int, typer.Option(help="Chunks that are worked on at a time.", min=1, max=64)]
Wait = Annotated[bool, typer.Option(help="Follow it to its end; it goes on without.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Why = Annotated[str, typer.Option("--reason", help="Kept in the audit log.")]


@batch_app.command("rebuild")
def rebuild(pace: Pace = "polite", at_once: AtOnce = 2, wait: Wait = True) -> None:
    """Fill the index anew beside the one that answers, from the record; no model runs."""
    _start({"kind": "rebuild", "pace": pace, "at_once": at_once}, wait=wait)


@batch_app.command("reembed")
def reembed(
    pack: Annotated[
        str | None, typer.Option(help="The other pack; the one in use if none.")
    ] = None,
    low_light: Annotated[str | None, typer.Option(help="on, off or lifted.")] = None,
    pace: Pace = "polite",
    at_once: AtOnce = 2,
    wait: Wait = True,
) -> None:
    """Take every face over into another pack's space, from the stored pictures."""
    body = {"kind": "reembed", "pace": pace, "at_once": at_once}
    named = {"pack": pack, "low_light": low_light}
    _start({**body, **{name: value for name, value in named.items() if value}}, wait=wait)


@batch_app.command("import")
def import_guests(
    source: Annotated[str, typer.Argument(help="folder or bucket, as the settings name it.")],
    consent_basis: Annotated[
        str, typer.Option(help="On what basis these people are enrolled: explicit-consent.")
    ],
    given_by: Annotated[str, typer.Option(help="How they agreed: 'each guest, on paper'.")],
    notice_shown: Annotated[
        bool, typer.Option("--notice-shown", help="Everybody was shown the notice.")
    ] = False,
    pace: Pace = "polite",
    at_once: AtOnce = 2,
    wait: Wait = True,
) -> None:
    """Enrol every photo of the place for imports, one folder a guest. Run it again to go on."""
    if not notice_shown:
        raise typer.BadParameter("Nobody is enrolled who was not shown the notice: --notice-shown.")
    consent = {"basis": consent_basis, "notice_shown": True, "given_by": given_by}
    asked = {"kind": "import", "source": source, "consent": consent}
    _start({**asked, "pace": pace, "at_once": at_once}, wait=wait)


def _start(body: dict[str, Any], *, wait: bool) -> None:
    with connected() as client:
        batch = client.post("/v1/batches", body)
        what = f"fills generation {batch['generation']}" if batch["generation"] else "runs"
        typer.echo(f"Batch {batch['id']} {what}.")
        if not wait:
            return
        batch = _followed(client, batch)
        typer.echo(_in_words(batch))
        if batch["state"] == "done" and batch["generation"]:
            shown = client.get(f"/v1/index-generations/{batch['generation']}")
            typer.echo("\n".join(_generation_lines(shown)))
    raise typer.Exit(0 if batch["state"] == "done" else 1)


def _followed(client: ApiClient, batch: dict[str, Any]) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=words, transient=True) as bar:
        task = bar.add_task(batch["kind"], total=batch["total"])
        while batch["state"] == "running":
            time.sleep(LOOK_EVERY_S)
            batch = client.get(f"/v1/batches/{batch['id']}")
            bar.update(task, completed=batch["settled"], total=batch["total"])
    return batch


@batch_app.command("list")
def list_batches(as_json: AsJson = False) -> None:
    """The latest, with how far they are."""
    with connected() as client:
        found = client.get("/v1/batches")["items"]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for batch in found:
        typer.echo(_in_words(batch))
    if not found:
        typer.echo("There was no batch yet.")


@batch_app.command("failures")
def list_failures(batch_id: str) -> None:
    """What a batch could not do, and why."""
    with connected() as client:
        offset: int | None = 0
        while offset is not None:
            page = client.get(f"/v1/batches/{batch_id}/failures?offset={offset}&limit=100")
            for failure in page["items"]:
                who = failure["customer"] or {"name": "", "id": ""}
                named = (failure["item"], who["name"], who["id"])
                typer.echo(
                    f"{failure['code']}: {' '.join(word for word in named if word)}".rstrip()
                )
            offset = page["next_offset"]


@batch_app.command("pause")
def pause(batch_id: str) -> None:
    """Stop within seconds; nothing is lost."""
    _change(batch_id, "pause")


@batch_app.command("resume")
def resume(batch_id: str) -> None:
    """Go on where it stopped, also after a failure."""
    _change(batch_id, "resumption")


@batch_app.command("cancel")
def cancel(batch_id: str) -> None:
    """Call it off for good; what it was filling is dropped."""
    _change(batch_id, "cancellation")


def _change(batch_id: str, what: str) -> None:
    with connected() as client:
        typer.echo(_in_words(client.post(f"/v1/batches/{batch_id}/{what}")))


def _in_words(batch: dict[str, Any]) -> str:
    line = f"{batch['id']}  {batch['kind']}  {batch['state']}"
    line += f"  {batch['settled']} of {batch['total']}"
    if batch["failed"]:
        line += f", {batch['failed']} could not be done"
    if batch["eta_s"] is not None:
        line += f", {batch['rate_per_s']:.1f} a second, about {round(batch['eta_s'])} s left"
    if batch["error"]:
        line += f": {batch['error']['code']} {batch['error']['detail']}".rstrip()
    return line


# ── generations ─────────────────────────────────────────────────────────────────────────────
@generation_app.command("list")
def list_generations(as_json: AsJson = False) -> None:
    """Every filling of the index, the latest first."""
    with connected() as client:
        found = client.get("/v1/index-generations")["items"]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for generation in found:
        typer.echo(_generation_lines(generation)[0])


@generation_app.command("compare")
def compare(number: int) -> None:
    """What the shadow comparison with the serving generation found."""
    with connected() as client:
        typer.echo("\n".join(_generation_lines(client.get(f"/v1/index-generations/{number}"))))


@generation_app.command("switch")
def switch(number: int, reason: Why) -> None:
    """Let it answer from now on. Switching back is the same with the former number."""
    with connected() as client:
        shown = client.post(f"/v1/index-generations/{number}/switch", {"reason": reason})
    typer.echo(f"Generation {shown['number']} answers now.")


@generation_app.command("drop")
def drop(
    number: int,
    reason: Why,
    clear_templates: Annotated[
        bool, typer.Option(help="The faces of its space go too, where nothing else needs them.")
    ] = False,
) -> None:
    """Remove it for good."""
    body = {"reason": reason, "clears_templates": clear_templates}
    with connected() as client:
        shown = client.post(f"/v1/index-generations/{number}/drop", body)
    typer.echo(f"Generation {shown['number']} is gone.")


def _generation_lines(generation: dict[str, Any]) -> list[str]:
    lines = [
        f"Generation {generation['number']}: {generation['state']}, {generation['pack']}, "
        f"low light {generation['low_light']}, {generation['templates']} faces"
    ]
    if generation["lacking"]:
        lines.append(f"  lacks {generation['lacking']} faces that the serving one finds")
    if generation["unusable"]:
        lines.append(f"  {generation['unusable']} faces have to be enrolled anew for this pack")
    found = generation["comparison"]
    if found:
        lines += [
            f"  compared with generation {found['against']} on {found['faces']} enrolled faces:",
            f"  {found['agreeing']} got the same answer (between {found['agree_low']:.1%} and "
            f"{found['agree_high']:.1%} of all such faces)",
            f"  {found['only_old']} found only before, {found['only_new']} only now, "
            f"{found['different']} answered with somebody else",
            f"  the right guest: {found['right_old']} before, {found['right_new']} now, of "
            f"{found['findable']} with another face on file",
        ]
    return lines
