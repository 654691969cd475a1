"""Alembic's entry: a connection handed over by ``migrating.migrate``, or an URL when writing."""

import os

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection

from vestibule.records.all_tables import METADATA


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        # Each lets go of its locks before the next one asks for some.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(os.environ["VESTIBULE_DATABASE_URL"]).connect() as own:
        run(own)
        own.commit()
