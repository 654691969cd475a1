"""The database role of the running services: it may use the tables and not shape them."""

from sqlalchemy import text

from vestibule.records.database import Database, Transaction

_APPEND_ONLY = ("audit_entry",)
_READ_ONLY = ("alembic_version",)
_CALLED = ("forget_audit_entries(bigint)",)
"""Functions that do for services, within limits, what they have no right to."""


def grant_application_role(database: Database, *, role: str, password: str) -> None:
    """Make the role if it is missing, give it what services need, take away what they do not.

    For the owner of the tables, after a migration. Safe to run twice; a new password replaces the
    old one.
    """
    with database.begin() as transaction:
        quote = transaction.scalar
        name = quote(text("SELECT quote_ident(:role)"), {"role": role})
        secret = quote(text("SELECT quote_literal(:password)"), {"password": password})
        exists = quote(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
        verb = "ALTER" if exists else "CREATE"
        _run(
            transaction,
            f"{verb} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {secret}",
        )
    grant_rights(database, role=role)


def grant_rights(database: Database, *, role: str) -> None:
    """The same for a role that is there. Tables that a migration added are given too."""
    with database.begin() as transaction:
        name = transaction.scalar(text("SELECT quote_ident(:role)"), {"role": role})
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
            *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}" for table in _APPEND_ONLY),
            *(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {name}" for table in _READ_ONLY),
            *(f"GRANT EXECUTE ON FUNCTION {function} TO {name}" for function in _CALLED),
        ):
            _run(transaction, statement)


def _run(transaction: Transaction, statement: str) -> None:
    # A password may hold a colon, which would read as a parameter.
    transaction.connection().exec_driver_sql(statement.replace("%", "%%"))
