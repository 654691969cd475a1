"""``vestibule backup`` and ``vestibule restore``: a whole installation, sealed."""

import time
from pathlib import Path
from typing import Annotated

import typer

from services.commands.backup_places import give_up, places
from vestibule.domain.backup_manifest import Manifest
from vestibule.domain.retention import Kept, bounds
from vestibule.settings import Settings
from vestibule.telemetry import configure_logging
from vestibule.wiring_backup import (
    create,
    make_backup_key,
    names,
    prune,
    restore,
    verify,
    write_keyring_beside,
)

backup_app = typer.Typer(no_args_is_help=True, help="Backups of the whole installation.")

LONGEST_DAYS = bounds()[Kept.BACKUP].most
Where = Annotated[
    str, typer.Argument(metavar="DIR|s3", help="A folder of backups, or the backup bucket.")
]
Name = Annotated[str | None, typer.Option("--name", help="Which one; the latest if not said.")]


backup_app.command("places")(places)
backup_app.command("give-up")(give_up)


@backup_app.command("create")
def create_command(where: Where) -> None:
    """Back up rows and objects while the product runs; prints the backup's name."""
    began = time.monotonic()
    manifest = create(_settings(), where)
    typer.echo(f"{manifest.name} is complete: {_sizes(manifest)}.")
    typer.echo(f"It took {time.monotonic() - began:.1f} s; what came after {_moment(manifest)}")
    typer.echo("is not in it, nor are photos and held faces, which expire.")
    if manifest.missing:
        typer.echo(f"{len(manifest.missing)} crops had no object: see the logs of the store.")
        raise typer.Exit(1)


@backup_app.command("verify")
def verify_command(where: Where, name: Name = None) -> None:
    """Read every byte of a backup as a restore would; exit status 1 if anything is wrong."""
    settings = _settings()
    manifest = verify(settings, where, name or _latest(settings, where))
    typer.echo(f"{manifest.name} is whole: {_sizes(manifest)}, as of {_moment(manifest)}")


@backup_app.command("list")
def list_command(where: Where) -> None:
    """Complete backups, oldest first."""
    for name in names(_settings(), where):
        typer.echo(name)


@backup_app.command("keyring")
def keyring_command(where: Where) -> None:
    """Write the keyring beside the backups anew: after an erasure, where the product does not
    reach them."""
    count = write_keyring_beside(_settings(), where)
    typer.echo(f"The keyring holds the keys of {count} guests, and of nobody who was erased.")


@backup_app.command("prune")
def prune_command(
    where: Where,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=LONGEST_DAYS, help="Else as the policy in force says."),
    ] = None,
) -> None:
    """Remove backups that are older, and what was never finished; the newest complete one stays."""
    gone = prune(_settings(), where, days=days)
    for name in gone:
        typer.echo(f"{name} is gone.")
    left = len(names(_settings(), where))
    typer.echo(f"{len(gone)} removed, {left} complete backups are left.")


@backup_app.command("key")
def key_command(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Make the key that seals backups. Without it no backup can be restored: keep copies."""
    make_backup_key(file)
    typer.echo(
        f"The key is in {file}. Name it in VESTIBULE_BACKUP_KEY_FILE; keep a copy elsewhere."
    )


def restore_command(
    where: Where,
    name: Name = None,
    keyring_key: Annotated[
        Path | None,
        typer.Option(
            "--keyring-key", help="The backups' key of today, if this backup has a former one."
        ),
    ] = None,
) -> None:
    """Make an installation of a backup, in an empty database and an empty store."""
    settings, began = _settings(), time.monotonic()
    done = restore(settings, where, name or _latest(settings, where), keyring_key=keyring_key)
    typer.echo(f"{done.manifest.name} is restored, as of {_moment(done.manifest)}: ")
    typer.echo(f"{_sizes(done.manifest)}; schema {done.schema}. It took", nl=False)
    typer.echo(f" {time.monotonic() - began:.1f} s.")
    settled = done.settled
    typer.echo(
        f"Not kept, because it expires: {settled.photos} photos, {settled.holds} held faces. "
        f"{settled.sessions} sessions were ended; sign in anew. API keys are as they were."
    )
    typer.echo("The index of faces is rebuilt at the start.")
    typer.echo(
        f"Erased since then: {done.erased_since} guests, whom nothing shows and the start erases "
        f"again; {done.unreadable} faces cannot be read any more."
    )
    if done.missing:
        typer.echo(f"{len(done.missing)} crops are missing; these people are found all the same.")


def _settings() -> Settings:
    """Logs go where they are set to go, once there is an installation for them to lie in."""
    settings = Settings()
    where = settings.log if settings.data_dir.exists() else "stderr"
    configure_logging(where, settings.data_dir / "logs")
    return settings


def _latest(settings: Settings, where: str) -> str:
    found = names(settings, where)
    if not found:
        raise typer.BadParameter("there is no complete backup there")
    return found[-1]


def _sizes(manifest: Manifest) -> str:
    return (
        f"{manifest.customers} guests, {manifest.templates} templates, "
        f"{manifest.audit_entries} audit entries, {manifest.objects} objects "
        f"({manifest.size_bytes / 1e6:.1f} MB)"
    )


def _moment(manifest: Manifest) -> str:
    return f"{manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
