"""Who may do what on the simulated X: app tokens, signed requests, OAuth 2.0 with PKCE, and calls that run out."""

import base64
import hashlib
import hmac
import html
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from monitor.simulated.server import Answer, Ask, Fault

SCOPES: Final = "tweet.read tweet.write users.read offline.access"
WINDOW_S: Final = 900
TOKEN_S: Final = 7200


@dataclass
class Grant:
    """What somebody let an app do."""

    handle: str
    scopes: str
    client_id: str = ""
    ends: float = float("inf")
    signed: bool = False  # by OAuth 1.0a


@dataclass
class Keys:
    """Keys of OAuth 1.0a."""

    api_key: str
    api_secret: str
    token: str
    secret: str
    handle: str
    level: str = "read-write"


@dataclass
class _Code:
    grant: Grant
    redirect: str
    challenge: str


class Refusal(Exception):
    """An answer that ends a call at once."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def problem(status: int, title: str, detail: str = "", kind: str = "about:blank", **more: object) -> Answer:
    """Return a refusal in X's shape."""
    return Answer({"title": title, "detail": detail or title, "type": kind, "status": status, **more}, status)


@dataclass
class SignIn:
    """Tokens, keys and codes, and how often they were used. `clock` is the platform's."""

    clock: Callable[[], float]
    apps: dict[str, str] = field(default_factory=lambda: {"demo-app": ""})  # client id -> secret, "" for public ones
    app_tokens: set[str] = field(default_factory=lambda: {"app-token"})
    grants: dict[str, Grant] = field(default_factory=dict)  # access token ->
    keys: dict[str, Keys] = field(default_factory=dict)  # access token ->
    refreshes: dict[str, Grant] = field(default_factory=dict)  # refresh token ->, each good for one use
    asks_as: str = "vela_care"  # who sits at the browser on the consent page
    limits: dict[str, int] = field(default_factory=dict)  # bucket -> calls in a window
    _codes: dict[str, _Code] = field(default_factory=dict)
    _nonces: set[str] = field(default_factory=set)
    _used: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def new_token(self, handle: str, scopes: str = SCOPES, client_id: str = "demo-app", lasts: float = TOKEN_S) -> str:
        """Return a fresh access token of somebody."""
        made = f"access-{handle}-{next(self._numbers)}"
        self.grants[made] = Grant(handle, scopes, client_id, self.clock() + lasts)
        return made

    def new_refresh(self, handle: str, scopes: str = SCOPES, client_id: str = "demo-app") -> str:
        """Return a fresh refresh token."""
        made = f"refresh-{handle}-{next(self._numbers)}"
        self.refreshes[made] = Grant(handle, scopes, client_id)
        return made

    # --- who asks

    def who(self, ask: Ask, base: str) -> Grant | None:
        """Return who asks; None: an app. Raises `Refusal` for nobody."""
        if ask.fault is Fault.EXPIRED:
            raise Refusal(problem(401, "Unauthorized"))
        if ask.headers.get("authorization", "").startswith("OAuth "):
            return self._signed(ask, base)
        if ask.bearer in self.app_tokens:
            return None
        grant = self.grants.get(ask.bearer)
        if grant is None or grant.ends <= self.clock():
            raise Refusal(problem(401, "Unauthorized"))
        return grant

    def _signed(self, ask: Ask, base: str) -> Grant:
        """Check a signature as the page "Creating a signature" describes it."""
        given = {name: value.strip('"') for name, value in _pairs(ask.headers["authorization"])}
        keys = self.keys.get(given.get("oauth_token", ""))
        if keys is None or given.get("oauth_nonce", "") in self._nonces:
            raise Refusal(problem(401, "Unauthorized"))
        self._nonces.add(given["oauth_nonce"])
        signature = given.pop("oauth_signature")
        sent = [(name, value) for name, values in ask.query.items() for value in values]
        pairs = sorted((_escape(name), _escape(value)) for name, value in [*given.items(), *sent])
        text = "&".join(f"{name}={value}" for name, value in pairs)
        whole = "&".join((ask.method, _escape(base + ask.path), _escape(text)))
        key = f"{_escape(keys.api_secret)}&{_escape(keys.secret)}"
        made = base64.b64encode(hmac.new(key.encode(), whole.encode(), hashlib.sha1).digest()).decode()
        if given.get("oauth_consumer_key") != keys.api_key or not hmac.compare_digest(made, signature):
            raise Refusal(problem(401, "Unauthorized"))
        scopes = SCOPES if keys.level != "read" else "tweet.read users.read"
        return Grant(keys.handle, scopes, signed=True)

    # --- how often

    def spend(self, bucket: str, who: str, most: int) -> dict[str, str]:
        """Count a call, and return the headers that say what is left. Raises `Refusal` when nothing is."""
        now, most = self.clock(), self.limits.get(bucket, most)
        began, used = self._used.get((bucket, who), (now, 0))
        if now >= began + WINDOW_S:
            began, used = now, 0
        self._used[bucket, who] = began, min(used + 1, most)
        heads = {
            "x-rate-limit-limit": str(most),
            "x-rate-limit-remaining": str(max(most - used - 1, 0)),
            "x-rate-limit-reset": str(int(began + WINDOW_S)),
        }
        if used >= most:
            refused = problem(429, "Too Many Requests")
            refused.headers.update(heads)
            raise Refusal(refused)
        return heads

    # --- OAuth 2.0

    def consent(self, ask: Ask) -> Answer:
        """Show the page that asks, or act on its button."""
        if ask.method == "GET":
            return Answer(self._page(ask))
        back = {"state": ask.one("state")}
        if ask.one("allow") == "yes":
            code = f"code-{next(self._numbers)}"
            grant = Grant(ask.one("handle") or self.asks_as, ask.one("scope"), ask.one("client_id"))
            self._codes[code] = _Code(grant, ask.one("redirect_uri"), ask.one("code_challenge"))
            back["code"] = code
        else:
            back["error"] = "access_denied"
        return Answer("", 302, {"Location": f"{ask.one('redirect_uri')}?{urlencode(back)}"})

    def _page(self, ask: Ask) -> str:
        wanted = ("client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")
        ok = ask.one("client_id") in self.apps and ask.one("response_type") == "code" and ask.one("code_challenge")
        if not ok or ask.one("code_challenge_method") != "S256":
            return "<!DOCTYPE html><title>X</title><h1>Something went wrong</h1>"
        hidden = "".join(f'<input type="hidden" name="{n}" value="{html.escape(ask.one(n))}">' for n in wanted)
        return (
            f'<!DOCTYPE html><html lang="en"><title>Simulated X</title><h1>Simulated X</h1><p>An app wants to read '
            f"posts and to post as @{html.escape(self.asks_as)}.</p>"
            f'<form method="post" action="/i/oauth2/authorize">{hidden}'
            '<button name="allow" value="yes">Authorize app</button> <button name="allow" value="no">Cancel</button>'
            "</form></html>"
        )

    def token(self, ask: Ask) -> Answer:
        """Exchange a code or a refresh token."""
        client_id = self._client(ask)
        if ask.one("grant_type") == "refresh_token":
            grant = self.refreshes.pop(ask.one("refresh_token"), None)
        else:
            grant = self._redeemed(ask)
        if grant is None or grant.client_id != client_id:
            return _no("invalid_request", "Value passed for the token was invalid.")
        given: dict[str, object] = {"token_type": "bearer", "expires_in": TOKEN_S, "scope": grant.scopes}
        given["access_token"] = self.new_token(grant.handle, grant.scopes, client_id)
        if "offline.access" in grant.scopes.split():
            given["refresh_token"] = self.new_refresh(grant.handle, grant.scopes, client_id)
        return Answer(given)

    def _redeemed(self, ask: Ask) -> Grant | None:
        code = self._codes.pop(ask.one("code"), None)
        hashed = hashlib.sha256(ask.one("code_verifier").encode()).digest()
        made = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
        right = code is not None and made == code.challenge and ask.one("redirect_uri") == code.redirect
        return code.grant if code is not None and right else None

    def revoke(self, ask: Ask) -> Answer:
        """Forget a token."""
        self._client(ask)
        self.grants.pop(ask.one("token"), None)
        self.refreshes.pop(ask.one("token"), None)
        return Answer({"revoked": True})

    def _client(self, ask: Ask) -> str:
        client_id = ask.one("client_id")
        secret = self.apps.get(client_id)
        proof = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        if secret is None or (secret and ask.headers.get("authorization") != f"Basic {proof}"):
            raise Refusal(_no("unauthorized_client", "Missing valid authorization header", 401))
        return client_id


def _no(error: str, why: str, status: int = 400) -> Answer:
    return Answer({"error": error, "error_description": why}, status)


def _escape(text: str) -> str:
    return quote(text, safe="-._~")


def _pairs(header: str) -> list[tuple[str, str]]:
    return [pair for part in header[6:].split(",") for pair in parse_qsl(part.strip().replace("+", "%2B"))]
