"""Connecting an account of X: by a sign-in at X (OAuth 2.0 with PKCE), or with keys pasted from its console."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from monitor.clients.faults import Denied, PlatformFault, Reason, reading
from monitor.clients.x import Item, X, token
from monitor.domain.errors import BadInput, Remedy, SourceRefused
from monitor.domain.records import Login
from monitor.ports import Field, Standing, Started

SCOPES: Final = "tweet.read tweet.write users.read offline.access"
SITE: Final = "https://x.com"
_SOON_S: Final = 300  # a token that runs out within this time is renewed
_KEYS: Final = ("api_key", "api_secret", "access_token", "access_token_secret")

Clock = Callable[[], float]


def factory(defaults: Mapping[str, str]) -> "XConnector":
    """Make the connector. `defaults`: "host" of the interface and "site", where people sign in."""
    return XConnector(defaults)


class XConnector:
    """A `Connector`. `clock` tells epoch seconds: when a token ends is reckoned from when it came, by the same clock."""

    def __init__(self, defaults: Mapping[str, str], clock: Clock = time.time) -> None:
        self._host = defaults.get("host", "")
        self._site = defaults.get("site") or SITE
        self._clock = clock

    @property
    def fields(self) -> tuple[Field, ...]:
        """Ask for the app's client id, or for its four keys; X's console shows both."""
        either = "Only without a client ID."
        return (
            Field("host", "Address of X's interface", default=self._host, aside=True),
            Field("client_id", "Client ID", "From your app in X's developer console, under OAuth 2.0.", required=False),
            Field("client_secret", "Client secret", "Only for a confidential app.", secret=True, required=False),
            Field("api_key", "API key", either, secret=True, required=False, aside=True),
            Field("api_secret", "API key secret", either, secret=True, required=False, aside=True),
            Field("access_token", "Access token", either, secret=True, required=False, aside=True),
            Field("access_token_secret", "Access token secret", either, secret=True, required=False, aside=True),
            Field(
                "bearer_token",
                "Bearer token of the app",
                "Searches then run under the app's own, larger limits.",
                secret=True,
                required=False,
                aside=True,
            ),
        )

    def begin(self, given: Mapping[str, str], redirect_url: str, state: str) -> Started | Login:
        """Send the person to X, or take pasted keys and see whose they are."""
        filled = {name: value.strip() for name, value in given.items() if value.strip()}
        filled.setdefault("host", self._host)
        if "://" not in filled["host"]:
            filled["host"] = f"https://{filled['host']}"
        keys = [name for name in _KEYS if name in filled]
        if not filled.get("client_id"):
            if len(keys) < len(_KEYS):
                message = "X needs a client ID, or all four of API key, API key secret, access token and its secret."
                raise BadInput(message, where="client_id")
            return self._known(filled["host"], {name: filled[name] for name in (*_KEYS, *_bearer(filled))})
        verifier = secrets.token_urlsafe(64)
        hashed = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": filled["client_id"],
            "redirect_uri": redirect_url,
            "scope": SCOPES,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(hashed).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        names = ("host", "client_id", "client_secret", "bearer_token")
        kept = {name: filled[name] for name in names if name in filled}
        kept |= {"verifier": verifier, "redirect_url": redirect_url, "state": state}
        return Started(f"{self._site}/i/oauth2/authorize?{urlencode(asked)}", kept)

    def finish(self, kept: Mapping[str, str], answer: Mapping[str, str]) -> Login:
        """Turn the code that X sent back into tokens, and see whose they are."""
        if answer.get("state") != kept.get("state"):
            message = "This answer does not belong to the sign-in that was started: begin again."
            raise BadInput(message, where="state")
        if answer.get("error") or not answer.get("code"):
            message = "X did not let Amends in: the sign-in was cancelled there. Begin again when you like."
            raise SourceRefused(message, remedy=Remedy.RECONNECT)
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": kept["redirect_url"],
            "code_verifier": kept["verifier"],
            "client_id": kept["client_id"],
        }
        with reading():
            given = token(kept["host"], form, kept.get("client_secret", ""))
        names = ("client_id", "client_secret", *_bearer(kept))
        return self._known(kept["host"], {name: kept[name] for name in names if name in kept} | self._tokens(given))

    def _tokens(self, given: Item) -> dict[str, str]:
        lasts = given.get("expires_in")
        ends = self._clock() + (lasts if isinstance(lasts, int | float) else 7200)
        found = {"access_token": str(given["access_token"]), "expires_at": str(int(ends))}
        return found | {name: str(given[name]) for name in ("refresh_token", "scope") if given.get(name)}

    def _known(self, host: str, secret: Mapping[str, str]) -> Login:
        """Return a login that bears our name there."""
        login = Login("x", host, secret=secret, options={"site": self._site})
        with reading(), X(login) as x:
            me, _ = x.me()
        return replace(login, handle=str(me.get("username") or ""), external_id=str(me.get("id") or ""))

    def check(self, login: Login) -> Standing:
        """Ask who we are, what the keys allow, and how much may still be read this month."""
        with reading(), X(login) as x:
            me, usage = x.me()
            level = x.granted
            left = _left(x)
        handle = str(me.get("username") or login.handle)
        against = _against(login, level)
        notes = [f"Can read X as @{handle}.", *against]
        if not against and login.options.get("tier") != "enterprise":
            notes.append(f"May reply to people who mention or quote @{handle}: X allows no other replies on this plan.")
        elif not against:
            notes.append("May reply to anybody whose post is open to replies.")
        if not login.secret.get("bearer_token"):
            notes.append("No bearer token of the app was given, so searches share the smaller limits of this account.")
        return Standing(
            handle, str(me.get("id") or ""), can_read=True, can_reply=not against, notes=(*notes, *left), usage=usage
        )

    def runs_out(self, login: Login, now: datetime) -> bool:
        """Tell of a token of OAuth 2.0; keys of OAuth 1.0a do not run out."""
        ends = login.secret.get("expires_at", "")
        return bool(ends) and float(ends) - now.timestamp() <= _SOON_S

    def refresh(self, login: Login) -> Login:
        """Renew a token of OAuth 2.0. X takes a refresh token once only."""
        if not login.secret.get("expires_at"):
            return login
        if not login.secret.get("refresh_token"):
            message = "This sign-in at X has run out and cannot be renewed: connect the account again."
            raise SourceRefused(message, remedy=Remedy.RECONNECT)
        form = {
            "grant_type": "refresh_token",
            "refresh_token": login.secret["refresh_token"],
            "client_id": login.secret.get("client_id", ""),
        }
        with reading():
            given = token(login.host, form, login.secret.get("client_secret", ""))
        secret = {**login.secret, **self._tokens(given)}
        return replace(login, secret=secret)

    def revoke(self, login: Login) -> None:
        """Give tokens of OAuth 2.0 back; pasted keys belong to the person's own app and stay theirs."""
        client_id = login.secret.get("client_id")
        for name in ("refresh_token", "access_token") if client_id else ():
            if not login.secret.get(name):
                continue
            form = {"token": login.secret[name], "token_type_hint": name, "client_id": str(client_id)}
            try:
                with reading():
                    token(login.host, form, login.secret.get("client_secret", ""), "revoke")
            except SourceRefused as refused:
                if refused.remedy is not Remedy.RECONNECT:  # a token that X knows no more is given back already
                    raise


