"""The common ground of the simulated platforms: a loopback server with a world behind it, and faults before it.

They are written from the public descriptions of the platforms' interfaces, so that anybody can try Amends without a
key and the tests meet every fault. Nothing of them is used when Amends speaks to a real platform.
"""

import json
import random
import socket
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import StrEnum
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self, cast
from urllib.parse import parse_qs, urlsplit

from monitor.simulated.world import World

_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>whoa there</p></body></html>"


class Fault(StrEnum):
    """What can go wrong with a call. The server does the first group by itself, a platform the second."""

    LIMIT = "limit"  # 429 with the platform's headers
    LIMIT_BARE = "limit_bare"  # 429 without any, and a page of HTML
    ERROR = "error"  # 500
    AWAY = "away"  # 503 and a page of HTML
    HTML = "html"  # 200, and a page of HTML where JSON should be
    CUT = "cut"  # the connection breaks before anything is done
    LOST = "lost"  # it is done, and then the connection breaks
    SLOW = "slow"  # it is done, and the answer takes `slow_s`
    EXPIRED = "expired"  # the token has run out
    DUPLICATE_PAGE = "duplicate_page"  # the page before comes again
    MISSING_PAGE = "missing_page"  # an empty page although there is more


@dataclass(frozen=True)
class Ask:
    """A request. `fault` is one of the second group that the platform is to act out; None: none."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    fault: Fault | None = None

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a parameter of the query or the form."""
        return (self.query.get(name) or self.form.get(name) or [default])[0]

    @property
    def form(self) -> dict[str, list[str]]:
        """Return the fields of a form in the body."""
        kind = self.headers.get("content-type", "")
        return parse_qs(self.body.decode(), keep_blank_values=True) if "form-urlencoded" in kind else {}

    @property
    def json(self) -> Any:
        """Return the JSON in the body, {} when there is none."""
        return json.loads(self.body or b"{}")

    @property
    def bearer(self) -> str:
        """Return the token it came with, "" for none."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else ""


@dataclass
class Answer:
    """A response: `body` is sent as JSON, or as it is where it is text (HTML) or bytes."""

    body: object = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Faults:
    """What is to go wrong: planned for the next matching calls, or by chance at given rates."""

    def __init__(self, seed: int = 0) -> None:
        """The same seed draws the same faults."""
        self.rates: dict[Fault, float] = {}
        self._planned: deque[tuple[str, str, Fault]] = deque()
        self._random, self._lock = random.Random(seed), Lock()

    def plan(self, fault: Fault, path: str = "*", *, method: str = "*", times: int = 1) -> None:
        """Let the next `times` calls whose path and method match meet a fault."""
        with self._lock:
            self._planned.extend([(method, path, fault)] * times)

    def pick(self, method: str, path: str) -> Fault | None:
        """Return what is to go wrong with this call, None for nothing."""
        with self._lock:
            for planned in self._planned:
                if fnmatch(method, planned[0]) and fnmatch(path, planned[1]):
                    self._planned.remove(planned)
                    return planned[2]
            drawn = self._random.random()
            for fault, rate in self.rates.items():
                drawn -= rate
                if drawn < 0:
                    return fault
            return None


class Simulated(ABC):
    """One platform on loopback. A subclass answers calls in `answer` and says how its ids and limits look."""

    name = ""

    def __init__(self, *, clock: Callable[[], float] = time.time, port: int = 0, seed: int = 0) -> None:
        """`clock` is the platform's own, in epoch seconds. Port 0: any free one."""
        self.clock = clock
        self.skew = 0.0  # seconds by which its Date header is off
        self.slow_s = 1.0
        self.world = World(clock, self.make_id)
        self.faults = Faults(seed)
        self.asked: list[tuple[str, str]] = []  # method and path of every call, the ones that failed too
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.platform = self
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name=f"simulated {self.name}"
        )

    # --- what a platform says for itself

    def make_id(self, number: int, at: float) -> str:
        """Return the id of a post as this platform writes them."""
        del at
        return str(number)

    @abstractmethod
    def answer(self, ask: Ask) -> Answer:
        """Answer a call."""

    def limit_headers(self) -> dict[str, str]:
        """Return the headers of a 429."""
        return {"retry-after": "30"}

    # --- running

    @property
    def url(self) -> str:
        """Return its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        """Begin to serve, in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving; the world stays. Calls find a closed port: the network is down."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def meet(self, ask: Ask) -> Answer | None:
        """Answer a call, or fail as planned; None means that the connection breaks."""
        fault = self.faults.pick(ask.method, ask.path)
        if fault is Fault.CUT:
            return None
        if fault is Fault.LIMIT:
            return Answer({"title": "Too Many Requests", "status": 429}, 429, self.limit_headers())
        if fault in _PAGES:
            status, title = _PAGES[fault]
            return Answer(_HTML.format(title), status)
        done = self.answer(Ask(ask.method, ask.path, ask.query, ask.headers, ask.body, fault))
        if fault is Fault.SLOW:
            time.sleep(self.slow_s)
        return None if fault is Fault.LOST else done


_PAGES = {
    Fault.LIMIT_BARE: (429, "Too Many Requests"),
    Fault.ERROR: (500, "Internal Server Error"),
    Fault.AWAY: (503, "Service Unavailable"),
    Fault.HTML: (200, "Please wait"),
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    platform: Simulated


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet an answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class named it
        """Say nothing."""

    def _serve(self) -> None:
        platform = cast("_Server", self.server).platform
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        heads = {name.lower(): value for name, value in self.headers.items()}
        ask = Ask(self.command, parts.path, parse_qs(parts.query, keep_blank_values=True), heads, body)
        platform.asked.append((ask.method, ask.path))
        done = platform.meet(ask)
        if done is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(platform, done)

    def _send(self, platform: Simulated, done: Answer) -> None:
        heads = {"Content-Type": "text/html; charset=utf-8" if isinstance(done.body, str) else "application/json"}
        plain = done.body.encode() if isinstance(done.body, str) else done.body
        content = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
        # Not `send_response`: it would add a Date by the wrong clock.
        self.send_response_only(done.status)
        heads |= {
            "Date": formatdate(platform.clock() + platform.skew, usegmt=True),
            "Content-Length": str(len(content)),
        }
        for name, value in {**heads, **done.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815  names of the base class
