"""The distributed mode's little part that the watcher of a worker needs, without the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from vestibule.adapters.celery_queue import CeleryJobQueue, build_celery
from vestibule.adapters.database_clock import DatabaseClock
from vestibule.domain.errors import StartUpError
from vestibule.ports import Clock, JobQueue
from vestibule.records.database import Database
from vestibule.settings import Settings
from vestibule.wiring_links import refuse_plain_links

JOB_PATIENCE_S = 15.0
"""How long one answer of Postgres is waited for by jobs and by who watches over them: well below
the time after which a worker counts as stuck."""


@dataclass(frozen=True, slots=True)
class DeskRuntime:
    """The little that the watcher of a worker needs."""

    database: Database
    queue: JobQueue
    clock: Clock


@contextmanager
def open_desk(settings: Settings) -> Iterator[DeskRuntime]:
    """For the watcher of a worker. Nothing is asked of anybody yet."""
    require(settings, "database_url", "broker_url")
    database = Database(value(settings.database_url), pool_size=1, answer_within_s=JOB_PATIENCE_S)
    celery = build_celery(value(settings.broker_url))
    try:
        yield DeskRuntime(database, CeleryJobQueue(celery), DatabaseClock(database))
    finally:
        database.close()


def require(settings: Settings, *names: str) -> None:
    """Raises StartUpError in the other mode, and for settings that are missing or links that are
    plain against VESTIBULE_REQUIRE_TLS."""
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
    refuse_plain_links(settings)


def value(secret: SecretStr | None) -> str:
    """Empty where it is not set; ``require`` has refused that where it must be."""
    return secret.get_secret_value() if secret is not None else ""
