"""Every secret of a distributed installation: one folder for each service that reads some.

Each random value is one file of the folder ``master``; what services read is written from these.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vestibule.ports_keys import KeyWrapping

_FILE_MODE = 0o444
"""Readable by the one container that the folder is mounted into, whatever its user is called."""
_BROKER_DATABASE = 0
WRAPPED = ("sealing.key", "receipts.key")
"""What a key management service wraps, if there is one: what is kept for years."""
KMS_ACCESS = "vestibule_kms_token"
"""The one file that an operator puts into ``master``: what the service takes."""
DATABASE_USER, DATABASE = "vestibule_owner", "vestibule"
SERVICE_USER = "vestibule_service"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services find each other."""

    postgres: str = "postgres:5432"
    redis: str = "redis:6379"
    volatile: str = "volatile:6379"


def create_secrets(
    folder: Path, *, addresses: Addresses | None = None, keys: KeyWrapping | None = None
) -> list[str]:
    """Write what is missing and change nothing that is there; returns what was written.

    Safe to run at every start. ``folder/<service>/<file>``; a service's folder is all of it that
    its container should see. ``keys`` wraps those of ``WRAPPED`` that are made.
    """
    master = Master(folder / "master", keys=keys)
    wanted = files(master, addresses or Addresses()) | former_files(master)
    written = []
    for place, content in wanted.items():
        path = folder / place
        if not path.exists():
            write_whole(path, content)
            written.append(place)
    return written


class Master:
    """Each random value once. Only the service that makes secrets sees this folder.

    ``instead`` gives some of them other values, to tell what files they make.
    """

    def __init__(
        self,
        folder: Path,
        *,
        instead: Mapping[str, bytes] | None = None,
        keys: KeyWrapping | None = None,
    ) -> None:
        self._folder = folder
        self._instead = instead or {}
        self._keys = keys

    def text(self, name: str) -> str:
        """48 hexadecimal digits: nothing in them needs escaping in a URL or a configuration."""
        return self._kept(name, lambda: secrets.token_hex(24).encode()).decode()

    def key(self, name: str) -> bytes:
        return self._kept(name, lambda: new_key(name, self._keys))

    def given(self, name: str) -> bytes | None:
        """What an operator put there, if anything."""
        path = self._folder / name
        return path.read_bytes() if path.exists() else None

    def former(self, name: str) -> bytes | None:
        """The value before this one, while it is kept."""
        path = self._folder / former_name(name)
        return path.read_bytes() if path.exists() else None

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        if name in self._instead:
            return self._instead[name]
        path = self._folder / name
        if not path.exists():
            write_whole(path, make())
        return path.read_bytes()


def new_key(name: str, keys: KeyWrapping | None) -> bytes:
    """32 random bytes, wrapped if keys of that name are."""
    key = secrets.token_bytes(32)
    return keys.wrapped(key) if keys is not None and name in WRAPPED else key


def former_name(name: str) -> str:
    """``sealing.key`` -> ``sealing-former.key``."""
    path = Path(name)
    return f"{path.stem}-former{path.suffix}"


