"""Postgres, the record: tables, queries and the one transaction boundary (``database.begin``)."""
