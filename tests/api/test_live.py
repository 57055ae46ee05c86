"""Live pages over a real server: events arrive, none is missed, and stopping does not hang."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import httpx2 as httpx
import pytest

from api import auth
from api.live import BEHIND, Live
from monitor.domain.lifecycle import Action, Actor, CaseState, Role
from monitor.store import brands, events, users
from monitor.store.engine import Store
from tests.api.conftest import Clock

_SERVER = """
import sys, uvicorn
from pathlib import Path
from api.app import create_app
from monitor.settings import Settings
app = create_app(Settings(data=Path(sys.argv[1])))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
"""


class Server:
    """The application in a process of its own."""

    def __init__(self, data: Path, token: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-W", "ignore", "-c", _SERVER, str(data), str(self.port)]
        self.process = subprocess.Popen(command, env={**os.environ, "AMENDS_LOG_LEVEL": "WARNING"})
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return self.client.get("/healthz").is_success
        except httpx.ConnectError:
            return False

    def stop(self) -> float:
        """Stop as Ctrl-C does and return how many seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        return time.monotonic() - began


Desk = Callable[[], Server]


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path, now: datetime) -> Iterator[Desk]:
    """A database with one brand and one person; call it to start a server."""
    value, digest = auth.new_token()
    with sqlite_store.unit_of_work() as work:
        brands.create(work, "acme", "Acme", now)
        user = users.add(work, "a@b.example", "Ada", "x", Role.OBSERVER, now)
        users.add_token(work, user, "test", digest, now)
    servers: list[Server] = []

    def begin() -> Server:
        servers.append(Server(tmp_path, value))
        return servers[-1]

    yield begin
    for one in servers:
        one.client.close()
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def _happens(store: Store, clock: Clock, times: int = 1) -> None:
    """Let something happen to case none, and let the relay stamp it."""
    moved = (Action.OPEN, None, CaseState.OPEN)
    with store.unit_of_work() as work:
        for _ in range(times):
            events.record(work, "case", 1, Actor.worker("test"), clock(), moved=moved)
        events.stamp(work, [row.id for row in events.unprocessed(work, 10_000)], clock())


def _numbers(lines: Iterator[str], count: int) -> list[int]:
    """Read this many events from a stream."""
    found = []
    for line in lines:
        if line.startswith("data: "):
            found.append(json.loads(line[6:])["seq"])
            if len(found) == count:
                return found
    return found


def test_event_reaches_every_open_page_once_and_in_order(desk: Desk, sqlite_store: Store, now: datetime) -> None:
    server, clock = desk(), Clock(now)
    _happens(sqlite_store, clock)
    with server.client.stream("GET", "/live") as one, server.client.stream("GET", "/live") as two:
        assert one.headers["content-type"].startswith("text/event-stream")
        assert "default-src 'none'" in one.headers["content-security-policy"]
        first, second = one.iter_lines(), two.iter_lines()
        assert next(first) == next(second) == ": connected"
        time.sleep(1)
        _happens(sqlite_store, clock, 3)
        assert _numbers(first, 3) == _numbers(second, 3) == [2, 3, 4]


def test_page_that_reconnects_misses_nothing(desk: Desk, sqlite_store: Store, now: datetime) -> None:
    server, clock = desk(), Clock(now)
    _happens(sqlite_store, clock, 7)
    with server.client.stream("GET", "/live", headers={"Last-Event-ID": "3"}) as stream:
        lines = stream.iter_lines()
        assert _numbers(lines, 4) == [4, 5, 6, 7]
        _happens(sqlite_store, clock)
        assert _numbers(lines, 1) == [8]


def test_page_that_was_away_for_long_gets_the_newest(desk: Desk, sqlite_store: Store, now: datetime) -> None:
    server = desk()
    _happens(sqlite_store, Clock(now), 700)
    with server.client.stream("GET", "/live", headers={"Last-Event-ID": "1"}) as stream:
        assert _numbers(stream.iter_lines(), 500) == list(range(201, 701))


def test_event_says_what_happened_in_numbers_only(desk: Desk, sqlite_store: Store, now: datetime) -> None:
    server = desk()
    _happens(sqlite_store, Clock(now))
    with server.client.stream("GET", "/live", headers={"Last-Event-ID": "0"}) as stream:
        seen = []
        for line in stream.iter_lines():
            seen.append(line)
            if line.startswith("data: "):
                break
    assert "event: case" in seen
    assert "id: 1" in seen
    data = json.loads(seen[-1][6:]) if seen[-1].startswith("data: ") else {}
    assert data == {"seq": 1, "case_id": None, "action": "open", "to_state": "open", "brand_id": 1}


def test_stopping_does_not_wait_for_open_pages(desk: Desk) -> None:
    server = desk()
    with server.client.stream("GET", "/live") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        assert server.stop() < 5


def test_stranger_hears_nothing(desk: Desk) -> None:
    server = desk()
    answer = httpx.get(f"http://127.0.0.1:{server.port}/live")
    assert answer.status_code == 401


def test_page_that_cannot_keep_up_takes_up_where_it_stopped(sqlite_store: Store, now: datetime) -> None:
    with sqlite_store.unit_of_work() as work:
        brands.create(work, "acme", "Acme", now)

    async def slow() -> tuple[list[int], list[int]]:
        feed = Live(sqlite_store)
        await asyncio.to_thread(_happens, sqlite_store, Clock(now))
        first = feed.listen(0)
        seen = [(await anext(first)).seq]
        await asyncio.to_thread(_happens, sqlite_store, Clock(now), BEHIND + 50)
        while feed._listeners:  # noqa: ASYNC110 - until the page was let go
            await asyncio.sleep(0.05)
        seen += [row.seq async for row in first]
        again = feed.listen(seen[-1])
        more = [(await anext(again)).seq for _ in range(BEHIND)]
        await again.aclose()
        await feed.close()
        return seen, more

    seen, more = asyncio.run(slow())
    assert seen == [1]
    assert more == list(range(52, 552))
