"""Servers on this machine for pages to arrive at: a webhook and a mailbox."""

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class Inbox:
    """What arrived, and how to answer: each call takes the next of `answers`, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[Any] = field(default_factory=list)
    hold: Event | None = None  # keeps the caller waiting until it is set


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def webhook() -> Iterator[Inbox]:
    """Run a webhook that keeps the JSON it is sent; `url` is its Apprise address."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if inbox.hold is not None:
                inbox.hold.wait(10)
            status = inbox.answers.pop(0) if inbox.answers else 200
            if status == 200:
                inbox.got.append(body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox.url = f"json://127.0.0.1:{server.server_port}/hooks/s3cr3t-token"
    with _serving(server):
        yield inbox


@contextmanager
def mailbox() -> Iterator[Inbox]:
    """Run a mail server that keeps the raw messages it is sent; `url` is its Apprise address."""
    inbox = Inbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline().strip().upper():
                if line == b"DATA":
                    self._say("354 go on")
                    inbox.got.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self._say("221 bye" if line == b"QUIT" else "250 fine")

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    host = f"127.0.0.1:{server.server_address[1]}"
    inbox.url = f"mailto://{host}?from=amends@vela.example&to=pr@vela.example&mode=insecure"
    with _serving(server):
        yield inbox
