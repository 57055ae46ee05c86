"""A thin client for the interface of Mastodon, and of the servers that speak it.

Ids are opaque strings. What came is returned as it came: lists and mappings, of which any field may be missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import requests

from monitor.clients.faults import Denied, NoAnswer, Reason
from monitor.clients.http import READ_S, Fenced, json_of, quota_of, server_time, settle
from monitor.domain.records import Usage

PAGE: Final = 40  # posts of one page, the most that a server gives
AT_ONCE: Final = 20  # posts looked up with one call, the most that a server takes
SCOPES: Final = "read:accounts read:notifications read:search read:statuses write:statuses"
APP_NAME: Final = "Amends"
MAX_CHARACTERS: Final = 500
CHARACTERS_PER_URL: Final = 23

Status = Mapping[str, Any]
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server says of itself. `domain` is what stands behind the @ of its accounts."""

    domain: str
    max_characters: int = MAX_CHARACTERS
    characters_reserved_per_url: int = CHARACTERS_PER_URL
    rules: tuple[str, ...] = ()


class MastodonClient:
    """Speaks to one server, as one account or as nobody (no token). `usage` is what the newest answer says is left.

    Raises the faults of `monitor.clients.faults`. Nothing is retried.
    """

    def __init__(self, host: str, token: str = "", *, read_s: float = READ_S) -> None:
        self.host, self.token = host.rstrip("/"), token
        self.usage = Usage()
        self.server_s = 0.0  # the server's own time at its newest answer, in epoch seconds
        self._session = Fenced(read_s=read_s)
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    # --- reading

    def tagged(self, tag: str, *, min_id: str = "") -> list[Found]:
        """Return a page of posts with a hashtag, oldest first: those next after `min_id`, the newest without it."""
        found = self._list(f"/api/v1/timelines/tag/{_part(tag)}", {"limit": PAGE, "min_id": min_id})
        return found[::-1]

    def mentions(self, *, min_id: str = "") -> list[Found]:
        """Return a page of notifications that we were mentioned, oldest first, also those the account filters away."""
        asked = {"types[]": "mention", "limit": PAGE, "min_id": min_id, "include_filtered": "true"}
        return self._list("/api/v1/notifications", asked)[::-1]

    def search(self, words: str, offset: int = 0) -> list[Found]:
        """Return a page of posts with these words, newest first. `words` in quotes stand together."""
        asked = {"q": words, "type": "statuses", "resolve": "false", "limit": PAGE, "offset": offset}
        return _items(self._dict("GET", "/api/v2/search", asked).get("statuses"))

    def status(self, status_id: str) -> Found:
        """Return one post."""
        return self._dict("GET", f"/api/v1/statuses/{_part(status_id)}")

    def statuses(self, ids: Sequence[str]) -> list[Found]:
        """Return those posts of up to `AT_ONCE` that can be seen. Servers before 4.3 answer 404 or 405."""
        return self._list("/api/v1/statuses", [("id[]", one) for one in ids])

    def posted_by(self, account_id: str, *, max_id: str = "") -> list[Found]:
        """Return a page of what an account wrote itself, newest first."""
        asked = {"limit": PAGE, "exclude_reblogs": "true", "max_id": max_id}
        return self._list(f"/api/v1/accounts/{_part(account_id)}/statuses", asked)

    def me(self) -> Found:
        """Return the account that we are signed in to."""
        return self._dict("GET", "/api/v1/accounts/verify_credentials")

    def app(self) -> Found:
        """Return the application that our token belongs to; servers since 4.3 name its scopes."""
        return self._dict("GET", "/api/v1/apps/verify_credentials")

    def limits(self) -> Limits:
        """Ask a server for its limits and rules. Raises `Denied` where no Mastodon stands there."""
        for path in ("/api/v2/instance", "/api/v1/instance"):
            try:
                return _limits(self._dict("GET", path), self.host)
            except Denied as fault:
                if fault.reason is not Reason.GONE:
                    raise
        message = f"{_name(self.host)} does not look like a Mastodon server: it does not say what it is."
        raise Denied(message, reason=Reason.GONE, status=404)

    # --- writing: one request each

    def post(self, text: str, *, reply_to: str, visibility: str, language: str, key: str) -> Found:
        """Post a reply. The server knows `key` for up to an hour, from the moment it is done with the post."""
        given = {"status": text, "in_reply_to_id": reply_to, "visibility": visibility, "language": language}
        return self._written("POST", "/api/v1/statuses", given, {"Idempotency-Key": key})

    def edit(self, status_id: str, text: str, *, language: str) -> Found:
        """Change the words of a post of ours."""
        return self._written("PUT", f"/api/v1/statuses/{_part(status_id)}", {"status": text, "language": language})

    def delete(self, status_id: str) -> None:
        """Delete a post of ours."""
        self._dict("DELETE", f"/api/v1/statuses/{_part(status_id)}")  # a page of HTML is no answer

    # --- signing in

    def register(self, redirect_url: str, scopes: str = SCOPES) -> tuple[str, str]:
        """Make ourselves known to a server; returns our id and our secret there."""
        given = {"client_name": APP_NAME, "redirect_uris": redirect_url, "scopes": scopes}
        made = self._dict("POST", "/api/v1/apps", data=given)
        return _text(made, "client_id", self.host), _text(made, "client_secret", self.host)

    def sign_in_url(self, client_id: str, redirect_url: str, state: str, challenge: str, scopes: str = SCOPES) -> str:
        """Return the page where a person allows us in."""
        asked = {"response_type": "code", "client_id": client_id, "redirect_uri": redirect_url, "scope": scopes}
        asked |= {"state": state, "code_challenge": challenge, "code_challenge_method": "S256", "force_login": "true"}
        return f"{self.host}/oauth/authorize?{urlencode(asked)}"

    def exchange(self, code: str, *, client_id: str, client_secret: str, redirect_url: str, verifier: str) -> Found:
        """Turn the code of a sign-in into a token: returns "access_token" and "scope"."""
        given = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
        given |= {"client_secret": client_secret, "redirect_uri": redirect_url, "code_verifier": verifier}
        told = self._dict("POST", "/oauth/token", data=given)
        return {**told, "access_token": _text(told, "access_token", self.host)}

    def revoke(self, *, client_id: str, client_secret: str) -> None:
        """Let go of our token."""
        given = {"client_id": client_id, "client_secret": client_secret, "token": self.token}
        self._call("POST", "/oauth/revoke", data=given)

    # --- the wire

    def _call(self, method: str, path: str, params: Any = None, **more: Any) -> requests.Response:
        answer = self._session.request(method, self.host + path, params=_given(params), allow_redirects=False, **more)
        self.usage = Usage(quota_of(answer, "deletes" if method == "DELETE" else "all"))
        self.server_s = server_time(answer)
        if 300 <= answer.status_code < 400:
            place = urlsplit(answer.headers.get("Location", "")).netloc or "another address"
            message = f"{_name(self.host)} sends us on to {place}: connect the account with that server name."
            raise Denied(message, reason=Reason.INVALID, status=answer.status_code)
        settle(answer, _said(answer))
        return answer

    def _dict(self, method: str, path: str, params: Any = None, **more: Any) -> Found:
        found = json_of(self._call(method, path, params, **more))
        if not isinstance(found, dict):
            raise NoAnswer(_garbled(self.host))
        return found

    def _list(self, path: str, params: Any) -> list[Found]:
        found = json_of(self._call("GET", path, params))
        if not isinstance(found, list):
            raise NoAnswer(_garbled(self.host))
        return _items(found)

    def _written(self, method: str, path: str, given: Found, heads: Mapping[str, str] | None = None) -> Found:
        made = self._dict(method, path, data=_given(given), headers=dict(heads or {}))
        return {**made, "id": _text(made, "id", self.host)}


