"""How a Reddit login comes by its tokens: the page of consent, a refresh token, a password, or the app alone."""

from dataclasses import dataclass, replace
from typing import Any, Final

from prawcore import Authorizer, ReadOnlyAuthorizer, Requestor, ScriptAuthorizer, TrustedAuthenticator
from prawcore.exceptions import ResponseException

from monitor.clients.http import READ_S
from monitor.clients.reddit import SITE, RedditClient, RedditSession, presence, translated, user_agent
from monitor.domain.records import Login, Presence

# To see who we are, read, answer, change and delete our answers, find them again, and read what is said to us.
SCOPES: Final = ("identity", "read", "submit", "edit", "history", "privatemessages")


@dataclass(frozen=True, slots=True)
class Grant:
    """What Reddit granted: a token good for `expires_in` seconds, and perhaps one to get the next with."""

    access_token: str
    expires_in: int
    scope: str
    refresh_token: str = ""


class SignIn:
    """An app at Reddit and its calls for tokens: one request each. All raise the faults of `clients.faults`."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        site: str = SITE,
        redirect_url: str = "",
        handle: str = "",
        read_s: float = READ_S,
    ) -> None:
        """`site` is where people sign in, not where the interface is; `handle` goes into the User-Agent."""
        self._session = RedditSession(read_s=read_s)
        self._app = TrustedAuthenticator(
            client_id=client_id,
            client_secret=client_secret,
            redirect_uri=redirect_url or None,
            requestor=Requestor(reddit_url=site, session=self._session, user_agent=user_agent(handle)),
        )

    def page(self, state: str) -> str:
        """Return the address at which a person lets us in for good. No call is made."""
        address: str = self._app.authorize_url(duration="permanent", scopes=list(SCOPES), state=state)
        return address

    def by_code(self, code: str) -> Grant:
        """Turn the code of the redirect into tokens."""
        with translated(), self._session:
            asked = Authorizer(authenticator=self._app)
            asked.authorize(code)
            return self._grant(asked)

    def by_refresh(self, token: str) -> Grant:
        """Get the next token. Reddit lets a refresh token be used again and again."""
        return self._refreshed(Authorizer(authenticator=self._app, refresh_token=token))

    def by_password(self, username: str, password: str) -> Grant:
        """Sign in as a person who is a developer of this app: only "script" apps may."""
        return self._refreshed(ScriptAuthorizer(authenticator=self._app, username=username, password=password))

    def app_only(self) -> Grant:
        """Get a token that belongs to nobody: for reading what is open to everybody."""
        return self._refreshed(ReadOnlyAuthorizer(authenticator=self._app))

    def revoke(self, token: str, kind: str) -> None:
        """Take a token back. `kind` is "refresh_token" or "access_token"."""
        with translated(), self._session:
            try:
                self._app.revoke_token(token, token_type=kind)
            except ResponseException as error:
                if error.response.status_code != 204:  # an empty answer is a yes; prawcore expects a 200
                    raise

    def _refreshed(self, asked: Authorizer) -> Grant:
        with translated(), self._session:
            asked.refresh()
            return self._grant(asked)

    def _grant(self, got: Authorizer) -> Grant:
        answer = self._session.last
        assert answer is not None
        told: Any = answer.json()
        scope = " ".join(sorted(got.scopes or ()))
        return Grant(str(got.access_token), int(told["expires_in"]), scope, str(got.refresh_token or ""))


def may(login: Login, scope: str) -> bool:
    """Tell whether a login holds a permission. One of the app alone may only read, whatever it says."""
    if not login.handle:
        return scope == "read"
    held = login.secret.get("scope", "*").split()
    return "*" in held or scope in held


def shown_to_others(login: Login, fullname: str) -> bool:
    """Tell whether a reply of ours is shown to somebody who is not us: a shadow removal looks like success to us.

    Costs two calls: Reddit serves hardly anything without a token, so this asks with one that belongs to nobody.
    """
    site = str(login.options.get("site") or SITE)
    app = SignIn(login.secret.get("client_id", ""), login.secret.get("client_secret", ""), site=site)
    nobody = replace(login, handle="", secret={**login.secret, "access_token": app.app_only().access_token})
    with RedditClient(nobody) as client:
        return any(presence(one) is Presence.THERE for one in client.info([fullname]).things)
