"""Small commands that ask the product: a sign-in link, an API key, the index made anew."""

from typing import Annotated

import typer

from services.client import api_client
from services.commands.connecting import connected
from services.commands.words import tell_install
from services.logged_settings import logged_settings

keys_app = typer.Typer(no_args_is_help=True, help="API keys for programs.")


def sign_in_link() -> None:
    """Print a new one-time sign-in link of the running product."""
    settings = logged_settings()
    with api_client(settings, report=tell_install) as client:
        base = settings.public_url or client.base_url
        typer.echo(base.rstrip("/") + client.post("/v1/sign-in-links")["path"])


def rebuild_index() -> None:
    """Make the vector index equal to the record, without running a model."""
    with connected(tell_install) as client:
        result = client.post("/v1/index/reconciliation")
    typer.echo(f"{result['added']} templates added, {result['removed']} removed")


@keys_app.command("create")
def create_api_key(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    days: Annotated[int, typer.Option(help="How long it works.", min=1, max=3650)] = 90,
) -> None:
    """Make an API key and print it, this once."""
    with connected(tell_install) as client:
        key = client.post("/v1/api-keys", {"name": name, "expires_in_days": days})
    typer.echo(key["api_key"])