def who(account: Status) -> str:
    """Return what names a person on every server: the address of their profile. Each server numbers them anew."""
    return str(account.get("url") or account.get("uri") or account.get("id") or "")


def _given(params: Any) -> Any:
    """Leave out what is empty: a server takes `min_id=` for a place."""
    return {name: value for name, value in params.items() if value != ""} if isinstance(params, Mapping) else params


def _items(found: object) -> list[Found]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(told: Status, name: str, host: str) -> str:
    """Return what an answer must hold to be one. An id is text by rule; a number is taken as well."""
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise NoAnswer(_garbled(host))
    return str(value)


def _part(given: str) -> str:
    return quote(given, safe="")


def _name(host: str) -> str:
    return urlsplit(host).netloc or host


def _garbled(host: str) -> str:
    return f"{_name(host)} answered with something that is not what was asked for."


def _said(answer: requests.Response) -> str:
    """Return the server's own sentence. It is in the account's language: for people, never to decide by."""
    if answer.status_code < 400:
        return ""
    try:
        told = answer.json()
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    said = str(told.get("error_description") or told.get("error") or "").strip()
    return said if not said or said.endswith((".", "!", "?")) else f"{said}."


def _limits(told: Status, host: str) -> Limits:
    """Read either version of what a server says of itself. Older servers and other software say less."""
    statuses = _under(_under(told, "configuration"), "statuses")
    most = statuses.get("max_characters") or told.get("max_toot_chars")
    each = statuses.get("characters_reserved_per_url")
    rules = tuple(str(rule["text"]) for rule in _items(told.get("rules")) if rule.get("text"))
    domain = str(told.get("domain") or told.get("uri") or _name(host))
    return Limits(
        urlsplit(domain).netloc or domain,
        most if isinstance(most, int) and most > 0 else MAX_CHARACTERS,
        each if isinstance(each, int) and each > 0 else CHARACTERS_PER_URL,
        rules,
    )


def _under(told: Status, name: str) -> Status:
    value = told.get(name)
    return value if isinstance(value, Mapping) else {}
