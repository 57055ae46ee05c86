"""Sign-ins of the simulated Bluesky: tokens that run out, rotate and can be revoked, as the reference server's do."""

import base64
import hmac
import itertools
import json
from collections.abc import Callable
from typing import Any, Final, NoReturn

from monitor.simulated.bluesky_views import Shown, did_of
from monitor.simulated.server import Ask, Fault
from monitor.simulated.world import SimUser

Json = dict[str, Any]
ACCESS_S: Final = 2 * 3600
REFRESH_S: Final = 90 * 86400
GRACE_S: Final = 2 * 3600  # in which a refresh token that was used gives the same new pair again
_HEAD: Final = b'{"typ":"at+jwt","alg":"HS256"}'
_KEY: Final = b"simulated"
_REFRESH: Final = "com.atproto.refresh"


class Refused(Exception):
    """An XRPC error."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


def refuse(error: str, message: str) -> NoReturn:
    """End a call with an XRPC error."""
    raise Refused(error, message)


class Sessions:
    """Who is signed in."""

    def __init__(self, clock: Callable[[], float], shown: Shown, url: Callable[[], str]) -> None:
        """`url` is where the server stands."""
        self.pds = ""  # the server that DID documents name; "": this one
        self.passwords: dict[str, str] = {}  # by handle
        self.main_passwords: set[str] = set()  # handles whose password is no app password
        self.access_s = ACCESS_S
        self._clock, self._shown, self._url = clock, shown, url
        self._rotated: dict[str, tuple[float, Json]] = {}  # refresh tokens that were used
        self._ended: set[str] = set()
        self._numbers = itertools.count(1)

    def made(self, user: SimUser) -> Json:
        """Open a session and return it as the platform does."""
        did, now, number = did_of(user), int(self._clock()), str(next(self._numbers))
        scope = "com.atproto.access" if user.handle in self.main_passwords else "com.atproto.appPass"
        access = {"scope": scope, "sub": did, "iat": now, "exp": now + self.access_s, "jti": number}
        refresh = {"scope": _REFRESH, "sub": did, "iat": now, "exp": now + REFRESH_S, "jti": number}
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": self.pds or self._url(),
        }
        document = {"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "service": [service]}
        status = user.extra.get("status")
        active = {"active": not status, **({"status": status} if status else {})}
        tokens = {"accessJwt": _signed(access), "refreshJwt": _signed(refresh)}
        return {"did": did, "handle": user.handle, "didDoc": document, **tokens, **active}

    def viewer(self, ask: Ask, *, refreshing: bool = False) -> SimUser | None:
        """Return who a call's token stands for, None without one."""
        if ask.fault is Fault.EXPIRED:
            refuse("ExpiredToken", "Token has expired")
        if not ask.bearer:
            return None
        claims = _read(ask.bearer)
        if claims is None or (claims["scope"] == _REFRESH) != refreshing:
            refuse("InvalidToken", "Token could not be verified")
        if claims["exp"] <= self._clock():
            refuse("ExpiredToken", "Token has expired")
        if ask.bearer in self._ended:
            refuse("ExpiredToken", "Token has been revoked")
        user = self._shown.by_did(claims["sub"])
        if user is not None and user.extra.get("status") == "takendown":
            refuse("AccountTakedown", "Account has been taken down")
        return user

    def create(self, ask: Ask, _: SimUser | None) -> Json:
        """Sign in."""
        user = self._shown.by_did(str(ask.json.get("identifier", "")))
        password = ask.json.get("password")
        if user is None or not password or self.passwords.get(user.handle) != password:
            refuse("AuthenticationRequired", "Invalid identifier or password")
        if user.extra.get("status") == "takendown":
            refuse("AccountTakedown", "Account has been taken down")
        return self.made(user)

    def refresh(self, ask: Ask, _: SimUser | None) -> Json:
        """Rotate a refresh token; within the grace time the same pair is given again."""
        user = self.viewer(ask, refreshing=True)
        if user is None:
            refuse("AuthMissing", "Authentication Required")
        used_at, given = self._rotated.get(ask.bearer, (0.0, {}))
        if given and self._clock() - used_at > GRACE_S:
            refuse("ExpiredToken", "Token has been revoked")
        if not given:
            given = self.made(user)
            self._rotated[ask.bearer] = self._clock(), given
        return given

    def get(self, _: Ask, viewer: SimUser | None) -> Json:
        """Say who is signed in."""
        assert viewer is not None
        kept = ("did", "handle", "didDoc", "active", "status")
        return {name: value for name, value in self.made(viewer).items() if name in kept}

    def delete(self, ask: Ask, _: SimUser | None) -> Json:
        """Sign out."""
        self.viewer(ask, refreshing=True)
        self._ended.add(ask.bearer)
        return {}


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _signed(claims: Json) -> str:
    body = f"{_part(_HEAD)}.{_part(json.dumps(claims).encode())}"
    return f"{body}.{_part(hmac.digest(_KEY, body.encode(), 'sha256'))}"


def _read(token: str) -> Json | None:
    body, _, signature = token.rpartition(".")
    if signature != _part(hmac.digest(_KEY, body.encode(), "sha256")):
        return None
    claims = body.split(".")[1]
    found: Json = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return found
