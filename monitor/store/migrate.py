"""Migrations: Alembic, configured in code, run under a lock on both databases."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.domain.errors import AppError
from monitor.store.engine import Store

_FOLDER = Path(__file__).parent / "migrations"
_PG_LOCK = 0x616D656E6473  # any number of our own

Status = Literal["empty", "behind", "current", "newer"]


class SchemaNewer(AppError):
    """The database was made by a newer program."""

    code = "schema_newer"


class DatabaseUnreachable(AppError):
    """Nothing answers where the database should be, or what answers is no database of ours."""

    code = "database_unreachable"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def _status(connection: Connection) -> Status:
    script = ScriptDirectory.from_config(_config())
    has = MigrationContext.configure(connection).get_current_revision()
    if has is None:
        return "empty"
    known = {one.revision for one in script.walk_revisions()}
    if has not in known:
        return "newer"
    return "current" if has == script.get_current_head() else "behind"


def status(store: Store) -> Status:
    """Say how the database's schema stands to this program."""
    with _reached(store) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return "empty"
        return _status(connection)


def revision(store: Store) -> str:
    """Return which migration the database is at, "" when it is empty."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def knows(revision: str) -> bool:
    """Tell whether this program has a migration: one it has not is a newer program's."""
    return any(one.revision == revision for one in ScriptDirectory.from_config(_config()).walk_revisions())


def upgrade(store: Store) -> None:
    """Create or upgrade the schema; only one process does so at a time.

    Raises `SchemaNewer` when a newer program made it: nothing is touched then.
    """
    with _lock(store), _reached(store) as connection:
        connection.execution_options(amends_write=True)
        if inspect(connection).has_table("alembic_version") and _status(connection) == "newer":
            message = "This database was made by a newer Amends. Install that version, or restore a backup."
            raise SchemaNewer(message)
        connection.rollback()
        with connection.begin():
            if not store.is_sqlite:
                connection.execute(text("SET LOCAL lock_timeout = '10s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PG_LOCK})
            command.upgrade(_config(connection), "head")


def unreachable(error: SQLAlchemyError) -> DatabaseUnreachable:
    """Return what the database said, in a line."""
    said = str(getattr(error, "orig", None) or error).partition("\n")[0]
    message = f"The database cannot be used: {said}. Check AMENDS_DATABASE_URL, and that the server runs."
    return DatabaseUnreachable(message)


@contextmanager
def _reached(store: Store) -> Iterator[Connection]:
    """Connect, or say in plain words that nothing answers there."""
    try:
        connection = store.engine.connect()
    except SQLAlchemyError as error:
        raise unreachable(error) from error
    with connection:
        yield connection


@contextmanager
def _lock(store: Store) -> Iterator[None]:
    """Hold a file lock beside an SQLite database; PostgreSQL has its own lock inside the transaction."""
    name = store.url.database
    if not store.is_sqlite or not name or name == ":memory:":
        yield
        return
    path = Path(name).with_suffix(".migrating")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    path.unlink(missing_ok=True)


def differences(store: Store) -> list[object]:
    """Return what autogenerate would change: nothing, when migrations and tables agree."""
    from alembic.autogenerate import compare_metadata

    from monitor.store.tables import metadata

    with store.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))
