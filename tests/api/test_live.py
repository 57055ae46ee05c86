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
from api.live import BEHIND, CAUGHT_UP, Live, _event
from monitor.domain.lifecycle import Action, Actor, CaseState, Role
from monitor.store import brands, events, users
from monitor.store.engine import Store
from tests.api.conftest import Clock, House

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
        # As the relay's stamp does, for many at once.
        work.exec_driver_sql("UPDATE event SET seq = id, processed_at = created_at WHERE seq IS NULL")


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
    _happens(sqlite_store, Clock(now), CAUGHT_UP + 100)
    with server.client.stream("GET", "/live", headers={"Last-Event-ID": "1"}) as stream:
        assert _numbers(stream.iter_lines(), CAUGHT_UP) == list(range(101, CAUGHT_UP + 101))


def test_stopping_does_not_wait_for_open_pages(desk: Desk) -> None:
    server = desk()
    with server.client.stream("GET", "/live") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        assert server.stop() < 5


def test_stranger_hears_nothing(house: House) -> None:
    assert house.client().get("/live").status_code == 401


def test_event_says_what_happened_in_numbers_only(house: House, case_id: int) -> None:
    with house.store.unit_of_work() as work:
        events.stamp(work, [row.id for row in events.unprocessed(work, 10)], house.clock())

    async def heard() -> list[dict[str, object]]:
        feed = Live(house.store)
        rows = feed.listen(0)
        told = [_event(await anext(rows)) for _ in range(2)]
        await rows.aclose()
        await feed.close()
        return [{"event": one.event, "id": one.id, **json.loads(str(one.data))} for one in told]

    brought, opened = asyncio.run(heard())
    assert brought["event"] == "mentions"
    what = {"case_id": case_id, "action": "open", "to_state": "open", "brand_id": 1}
    assert opened == {"event": "case", "id": "2", "seq": 2, **what}


def test_page_that_cannot_keep_up_takes_up_where_it_stopped(sqlite_store: Store, now: datetime) -> None:
    with sqlite_store.unit_of_work() as work:
        brands.create(work, "acme", "Acme", now)

    async def slow() -> tuple[list[int], list[int]]:
        feed = Live(sqlite_store)
        page = feed.listen(None)
        first = asyncio.create_task(anext(page))
        while not feed._listeners:  # noqa: ASYNC110 - until it listens
            await asyncio.sleep(0.05)
        await asyncio.to_thread(_happens, sqlite_store, Clock(now))
        seen = [(await first).seq]
        await asyncio.to_thread(_happens, sqlite_store, Clock(now), BEHIND + 50)
        while feed._listeners:  # noqa: ASYNC110 - until it is let go
            await asyncio.sleep(0.05)
        seen += [row.seq async for row in page]
        again = feed.listen(seen[-1])
        more = [(await anext(again)).seq for _ in range(BEHIND + 50)]
        await again.aclose()
        await feed.close()
        return seen, more

    seen, more = asyncio.run(slow())
    assert seen == [1]
    assert more == list(range(2, BEHIND + 52))
