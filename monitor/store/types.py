"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import Enum
from json import dumps
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC. A naive one is refused: somebody forgot the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC; SQLite, which has no zones, gets the naive form."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a time without a zone: {value.isoformat()}"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand back an aware time."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def key() -> Column[int]:
    """Return the primary key every table has."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def ref(name: str, table: str, *, null: bool = False, index: bool = False) -> Column[int]:
    """Return a foreign key to another table's id."""
    return Column(name, Id, ForeignKey(f"{table}.id"), nullable=null, index=index)


def words(
    name: str, length: int = 200, *, null: bool = False, default: str = "", server_default: str | None = None
) -> Column[str]:
    """Return a short text column. `server_default` is for a column that joins a table with rows in it."""
    plain = None if null else default
    return Column(name, String(length), nullable=null, default=plain, server_default=server_default)


def when(name: str, *, null: bool = True) -> Column[datetime]:
    """Return a time column."""
    return Column(name, UtcTime, nullable=null)


def choice(name: str, values: type[Enum] | tuple[str, ...], *, null: bool = False) -> tuple[Any, ...]:
    """Return a text column and the check that keeps it to the given values."""
    names = values if isinstance(values, tuple) else tuple(str(one.value) for one in values)
    listed = ", ".join(f"'{one}'" for one in names)
    column: Column[str] = Column(name, String(40), nullable=null)
    return column, CheckConstraint(f"{name} IN ({listed})", name=f"{name}_is_known")


def flag(name: str, *, default: bool = False) -> Column[bool]:
    """Return a yes-or-no column."""
    return Column(name, Boolean, nullable=False, default=default)


def count(name: str, *, null: bool = False) -> Column[int]:
    """Return a column of whole numbers, 0 at first, or unknown where `null`."""
    return Column(name, BigInteger, nullable=null, default=None if null else 0)


def json(name: str, *, default: dict[str, object] | None = None) -> Column[object]:
    """Return a column of JSON. A `default` also fills the rows that were there before the column."""
    if default is None:
        return Column(name, JSON, nullable=False)
    return Column(name, JSON, nullable=False, default=default, server_default=dumps(default))
