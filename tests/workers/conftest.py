"""A private Valkey, and real worker processes over it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.running.instance import private_broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """The address of an empty broker."""
    with private_broker(tmp_path) as url:
        yield url


class Crew:
    """Worker processes over one database and one broker; their logs are in `folder`."""

    def __init__(self, folder: Path, database: str, broker: str) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "AMENDS_DATA": str(folder),
            "AMENDS_DATABASE_URL": database,
            "AMENDS_BROKER_URL": broker,
            "AMENDS_MODEL": "rules",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        given = {f"AMENDS_{name.upper()}": value for name, value in settings.items()}
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            command = [sys.executable, "-P", "-m", "workers", *words]
            process = subprocess.Popen(command, env={**self.environment, **given}, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def stop(self) -> list[int]:
        """Stop all in the gentle way and return their exit codes."""
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(30) for process in self.running]
        self.running.clear()
        return codes

    def kill(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        self.running.clear()


@pytest.fixture
def crew(tmp_path: Path, sqlite_url: str, broker: str) -> Iterator[Crew]:
    """Workers to be, on SQLite."""
    made = Crew(tmp_path, sqlite_url, broker)
    yield made
    made.kill()


@pytest.fixture
def pg_crew(tmp_path: Path, pg_url: str, broker: str) -> Iterator[Crew]:
    """Workers to be, on PostgreSQL."""
    made = Crew(tmp_path, pg_url, broker)
    yield made
    made.kill()
