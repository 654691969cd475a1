"""Tables as large as those of a chain, as they are after a night: vacuumed, and counted."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from vestibule.adapters.local_postgres import running_url
from vestibule.records.database import Database
from vestibule.wiring import EmbeddedInstallation


def fill(
    installation: EmbeddedInstallation,
    statements: str,
    values: Mapping[str, object],
    *,
    tables: Sequence[str],
) -> None:
    """Run the statements, and let Postgres count what is in ``tables`` then.

    By the owner of the tables, who alone may count them; what the product may do would be skipped
    with a warning, and plans would follow what other tests left.
    """
    url = running_url(installation.settings.data_dir)
    assert url is not None
    owner = Database(url, pool_size=1)
    try:
        with owner.begin() as transaction:
            for statement in statements.split(";\n"):
                if statement.strip():
                    transaction.execute(text(statement), values)
        with owner.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in tables:
                alone.execute(text(f"VACUUM ANALYZE {table}"))
    finally:
        owner.close()