def files(master: Master, at: Addresses) -> dict[str, bytes]:
    """What each service reads, by ``service/file``."""
    owner = _database_url(DATABASE_USER, master.text("database-owner"), at)
    service = _database_url(SERVICE_USER, master.text("database-service"), at)
    broker = f"redis://:{master.text('redis')}@{at.redis}/{_BROKER_DATABASE}"
    volatile = f"redis://:{master.text('volatile')}@{at.volatile}/0"
    made: dict[str, bytes | str] = {
        "postgres/password": master.text("database-owner"),
        "redis/redis.conf": _redis_configuration(master.text("redis")),
        "redis/password": master.text("redis"),
        "volatile/redis.conf": _redis_configuration(master.text("volatile")),
        "volatile/password": master.text("volatile"),
        "minio/root-user": "vestibule-root",
        "minio/root-password": master.text("minio-root"),
        "qdrant/config.yaml": json.dumps(
            {"service": {"api_key": master.text("qdrant")}}
        ),  # JSON is YAML
        "grafana/admin-password": master.text("grafana"),
        "migrate/vestibule_database_url": owner,
        "migrate/vestibule_service_database_url": service,
        "storage/vestibule_s3_admin_access_key": "vestibule-root",
        "storage/vestibule_s3_admin_secret_key": master.text("minio-root"),
        "storage/vestibule_s3_access_key": "vestibule-service",
        "storage/vestibule_s3_secret_key": master.text("s3-service"),
        # The owner's: a restore makes the tables.
        "backup/vestibule_database_url": owner,
        "backup/vestibule_s3_access_key": "vestibule-service",
        "backup/vestibule_s3_secret_key": master.text("s3-service"),
        "backup/backup.key": master.key("backup.key"),
        # The keyring beside the backups is written with it, and restored keys are wrapped by it.
        "backup/sealing.key": master.key("sealing.key"),
        "web/web.key": master.key("web.key"),
    }
    for process in ("api", "worker", "scheduler"):
        made |= {
            f"{process}/vestibule_database_url": service,
            f"{process}/vestibule_broker_url": broker,
            f"{process}/vestibule_volatile_url": volatile,
            f"{process}/vestibule_s3_access_key": "vestibule-service",
            f"{process}/vestibule_s3_secret_key": master.text("s3-service"),
            f"{process}/vestibule_qdrant_api_key": master.text("qdrant"),
            f"{process}/vestibule_alert_webhook_secret": master.text("alert-webhook"),
            f"{process}/sealing.key": master.key("sealing.key"),
            f"{process}/receipts.key": master.key("receipts.key"),
        }
    made |= _kms_access(master)
    return {
        place: content.encode() if isinstance(content, str) else content
        for place, content in made.items()
    }


def _kms_access(master: Master) -> dict[str, bytes]:
    token = master.given(KMS_ACCESS)
    return {} if token is None else {f"{part}/{KMS_ACCESS}": token for part in _WITH_SEALING_KEY}


_WITH_SEALING_KEY = ("api", "worker", "scheduler", "backup")
FORMER_PLACES = {
    "database-owner": ("postgres/password-former",),
    "redis": ("redis/password-former",),
    "volatile": ("volatile/password-former",),
    "sealing.key": tuple(f"{part}/sealing-former.key" for part in _WITH_SEALING_KEY),
    "receipts.key": tuple(f"{part}/receipts-former.key" for part in ("api", "worker", "scheduler")),
    "web.key": ("web/web-former.key",),
    "backup.key": ("backup/backup-former.key",),
}
"""Who is told the value before, to open what it closed or to change it where it is in force."""


def wrap_keys(folder: Path, keys: KeyWrapping) -> list[str]:
    """Wrap every key of ``WRAPPED`` that is there, or wrap it anew; returns the files.

    Begun anew after a kill it goes on with what it had wrapped. Raises StartUpError.
    """
    master, written = folder / "master", []
    present = [each for name in WRAPPED for each in (name, former_name(name))]
    for name in [each for each in present if (master / each).exists()]:
        places = _places(folder, name)
        coming = master / f"{name}.coming"
        if not coming.exists():
            write_whole(coming, keys.wrapped(keys.load(master / name)))
        for place in places:
            write_whole(folder / place, coming.read_bytes())
        coming.replace(master / name)
        written += [*places, f"master/{name}"]
    return written


def _places(folder: Path, name: str) -> list[str]:
    """Where services have a copy of that key."""
    master = Master(folder / "master")
    content = (folder / "master" / name).read_bytes()
    told = files(master, Addresses()) | former_files(master)
    return [place for place, each in told.items() if each == content and (folder / place).exists()]


def former_files(master: Master) -> dict[str, bytes]:
    kept = {name: master.former(name) for name in FORMER_PLACES}
    return {
        place: value
        for name, value in kept.items()
        if value is not None
        for place in FORMER_PLACES[name]
    }


def _database_url(user: str, password: str, at: Addresses) -> str:
    return f"postgresql+psycopg://{user}:{password}@{at.postgres}/{DATABASE}"


def _redis_configuration(password: str) -> str:
    return f"requirepass {password}\n"


def write_whole(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.write_bytes(content)
    part.chmod(_FILE_MODE)
    part.replace(path)
