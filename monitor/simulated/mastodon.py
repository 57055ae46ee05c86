"""A simulated Mastodon server, written from the public documentation.

After docs.joinmastodon.org: the methods statuses, timelines, notifications, search, accounts, instance, apps and
oauth, and the pages on rate limits and on pagination.
"""

import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from monitor.simulated.mastodon_oauth import Refused
from monitor.simulated.mastodon_server import MastodonServer, Row, number
from monitor.simulated.mastodon_shapes import PER_URL, length_of, words_of
from monitor.simulated.server import Answer, Ask, Fault
from monitor.simulated.world import SimPost, SimUser

_KEY_S: Final = 3600.0  # how long a key is remembered
_TAGS: Final = 4  # followed in one call
_ID: Final = "([^/]+)"
_ROUTES: Final = (
    ("GET", "/api/(v1|v2)/instance", "instance"),
    ("GET", f"/api/v1/timelines/tag/{_ID}", "tag"),
    ("GET", "/api/v1/notifications", "notifications"),
    ("GET", "/api/v2/search", "search"),
    ("GET", "/api/v1/accounts/verify_credentials", "myself"),
    ("GET", f"/api/v1/accounts/{_ID}/statuses", "by"),
    ("GET", "/api/v1/statuses", "many"),
    ("POST", "/api/v1/statuses", "post"),
    ("GET", f"/api/v1/statuses/{_ID}", "one"),
    ("GET", f"/api/v1/statuses/{_ID}/source", "source"),
    ("PUT", f"/api/v1/statuses/{_ID}", "put"),
    ("DELETE", f"/api/v1/statuses/{_ID}", "delete"),
    ("POST", "/api/v1/apps", "register"),
    ("GET", "/api/v1/apps/verify_credentials", "app"),
    ("GET", "/oauth/authorize", "consent"),
    ("POST", "/oauth/authorize", "decide"),
    ("POST", "/oauth/token", "token"),
    ("POST", "/oauth/revoke", "revoke"),
)


