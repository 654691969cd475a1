"""Every statement's time, by what it does and to which table; never its text or its values."""

import re
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from vestibule import tracing
from vestibule.telemetry import DEPENDENCY_SECONDS

_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?([a-z_]+)")
_OPERATIONS = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}


class _Statement:
    __slots__ = ("operation", "span", "started")

    def __init__(self, text: str) -> None:
        first = text.lstrip().split(None, 1)[0].upper() if text.strip() else ""
        self.operation = first.lower() if first in _OPERATIONS else "other"
        self.started = time.perf_counter()
        found = _TABLE.search(text) if tracing.place() else None
        table = found.group(1) if found else ""
        named: tracing.Attributes = {"table": table} if table else {}
        self.span = tracing.begin_within(
            f"database {self.operation} {table}".rstrip(), kind="client", **named
        )

    def end(self, error: BaseException | None = None) -> None:
        seconds = time.perf_counter() - self.started
        outcome = "ok" if error is None else "error"
        DEPENDENCY_SECONDS.labels("database", self.operation, outcome).observe(seconds)
        if error is not None:
            self.span.fail(tracing.code_of(error))
        self.span.end()


def observe_statements(engine: Engine) -> None:
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _fail)


def _begin(
    _connection: Any, _cursor: Any, text: str, _values: Any, context: Any, _many: bool
) -> None:
    if context is not None:
        context.vestibule_statement = _Statement(text)


def _end(
    _connection: Any, _cursor: Any, _text: str, _values: Any, context: Any, _many: bool
) -> None:
    statement = getattr(context, "vestibule_statement", None)
    if statement is not None:
        statement.end()


def _fail(trouble: Any) -> None:
    """Also for what fails outside of a statement: a connection that cannot be had."""
    statement = getattr(trouble.execution_context, "vestibule_statement", None)
    if statement is not None:
        statement.end(trouble.original_exception)
    else:
        DEPENDENCY_SECONDS.labels("database", "connect", "error").observe(0)
