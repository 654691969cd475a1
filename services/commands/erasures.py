"""``vestibule erase``: erase a guest, prove that it is done, take the receipt along."""

import base64
import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import typer
from typer.core import TyperGroup

from services.commands.connecting import connected


class EraseGroup(TyperGroup):
    """``vestibule erase ID`` erases; a word after it is what to do with an erasure."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["guest", *args]
        return super().resolve_command(ctx, args)


erase_app = typer.Typer(
    no_args_is_help=True,
    cls=EraseGroup,
    help="Erase a guest (`erase ID`), and prove that it is done.",
)


@erase_app.command("guest")
def erase_guest(customer_id: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
    """Erase a customer; returns when nobody can find them any more."""
    with connected() as client:
        typer.echo(json.dumps(client.delete(f"/v1/customers/{customer_id}")))


@erase_app.command("list")
def list_erasures() -> None:
    """Erasures, those that are not done first, one JSON object a line."""
    path = "/v1/erasures?limit=200"
    with connected() as client:
        following: str | None = path
        while following:
            page = client.get(following)
            for item in page["items"]:
                typer.echo(json.dumps(item, ensure_ascii=False))
            cursor = page["next_cursor"]
            following = f"{path}&cursor={quote(cursor)}" if cursor else None


@erase_app.command("resume")
def resume(erasure_id: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
    """Go on now with one that met trouble, instead of after its pause."""
    with connected() as client:
        typer.echo(json.dumps(client.post(f"/v1/erasures/{erasure_id}/resumption")))


@erase_app.command("receipt")
def receipt(
    erasure_id: Annotated[UUID, typer.Argument(metavar="ID")],
    into: Annotated[Path, typer.Option(file_okay=False, help="The folder for the files.")] = Path(),
) -> None:
    """Write the receipt, its signature and the public key, as openssl takes them."""
    with connected() as client:
        found = client.get(f"/v1/erasures/{erasure_id}/receipt")
    into.mkdir(parents=True, exist_ok=True)
    text = into / f"erasure-{erasure_id}.json"
    signature, key = Path(f"{text}.sig"), into / "vestibule-receipts.pem"
    text.write_bytes(found["text"].encode())
    signature.write_bytes(base64.b64decode(found["signature"]))
    key.write_text(found["public_key"])
    typer.echo(
        f"openssl pkeyutl -verify -pubin -inkey {key} -rawin -in {text} -sigfile {signature}"
    )


@erase_app.command("key")
def key() -> None:
    """The public key that receipts are checked with."""
    with connected() as client:
        typer.echo(client.get("/v1/erasures/key")["public_key"], nl=False)


@erase_app.command("verify")
def verify(
    what: Annotated[str, typer.Argument(metavar="RECEIPT|ID", help="A receipt's file, or an id.")],
    signature: Annotated[
        Path | None, typer.Option(help="Of a receipt's file; else FILE.sig beside it.")
    ] = None,
) -> None:
    """Look through every store again, and check the signature. Exit status 1 if it is not so."""
    path = Path(what)
    with connected() as client:
        if path.is_file():
            signed = (signature or Path(f"{path}.sig")).read_bytes()
            body = {
                "text": path.read_bytes().decode(errors="replace"),
                "signature": base64.b64encode(signed).decode(),
            }
            found = client.post("/v1/erasures/verification", body)
        else:
            found = client.post(f"/v1/erasures/{_id(what)}/verification")
    for check in found["checks"]:
        typer.echo(f"{check['store']:12} {_said(check)}")
    for place in found["backup_places"]:
        typer.echo(f"{'backups':12} {said_of_place(place)}")
    if found["held_until"] is not None:
        typer.echo(f"{'legal hold':12} keeps what its claim needs until {found['held_until']}")
    if found["is_signed"] is not None:
        typer.echo(f"{'signature':12} {'good' if found['is_signed'] else 'NOT GOOD'}")
    else:
        typer.echo("There is no receipt yet: the erasure is not done.")
    if not found["is_true"]:
        raise typer.Exit(1)


def _said(check: dict[str, Any]) -> str:
    if check["left"]:
        return f"{check['left']} LEFT"
    return "nothing left" if check["is_proven"] else "asked to forget; cannot be looked into"


def said_of_place(remark: dict[str, Any]) -> str:
    """What is so of a place of backups that an erasure could not or cannot reach."""
    place, state, day = remark["place"], remark["state"], (remark["at"] or "")[:10]
    if state == "rewritten":
        return f"{place} had been given up, came back and holds the key no longer"
    if state == "away":
        return f"{place} is away: NOT LOOKED INTO, the erasure waits for it"
    became = "destroyed" if state == "destroyed" else "out of reach for good"
    return f"{place} was declared {became} on {day}, NOT LOOKED INTO: {remark['reason']}"


def _id(what: str) -> UUID:
    try:
        return UUID(what)
    except ValueError as error:
        raise typer.BadParameter("neither a file nor the id of an erasure") from error