class SimulatedMastodon(MastodonServer):
    """One server. What it says of itself and how it treats its users can be set before and while it runs."""

    def __init__(self, *, clock: Callable[[], float] = time.time, port: int = 0, seed: int = 0) -> None:
        """`clock` is the server's own."""
        super().__init__(clock=clock, port=port, seed=seed)
        self._keys: dict[tuple[str, str], tuple[str, float]] = {}
        self._before: dict[str, list[dict[str, Any]]] = {}

    def answer(self, ask: Ask) -> Answer:
        """Answer a call."""
        heads: dict[str, str] = {}
        try:
            if ask.fault is Fault.EXPIRED:
                return Refused(401, "The access token expired").answer
            with self.world.lock:
                heads = self.counted(ask)
                self.index()
            done = self._routed(ask)
        except Refused as refused:
            done = refused.answer
        done.headers = {**heads, **done.headers}
        return done

    def _routed(self, ask: Ask) -> Answer:
        path = ask.path.rstrip("/")
        for method, pattern, name in _ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == ask.method:
                done = getattr(self, f"_{name}")(ask, *match.groups())
                return done if isinstance(done, Answer) else Answer(done)
        raise Refused(404, self.say("gone"))

    # --- reading

    def _instance(self, ask: Ask, version: str) -> Any:
        del ask
        if version not in self.instances:
            raise Refused(404, self.say("gone"))
        statuses = {"max_characters": self.max_characters, "characters_reserved_per_url": PER_URL}
        rules = [{"id": str(number), "text": text, "hint": ""} for number, text in enumerate(self.rules, 1)]
        told = {"title": "Toot", "version": self.version, "rules": rules, "configuration": {"statuses": statuses}}
        named = {"domain": self.domain, "api_versions": {"mastodon": 7}} if version == "v2" else {"uri": self.domain}
        return {**told, **named}

    def _tag(self, ask: Ask, tag: str) -> Any:
        viewer = self.viewer(ask, "read:statuses", must=False)
        if viewer is None and not self.open_to_all:
            raise Refused(401, "This API requires an authenticated user")
        names = [tag.casefold(), *(one.casefold() for one in ask.query.get("any[]", []))][:_TAGS]
        if names[0] not in self.tags:
            raise Refused(404, self.say("gone"))
        rows = self.tags[names[0]]
        if names[1:]:
            rows = sorted({row[0]: row for name in names for row in self.tags.get(name, [])}.values(), key=number)

        def shown(post: SimPost) -> bool:
            return self.sees(viewer, post) and post.extra.get("visibility", "public") == "public"

        return self._paged(ask, rows, shown, lambda row: self.shapes.status(row[1]))

    def _notifications(self, ask: Ask) -> Any:
        me = self.me(ask, "read:notifications")
        kinds = ask.query.get("types[]") or ask.query.get("types") or ["mention"]
        strangers = bool(me.extra.get("filters_strangers")) and ask.one("include_filtered") != "true"
        rows = [] if strangers or "mention" not in kinds else self.told[me.handle]
        return self._paged(ask, rows, lambda post: self.sees(me, post), lambda row: self.shapes.notification(*row))

    def _by(self, ask: Ask, account_id: str) -> Any:
        viewer = self.viewer(ask, "read:statuses", must=False)
        owner = next((one for one in self.world.users.values() if one.id == account_id), None)
        if owner is None:
            raise Refused(404, self.say("gone"))
        rows = [(int(post.id), post) for post in self.world.by(owner.handle)]
        return self._paged(ask, rows, lambda post: self.sees(viewer, post), lambda row: self.shapes.status(row[1]))

    def _search(self, ask: Ask) -> Any:
        me = self.viewer(ask, "read:search", must=False)
        offset = int(ask.one("offset", "0") or 0)
        if me is None and (offset or ask.one("resolve") == "true"):
            raise Refused(401, "Search queries pagination is not supported without authentication")
        found = self._matching(me, ask.one("q").casefold()) if me is not None else iter(())
        limit = min(int(ask.one("limit", "20")), 40)
        page = [self.shapes.status(one) for one in islice(found, offset, offset + limit)]
        return {"accounts": [], "statuses": self._as_planned(ask, page), "hashtags": []}

    def _matching(self, me: SimUser, q: str) -> Iterator[SimPost]:
        parts = [(quoted or plain).lstrip("#") for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', q)]
        words = set().union(*map(words_of, parts))
        rows = min((self.words.get(word, []) for word in words), key=len, default=[])
        for _, post in reversed(rows):
            text, owner = post.text.casefold(), post.author
            listed = owner.extra.get("indexable", True) or owner is me or me in self.shapes.mentioned(post.text)
            if listed and self.sees(me, post) and all(part in text for part in parts):
                yield post

    def _paged(self, ask: Ask, rows: list[Row], shown: Callable[[SimPost], bool], shape: Callable[[Row], Any]) -> Any:
        """Return a page, newest first: the next after min_id, or the newest between since_id and max_id."""
        most = min(int(ask.one("limit", "20")), 80 if "notifications" in ask.path else 40)
        low, high = ask.one("min_id") or ask.one("since_id"), ask.one("max_id")
        start = bisect_right(rows, _id(low), key=number) if low else 0
        end = bisect_left(rows, _id(high), key=number) if high else len(rows)
        onward = bool(ask.one("min_id"))
        order = range(start, end) if onward else range(end - 1, start - 1, -1)
        page = list(islice((rows[at] for at in order if shown(rows[at][1])), most))
        page = page[::-1] if onward else page
        heads = {}
        if page:
            here = f"{self.url}{ask.path}?limit={most}"
            heads["Link"] = f'<{here}&max_id={page[-1][0]}>; rel="next", <{here}&min_id={page[0][0]}>; rel="prev"'
        return Answer(self._as_planned(ask, [shape(row) for row in page]), headers=heads)

    def _as_planned(self, ask: Ask, page: list[dict[str, Any]]) -> list[dict[str, Any]]:
        before = self._before.get(ask.path, [])
        self._before[ask.path] = page
        return {Fault.DUPLICATE_PAGE: before, Fault.MISSING_PAGE: []}.get(ask.fault, page) if ask.fault else page

    def _one(self, ask: Ask, post_id: str) -> Any:
        return self.shapes.status(self.seen(self.viewer(ask, "read:statuses", must=False), post_id))

    def _source(self, ask: Ask, post_id: str) -> Any:
        post = self.seen(self.me(ask, "read:statuses"), post_id)
        return {"id": post.id, "text": post.text, "spoiler_text": post.extra.get("spoiler", "")}

    def _many(self, ask: Ask) -> Any:
        ids = ask.query.get("id[]") or ask.query.get("id") or []
        if not self.batches:  # there is no such address: nobody looks at the token
            raise Refused(404, self.say("gone"))
        viewer = self.viewer(ask, "read:statuses", must=False)
        if len(ids) > 20:
            raise Refused(422, "Too many statuses")
        found = (self.world.posts.get(one) for one in ids)
        seen = (one for one in found if one is not None and self.sees(viewer, one))
        return [self.shapes.status(one) for one in seen if not one.author.extra.get("forbidden")]

    def _myself(self, ask: Ask) -> Any:
        return self.shapes.account(self.me(ask, "read:accounts"))

    # --- writing

    def _post(self, ask: Ask) -> Any:
        me, given = self.me(ask, "write:statuses"), _fields(ask)
        key = me.handle, ask.headers.get("idempotency-key", "")
        known, until = self._keys.get(key, ("", 0.0))
        if key[1] and until > self.clock():
            return self.shapes.status(self.world.posts[known])
        text = self._checked(given)
        parent = self.seen(me, str(given["in_reply_to_id"])) if given.get("in_reply_to_id") else None
        kind = {name: given[name] for name in ("visibility", "language") if given.get(name)}
        post = self.world.post(me.handle, text, reply_to=parent, **kind)
        time.sleep(self.saving_s)
        self._keys[key] = post.id, self.clock() + _KEY_S
        return self.shapes.status(post)

    def _put(self, ask: Ask, post_id: str) -> Any:
        post = self._own(ask, post_id)
        return self.shapes.status(self.world.edit(post.id, self._checked(_fields(ask))))

    def _delete(self, ask: Ask, post_id: str) -> Any:
        post = self._own(ask, post_id)
        shown = {**self.shapes.status(post), "text": post.text}
        self.world.delete(post.id)
        return shown

    def _own(self, ask: Ask, post_id: str) -> SimPost:
        me = self.me(ask, "write:statuses")
        post = self.seen(me, post_id)
        if post.author is not me:
            raise Refused(404, self.say("gone"))
        return post

    def _checked(self, given: dict[str, Any]) -> str:
        text = str(given.get("status") or "").strip()
        if not text:
            raise Refused(422, "Validation failed: Text can't be blank")
        if length_of(text, str(given.get("spoiler_text") or "")) > self.max_characters:
            raise Refused(422, self.say("long").format(self.max_characters))
        return text

    # --- signing in

    def _register(self, ask: Ask) -> Any:
        return self.sign_ins.register(_fields(ask))

    def _app(self, ask: Ask) -> Any:
        token = self.sign_ins.tokens.get(ask.bearer)
        if token is None:
            raise Refused(401, "The access token is invalid")
        app = self.sign_ins.apps[token.client_id]
        return {"id": "1", "name": app.name, "website": None, "scopes": sorted(app.scopes)}

    def _consent(self, ask: Ask) -> Any:
        return self.sign_ins.page(ask, sorted(one for one in self.world.users if "@" not in one))

    def _decide(self, ask: Ask) -> Any:
        return self.sign_ins.decide(ask, self.clock())

    def _token(self, ask: Ask) -> Any:
        return self.sign_ins.token(_fields(ask), self.clock())

    def _revoke(self, ask: Ask) -> Any:
        self.sign_ins.revoke(_fields(ask))
        return {}


def _fields(ask: Ask) -> dict[str, Any]:
    form = ask.form
    return {name: values[0] for name, values in form.items()} if form else dict(ask.json)


def _id(written: str) -> int:
    return int(written) if written.isdigit() else 0
