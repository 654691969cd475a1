"""What the services' role in Postgres may not do, whatever a fault in the API would let through."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from services.processes.secret_files import create_secrets
from tests.servers.postgres import PostgresServer
from vestibule.records.application_role import grant_application_role
from vestibule.records.database import Database
from vestibule.records.migrating import migrate

PASSWORD = "of the services"
FORBIDDEN = (
    "UPDATE audit_entry SET actor = 'nobody'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only",
    "DROP TABLE audit_entry",
    "ALTER TABLE customer ADD COLUMN note text",
    "DROP TABLE customer",
    "TRUNCATE customer",
    "CREATE TABLE theirs (id int)",
    "UPDATE alembic_version SET version_num = '0001'",
    "DELETE FROM alembic_version",
    "CREATE ROLE another LOGIN",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "SET ROLE postgres",
    "SET session_replication_role = replica",
    "COPY customer TO '/tmp/customers'",
    "COPY customer TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
)


@pytest.fixture(scope="module")
def services(make_data_dir) -> Iterator[Database]:
    """Connected as services are, to a schema that its owner migrated."""
    with PostgresServer(Path(make_data_dir())) as server:
        owner = Database(server.url)
        migrate(owner)
        grant_application_role(owner, role="vestibule_service", password=PASSWORD)
        owner.close()
        url = make_url(server.url).set(username="vestibule_service", password=PASSWORD)
        database = Database(url.render_as_string(hide_password=False))
        yield database
        database.close()


@pytest.mark.duty("GDPR 32")
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_art_32_services_can_neither_shape_tables_nor_change_the_log(services, statement):
    with pytest.raises((ProgrammingError, DBAPIError)) as refused, services.begin() as transaction:
        transaction.execute(text(statement))
    assert any(
        word in str(refused.value)
        for word in ("permission denied", "must be owner", "Only roles", "denied to")
    ), refused.value


def test_services_read_and_write_what_they_need(services):
    may = "has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
    query = text(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        f"AND relkind = 'r' AND relname <> 'alembic_version' AND NOT ({may})"
    )
    with services.begin() as transaction:
        assert list(transaction.scalars(query)) == []
        owned = "SELECT count(*) FROM pg_class c JOIN pg_roles r ON c.relowner = r.oid "
        owned += "WHERE r.rolname = current_user"
        assert transaction.scalar(text(owned)) == 0


@pytest.mark.duty("GDPR 32")
def test_art_32_pages_are_given_no_way_to_the_database_and_services_none_as_its_owner(tmp_path):
    create_secrets(tmp_path)
    held = {
        folder.name: {
            path.name: path.read_bytes().decode("latin-1")
            for path in folder.iterdir()
            if path.is_file()
        }
        for folder in tmp_path.iterdir()
        if folder.is_dir()
    }
    owners = {name for name, files in held.items() if "vestibule_owner" in str(files)}
    assert owners <= {"migrate", "master", "backup", "postgres"}
    assert not any("database" in name for name in held["web"])
    assert all("vestibule_service:" in held[name]["vestibule_database_url"] for name in ("api",))
