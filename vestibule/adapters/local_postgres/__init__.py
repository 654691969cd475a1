"""A real Postgres as a child process: the database of the embedded mode.

Reading order: ``server`` (start, watch, stop), ``cluster`` (the data folder), ``process`` (one
postmaster), ``reach`` (one that another process runs), ``account`` and ``binaries`` (what it takes
never to run Postgres as root), and ``exec_as``, the few lines that stand between fork and exec.
"""

from vestibule.adapters.local_postgres.reach import running_url
from vestibule.adapters.local_postgres.server import SERVICE_ROLE, LocalPostgres

__all__ = ["SERVICE_ROLE", "LocalPostgres", "running_url"]
