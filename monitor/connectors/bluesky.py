"""Bluesky: a handle and an app password, exchanged once for a session that is kept alive."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatch
from typing import Final
from urllib.parse import urlsplit

from monitor.clients.bluesky import Bluesky, Json, Session, entries, scope_of, values
from monitor.clients.faults import Denied, Reason, reading
from monitor.domain.errors import BadInput, Remedy, SourceRefused
from monitor.domain.links import web_address
from monitor.domain.records import Login, Usage
from monitor.ports import Field, Standing, Started

HOST: Final = "https://bsky.social"
EARLY_S: Final = 300.0  # a token is renewed so long before it runs out
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_OPTIONS: Final = ("read", "stream", "hosts")
_HOW: Final = (
    "An app password looks like xxxx-xxxx-xxxx-xxxx. Make one under Settings, Privacy and security, App passwords. "
    "It can be taken back there at any time, and it cannot change or close the account."
)
_MAIN: Final = (
    "This sign-in was made with the account's main password: make an app password and connect again with it, "
    "so that Amends cannot change or close the account."
)
_BOT: Final = (
    'Replies go out without a person: Bluesky asks such accounts to label themselves. Put the label "bot" on the '
    "account's own profile."
)


def factory(defaults: Mapping[str, str]) -> "BlueskyConnector":
    """Make the connector. `defaults`: "host", "read", "stream" and "hosts" as set."""
    return BlueskyConnector(defaults)


class BlueskyConnector:
    """A `Connector` that needs no page of the platform. `secret` holds "access", "refresh" and "expires_at".

    "expires_at" is in epoch seconds by our own clock, "" where the server does not say it.
    """

    def __init__(self, defaults: Mapping[str, str], *, clock: Callable[[], float] = time.time) -> None:
        """`clock` is ours, in epoch seconds."""
        self._defaults, self._clock = defaults, clock

    @property
    def fields(self) -> tuple[Field, ...]:
        """Ask for a server, a handle and an app password."""
        host = self._defaults.get("host") or HOST
        return (
            Field("host", "Server", "Where the account is. Leave it unless you know better.", default=host, aside=True),
            Field("handle", "Handle", "For example velacare.bsky.social"),
            Field("password", "App password", _HOW, secret=True),
        )

    def begin(self, given: Mapping[str, str], redirect_url: str, state: str) -> Started | Login:
        """Sign in."""
        del redirect_url, state
        host = _host(given.get("host") or self._defaults.get("host") or HOST)
        handle = given.get("handle", "").strip().lstrip("@").lower()
        password = given.get("password", "").strip()
        for name, value in (("handle", handle), ("password", password)):
            if not value:
                message = f"A {name} is needed. {_HOW if name == 'password' else ''}".strip()
                raise BadInput(message, where=name)
        with reading(), Bluesky(host) as api:
            session = _signed_in(api, handle, password)
        options = {name: self._defaults.get(name, "") for name in _OPTIONS}
        return self._login(session, Login("bluesky", host, options=options))

    def finish(self, kept: Mapping[str, str], answer: Mapping[str, str]) -> Login:
        """Refuse: `begin` has signed in already."""
        del kept, answer
        message = "Bluesky sends nobody back: sign in with a handle and an app password."
        raise BadInput(message)

    def check(self, login: Login) -> Standing:
        """Ask who we are, and whether the account is in good standing."""
        with reading(), Bluesky.of(login) as api:
            if not api.signed_in:
                return _open_only(login)
            session = api.get("com.atproto.server.getSession")
            profile = api.profile(str(session.get("did") or login.external_id)) if _active(session) else {}
            notes = _notes(session, profile, login)
            who = str(session.get("handle") or login.handle), str(session.get("did") or login.external_id)
            return Standing(*who, can_read=True, can_reply=_active(session), notes=notes, usage=api.usage)

    def runs_out(self, login: Login, now: datetime) -> bool:
        """Tell whether the access token ends within minutes."""
        ends = login.secret.get("expires_at", "")
        return bool(ends) and float(ends) - now.timestamp() <= EARLY_S

    def refresh(self, login: Login) -> Login:
        """Rotate the tokens."""
        if not login.secret.get("refresh"):
            return login
        try:
            with reading(), Bluesky(login.host, login.secret["refresh"]) as api:
                return self._login(api.refresh(), login)
        except SourceRefused as refused:
            message = f"Bluesky does not renew this sign-in any more: connect the account again. {refused}"
            raise SourceRefused(message, remedy=Remedy.RECONNECT) from refused

    def revoke(self, login: Login) -> None:
        """End the session there; one that has ended already is as good."""
        if not login.secret.get("refresh"):
            return
        with reading(), Bluesky(login.host, login.secret["refresh"]) as api:
            try:
                api.leave()
            except Denied as fault:
                if fault.reason is not Reason.LOGIN:
                    raise

    def _login(self, session: Session, before: Login) -> Login:
        ends = "" if session.lasts is None else str(self._clock() + session.lasts)
        return replace(
            before,
            host=_followed(before.host, session.pds, str(before.options.get("hosts") or "")),
            handle=session.handle,
            external_id=session.did,
            secret={"access": session.access, "refresh": session.refresh, "expires_at": ends},
        )


def _signed_in(api: Bluesky, handle: str, password: str) -> Session:
    try:
        return api.sign_in(handle, password)
    except Denied as fault:
        if fault.reason is Reason.LOGIN:
            message = f"Bluesky does not accept this handle with this password. {_HOW}"
            raise BadInput(message, where="password") from fault
        raise


def _host(written: str) -> str:
    """Read a server's address. A password is sent there, so it must be encrypted unless it stays on this machine."""
    address = written.strip().rstrip("/")
    parts = urlsplit(web_address(address if "://" in address else f"https://{address}"))
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (parts.scheme == "https" or plain):
        message = f'"{written}" cannot be used as a server: write it like {HOST}.'
        raise BadInput(message, where="host")
    return f"{parts.scheme}://{parts.netloc}"


def _followed(host: str, pds: str, allowed: str) -> str:
    """Return the server to speak to: the one the account's document names, if a person has allowed it."""
    try:
        ours, theirs = urlsplit(host), urlsplit(pds)
    except ValueError:  # a document is written by whoever has the account
        return host
    patterns = [one.strip() for one in allowed.split(",") if one.strip()]
    named = theirs.hostname or ""
    if pds and theirs.scheme == ours.scheme and any(fnmatch(named, one) for one in patterns):
        return f"{theirs.scheme}://{theirs.netloc}"
    return host


def _active(session: Json) -> bool:
    return session.get("active") is not False


def _open_only(login: Login) -> Standing:
    notes = ("Nobody is signed in: can read what Bluesky shows to everybody.", "May not reply: connect an account.")
    return Standing(login.handle, login.external_id, can_read=True, can_reply=False, notes=notes, usage=Usage())


def _notes(session: Json, profile: Json, login: Login) -> tuple[str, ...]:
    if not _active(session):
        status = session.get("status") or "switched off"
        return "Can read.", f"May not reply: Bluesky says that the account is {status}."
    notes = ["Can read.", "Can reply, wherever the author of a post lets everybody or us answer."]
    labels = entries(profile, "labels")
    put = values(one for one in labels if one.get("src") != profile.get("did"))
    if put:
        notes.append(f"Moderators have labelled this account {', '.join(put)}: many readers will not see its replies.")
    if "appPass" not in scope_of(login.secret.get("access", "")):
        notes.append(_MAIN)
    if login.options.get("automated") and "bot" not in values(labels):
        notes.append(_BOT)
    return tuple(notes)
