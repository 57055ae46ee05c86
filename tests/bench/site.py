"""A running Amends and a signed-in visitor, for measuring."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from api import auth, passwords
from monitor.domain.lifecycle import Role
from monitor.settings import Settings
from monitor.store import users
from monitor.store.engine import Store
from tests.bench.machine import free_port


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass
class Site:
    """Where it runs, and since how many seconds it took to answer."""

    url: str
    process: subprocess.Popen[bytes]
    ready_s: float


@contextmanager
def running(command: list[str], data: Path, log: Path, **settings: str) -> Iterator[Site]:
    """Run an `amends` command that serves pages; stop it at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "AMENDS_DATA": str(data), **{f"AMENDS_{k.upper()}": v for k, v in settings.items()}}
    began = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", *command, "--port", str(port)], stdout=out, stderr=out, env=environment
        )
    try:
        yield Site(url, process, _wait(url, process, began, log))
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(url: str, process: subprocess.Popen[bytes], began: float, log: Path) -> float:
    while time.perf_counter() - began < 120:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return time.perf_counter() - began
        except httpx.TransportError:
            time.sleep(0.05)
        if process.poll() is not None:
            break
    message = f"it did not start:\n{log.read_text()[-2000:]}"
    raise RuntimeError(message)


def visitor(url: str, store: Store, settings: Settings) -> httpx.Client:
    """Return a browser with somebody signed in."""
    with store.unit_of_work() as work:
        found = users.by_email(work, "bench@example.com")
        user = (
            found.id
            if found
            else users.add(
                work, "bench@example.com", "Bench", passwords.hashed("correct horse battery"), Role.AGENT, now()
            )
        )
        value = auth._open_session(work, user, now(), 1)
    return httpx.Client(base_url=url, cookies={auth.cookie_name(settings): value}, timeout=60)


def visits(client: httpx.Client, path: str, times: int) -> list[float]:
    """Open a page and return the seconds each took, the first ones left out."""
    taken = []
    for turn in range(times + 3):
        began = time.perf_counter()
        answer = client.get(path)
        if turn >= 3:
            taken.append(time.perf_counter() - began)
        if answer.status_code != 200:
            message = f"{path} answered {answer.status_code}"
            raise RuntimeError(message)
    return taken
