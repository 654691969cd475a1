"""``vestibule backup places`` and ``give-up``: asked of the product, which knows who waits."""

from typing import Annotated, Any

import typer

from services.commands.connecting import connected
from vestibule.domain.backup_places import Fate

_PATH = "/v1/backup-places"


def places() -> None:
    """Where keyrings lie beside backups, and whether who was erased is out of each."""
    with connected() as client:
        found = client.get(_PATH)
    for place in found["items"]:
        typer.echo(f"{place['place']}: {_said(place)}")
    if found["waiting"]:
        typer.echo(f"Erasures that wait for a place that is away: {found['waiting']}.")


def give_up(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="As `backup places` names it.")],
    fate: Annotated[
        Fate,
        typer.Option(help="destroyed: nothing is there any more. unreachable: it may be there yet"),
    ],
    reason: Annotated[
        str, typer.Option(help="What happened; it stands on receipts, so name nobody.")
    ],
    confirm: Annotated[
        str, typer.Option(metavar="PLACE", help="The place once more, when you are sure.")
    ] = "",
) -> None:
    """Declare that a place of backups is no more: erasures stop waiting for it, and their receipts
    say that it was not rewritten, and why. It is taken up again if it comes back."""
    with connected() as client:
        if confirm != place:
            _tell_what_follows(client.get(_PATH), place, fate)
            raise typer.Exit(1)
        body = {"place": place, "fate": fate.value, "reason": reason, "confirmation": confirm}
        given_up = client.post(f"{_PATH}/given-up", body)
    typer.echo(f"{given_up['place']}: {_said(given_up)}")


def _tell_what_follows(found: dict[str, Any], place: str, fate: Fate) -> None:
    if place not in [one["place"] for one in found["items"]]:
        raise typer.BadParameter("no backup was ever made there; see `vestibule backup places`")
    typer.echo("Nothing was changed yet.")
    if fate is Fate.UNREACHABLE:
        typer.echo("What lies there may open, with the backups' key, faces of who was erased.")
    typer.echo(
        f"{found['waiting']} erasures that wait complete without {place}; the receipts of these "
        "and of those to come say that it was not rewritten, and why."
    )
    typer.echo(f"If that is so, say it again with --confirm {place}")


def _said(place: dict[str, Any]) -> str:
    written = place["written_at"][:16].replace("T", " ")
    if place["given_up"]:
        declared = place["given_up"]
        day = declared["declared_at"][:10]
        return f"given up as {declared['fate']} on {day}, last written {written}"
    if place["is_behind"]:
        return f"AWAY: last written {written}, and somebody was erased since"
    return f"up to date, last written {written}"
