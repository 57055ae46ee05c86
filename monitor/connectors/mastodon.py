"""How a Mastodon account is connected: the person names their server, we make ourselves known there, they allow us."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from monitor.clients.faults import Denied, Reason, reading
from monitor.clients.mastodon import SCOPES, Limits, MastodonClient, who
from monitor.domain.errors import BadInput, Remedy, SourceRefused
from monitor.domain.records import Login
from monitor.ports import Field, Standing, Started

_SERVER: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}(?::\d{1,5})?")
_OF_BOTS: Final = re.compile(r"\bbots?\b|automat|advert|commerc|spam|promot|market", re.IGNORECASE)


def factory(defaults: Mapping[str, str]) -> "MastodonConnector":
    """Make the connector; `defaults["host"]` is the server to propose."""
    return MastodonConnector(defaults)


class MastodonConnector:
    """A `Connector` for any server."""

    def __init__(self, defaults: Mapping[str, str]) -> None:
        self._host = defaults.get("host", "")

    @property
    def fields(self) -> tuple[Field, ...]:
        """Ask for the server; a token only of those who have one."""
        return (
            Field(
                "host", "Server", "Where your account is: the part after the last @ of its name.", default=self._host
            ),
            Field(
                "token",
                "Access token",
                f"Leave this empty to sign in. Or paste a token with the scopes {SCOPES}.",
                secret=True,
                required=False,
                aside=True,
            ),
        )

    def begin(self, given: Mapping[str, str], redirect_url: str, state: str) -> Started | Login:
        """Register at the server and return the page to go to, or the login where a token was given."""
        host = server_of(given.get("host", "") or self._host)
        token = given.get("token", "").strip()
        with reading():
            if token:
                return _login(MastodonClient(host, token), {"token": token}, "")
            client = MastodonClient(host)
            client.limits()
            client_id, client_secret = client.register(redirect_url)
        verifier = secrets.token_urlsafe(64)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        kept = {"host": host, "client_id": client_id, "client_secret": client_secret, "verifier": verifier}
        kept |= {"redirect_url": redirect_url, "state": state}
        return Started(client.sign_in_url(client_id, redirect_url, state, challenge), kept)

    def finish(self, kept: Mapping[str, str], answer: Mapping[str, str]) -> Login:
        """Turn the code that came back into a token, and look whose it is."""
        if answer.get("error"):
            message = "The sign-in was called off at the server: nothing was connected."
            raise SourceRefused(message, remedy=Remedy.RECONNECT)
        if not answer.get("code") or answer.get("state", kept["state"]) != kept["state"]:
            message = "This is not the answer to the sign-in that was started here: begin again."
            raise BadInput(message, where="code")
        app = {name: kept[name] for name in ("client_id", "client_secret")}
        client = MastodonClient(kept["host"])
        with reading():
            try:
                told = client.exchange(
                    answer["code"].strip(), redirect_url=kept["redirect_url"], verifier=kept["verifier"], **app
                )
            except Denied as fault:
                if fault.status in {400, 401, 403}:
                    message = "The server does not take this code: it is used, too old, or not its own. Begin again."
                    raise BadInput(message, where="code") from fault
                raise
            token = str(told["access_token"])
            return _login(
                MastodonClient(kept["host"], token), {**app, "token": token}, str(told.get("scope") or SCOPES)
            )

    def check(self, login: Login) -> Standing:
        """Ask who we are, what the server takes, and whether the account may post."""
        client = MastodonClient(login.host, login.secret.get("token", ""))
        with reading():
            me = client.me()
            usage = client.usage
            limits = client.limits()
            scopes = str(login.options.get("scopes") or _scopes(client)).split()
        may_write = not scopes or bool({"write", "write:statuses"} & set(scopes))
        stopped = bool(me.get("suspended") or me.get("limited"))
        notes = tuple(_notes(me, limits, may_write=may_write, stopped=stopped))
        return Standing(
            handle=_handle(me, limits),
            external_id=who(me),
            can_read=True,
            can_reply=may_write and not stopped,
            notes=notes,
            usage=usage,
        )

    def runs_out(self, login: Login, now: datetime) -> bool:
        """Tell that tokens of Mastodon do not run out."""
        del login, now
        return False

    def refresh(self, login: Login) -> Login:
        """Return the same login: there is nothing to renew."""
        return login

    def revoke(self, login: Login) -> None:
        """Let go of the token. One that was pasted is revoked where it was made, in the account's settings."""
        given = login.secret
        if not given.get("client_id") or not given.get("token"):
            return
        client = MastodonClient(login.host, given["token"])
        with reading():
            try:
                client.revoke(client_id=given["client_id"], client_secret=given.get("client_secret", ""))
            except Denied as fault:
                if fault.reason not in {Reason.LOGIN, Reason.GONE}:  # then it is let go already
                    raise


