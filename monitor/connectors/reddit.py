"""How a Reddit account is connected: at Reddit's page, with the password of a script app, or for reading only."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from monitor.clients.faults import reading
from monitor.clients.http import READ_S
from monitor.clients.reddit import SITE, RedditClient, Thing
from monitor.clients.reddit_sign_in import SCOPES, Grant, SignIn, may
from monitor.domain.errors import BadInput
from monitor.domain.records import Login, Usage
from monitor.ports import Field, Standing, Started

EARLY_S: Final = 300.0  # a token that runs out this soon is renewed
_YOUNG_S: Final = 30 * 86_400
_LITTLE_KARMA: Final = 50
_NEEDED: Final = {
    "submit": "It may not reply",
    "edit": "Replies cannot be corrected or withdrawn",
    "history": "Replies whose sending was unclear cannot be looked for",
    "privatemessages": "Mentions and replies to us cannot be read",
}


def factory(defaults: Mapping[str, str]) -> "RedditConnector":
    """Make the connector. `defaults`: "host" is the interface, "site" where people sign in."""
    return RedditConnector(defaults)


class RedditConnector:
    """A `Connector`. Reddit must have approved the app whose id and secret are given."""

    def __init__(
        self, defaults: Mapping[str, str], *, clock: Callable[[], float] = time.time, read_s: float = READ_S
    ) -> None:
        """`clock` is ours, in epoch seconds: tokens are renewed by it. `read_s`: seconds to wait for an answer."""
        self._host, self._site = defaults.get("host", ""), defaults.get("site") or SITE
        self._clock, self._read_s = clock, read_s

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return what a person fills in."""
        return (
            Field("client_id", "Client ID of the app", "At reddit.com/prefs/apps, after Reddit approved the use."),
            Field("client_secret", "Secret of the app", secret=True),
            Field("username", "Reddit user name", "Only for an app of the kind “script”.", required=False, aside=True),
            Field(
                "password", "Password", "Only for an app of the kind “script”.", secret=True, required=False, aside=True
            ),
            Field(
                "read_only",
                "Only read",
                "“yes”: no account is needed, and nothing is answered.",
                required=False,
                aside=True,
            ),
            Field(
                "no_reply_in", "Never reply in", "Subreddits where a brand must not speak.", required=False, aside=True
            ),
            Field("host", "Address of Reddit's interface", default=self._host, aside=True),
        )

    def begin(self, given: Mapping[str, str], redirect_url: str, state: str) -> Started | Login:
        """Return Reddit's page of consent, or the login at once with a password or for reading only."""
        if not given.get("client_id") or not given.get("client_secret"):
            message = "The client id and the secret of your Reddit app are needed: see reddit.com/prefs/apps."
            raise BadInput(message, where="client_id")
        app = {name: given[name].strip() for name in ("client_id", "client_secret")}
        options = {"no_reply_in": given.get("no_reply_in", ""), "site": given.get("site") or self._site}
        blank = Login("reddit", given.get("host") or self._host, secret=app, options=options)
        if given.get("read_only", "").strip().lower() in {"yes", "true", "1", "on"}:
            with reading():
                return self._filled(blank, self._app(blank).app_only())
        if given.get("username") or given.get("password"):
            return self._by_password(blank, given.get("username", "").strip(), given.get("password", ""))
        kept = {**app, **options, "host": blank.host, "redirect_url": redirect_url, "state": state}
        return Started(self._app(blank, redirect_url).page(state), kept)

    def _by_password(self, blank: Login, username: str, password: str) -> Login:
        if not username or not password:
            message = "A script app signs in with a user name and a password: both are needed."
            raise BadInput(message, where="password" if username else "username")
        secret = {**blank.secret, "username": username, "password": password}
        with reading():
            granted = self._app(blank).by_password(username, password)
            return self._named(self._filled(replace(blank, secret=secret), granted))

    def finish(self, kept: Mapping[str, str], answer: Mapping[str, str]) -> Login:
        """Turn the code of the redirect into a login."""
        if answer.get("error"):
            message = f"Reddit did not connect the account ({answer['error']}). Nothing was changed."
            raise BadInput(message, where="error")
        if not answer.get("code") or answer.get("state", kept.get("state")) != kept.get("state"):
            message = "What came back from Reddit does not belong to this sign-in: begin again."
            raise BadInput(message, where="code")
        secret = {name: kept[name] for name in ("client_id", "client_secret")}
        options = {name: kept.get(name, "") for name in ("no_reply_in", "site")}
        blank = Login("reddit", kept["host"], secret=secret, options=options)
        with reading():
            granted = self._app(blank, kept["redirect_url"]).by_code(answer["code"].removesuffix("#_"))
            return self._named(self._filled(blank, granted))

    def check(self, login: Login) -> Standing:
        """Ask who we are and what we may do. A login of the app alone belongs to nobody."""
        with reading(), RedditClient(login, read_s=self._read_s) as client:
            if not login.handle:
                client.info(["t3_1"])
                note = "This connection reads what is open to everybody. It belongs to no account, so it cannot reply."
                left = client.usage
                return Standing("", "", can_read=True, can_reply=False, notes=(note, *_left(left)), usage=left)
            me = client.me()
            usage, at = client.usage, client.at
        lacking = [name for name in SCOPES if not may(login, name)]
        notes = (*_lacking(lacking), *_person(me, at), *_left(usage))
        can_reply = "submit" not in lacking and not me.get("is_suspended")
        ids = str(me["name"]), f"t2_{me.get('id', '')}"
        return Standing(*ids, can_read="read" not in lacking, can_reply=can_reply, notes=notes, usage=usage)

    def runs_out(self, login: Login, now: datetime) -> bool:
        """Tell whether the token of this hour has run out, or is about to."""
        return _number(login.secret.get("expires_at", "")) - now.timestamp() <= EARLY_S

    def refresh(self, login: Login) -> Login:
        """Return the login with a token for the next hour."""
        secret, app = login.secret, self._app(login)
        with reading():
            if secret.get("refresh_token"):
                return self._filled(login, app.by_refresh(secret["refresh_token"]))
            if secret.get("password"):
                return self._filled(login, app.by_password(secret["username"], secret["password"]))
            return self._filled(login, app.app_only())

    def revoke(self, login: Login) -> None:
        """Take our tokens back. Reddit drops all tokens of the sign-in with its refresh token."""
        lasting = login.secret.get("refresh_token", "")
        kind = "refresh_token" if lasting else "access_token"
        with reading():
            self._app(login).revoke(lasting or login.secret.get("access_token", ""), kind)

    def _app(self, login: Login, redirect_url: str = "") -> SignIn:
        app = login.secret.get("client_id", ""), login.secret.get("client_secret", "")
        site = str(login.options.get("site") or self._site)
        return SignIn(*app, site=site, redirect_url=redirect_url, handle=login.handle, read_s=self._read_s)

    def _filled(self, login: Login, granted: Grant) -> Login:
        # By our clock, from when the answer came: Reddit's clock may be off from the one that is asked in `refresh`.
        fresh = {"access_token": granted.access_token, "expires_at": str(int(self._clock() + granted.expires_in))}
        lasting = granted.refresh_token or login.secret.get("refresh_token", "")
        return replace(login, secret={**login.secret, **fresh, "scope": granted.scope, "refresh_token": lasting})

    def _named(self, login: Login) -> Login:
        with RedditClient(login, read_s=self._read_s) as client:
            me = client.me()
        return replace(login, handle=str(me["name"]), external_id=f"t2_{me.get('id', '')}")


def _lacking(lacking: list[str]) -> tuple[str, ...]:
    if not lacking:
        return ("This account can read Reddit and may reply.",)
    words = [_NEEDED[one] for one in lacking if one in _NEEDED]
    return tuple(f"{one}: it was connected without that permission. Connect it again to grant it." for one in words)


def _person(me: Thing, at: float) -> tuple[str, ...]:
    """Return what Reddit says of the account that decides whether its words are shown."""
    notes = []
    if me.get("is_suspended"):
        notes.append("It may not reply: Reddit has suspended this account.")
    if me.get("has_verified_email") is False:
        notes.append("Its e-mail address is not confirmed: many subreddits hide what such accounts write.")
    karma, since = me.get("total_karma"), me.get("created_utc")
    young = isinstance(since, int | float) and at - since < _YOUNG_S
    if young or (isinstance(karma, int) and karma < _LITTLE_KARMA):
        notes.append("It is new or has little karma: many subreddits remove such replies without a word.")
    return tuple(notes)


def _left(usage: Usage) -> tuple[str, ...]:
    return tuple(f"{one.remaining:,} calls left in the next {one.resets_in / 60:.0f} minutes." for one in usage.quotas)


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return 0.0
