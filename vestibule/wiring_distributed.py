"""The distributed mode: each process opens what it needs of Postgres, S3, Qdrant and Redis.

Only workers load models. The others know the space by its recipe (``AbsentEngine``).
"""

import time
from collections.abc import Callable

import structlog
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from vestibule.domain.errors import StartUpError
from vestibule.records.application_role import grant_application_role
from vestibule.records.database import Database
from vestibule.records.migrating import migrate
from vestibule.settings import Settings

SCHEMA_PATIENCE_S = 120.0
"""How long a process waits at its start for the database and its schema."""
_log = structlog.get_logger(__name__)


def migrate_schema(settings: Settings) -> str:
    """Bring the schema up to date and, if its URL is set, make the role that services use.

    Needs the owner's ``VESTIBULE_DATABASE_URL``. Returns the revision. Safe to run twice.
    """
    _require(settings, "database_url")
    database = Database(_value(settings.database_url), pool_size=2)
    try:
        _wait_for(database.is_ready, what="the database")
        revision = migrate(database)
        if settings.service_database_url is not None:
            url = make_url(settings.service_database_url.get_secret_value())
            grant_application_role(
                database, role=url.username or "", password=str(url.password or "")
            )
        return revision
    finally:
        database.close()


def _require(settings: Settings, *names: str) -> None:
    missing = [f"VESTIBULE_{name.upper()}" for name in names if getattr(settings, name) is None]
    if settings.mode != "distributed":
        raise StartUpError(
            "This process belongs to the distributed mode: set VESTIBULE_MODE=distributed. "
            "`vestibule serve` runs everything in one process.",
            reason="other_mode",
        )
    if missing:
        raise StartUpError(
            f"These settings are missing: {', '.join(missing)}.", reason="settings_missing"
        )


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


def _wait_for(condition: Callable[[], bool], *, what: str) -> None:
    """Raises StartUpError when it does not come true in SCHEMA_PATIENCE_S."""
    give_up_at = time.monotonic() + SCHEMA_PATIENCE_S
    told = False
    while not condition():
        if time.monotonic() > give_up_at:
            raise StartUpError(
                f"Waited {SCHEMA_PATIENCE_S:.0f} s for {what}, in vain. Is `vestibule migrate` "
                "done, and does the address in VESTIBULE_DATABASE_URL answer?",
                reason="database_not_ready",
            )
        if not told:
            _log.info("start.waiting", what=what)
            told = True
        time.sleep(0.5)
