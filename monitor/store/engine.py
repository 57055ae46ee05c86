"""Connections and the unit of work. Nothing else in the product begins or commits a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DataError
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.domain.errors import BadInput
from monitor.store.tables import lease

Work = Connection  # a transaction under way: handed to store functions, opaque to everybody else

_BUSY_MS = 10_000  # measured: read-then-write fails in two tries of three without BEGIN IMMEDIATE


class Store:
    """One database, SQLite (WAL) or PostgreSQL. Errors hide their parameters: those hold the words of posts."""

    def __init__(self, url: str) -> None:
        """Open lazily. Raises `BadInput` for an address of another kind of database."""
        parsed = make_url(url)
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            message = f"AMENDS_DATABASE_URL names {parsed.get_backend_name()}: use sqlite:///FILE or postgresql://..."
            raise BadInput(message)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.url = parsed
        self.engine = (
            _sqlite(parsed) if self.is_sqlite else create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        )

        event.listen(self.engine, "handle_error", _say_what_does_not_fit)

    @contextmanager
    def unit_of_work(self, *, durable: bool = False) -> Iterator[Work]:
        """Run one transaction: all of it, or nothing. `durable` waits for the disk (claims, reviews, results)."""
        options = {"amends_write": True, "amends_durable": durable}
        with self.engine.connect().execution_options(**options) as work, work.begin():
            yield work

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """Read from one snapshot, without keeping writers waiting."""
        with self.engine.connect() as work:
            yield work

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _say_what_does_not_fit(context: ExceptionContext) -> None:
    """Raise `BadInput` for a value that no column holds: what was given is wrong, not the database."""
    too_much = isinstance(context.original_exception, OverflowError | UnicodeError)
    if too_much or isinstance(context.sqlalchemy_exception, DataError):
        message = "A number is too large, or a text holds what is no character. Nothing was done: correct it."
        raise BadInput(message) from context.original_exception


def _sqlite(url: Any) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("amends_write"):
            connection.exec_driver_sql("BEGIN")
            return
        level = "FULL" if options.get("amends_durable") else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def insert_new(work: Work, table: Table, rows: list[dict[str, Any]], returning: tuple[str, ...] = ("id",)) -> list[Any]:
    """Insert the rows whose unique keys are new and return them: what was there already stays as it was."""
    if not rows:
        return []
    dialect = sqlite if work.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).on_conflict_do_nothing().returning(*(table.c[name] for name in returning))
    return list(work.execute(statement, rows).all())


def take_lease(work: Work, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take or keep a lease that only one holder has at a time. False: somebody else has it."""
    row = {"name": name, "holder": holder, "until": until}
    if insert_new(work, lease, [row], ("name",)):
        return True
    free = (lease.c.until < now) | (lease.c.holder == holder)
    mine = update(lease).where(lease.c.name == name, free).values(holder=holder, until=until)
    return work.execute(mine).rowcount == 1


def checkpoint(store: "Store") -> None:
    """Fold SQLite's write-ahead log into the file and empty it; PostgreSQL does this by itself."""
    if store.is_sqlite:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
