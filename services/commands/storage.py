"""``vestibule storage``: prepare the object store, and see whether it works."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from vestibule.settings import Settings
from vestibule.wiring_storage import check_storage, prepare_storage, storage_policy

storage_app = typer.Typer(no_args_is_help=True, help="The object store of the distributed mode.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]


@storage_app.command()
def prepare(as_json: AsJson = False) -> None:
    """Make bucket, rules and the application's key, by VESTIBULE_S3_ADMIN_*. Safe to repeat."""
    for step in prepare_storage(Settings()):
        typer.echo(
            json.dumps(asdict(step))
            if as_json
            else f"{step.outcome.replace('_', ' '):>11}  {step.words}"
        )


@storage_app.command()
def check() -> None:
    """Write, read and delete one object as the application does."""
    typer.echo(check_storage(Settings()).words)


@storage_app.command()
def policy() -> None:
    """Print what the application's key must be allowed, for stores other than MinIO."""
    typer.echo(storage_policy(Settings()), nl=False)
