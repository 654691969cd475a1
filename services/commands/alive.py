"""``vestibule is-alive``: what a container's health check may ask."""

from typing import Annotated

import typer

from services.heartbeat import is_alive
from vestibule.settings import Settings


def check_alive(
    name: Annotated[str, typer.Argument(help="scheduler or worker, on this machine.")],
) -> None:
    """Exit status 0 if that process gave a sign of life lately: for container health checks."""
    if not is_alive(Settings(), name):
        typer.echo(f"{name} gave no sign of life lately.", err=True)
        raise typer.Exit(1)
