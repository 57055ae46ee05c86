"""How people and programs sign in to the simulated Mastodon: applications, a consent page, codes and tokens.

After the documented methods "apps" and "oauth"; PKCE as servers have it since 4.3.
"""

import base64
import hashlib
import html
import secrets
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from monitor.simulated.server import Answer, Ask

OOB: Final = "urn:ietf:wg:oauth:2.0:oob"
_CODE_S: Final = 600.0
_INVALID_CLIENT: Final = (
    "Client authentication failed due to unknown client, no client authentication included, or unsupported "
    "authentication method."
)
_INVALID_GRANT: Final = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the "
    "authorization request, or was issued to another client."
)
_PAGE: Final = """<!DOCTYPE html><html><head><title>Authorization required</title></head><body>
<h1>Authorization required</h1><p><strong>{app}</strong> would like permission to access your account: {scope}</p>
<form method="post" action="/oauth/authorize">{hidden}
<label>Account <select name="account">{accounts}</select></label>
<button name="allow" value="yes">Authorize</button> <button name="allow" value="no">Deny</button></form></body></html>"""


class Refused(Exception):
    """The server says no: the answer it gives."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        body = {"error": error} | ({"error_description": description} if description else {})
        self.answer = Answer(body, status)


@dataclass(frozen=True)
class App:
    """A registered application."""

    name: str
    secret: str
    redirect_urls: tuple[str, ...]
    scopes: frozenset[str]


@dataclass
class Token:
    """What a request is signed with. No handle: it speaks for the application alone."""

    handle: str
    client_id: str
    scopes: frozenset[str]
    expired: bool = False

    def allows(self, scope: str) -> bool:
        """Tell whether it covers a scope such as "read:statuses"."""
        return scope in self.scopes or scope.partition(":")[0] in self.scopes


@dataclass(frozen=True)
class _Code:
    token: Token
    redirect_url: str
    challenge: str
    until: float


@dataclass
class SignIns:
    """All applications, codes and tokens of one server."""

    apps: dict[str, App] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, _Code] = field(default_factory=dict)

    def register(self, given: dict[str, Any]) -> dict[str, Any]:
        """Answer `POST /api/v1/apps`."""
        urls = given.get("redirect_uris") or ""
        urls = tuple(urls.split()) if isinstance(urls, str) else tuple(urls)
        if not given.get("client_name") or not urls or any("://" not in one and one != OOB for one in urls):
            raise Refused(422, "Validation failed: Redirect URI must be an absolute URI.")
        scopes = str(given.get("scopes") or "read").split()
        client_id = secrets.token_urlsafe(16)
        self.apps[client_id] = App(str(given["client_name"]), secrets.token_urlsafe(16), urls, frozenset(scopes))
        shown = {"id": str(len(self.apps)), "name": given["client_name"], "website": None, "scopes": scopes}
        known = {"client_id": client_id, "client_secret": self.apps[client_id].secret, "client_secret_expires_at": 0}
        return {**shown, "redirect_uri": "\n".join(urls), "redirect_uris": list(urls), **known}

    def make(self, handle: str, client_id: str, scopes: str) -> str:
        """Give out a token."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = Token(handle, client_id, frozenset(scopes.split()))
        return token

    def page(self, ask: Ask, handles: list[str]) -> Answer:
        """Answer `GET /oauth/authorize` with the page where a person decides."""
        app = self._asking(ask)
        names = ("client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")
        hidden = "".join(f'<input type="hidden" name="{one}" value="{html.escape(ask.one(one))}">' for one in names)
        accounts = "".join(f"<option>{html.escape(one)}</option>" for one in handles)
        scope = html.escape(ask.one("scope", "read"))
        return Answer(_PAGE.format(app=html.escape(app.name), scope=scope, hidden=hidden, accounts=accounts))

    def decide(self, ask: Ask, now: float) -> Answer:
        """Answer `POST /oauth/authorize`: send the person back with a code, or with a no."""
        self._asking(ask)
        back, state = ask.one("redirect_uri"), ask.one("state")
        if ask.one("allow") != "yes":
            description = "The resource owner or authorization server denied the request."
            return _back(back, {"error": "access_denied", "error_description": description, "state": state})
        code = secrets.token_urlsafe(24)
        token = Token(ask.one("account"), ask.one("client_id"), frozenset(ask.one("scope", "read").split()))
        self.codes[code] = _Code(token, back, ask.one("code_challenge"), now + _CODE_S)
        if back == OOB:
            return Answer(f"<!DOCTYPE html><title>Code</title><code>{code}</code>")
        return _back(back, {"code": code, "state": state})

    def token(self, given: dict[str, Any], now: float) -> dict[str, Any]:
        """Answer `POST /oauth/token`."""
        client_id = str(given.get("client_id"))
        app = self.apps.get(client_id)
        if app is None or app.secret != given.get("client_secret"):
            raise Refused(401, "invalid_client", _INVALID_CLIENT)
        if given.get("grant_type") == "client_credentials":
            made = Token("", client_id, frozenset(str(given.get("scope") or "read").split()))
        else:
            made = self._redeemed(client_id, given, now)
        if not made.scopes <= app.scopes:
            raise Refused(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
        scope = " ".join(sorted(made.scopes))
        token = self.make(made.handle, client_id, scope)
        return {"access_token": token, "token_type": "Bearer", "scope": scope, "created_at": int(now)}

    def revoke(self, given: dict[str, Any]) -> None:
        """Answer `POST /oauth/revoke`; doing so twice is fine."""
        app = self.apps.get(str(given.get("client_id")))
        held = self.tokens.get(str(given.get("token")))
        if app is None or app.secret != given.get("client_secret") or (held and held.client_id != given["client_id"]):
            raise Refused(403, "unauthorized_client", "You are not authorized to revoke this token")
        self.tokens.pop(str(given.get("token")), None)

    def _asking(self, ask: Ask) -> App:
        app = self.apps.get(ask.one("client_id"))
        if app is None:
            raise Refused(401, "invalid_client", _INVALID_CLIENT)
        if ask.one("redirect_uri") not in app.redirect_urls:
            raise Refused(400, "invalid_request", "The requested redirect uri is malformed or does not match.")
        if not set(ask.one("scope", "read").split()) <= app.scopes:
            raise Refused(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
        return app

    def _redeemed(self, client_id: str, given: dict[str, Any], now: float) -> Token:
        code = self.codes.pop(str(given.get("code")), None)
        digest = hashlib.sha256(str(given.get("code_verifier", "")).encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        good = (
            code is not None
            and code.until > now
            and code.token.client_id == client_id
            and code.redirect_url == given.get("redirect_uri")
            and code.challenge in {"", proof}
        )
        if code is None or not good:
            raise Refused(400, "invalid_grant", _INVALID_GRANT)
        return code.token


def _back(url: str, told: dict[str, str]) -> Answer:
    return Answer("", 302, {"Location": f"{url}{'&' if '?' in url else '?'}{urlencode(told)}"})
