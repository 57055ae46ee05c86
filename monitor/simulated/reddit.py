"""A simulated Reddit.

Written from Reddit's own pages: "OAuth2" and "API" of the wiki of reddit/reddit-api (archived), reddit.com/dev/api
(listings, /api/info, /api/comment, /api/editusertext, /api/del, /message/inbox, search) and the Data API wiki (rates).
"""

import secrets
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from monitor.domain.records import Login
from monitor.simulated.reddit_shapes import (
    DEEP,
    Shape,
    Shelf,
    Wanted,
    base36,
    errors,
    fullname,
    kept,
    listing,
    message,
    refusal,
    thing,
    too_often,
    unfit,
    wanted,
    written,
)
from monitor.simulated.server import Answer, Ask, Fault, Simulated
from monitor.simulated.world import SimPost

CLIENT_ID: Final = "amends-app"
CLIENT_SECRET: Final = "amends-app-secret"  # noqa: S105  of a server that only this machine sees
_HOUR: Final = 3600.0
_FIRST_ID: Final = 36**6 + 1_000_000
_EVERYTHING: Final = Wanted()
_SCOPES: Final = {
    "/api/v1/me": "identity",
    "/message/inbox": "privatemessages",
    "/api/comment": "submit",
    "/api/editusertext": "edit",
    "/api/del": "edit",
}


@dataclass
class Token:
    """What a token opens. No handle: it belongs to the app alone."""

    handle: str
    scope: str
    ends: float
    used: int = 0
    window: float = 0.0  # when the window of its calls began

    def may(self, scope: str) -> bool:
        """Tell whether it holds a permission."""
        return "*" in self.scope.split() or scope in self.scope.split()


@dataclass
class Rules:
    """What a test may set."""

    calls: int = 1000  # of one token in one window
    window_s: float = 600.0
    between_comments_s: float = 0.0  # of one account
    listing_lag_s: float = 0.0  # how old a list of somebody's comments may be
    swallows: bool = False  # a filter takes comments without showing them
    private: set[str] = field(default_factory=set)  # subreddits, in lower case
    quarantined: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


