"""The outermost frame of every request: its id, its host, its size, its headers, its line in the log."""

import ipaddress
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.auth import SAFE_METHODS, is_https
from monitor import logs
from monitor.settings import Settings

BODY_LIMIT = 5 * 1024 * 1024
_PROBES = ("/healthz", "/readyz")  # asked by a supervisor under whatever name it has for this machine
_POLICY = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}

_log = logs.get("api.access")

Observe = Callable[[str, str, int, float], None]


class Frame:
    """Pure ASGI, so that streams are not held up and context reaches the threads that do the work."""

    def __init__(self, app: ASGIApp, settings: Settings, observe: Observe) -> None:
        self._app = app
        self._observe = observe
        self._headers = dict(_POLICY)
        if is_https(settings):
            self._headers["strict-transport-security"] = "max-age=31536000"
        self._names = {"localhost", (urlsplit(settings.public_url).hostname or "localhost").lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        with logs.bound_contextvars(request=request_id):
            await _Exchange(self, scope, receive, send, request_id).run()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what must not come in, and pass on the rest."""
        refused = self._refused(Request(scope))
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await refused(scope, receive, send)

    def _refused(self, request: Request) -> Response | None:
        if not self._is_ours(request.headers.get("host", "")) and request.url.path not in _PROBES:
            detail = "This address is not one this Amends knows. Set AMENDS_PUBLIC_URL to the address people use."
            return errors.respond(request, 400, "", detail)
        if request.method not in SAFE_METHODS and request.headers.get("sec-fetch-site") == "cross-site":
            return errors.respond(
                request, 403, "", "Another site's page asked your browser for this. Nothing was done."
            )
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > BODY_LIMIT:
            return errors.answer(request, too_large())
        return None

    def _is_ours(self, host: str) -> bool:
        """Take our own name, and bare addresses: a page that rebinds its name to us still sends that name."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
            return name in self._names or bool(ipaddress.ip_address(name))
        except ValueError:
            return False

    def dress(self, scope: Scope, message: Message, request_id: str) -> None:
        """Put our headers on a response."""
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        headers["x-request-id"] = request_id
        headers.setdefault("cache-control", _keep(scope, message["status"]))

    def done(self, scope: Scope, status: int, seconds: float) -> None:
        """Note a request that was answered; never its query, which may hold what somebody searched for."""
        self._observe(scope["method"], template(scope), status, seconds)
        path = scope["path"][:200]
        shown = "/welcome/..." if path.startswith("/welcome/") else path
        _log.info("request", method=scope["method"], path=shown, status=status, ms=round(seconds * 1000, 1))


class _Exchange:
    """One request and its response."""

    def __init__(self, frame: Frame, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        self._frame, self._scope, self._receive, self._send = frame, scope, receive, send
        self._id = request_id
        self._status, self._taken = 0, 0

    async def run(self) -> None:
        began = time.perf_counter()
        try:
            await self._frame.serve(self._scope, self._take, self._give)
        except Exception as error:  # noqa: BLE001 - the outermost frame: nothing may get past it
            response = errors.answer(Request(self._scope), error)
            if not self._status:
                await response(self._scope, self._receive, self._give)
        finally:
            self._frame.done(self._scope, self._status, time.perf_counter() - began)

    async def _take(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > BODY_LIMIT:
            raise too_large()
        return message

    async def _give(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._frame.dress(self._scope, message, self._id)
        await self._send(message)


def too_large() -> HTTPException:
    """Return the error for a body over the limit."""
    return HTTPException(
        413, f"A request has at most {BODY_LIMIT // 1024**2} MB. Send it in parts: nothing was stored."
    )


def _keep(scope: Scope, status: int) -> str:
    """Say how long to keep a response: files under a versioned address for good, everything else never."""
    if not scope["path"].startswith("/static/") or status >= 400:
        return "no-store"
    return "public, max-age=31536000, immutable" if b"v=" in scope["query_string"] else "no-cache"


def template(scope: Scope) -> str:
    """Return a path with the names of its parameters in place of their values: few, whatever is asked for."""
    if scope["path"].startswith("/static/"):
        return "/static"
    if "endpoint" not in scope:
        return "unmatched"
    names = {str(value): name for name, value in scope.get("path_params", {}).items()}
    return "/".join(f"{{{names[part]}}}" if part in names else part for part in scope["path"].split("/"))
