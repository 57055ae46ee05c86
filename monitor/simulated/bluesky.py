"""Bluesky on loopback: a personal data server with the app's views behind it, and the stream of changes beside it.

Written from the lexicons `com.atproto.server.*`, `com.atproto.repo.*`, `com.atproto.identity.resolveHandle`,
`app.bsky.feed.*`, `app.bsky.actor.*` and `app.bsky.notification.listNotifications`, the XRPC specification (errors as
{"error", "message"}), and the pages on rate limits and Jetstream of docs.bsky.app. It behaves as the reference server
where that is known: the same record put twice changes nothing, and deleting what is not there succeeds.
"""

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Self

import regex

from monitor.domain.records import Login
from monitor.simulated.bluesky_sessions import ACCESS_S, Refused, Sessions, refuse
from monitor.simulated.bluesky_stream import Stream
from monitor.simulated.bluesky_views import POST, Shown, did_of, full_handle, iso, rkey_at, sort_at, uri_of
from monitor.simulated.server import Answer, Ask, Fault, Simulated
from monitor.simulated.world import SimPost, SimUser

Json = dict[str, Any]
_TID: Final = regex.compile(r"[234567abcdefghij][234567a-z]{12}")
_STATUS: Final = {"AuthMissing": 401, "AuthenticationRequired": 401, "MethodNotImplemented": 501}
_UNSIGNED: Final = frozenset({"createSession", "refreshSession", "deleteSession"})  # no access token is looked at


