"""A private Valkey, and real worker processes over it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.running import valkey


def wait_for(what: Callable[[], object], seconds: float = 60, why: str = "") -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, f"waited {seconds:.0f} s in vain {why}"
        time.sleep(0.1)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """The address of an empty broker."""
    folder = valkey.private_folder(tmp_path)
    server = subprocess.Popen(valkey.command(valkey.find_binary(), folder), stdout=subprocess.DEVNULL)
    wait_for(lambda: valkey.answers(folder), 10)
    yield valkey.url(folder)
    server.kill()
    server.wait()
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()


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
