"""A simulated X (API v2).

Written from X's public documentation: search posts (build a query, paginate), timelines, lookup, manage posts, edit
posts, response codes and errors, rate limits, usage, OAuth 1.0a (creating a signature) and OAuth 2.0 with PKCE.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from monitor.domain.records import Login
from monitor.simulated.server import Answer, Ask, Fault, Simulated
from monitor.simulated.world import SimPost, SimUser
from monitor.simulated.x_answers import (
    EPOCH_MS,
    HANDLE,
    PROBLEMS,
    at,
    error,
    invalid,
    no_user,
    post_shape,
    public,
    shown,
    token,
    user_shape,
    versions,
    weight,
)
from monitor.simulated.x_query import matcher
from monitor.simulated.x_signin import SCOPES, TOKEN_S, Grant, Keys, Refusal, SignIn, problem

_WEEK_S: Final = 7 * 86400
_LIMITS: Final = {"search": (450, 300), "mentions": (450, 300), "posts": (10000, 900), "write": (100, 100)}


class SimulatedX(Simulated):
    """X on loopback. Search reaches seven days and leaves out the newest 30 seconds, as X's does."""

    name = "x"

    def __init__(self, **kwargs: Any) -> None:
        """Take what `Simulated` takes."""
        super().__init__(**kwargs)
        self.signin = SignIn(lambda: self.clock() + self.skew)
        self.new_names = False  # the words of 2026: reposts and posts where it was retweets and tweets
        self.delay_s = 30.0  # until search knows a post
        self.cap, self.read = 3_000_000, 0  # posts a month
        self.credits: int | None = None  # objects that are still paid for; None: enough
        self.enterprise: set[str] = set()  # handles that may reply to anybody
        self._mentioned: defaultdict[str, list[SimPost]] = defaultdict(list)
        self._indexed = 0
        self._versions: dict[str, SimPost] = {}  # ids of later versions

    # --- for tests and the demo

    def connect(
        self,
        handle: str,
        *,
        way: str = "oauth2",
        scopes: str = SCOPES,
        app: bool = True,
        lasts: float = TOKEN_S,
        **options: Any,
    ) -> Login:
        """Return an account with valid tokens. `way`: "oauth2" or "oauth1"; `app`: with an app token for search.

        `lasts`: seconds until the token runs out; `options`: what a person set, beside X's approval.
        """
        self.world.user(handle)
        secret = {"bearer_token": "app-token"} if app else {}
        if way == "oauth1":
            keys = Keys("api-key", "api-secret", f"token-{handle}", f"secret-{handle}", handle)
            self.signin.keys[keys.token] = keys
            secret |= {"api_key": keys.api_key, "api_secret": keys.api_secret}
            secret |= {"access_token": keys.token, "access_token_secret": keys.secret}
        else:
            secret |= {
                "access_token": self.signin.new_token(handle, scopes, lasts=lasts),
                "client_id": "demo-app",
                "scope": scopes,
            }
            secret |= {"refresh_token": self.signin.new_refresh(handle, scopes)}
            secret |= {"expires_at": str(int(self.clock() + lasts))}
        given = {"approval_held": True, "site": self.url, **options}
        return Login("x", self.url, handle, self.world.users[handle].id, secret, given)

    def customer(self, handle: str, text: str, *, to: str = "", followers: int = 120, **kind: Any) -> SimPost:
        """Let somebody post. `to`: our handle, which they mention; `kind`: what a post may be, e.g. reply_settings."""
        self.world.user(handle, followers=followers)
        if to and f"@{to}" not in text:
            text = f"@{to} {text}"
        return self.world.post(handle, text, **kind)

    def repost(self, handle: str, post: SimPost) -> SimPost:
        """Let somebody pass a post on."""
        post.reposts += 1
        return self.world.post(handle, f"RT @{post.author.handle}: {post.text}", repost_of=post)

    def edit(self, post_id: str, text: str) -> str:
        """Let an author edit a post, and return the id of the new version: X keeps the old one under its own id."""
        post = self._get(post_id) or self.world.posts[post_id]
        earlier = versions(post)
        new = self.make_id(len(self.world.order) + len(self._versions) + 1, self.clock())
        post.extra["versions"] = [*earlier, (new, text)]
        self._versions[new] = post
        self.world.edit(post.id, text)
        return new

    def standing(self, handle: str) -> list[tuple[str, str]]:
        """Return the replies of an account as they stand: (id of the post they answer, text as it was sent)."""
        return [(str(one.reply_to.id), one.text) for one in self.world.by(handle) if one.reply_to is not None]

    def external_id(self, post: SimPost) -> str:
        """Return the id that a source gives a post."""
        return post.id

    # --- what a platform says for itself

    def make_id(self, number: int, at: float) -> str:
        """Return a snowflake: milliseconds, then a number."""
        return str((max(int(at * 1000) - EPOCH_MS, 1) << 22) | (number & 0x3FFFFF))

    def limit_headers(self) -> dict[str, str]:
        """Return the headers of a 429."""
        reset = str(int(self.clock() + self.skew + 600))
        return {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}

    def answer(self, ask: Ask) -> Answer:
        """Answer a call."""
        try:
            with self.world.lock:
                return self._route(ask)
        except Refusal as refusal:
            return refusal.answer

    def _route(self, ask: Ask) -> Answer:
        if ask.path == "/i/oauth2/authorize":
            return self.signin.consent(ask)
        if ask.path in {"/2/oauth2/token", "/2/oauth2/revoke"}:
            return self.signin.token(ask) if ask.path.endswith("token") else self.signin.revoke(ask)
        who = self.signin.who(ask, self.url)
        for method, pattern, call in self._calls():
            found = re.fullmatch(pattern, ask.path)
            if ask.method == method and found:
                done = call(ask, who, *found.groups())
                if who is not None and who.signed:
                    done.headers["x-access-level"] = "read-write" if "tweet.write" in who.scopes else "read"
                return done
        return problem(404, "Not Found")

    def _calls(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        return [
            ("GET", "/2/tweets/search/recent", self._search),
            ("GET", r"/2/users/(\d+)/mentions", self._mentions),
            ("GET", r"/2/users/(\d+)/tweets", self._own),
            ("GET", "/2/tweets", self._look_up),
            ("POST", "/2/tweets", self._create),
            ("DELETE", r"/2/tweets/(\d+)", self._delete),
            ("GET", "/2/users/me", self._me),
            ("GET", "/2/usage/tweets", self._usage),
        ]

    def _spend(self, bucket: str, who: Grant | None) -> dict[str, str]:
        app, user = _LIMITS[bucket]
        if self.credits is not None and self.credits <= 0:
            why = "Your enrolled account [1] does not have any credits to fulfill this request."
            raise Refusal(problem(402, "CreditsDepleted", why, PROBLEMS + "credits"))
        if self.read >= self.cap and bucket != "write":
            raise Refusal(
                problem(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", PROBLEMS + "usage-capped")
            )
        return self.signin.spend(bucket, who.handle if who else "", user if who else app)

    # --- reading

    def _search(self, ask: Ask, who: Grant | None) -> Answer:
        heads = self._spend("search", who)
        query, since = ask.one("query"), ask.one("since_id")
        test = matcher(query)
        if test is None or len(query) > (4096 if who and who.handle in self.enterprise else 512):
            return invalid("query", query, "Rules must be 512 characters or less, and match something by themselves.")
        oldest = self.clock() - _WEEK_S
        if since and at(since) < oldest:
            least = datetime.fromtimestamp(oldest, UTC).strftime("%Y-%m-%dT%H:%MZ")
            why = f"'since_id' must be a tweet id created after {least}. Please use a 'since_id' that is larger than "
            return invalid("since_id", since, why + self.make_id(0, oldest))
        posts = self._back(ask, max(at(since) if since else 0.0, oldest), self.clock() - self.delay_s)
        return self._listed((p for p in posts if "repost_of" not in p.extra and test(p)), ask, heads)

    def _back(self, ask: Ask, since: float, until: float) -> Iterator[SimPost]:
        """Yield posts newest first from where a page begins."""
        below = token(ask)
        if below:
            until = min(until, at(str(below)) + 0.01)
        return self.world.newest_first(until, since)

    def _mentions(self, ask: Ask, who: Grant | None, user_id: str) -> Answer:
        heads = self._spend("mentions", who)
        user = self._user(user_id)
        if user is None:
            return no_user(user_id)
        for post in self.world.order[self._indexed :]:
            for handle in {one.casefold() for one in HANDLE.findall(shown(post))}:
                self._mentioned[handle].append(post)
        self._indexed = len(self.world.order)
        return self._newest_of(self._mentioned[user.handle.casefold()], 800, ask, heads)

    def _own(self, ask: Ask, who: Grant | None, user_id: str) -> Answer:
        heads = self._spend("posts", who)
        user = self._user(user_id)
        return self._newest_of(self.world.by(user.handle), 3200, ask, heads) if user else no_user(user_id)

    def _newest_of(self, posts: list[SimPost], most: int, ask: Ask, heads: dict[str, str]) -> Answer:
        newest = posts[-most:]
        below = token(ask)
        end = bisect_right(newest, below, key=lambda one: int(one.id)) if below else len(newest)
        return self._listed((one for one in reversed(newest[:end]) if one.there), ask, heads)

    def _listed(self, posts: Iterable[SimPost], ask: Ask, heads: dict[str, str]) -> Answer:
        """Answer with a page: those below the token and above `since_id`."""
        since, below, most = int(ask.one("since_id", "0")), token(ask), int(ask.one("max_results", "10"))
        if not 5 <= most <= 100:
            return invalid("max_results", str(most), "The max_results query parameter value is not between 10 and 100")
        seen = (
            one for one in posts if int(one.id) > since and (not below or int(one.id) < below) and public(one.author)
        )
        page = list(islice(seen, most + 1))
        if ask.fault is Fault.MISSING_PAGE and page:
            start = below or int(page[0].id) + 1
            return Answer({"meta": {"result_count": 0, "next_token": f"t-{start}-{start}-empty"}}, headers=heads)
        chosen = page[:most]
        meta: dict[str, object] = {"result_count": len(chosen)}
        if chosen:
            meta |= {"newest_id": chosen[0].id, "oldest_id": chosen[-1].id}
        if len(page) > most:
            meta["next_token"] = f"t-{chosen[-1].id}-{below or int(chosen[0].id) + 1}"
        return Answer({**self._shown_all(chosen, ask), "meta": meta}, headers=heads)

    def _look_up(self, ask: Ask, who: Grant | None) -> Answer:
        heads = self._spend("posts", who)
        ids = ask.one("ids").split(",")
        if len(ids) > 100 or not all(one.isdecimal() for one in ids):
            return invalid("ids", ask.one("ids"), "The `ids` query parameter value is not valid")
        found = {one: self._get(one) for one in ids}
        there = {one: post for one, post in found.items() if post is not None and post.there and public(post.author)}
        body = self._shown_all(list(there.values()), ask, ids=list(there))
        body.pop("meta", None)
        errors = [error(one, found[one]) for one in ids if one not in there]
        if errors:
            body["errors"] = [*errors, *body.get("errors", [])]
        return Answer(body, headers=heads)

    def _get(self, post_id: str) -> SimPost | None:
        return self.world.posts.get(post_id) or self._versions.get(post_id)

    def _user(self, user_id: str) -> SimUser | None:
        return next((one for one in self.world.users.values() if one.id == user_id), None)

    def _me(self, ask: Ask, who: Grant | None) -> Answer:
        if who is None:
            kind = PROBLEMS + "unsupported-authentication"
            return problem(403, "Unsupported Authentication", "Authenticating with an app is not supported here.", kind)
        del ask
        return Answer({"data": user_shape(self.world.user(who.handle))}, headers=self._spend("posts", who))

    def _usage(self, ask: Ask, who: Grant | None) -> Answer:
        del ask
        if who is not None:
            return problem(403, "Unsupported Authentication", kind=PROBLEMS + "unsupported-authentication")
        return Answer(
            {
                "data": {
                    "cap_reset_day": 1,
                    "project_cap": str(self.cap),
                    "project_id": "1",
                    "project_usage": str(self.read),
                }
            }
        )

    # --- writing

    def _create(self, ask: Ask, who: Grant | None) -> Answer:
        if who is None or "tweet.write" not in who.scopes.split():
            return problem(403, "Forbidden", "You are not permitted to perform this action.")
        heads = self._spend("write", who)
        text = str(ask.json.get("text") or "")
        to = str(dict(ask.json.get("reply") or {}).get("in_reply_to_tweet_id", ""))
        target = self._get(to) if to else None
        made = self.world.user(who.handle)
        why = self._why_not(made, text, target, asked=bool(to))
        if why:
            return problem(403, "Forbidden", why)
        post = self.world.post(who.handle, text, reply_to=target, answers=to, **self._auto(made, target))
        data = {"id": post.id, "text": self._shape(post)["text"], "edit_history_tweet_ids": [post.id]}
        return Answer({"data": data}, 201, heads)

    def _auto(self, author: SimUser, target: SimPost | None) -> dict[str, Any]:
        """X puts the name of the person answered before a reply."""
        return {"auto": f"@{target.author.handle} "} if target and target.author is not author else {}

    def _why_not(self, author: SimUser, text: str, target: SimPost | None, *, asked: bool) -> str:
        if not 0 < weight(text) <= 280:
            return "Your Tweet text is too long." if text else "Your Tweet text is missing."
        if asked and (target is None or not target.there or not public(target.author)):
            return "You attempted to reply to a Tweet that is deleted or not visible to you."
        shown = [(one.text, one.extra.get("auto")) for one in self.world.by(author.handle)[-200:]]
        if (text, self._auto(author, target).get("auto")) in shown:
            return "You are not allowed to create a Tweet with duplicate content."
        return "" if target is None or target.author is author else self._closed(author, target)

    def _closed(self, author: SimUser, target: SimPost) -> str:
        named = author.handle.casefold() in {one.casefold() for one in HANDLE.findall(shown(target))}
        quoted = target.extra.get("quote_of")
        summoned = named or (isinstance(quoted, SimPost) and quoted.author is author)
        setting = target.extra.get("reply_settings", "everyone")
        if setting != "everyone" and not (setting == "mentionedUsers" and named):
            return "Reply to this conversation is not allowed: the author has restricted who can reply."
        if not summoned and author.handle not in self.enterprise:
            return (
                "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged "
                "by the author of the post you are replying to."
            )
        return ""

    def _delete(self, ask: Ask, who: Grant | None, post_id: str) -> Answer:
        del ask
        if who is None or "tweet.write" not in who.scopes.split():
            return problem(403, "Forbidden", "You are not permitted to perform this action.")
        post = self._get(post_id)
        if post is None or not post.there:
            return problem(404, "Not Found Error", kind=PROBLEMS + "resource-not-found")
        if post.author.handle != who.handle:
            return problem(403, "Forbidden", "You are not authorized to delete this Tweet.")
        heads = self._spend("write", who)
        self.world.delete(post.id)
        return Answer({"data": {"deleted": True}}, headers=heads)

    # --- shapes

    def _shown_all(self, posts: list[SimPost], ask: Ask, ids: list[str] | None = None) -> dict[str, Any]:
        """Return posts with those who wrote them, and count them as read."""
        users = {one.author.handle: one.author for one in posts}
        silent = {one.handle for one in users.values() if one.extra.get("left_out")}
        names = ask.one("tweet.fields").split(",")
        shapes = [self._shape(one, names, ids[i] if ids else "") for i, one in enumerate(posts)]
        self.read += len(shapes)
        self.credits = None if self.credits is None else self.credits - len(shapes) - len(users)
        body: dict[str, Any] = {"data": shapes} if shapes else {}
        if "author_id" in ask.one("expansions") and users:
            body["includes"] = {"users": [user_shape(one) for one in users.values() if one.handle not in silent]}
        errors = [error(users[one].id, None, "user") for one in silent if users[one].extra["left_out"] == "named"]
        return {**body, "errors": errors} if errors else body

    def _shape(self, post: SimPost, names: Iterable[str] = (), version: str = "") -> dict[str, Any]:
        replies = len(self.world.replies_to(post.id))
        return post_shape(post, names, version, replies=replies, new=self.new_names, site=self.url)
