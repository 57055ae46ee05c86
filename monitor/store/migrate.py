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
from sqlalchemy.exc import OperationalError

from monitor.domain.errors import AppError
from monitor.store.engine import Store

_FOLDER = Path(__file__).parent / "migrations"
_PG_LOCK = 0x616D656E6473  # any number of our own

Status = Literal["empty", "behind", "current", "newer"]


class SchemaNewer(AppError):
    """The database was made by a newer program."""

    code = "schema_newer"


class Unreachable(AppError):
    """Nothing answers where the database should be."""

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


@contextmanager
def _reached(store: Store) -> Iterator[Connection]:
    """Connect, or say in plain words that nothing answers there."""
    try:
        connection = store.engine.connect()
    except OperationalError as error:
        where = store.url.render_as_string(hide_password=True)
        message = f"The database cannot be opened: {where}. Nothing was changed; is it running, and the address right?"
        raise Unreachable(message) from error
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