def server_of(given: str) -> str:
    """Return the base address of what a person takes for their server: a name, an address, or their own handle.

    Raises `BadInput` for what cannot be one. Plain http is for this machine only: a token must not travel in the open.
    """
    text = given.strip().rstrip(".").lower()
    scheme, _, rest = text.partition("://") if "://" in text else ("https", "", text)
    name = rest.split("/")[0].split("?")[0].rsplit("@", 1)[-1]
    with suppress(UnicodeError):
        name = name if name.isascii() else name.encode("idna").decode()
    if _loopback(name) and scheme in {"http", "https"}:
        return f"{scheme}://{name}"
    if scheme not in {"http", "https"} or not _SERVER.fullmatch(name):
        message = f'"{given.strip()}" is not the name of a server: write it like mastodon.social.'
        raise BadInput(message, where="host")
    return f"https://{name}"


def _loopback(name: str) -> bool:
    try:
        host = urlsplit(f"//{name}").hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _login(client: MastodonClient, secret: Mapping[str, str], scopes: str) -> Login:
    me = client.me()
    limits = client.limits()
    options = {
        "scopes": scopes or _scopes(client),
        "domain": limits.domain,
        "account_id": str(me.get("id") or ""),  # our number on this server
        "max_characters": limits.max_characters,
        "characters_reserved_per_url": limits.characters_reserved_per_url,
    }
    return Login("mastodon", client.host, _handle(me, limits), who(me), secret, options)


def _scopes(client: MastodonClient) -> str:
    """Return the scopes of the application behind a token, "" where the server does not say."""
    try:
        scopes = client.app().get("scopes")
    except Denied:
        return ""
    return " ".join(str(one) for one in scopes) if isinstance(scopes, list) else ""


def _handle(me: Mapping[str, Any], limits: Limits) -> str:
    name = str(me.get("acct") or me.get("username") or "")
    return name if "@" in name else f"{name}@{limits.domain}"


def _notes(me: Mapping[str, Any], limits: Limits, *, may_write: bool, stopped: bool) -> Iterator[str]:
    yield f"This account can read what {limits.domain} knows of Mastodon; no server knows all of it."
    if not may_write:
        yield "It may not reply: it was connected for reading only. Connect it again and allow it to post."
    elif stopped:
        yield "It may not reply: the moderators of its server have limited or suspended it."
    else:
        each = limits.characters_reserved_per_url
        yield f"It can reply. A reply may have {limits.max_characters:,} characters; every link counts as {each}."
    if not me.get("bot"):
        yield (
            "The profile does not say that the account is automated. That is right while a person writes or approves "
            "every reply; say so in the profile if that changes."
        )
    if limits.rules:
        yield f"{limits.domain} has {len(limits.rules)} rules for its members: read them at https://{limits.domain}/about."
    for rule in limits.rules:
        if _OF_BOTS.search(rule):
            yield f"One of its rules may concern you: “{rule}”"
