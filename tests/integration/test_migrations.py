"""The schema that migrations make is the one the tables describe."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from vestibule.records.migrating import head, is_current, migrate
from vestibule.records.tables import Base


def test_migrated_schema_equals_the_tables(product):
    with product.installation.runtime.database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_changes_nothing(product):
    database = product.installation.runtime.database

    assert migrate(database) == head()
    assert is_current(database)