class SimulatedReddit(Simulated):
    """Reddit on loopback: the interface and the site are one server."""

    name = "reddit"

    def __init__(self, **settings: Any) -> None:
        """Take what `Simulated` takes."""
        super().__init__(**settings)
        self.rules = Rules()
        self.apps = {CLIENT_ID: CLIENT_SECRET}
        self.passwords: dict[str, str] = {}
        self.brand = "vela_care"  # who is signed in where the page of consent is shown
        self.tokens: dict[str, Token] = {}
        self._refreshing: dict[str, Token] = {}
        self._codes: dict[str, tuple[Token, str]] = {}
        self._shelf = Shelf(self.world)

    # --- for tests and the demo

    def connect(self, handle: str, *, scope: str = "*", app_only: bool = False, **options: object) -> Login:
        """Return a login with a valid token."""
        user = self.world.user(handle)
        given = self._granted(Token("" if app_only else handle, scope, 0), keep=not app_only)
        secret = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "access_token": str(given["access_token"])}
        secret |= {"expires_at": str(self.clock() + _HOUR), "scope": scope}
        secret["refresh_token"] = str(given.get("refresh_token") or "")
        who = ("", "") if app_only else (handle, f"t2_{user.id}")
        return Login("reddit", self.url, *who, secret, {"site": self.url, **options})

    def customer(
        self,
        handle: str,
        text: str,
        *,
        to: str = "",
        place: str = "kettles",
        title: str = "Has anybody else seen this?",
        comment: bool = False,
        **kind: Any,
    ) -> SimPost:
        """Write a post; with `to` or `comment` a comment, one that names that account."""
        if not to and not comment:
            return self.world.post(handle, text, place=place, title=title, **kind)
        with self.world.lock:
            above = next(self._shelf.newest([f"new {place.lower()}"], None), None)
            above = above or self.world.post("the_mods", "Talk here.", place=place, title="The weekly thread")
            return self.world.post(handle, f"u/{to} {text}" if to else text, reply_to=above, **kind)

    def standing(self, handle: str) -> list[tuple[str, str]]:
        """Return an account's comments there now: what they answer, and their text."""
        return [(fullname(one.reply_to), one.text) for one in self.world.by(handle) if one.reply_to is not None]

    def external_id(self, post: SimPost) -> str:
        """Return the id of a post as Amends knows it."""
        return fullname(post)

    def find(self, name: str) -> SimPost:
        """Return the post of an external id."""
        return self.world.posts[name.partition("_")[2]]

    # --- the server's side

    def make_id(self, number: int, at: float) -> str:
        """Return an id in base 36; posts and comments count together here."""
        del at
        return base36(_FIRST_ID + number)

    def limit_headers(self) -> dict[str, str]:
        """Return the headers of a 429."""
        return {"x-ratelimit-remaining": "0.0", "x-ratelimit-used": "1000", "x-ratelimit-reset": "30"}

    def answer(self, ask: Ask) -> Answer:
        """Answer a call."""
        ask = replace(ask, path=ask.path.rstrip("/"))
        with self.world.lock:
            if ask.path == "/api/v1/authorize":
                return self._consent(ask)
            if ask.path in {"/api/v1/access_token", "/api/v1/revoke_token"}:
                return self._sign_in(ask)
            token = None if ask.fault is Fault.EXPIRED else self.tokens.get(ask.bearer)
            if token is None or token.ends < self.clock():
                return refusal(401, "Unauthorized", "invalid_token")
            if not token.may(_SCOPES.get(ask.path) or ("history" if ask.path.startswith("/user/") else "read")):
                return refusal(403, "Forbidden", "insufficient_scope")
            left = self._counted(token)
            if float(left["x-ratelimit-remaining"]) < 0:
                return Answer(
                    {"message": "Too Many Requests", "error": 429}, 429, left | {"x-ratelimit-remaining": "0.0"}
                )
            done = self._do(ask, token)
            done.headers |= left
            return done

    def _counted(self, token: Token) -> dict[str, str]:
        if self.clock() - token.window >= self.rules.window_s:
            token.window, token.used = self.clock(), 0
        token.used += 1
        left = token.window + self.rules.window_s - self.clock()
        heads = {"x-ratelimit-used": str(token.used), "x-ratelimit-reset": str(max(int(left), 1))}
        return heads | {"x-ratelimit-remaining": f"{self.rules.calls - token.used:.1f}"}

    def _do(self, ask: Ask, token: Token) -> Answer:
        if ask.method == "POST":
            return self._write(ask, token)
        if ask.path == "/api/v1/me":
            return Answer(self._me(token)) if token.handle else refusal(403, "Forbidden")
        if ask.path == "/api/info":
            names = [one for one in ask.one("id").split(",") if one][:100]
            return Answer(listing(list(self._known(names, token)), None))
        parts = ask.path.strip("/").split("/")
        places = parts[1].lower().split("+") if parts[0] == "r" else []
        return self._closed(places) or self._listing(ask, token, parts, places)

    def _me(self, token: Token) -> Shape:
        user = self.world.user(token.handle)
        return {
            "id": user.id, "name": user.handle, "created_utc": user.at, "total_karma": 420, "link_karma": 20,
            "comment_karma": 400, "is_suspended": False, "has_verified_email": True, "inbox_count": 0, **user.extra,
        }  # fmt: skip

    def _known(self, names: list[str], token: Token) -> Iterator[Shape]:
        shut = self.rules.private | self.rules.quarantined
        for name in names:
            post = self.world.posts.get(name.partition("_")[2])
            if post is None or fullname(post) != name or post.place.lower() in shut:
                continue
            if not post.extra.get("shadowed") or token.handle == post.author.handle:
                yield thing(post, len(self.world.replies_to(post.id)))

    def _closed(self, places: list[str]) -> Answer | None:
        for one in places:
            if one in self.rules.missing:
                return Answer("", 302, {"Location": f"{self.url}/subreddits/search?q={one}"})
            for shut, reason in ((self.rules.private, "private"), (self.rules.quarantined, "quarantined")):
                if one in shut:
                    return Answer({"reason": reason, "message": "Forbidden", "error": 403}, 403)
        return None

    # --- listings

    def _listing(self, ask: Ask, token: Token, parts: list[str], places: list[str]) -> Answer:
        if parts[-1] == "search":
            sought = wanted(ask.one("q"), places if ask.one("restrict_sr") else ())
            return self._page(ask, sought.keys, token, sought)
        if parts[0] == "message":
            return self._page(ask, [f"to {token.handle.lower()}"], token)
        if parts[0] == "user" and parts[-1] == "comments":
            return self._page(ask, [f"by {parts[1].lower()}"], token)
        if parts[0] == "r" and parts[-1] in {"new", "comments"}:
            return self._page(ask, [f"{parts[-1]} {one}" for one in places], token)
        return refusal(404, "Not Found")

    def _page(self, ask: Ask, keys: list[str], token: Token, sought: Wanted = _EVERYTHING) -> Answer:
        limit = min(int(ask.one("limit", "25")), 100)
        after = self.world.posts.get(ask.one("after").partition("_")[2])
        lost = ask.one("after") and (after is None or not self._listed(after, ask, token))
        if ask.fault is Fault.MISSING_PAGE or lost or (after and self._shelf.depth(keys, after) >= DEEP):
            return Answer(listing([], None))
        if ask.fault is Fault.DUPLICATE_PAGE and after is not None:
            after = self._before(keys, after, limit)
        found: list[SimPost] = []
        for post in self._shelf.newest(keys, after):
            if self._listed(post, ask, token) and sought.matches(post):
                found.append(post)
            if len(found) > limit:
                break
        shown = [self._shown(one, ask, token) for one in found[:limit]]
        return Answer(listing(shown, fullname(found[limit - 1]) if len(found) > limit else None))

    def _before(self, keys: list[str], after: SimPost, limit: int) -> SimPost | None:
        """Return where the page began that ended with a post: the page before comes again."""
        page = [one for one in self._shelf.newest(keys, None) if one.number >= after.number]
        return page[-limit - 1] if len(page) > limit else None

    def _listed(self, post: SimPost, ask: Ask, token: Token) -> bool:
        """Tell whether a listing holds a post. Deleted comments stay for a while, deleted posts do not."""
        if ask.path.startswith("/user/"):
            return post.there and self.clock() - post.at >= self.rules.listing_lag_s
        if post.extra.get("held") or (post.extra.get("shadowed") and token.handle != post.author.handle):
            return False
        return post.reply_to is not None or (post.there and not post.extra.get("removed"))

    def _shown(self, post: SimPost, ask: Ask, token: Token) -> Shape:
        if ask.path.startswith("/message/"):
            return message(post, token.handle)
        return thing(post, len(self.world.replies_to(post.id)))

    # --- writing

    def _write(self, ask: Ask, token: Token) -> Answer:
        if not token.handle:
            return errors("USER_REQUIRED")
        if ask.path == "/api/comment":
            return self._comment(ask, token)
        if ask.path in {"/api/del", "/api/editusertext"}:
            return self._change(ask, token)
        return refusal(404, "Not Found")

    def _change(self, ask: Ask, token: Token) -> Answer:
        post = self.world.posts.get((ask.one("thing_id") or ask.one("id")).partition("_")[2])
        ours = post is not None and post.author.handle == token.handle
        if ask.path == "/api/del":
            if ours and post is not None and post.there:
                self.world.delete(post.id)
            return Answer({})
        if post is None or not ours:
            return errors("NOT_AUTHOR")
        if not post.there:
            return errors("DELETED_COMMENT")
        return unfit(ask.one("text")) or written(self.world.edit(post.id, kept(ask.one("text"))))

    def _comment(self, ask: Ask, token: Token) -> Answer:
        above = self.world.posts.get(ask.one("thing_id").partition("_")[2])
        if above is None or not above.there:
            return errors("DELETED_LINK" if above is not None and above.reply_to is None else "DELETED_COMMENT")
        if above.extra.get("locked") or above.root.extra.get("locked"):
            return errors("THREAD_LOCKED")
        if above.root.extra.get("archived"):
            return errors("TOO_OLD")
        own = self.world.by(token.handle)
        wait = own[-1].at + self.rules.between_comments_s - self.clock() if own else 0.0
        if wait > 0:
            return too_often(wait)
        refused = unfit(ask.one("text"))
        if refused is not None:
            return refused
        made = self.world.post(token.handle, kept(ask.one("text")), reply_to=above)
        return written(None if self.rules.swallows else made)

    # --- signing in

    def _consent(self, ask: Ask) -> Answer:
        where, state, scope = ask.one("redirect_uri"), ask.one("state"), ask.one("scope")
        if ask.one("client_id") not in self.apps or ask.one("response_type") != "code":
            return Answer("<h1>you broke reddit</h1><p>invalid client id.</p>", 400)
        if ask.method == "GET":
            fields = "".join(
                f'<input type="hidden" name="{escape(name)}" value="{escape(values[0])}">'
                for name, values in ask.query.items()
            )
            what = f"<h1>{escape(ask.one('client_id'))} wants to connect with u/{escape(self.brand)}</h1><p>{escape(scope)}</p>"
            buttons = "".join(f'<button name="authorize" value="{one}">{one}</button>' for one in ("Allow", "Decline"))
            return Answer(
                f'<!DOCTYPE html><form method="post" action="/api/v1/authorize">{what}{fields}{buttons}</form>'
            )
        given = {"state": state, "error": "access_denied"}
        if ask.one("authorize") == "Allow":
            code = secrets.token_urlsafe(12)
            self._codes[code] = Token(self.brand, scope, self.clock() + 600), where
            given = {"state": state, "code": code}
        return Answer("", 302, {"Location": f"{where}?{urlencode(given)}"})

    def _sign_in(self, ask: Ask) -> Answer:
        kind, _, pair = ask.headers.get("authorization", "").partition(" ")
        who, _, password = b64decode(pair).decode().partition(":") if kind.lower() == "basic" else ("", "", "")
        if ask.fault is Fault.EXPIRED or not who or self.apps.get(who) != password:
            return Answer({"message": "Unauthorized", "error": 401}, 401, {"www-authenticate": 'Basic realm="reddit"'})
        if ask.path.endswith("revoke_token"):
            self.tokens.pop(ask.one("token"), None)
            gone = self._refreshing.pop(ask.one("token"), None)
            if gone is not None:
                self.tokens = {key: one for key, one in self.tokens.items() if one.handle != gone.handle}
            return Answer({})
        asked = self._asked_for(ask)
        if asked is None:
            return Answer({"error": "invalid_grant"})  # with 200, as Reddit does
        return Answer(self._granted(asked, keep=ask.one("grant_type") == "authorization_code"))

    def _asked_for(self, ask: Ask) -> Token | None:
        kind = ask.one("grant_type")
        if kind == "authorization_code":
            token, where = self._codes.pop(ask.one("code"), (None, ""))
            return token if token and where == ask.one("redirect_uri") and token.ends >= self.clock() else None
        if kind == "refresh_token":
            return self._refreshing.get(ask.one("refresh_token"))
        if kind == "password":
            good = bool(ask.one("password")) and self.passwords.get(ask.one("username")) == ask.one("password")
            return Token(ask.one("username"), "*", 0) if good else None
        return Token("", "*", 0) if kind == "client_credentials" else None

    def _granted(self, asked: Token, *, keep: bool) -> Shape:
        token = secrets.token_urlsafe(24)
        self.tokens[token] = Token(asked.handle, asked.scope, self.clock() + _HOUR)
        given: Shape = {"access_token": token, "token_type": "bearer", "expires_in": int(_HOUR), "scope": asked.scope}
        if keep:
            given["refresh_token"] = secrets.token_urlsafe(24)
            self._refreshing[str(given["refresh_token"])] = asked
        return given
