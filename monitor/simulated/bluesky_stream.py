"""The simulated stream of changes (Jetstream, `/subscribe`): commits of posts as JSON over a WebSocket."""

import json
import socket
from http import HTTPStatus
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from monitor.simulated.bluesky_views import POST, did_of
from monitor.simulated.server import Fault
from monitor.simulated.world import Change

if TYPE_CHECKING:
    from monitor.simulated.bluesky import SimulatedBluesky

KEPT_S: Final = 3 * 86400.0
_OPERATIONS: Final = {"made": "create", "edited": "update", "deleted": "delete"}
_TICK_S: Final = 0.02
_PATH: Final = "/subscribe"


def time_us(change: Change) -> int:
    """Return the time of an event: strictly growing, as the stream promises."""
    return int(change.at * 1_000_000) + change.number


class Stream:
    """The stream of one simulated Bluesky. It sends what it keeps from a cursor on, then what happens."""

    def __init__(self, platform: "SimulatedBluesky") -> None:
        """`kept_s` is how far back it reaches."""
        self.kept_s = KEPT_S
        self._platform = platform
        self._stopping = Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"ws://127.0.0.1:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Begin to serve, in a thread of its own."""
        self._server = serve(
            self._serve, sock=self._socket, process_request=self._open, compression=None, ping_interval=None
        )
        Thread(target=self._server.serve_forever, daemon=True, name="simulated bluesky stream").start()

    def stop(self) -> None:
        """Close all connections and the port."""
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
        self._socket.close()

    def _open(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse what is no subscription, and fail as planned."""
        parts = urlsplit(request.path)
        self._platform.asked.append(("GET", parts.path))
        fault = self._platform.faults.pick("GET", parts.path)
        status = _STATUS.get(fault) if fault else None
        if status is None and parts.path != _PATH:
            status = HTTPStatus.NOT_FOUND
        if fault is Fault.CUT:
            connection.socket.close()
            return None
        return connection.respond(status, "") if status else None

    def _serve(self, connection: ServerConnection) -> None:
        query = parse_qs(urlsplit(connection.request.path).query if connection.request else "")
        cursor = int(query.get("cursor", ["0"])[0])
        changes, clock = self._platform.world.changes, self._platform.clock
        now = int(clock() * 1_000_000)
        oldest = now - int(self.kept_s * 1_000_000)
        place = len(changes) if not cursor or cursor > now + 1_000_000 else _first(changes, max(cursor, oldest))
        try:
            while not self._stopping.is_set():
                for change in changes[place : (place := len(changes))]:
                    connection.send(json.dumps(self._event(change), ensure_ascii=False))
                self._wait(connection)
        except ConnectionClosed:
            return

    def _wait(self, connection: ServerConnection) -> None:
        try:
            connection.recv(timeout=_TICK_S)
        except TimeoutError:
            return

    def _event(self, change: Change) -> dict[str, Any]:
        post, operation = change.post, _OPERATIONS[change.what]
        shown = self._platform.shown
        commit: dict[str, Any] = {"rev": post.id, "operation": operation, "collection": POST, "rkey": post.id}
        if operation != "delete":
            commit |= {"record": shown.record(post), "cid": shown.cid(post)}
        return {"did": did_of(post.author), "time_us": time_us(change), "kind": "commit", "commit": commit}


_STATUS: Final = {
    Fault.LIMIT: HTTPStatus.TOO_MANY_REQUESTS,
    Fault.LIMIT_BARE: HTTPStatus.TOO_MANY_REQUESTS,
    Fault.ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    Fault.AWAY: HTTPStatus.SERVICE_UNAVAILABLE,
}


def _first(changes: list[Change], cursor: int) -> int:
    """Return where the events from a cursor on begin."""
    low, high = 0, len(changes)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if time_us(changes[middle]) < cursor else (low, middle)
    return low