def _bearer(given: Mapping[str, str]) -> tuple[str, ...]:
    return ("bearer_token",) if given.get("bearer_token") else ()


def _against(login: Login, level: str) -> list[str]:
    """Return what keeps us from replying, in sentences."""
    found = []
    scope = login.secret.get("scope")
    if scope is not None and "tweet.write" not in scope.split():
        found.append("May not reply: posting was not allowed when the account was connected. Connect it again.")
    if level == "read":
        found.append(
            'May not reply: the keys may only read. Set the app to "Read and write" in X\'s console, make new access '
            "tokens there, and paste them here."
        )
    if login.options.get("approval_held") is not True:
        found.append(
            "May not reply yet: X wants to approve replies that a machine drafts first. Once X has granted it to your "
            "app, switch it on in the settings of this account."
        )
    return found


def _left(x: X) -> tuple[str, ...]:
    """Return how much may still be read this month, where X says. Not knowing it is no fault of the login."""
    try:
        allowance = x.allowance()
    except Denied as denied:
        broken = denied.reason is Reason.LOGIN
        return ("X does not accept the bearer token: paste a new one, or searches will fail.",) if broken else ()
    except PlatformFault:
        return ()
    try:
        left = int((allowance or {})["project_cap"]) - int((allowance or {}).get("project_usage") or 0)
    except (KeyError, ValueError, TypeError):
        return ()
    return (f"{max(left, 0):,} reads left this month.",)