class SimulatedBluesky(Simulated):
    """Bluesky as one server. `stream_url` is where its stream of changes is."""

    name = "bluesky"

    def __init__(self, *, clock: Callable[[], float] = time.time, port: int = 0, seed: int = 0) -> None:
        """Limits, the reach of a search and what the stream keeps can be set on it."""
        super().__init__(clock=clock, port=port, seed=seed)
        self.shown = Shown(self.world)
        self.sessions = Sessions(clock, self.shown, lambda: self.url)
        self.stream = Stream(self)
        self.limits = {"all": (3000, 300.0), "writes": (5000, 3600.0)}  # points in so many seconds
        self.search_reach = 10_000  # how deep a search can be paged
        self.search_needs_login = False
        self._used: defaultdict[tuple[str, int], int] = defaultdict(int)

    # --- for tests and the demo

    @property
    def stream_url(self) -> str:
        """Return the address of the stream, without the path."""
        return self.stream.url

    def start(self) -> Self:
        """Begin to serve both ports."""
        self.stream.start()
        return super().start()

    def stop(self) -> None:
        """Stop both."""
        self.stream.stop()
        super().stop()

    def connect(self, handle: str, **kind: object) -> Login:
        """Return the login of an account that is ready to use; `kind` is kept on the account."""
        user = self.account(handle)
        user.extra.update(kind)
        session = self.sessions.made(user)
        return Login(
            self.name,
            self.url,
            user.handle,
            did_of(user),
            {
                "access": session["accessJwt"],
                "refresh": session["refreshJwt"],
                "expires_at": str(time.time() + ACCESS_S),
            },
            {"read": self.url, "stream": self.stream_url, "hosts": ""},
        )

    def account(self, handle: str, password: str = "", *, followers: int | None = None, **kind: object) -> SimUser:
        """Return somebody's account, with a password to sign in with where one is given."""
        user = self.world.user(full_handle(handle), followers=followers, **kind)
        user.name = user.handle.partition(".")[0].replace("-", " ").title()
        if password:
            self.sessions.passwords[user.handle] = password
        return user

    def customer(self, handle: str, text: str, *, to: str = "", **kind: Any) -> SimPost:
        """Let somebody post, with a mention of `to` in front; `kind` as in `World.post`."""
        words = f"@{self.account(to).handle} {text}" if to else text
        return self.world.post(self.account(handle).handle, words, **kind)

    def standing(self, handle: str) -> list[tuple[str, str]]:
        """Return an account's replies that are there, oldest first: what each answers, and its text."""
        return [(self._answered(one), one.text) for one in self.world.by(full_handle(handle)) if self._answered(one)]

    def _answered(self, post: SimPost) -> str:
        return str(self.shown.record(post).get("reply", {}).get("parent", {}).get("uri", ""))

    def external_id(self, post: SimPost) -> str:
        """Return the address of a post's record."""
        return uri_of(post)

    # --- the platform

    def make_id(self, number: int, at: float) -> str:
        """Return a record key."""
        return rkey_at(number, at)

    def limit_headers(self) -> dict[str, str]:
        """Return the headers of a 429."""
        return self._limits("all", 3000)

    def answer(self, ask: Ask) -> Answer:
        """Answer an XRPC call."""
        name = ask.path.rsplit(".", 1)[-1]
        bucket, points = _POINTS.get(name, ("all", 1))
        with self.world.lock:
            limit, _ = self.limits[bucket]
            window = (bucket, int(self.clock() // self.limits[bucket][1]))
            if self._used[window] + points > limit:
                said = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
                return Answer(said, 429, self._limits(bucket, limit))
            self._used[window] += points
            heads = self._limits(bucket, self._used[window])
            try:
                return Answer(self._done(name, ask), 200, heads)
            except Refused as no:
                return Answer({"error": no.error, "message": str(no)}, _STATUS.get(no.error, 400), heads)

    def _limits(self, bucket: str, used: int) -> dict[str, str]:
        limit, window = self.limits[bucket]
        resets = (int(self.clock() // window) + 1) * int(window)
        figures = {"Limit": limit, "Remaining": max(limit - used, 0), "Reset": resets}
        heads = {f"RateLimit-{name}": str(value) for name, value in figures.items()}
        return {**heads, "RateLimit-Policy": f"{limit};w={int(window)}"}

    def _done(self, name: str, ask: Ask) -> Json:
        method = _METHODS.get(name)
        if method is None or not ask.path.startswith("/xrpc/"):
            refuse("MethodNotImplemented", "Method Not Implemented")
        viewer = None if name in _UNSIGNED else self.sessions.viewer(ask)
        if viewer is None and name in _SIGNED_IN | ({"searchPosts"} if self.search_needs_login else set()):
            refuse("AuthMissing", "Authentication Required")
        return method(self, ask, viewer)

    # --- who is there

    def resolve_handle(self, ask: Ask, _: SimUser | None) -> Json:
        """Turn a handle into a DID."""
        user = self.world.users.get(ask.one("handle").lower())
        if user is None:
            refuse("InvalidRequest", "Unable to resolve handle")
        return {"did": did_of(user)}

    # --- records

    def put_record(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Write a record under a key; the same one again changes nothing."""
        assert viewer is not None
        body = ask.json
        self._ours(body, viewer)
        record, rkey = body["record"], str(body["rkey"])
        _check(record, rkey)
        post = self.shown.by_uri(f"at://{did_of(viewer)}/{POST}/{rkey}")
        if post is not None and post.there:
            if self.shown.record(post) != record:
                post.extra["record"] = record
                self.world.edit(post.id, record["text"])
        else:
            parent = self.shown.by_uri(str(record.get("reply", {}).get("parent", {}).get("uri", "")))
            created = _seconds(str(record["createdAt"]))
            post = self.world.post(
                viewer.handle, record["text"], post_id=rkey, reply_to=parent, record=record, created=created
            )
        made = {"uri": uri_of(post), "cid": self.shown.cid(post), "validationStatus": "valid"}
        return {**made, "commit": {"cid": self.shown.cid(post), "rev": post.id}}

    def get_record(self, ask: Ask, _: SimUser | None) -> Json:
        """Return a record of anybody."""
        uri = f"at://{ask.one('repo')}/{ask.one('collection')}/{ask.one('rkey')}"
        post = self.shown.by_uri(uri)
        if post is None or not post.there:
            refuse("RecordNotFound", f"Could not locate record: {uri}")
        return {"uri": uri_of(post), "cid": self.shown.cid(post), "value": self.shown.record(post)}

    def delete_record(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Delete a record; what is not there is no error."""
        assert viewer is not None
        self._ours(ask.json, viewer)
        self._delete(viewer, str(ask.json["rkey"]))
        return {}

    def apply_writes(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Delete several records, all or none."""
        assert viewer is not None
        self._ours(ask.json, viewer)
        keys = [str(one["rkey"]) for one in ask.json["writes"]]
        posts = [self.shown.by_uri(f"at://{did_of(viewer)}/{POST}/{key}") for key in keys]
        if any(one is None or not one.there for one in posts):
            refuse("InvalidRequest", "Could not find record")
        for key in keys:
            self._delete(viewer, key)
        return {"results": [{"$type": "com.atproto.repo.applyWrites#deleteResult"} for _ in keys]}

    def _delete(self, viewer: SimUser, rkey: str) -> None:
        post = self.shown.by_uri(f"at://{did_of(viewer)}/{POST}/{rkey}")
        if post is not None and post.there:
            self.world.delete(post.id)

    def _ours(self, body: Json, viewer: SimUser) -> None:
        if self.shown.by_did(str(body.get("repo", ""))) is not viewer:
            refuse("AuthenticationRequired", "Authentication Required")
        if viewer.extra.get("status"):
            refuse("AccountDeactivated", "Account is deactivated")

    # --- views

    def search_posts(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Search, newest first. The cursor is an offset, as it is there."""
        limit, offset = _limit(ask, 25), int(ask.one("cursor") or 0)
        if ask.fault is Fault.MISSING_PAGE:
            return {"posts": []}
        if ask.fault is Fault.DUPLICATE_PAGE:
            offset = max(0, offset - limit)
        since, until = _seconds(ask.one("since"), 0.0), _seconds(ask.one("until"), float("inf"))
        seen = (one for one in self.shown.search(ask.one("q"), since, until) if self.shown.visible(one, viewer))
        page = list(itertools.islice(seen, offset, offset + limit + 1))
        made: Json = {"posts": [self.shown.view(one, viewer) for one in page[:limit]], "hitsTotal": offset + len(page)}
        if len(page) > limit and offset + limit < self.search_reach:
            made["cursor"] = str(offset + limit)
        return made

    def get_posts(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Return posts; those that cannot be seen are left out."""
        uris = _at_most(ask, "uris")
        posts = [one for one in map(self.shown.by_uri, uris) if one is not None and self.shown.visible(one, viewer)]
        return {"posts": [self.shown.view(one, viewer) for one in posts]}

    def get_post_thread(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Return one post as its thread shows it."""
        uri = ask.one("uri")
        post = self.shown.by_uri(uri)
        if post is None or not post.there or post.author.extra.get("status"):
            refuse("NotFound", f"Post not found: {uri}")
        if not self.shown.visible(post, viewer):
            author = {"did": did_of(post.author), "viewer": {"blockedBy": True}}
            return {"thread": {"$type": _DEFS + "blockedPost", "uri": uri, "blocked": True, "author": author}}
        return {"thread": {"$type": _DEFS + "threadViewPost", "post": self.shown.view(post, viewer), "replies": []}}

    def get_profile(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Return a profile."""
        user = self.shown.by_did(ask.one("actor"))
        if user is None:
            refuse("InvalidRequest", "Profile not found")
        status = str(user.extra.get("status") or "")
        if status and user is not viewer:
            gone = "AccountDeactivated" if status == "deactivated" else "AccountTakedown"
            refuse(gone, f"Account is {status}")
        return self.shown.profile(user, viewer, detailed=True)

    def get_profiles(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Return profiles; those that cannot be seen are left out."""
        users = [self.shown.by_did(one) for one in _at_most(ask, "actors")]
        seen = [one for one in users if one is not None and not one.extra.get("status")]
        return {"profiles": [self.shown.profile(one, viewer, detailed=True) for one in seen]}

    def list_notifications(self, ask: Ask, viewer: SimUser | None) -> Json:
        """Return what somebody was notified of, newest first. The cursor is a time."""
        assert viewer is not None
        if ask.fault is Fault.MISSING_PAGE:
            return {"notifications": [], "seenAt": iso(self.clock())}
        limit, before = _limit(ask, 50), ask.one("cursor")
        edge = "" if ask.fault is Fault.DUPLICATE_PAGE else before
        reasons = set(ask.query.get("reasons", []))
        told = reversed(self.shown.told(viewer))
        page = (one for one in told if (not edge or _place(one[0]) < edge) and (not reasons or one[1] in reasons))
        chosen = list(itertools.islice((one for one in page if self.shown.visible(one[0], viewer)), limit))
        made: Json = {"notifications": [self._notice(*one, viewer) for one in chosen], "seenAt": iso(self.clock())}
        return {**made, **({"cursor": _place(chosen[-1][0])} if len(chosen) == limit else {})}

    def _notice(self, post: SimPost, reason: str, viewer: SimUser) -> Json:
        view = self.shown.view(post, viewer)
        kept = {name: view[name] for name in ("uri", "cid", "author", "record", "indexedAt", "labels")}
        return {**kept, "reason": reason, "isRead": False}


_DEFS: Final = "app.bsky.feed.defs#"
_POINTS: Final = {"putRecord": ("writes", 2), "applyWrites": ("writes", 2), "deleteRecord": ("writes", 1)}
_SIGNED_IN: Final = frozenset({"getSession", "putRecord", "deleteRecord", "applyWrites", "listNotifications"})
_METHODS: Final[dict[str, Callable[[SimulatedBluesky, Ask, SimUser | None], Json]]] = {
    "createSession": lambda one, ask, viewer: one.sessions.create(ask, viewer),
    "refreshSession": lambda one, ask, viewer: one.sessions.refresh(ask, viewer),
    "getSession": lambda one, ask, viewer: one.sessions.get(ask, viewer),
    "deleteSession": lambda one, ask, viewer: one.sessions.delete(ask, viewer),
    "resolveHandle": SimulatedBluesky.resolve_handle,
    "putRecord": SimulatedBluesky.put_record,
    "getRecord": SimulatedBluesky.get_record,
    "deleteRecord": SimulatedBluesky.delete_record,
    "applyWrites": SimulatedBluesky.apply_writes,
    "searchPosts": SimulatedBluesky.search_posts,
    "getPosts": SimulatedBluesky.get_posts,
    "getPostThread": SimulatedBluesky.get_post_thread,
    "getProfile": SimulatedBluesky.get_profile,
    "getProfiles": SimulatedBluesky.get_profiles,
    "listNotifications": SimulatedBluesky.list_notifications,
}


def _place(post: SimPost) -> str:
    """Return a place in a list of notifications: the time, and the key for those of one moment."""
    return f"{iso(sort_at(post))}::{post.id}"


def _check(record: Json, rkey: str) -> None:
    """Refuse what the lexicon of a post refuses."""
    text = record.get("text")
    if not _TID.fullmatch(rkey):
        refuse("InvalidRequest", f"Invalid TID string (got {rkey})")
    if record.get("$type") != POST or not isinstance(text, str) or not record.get("createdAt"):
        refuse("InvalidRequest", f"Invalid {POST} record")
    if len(text.encode()) > 3000:
        refuse("InvalidRequest", f"Invalid {POST} record: Record/text must not be longer than 3000 characters")
    if len(regex.findall(r"\X", text)) > 300:
        refuse("InvalidRequest", f"Invalid {POST} record: Record/text must not be longer than 300 graphemes")


def _limit(ask: Ask, default: int) -> int:
    limit = int(ask.one("limit") or default)
    if not 1 <= limit <= 100:
        refuse("InvalidRequest", "Error: limit can not be greater than 100")
    return limit


def _at_most(ask: Ask, name: str) -> Sequence[str]:
    values = ask.query.get(name, [])
    if not 1 <= len(values) <= 25:
        refuse("InvalidRequest", f"Error: {name} must not have more than 25 elements")
    return values


def _seconds(written: str, missing: float = 0.0) -> float:
    return datetime.fromisoformat(written).timestamp() if written else missing
