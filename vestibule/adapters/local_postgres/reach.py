"""Finds the Postgres that another process of this installation runs."""

import os
from pathlib import Path

from vestibule.adapters.local_postgres.cluster import application_password
from vestibule.adapters.local_postgres.process import is_ready, recorded_port, recorded_postmaster


def running_url(data_dir: Path) -> str | None:
    """The SQLAlchemy URL of the database that runs on ``data_dir``, or None if none does."""
    cluster = data_dir / "postgres"
    if not cluster.exists():
        return None
    folder = cluster.resolve()
    pid, port = recorded_postmaster(folder), recorded_port(folder)
    if pid is None or port is None or not _lives(pid) or not is_ready(folder, pid):
        return None
    password = application_password(data_dir)
    return f"postgresql+psycopg://vestibule:{password}@127.0.0.1:{port}/vestibule"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another account's
        return True
    return True
