"""``vestibule secrets``: made, rotated, wrapped, and what they seal sealed anew."""

from pathlib import Path
from typing import Annotated

import typer

from services.logged_settings import logged_settings
from services.processes.secret_files import create_secrets, wrap_keys
from services.processes.secret_rotation import NAMES, forget_former, rotate_secret
from vestibule.domain.errors import StartUpError
from vestibule.settings import Settings
from vestibule.wiring_keys import open_key_files
from vestibule.wiring_secrets import reseal_all, wrap_own_keys

secrets_app = typer.Typer(no_args_is_help=True, help="Secrets of a distributed installation.")


@secrets_app.command("create")
def create(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="One folder a service under it.")],
) -> None:
    """Make every secret that is missing; those that are there stay as they are."""
    for written in create_secrets(folder, keys=open_key_files(Settings())):
        typer.echo(written)


@secrets_app.command("rotate")
def rotate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="As for `create`.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help=", ".join(NAMES))],
) -> None:
    """Make a new secret in the place of one; the former is kept until `secrets forget`."""
    rotation = rotate_secret(folder, name, keys=open_key_files(Settings()))
    for place in rotation.written:
        typer.echo(place)
    for place in rotation.left:
        typer.echo(f"{place} is left as it is: it was not made here.", err=True)


@secrets_app.command("forget")
def forget(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="As for `create`.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="As for `rotate`.")],
    resealed: Annotated[
        bool, typer.Option("--resealed", help="Of the sealing key: `reseal` left nothing to it.")
    ] = False,
    even_what_it_opens: Annotated[
        bool, typer.Option("--even-what-it-opens", help="Of the sealing key: lose what it opens.")
    ] = False,
) -> None:
    """Remove the former value of a rotated secret: what it alone opens stays closed."""
    for place in forget_former(
        folder, name, is_resealed=resealed, even_what_it_opens=even_what_it_opens
    ):
        typer.echo(place)


@secrets_app.command("wrap")
def wrap(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="As for `create`; without it, of the embedded mode."),
    ] = None,
) -> None:
    """Have the lasting keys wrapped by the service of VESTIBULE_KMS_URL, or wrapped anew by it."""
    settings = Settings()
    if settings.kms_url is None:
        raise StartUpError("Set VESTIBULE_KMS_URL first.", reason="kms_not_set")
    written = (
        wrap_own_keys(settings) if folder is None else wrap_keys(folder, open_key_files(settings))
    )
    for place in written:
        typer.echo(place)


@secrets_app.command("reseal")
def reseal() -> None:
    """Seal anew, under the present sealing key, what lasts and the former one sealed."""
    done = dict(reseal_all(logged_settings()))
    unreadable = done.pop("unreadable")
    for name, count in done.items():
        typer.echo(f"{name}: {count}")
    if unreadable:
        typer.echo(f"{unreadable} are opened by neither key and stay as they are.", err=True)
        raise typer.Exit(1)
    typer.echo("All of it is under the present key: `secrets forget DIR sealing --resealed`.")
