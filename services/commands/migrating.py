"""``vestibule migrate``: the database that is set, or the embedded one by starting it once."""

import typer

from services.client import api_client
from services.commands.words import tell_install
from services.logged_settings import logged_settings
from vestibule.wiring_distributed import migrate_schema


def migrate() -> None:
    """Bring the database to this release's schema."""
    settings = logged_settings()
    if settings.mode == "distributed":
        migrate_schema(settings)
    else:
        with api_client(settings, report=tell_install) as client:
            client.get("/readyz")
    typer.echo("The database has this release's schema.")
