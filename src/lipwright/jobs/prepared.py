"""What the engine inserts into an SQLite file, compiled once, as by itself it does for Postgres only.

One of its private methods is replaced for that; a test fails when its signature changes.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from dbos._schemas import SCHEMA_PLACEHOLDER
from dbos._sys_db import SystemDatabase
from sqlalchemy.sql.compiler import SQLCompiler


def prepare_inserts(system: SystemDatabase) -> None:
    """Have this engine compile each of its inserts once."""
    if system.engine.dialect.name != "sqlite":
        return
    known: dict[tuple[str, ...], _Insert] = {}

    def execute(
        connection: sa.Connection, name: str, values: Mapping[str, Any], build: Callable[[], sa.Insert]
    ) -> sa.CursorResult[Any]:
        key = (name, *values)
        if key not in known:
            known[key] = _Insert(build(), values, system.engine.dialect)
        return known[key].execute(connection, values)

    system._execute_prepared = execute  # type: ignore[assignment]


class _Insert:
    """A statement, as text, and what is made of its values before they go with it."""

    def __init__(self, statement: sa.Insert, values: Mapping[str, Any], dialect: sa.Dialect) -> None:
        compiled = statement.compile(
            dialect=dialect,
            column_keys=list(values),
            schema_translate_map={SCHEMA_PLACEHOLDER: None},
            render_schema_translate=True,
        )
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 an insert is SQL
        self._text = str(compiled)
        self._order = compiled.positiontup or []
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if name not in values}
        found = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        self._processors = {name: processor for name, processor in found.items() if processor is not None}

    def execute(self, connection: sa.Connection, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        all_values = {**self._constants, **values}
        sent = [
            self._processors[name](all_values[name]) if name in self._processors else all_values[name]
            for name in self._order
        ]
        return connection.exec_driver_sql(self._text, tuple(sent))
