"""A host of feeds: for each place a feed in RSS 2.0 and one in Atom."""

from collections import defaultdict
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from hashlib import sha256
from html import escape
from itertools import islice
from typing import Any, Final

from monitor.clients.feed import entry_key
from monitor.domain.records import Login
from monitor.simulated.server import Answer, Ask, Fault, Simulated
from monitor.simulated.world import SimPost

PLACE: Final = "forum"
_PAGE: Final = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
_RSS: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    "<title>{title}</title><link>{url}</link><description>{title}</description>{entries}</channel></rss>"
)
_ATOM: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{title}</title>'
    "<id>{url}</id><updated>2026-01-01T00:00:00Z</updated>{entries}</feed>"
)


class SimulatedFeed(Simulated):
    """Feeds after the RSS 2.0 specification and RFC 4287, with conditional requests after RFC 9110.

    `/forum.rss` and `/forum.atom` hold the newest `full` posts of the place "forum", `/moved/forum.rss` leads there,
    and `/posts/1` is the page of a post.
    """

    name = "feed"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.full = 50
        self._before: dict[str, bytes] = {}
        self._places: defaultdict[str, list[SimPost]] = defaultdict(list)
        self._taken_up = 0

    def answer(self, ask: Ask) -> Answer:
        """Answer with a feed, a redirect or a page."""
        if ask.fault is Fault.EXPIRED:
            return Answer(_PAGE.format("401 Unauthorized", "Members only."), 401, {"WWW-Authenticate": "Basic"})
        if ask.path.startswith("/moved/"):
            return Answer("", 301, {"Location": ask.path.removeprefix("/moved")})
        if ask.path.startswith("/posts/"):
            return self._page(ask.path.rsplit("/", 1)[1])
        place, _, kind = ask.path.strip("/").rpartition(".")
        if kind not in {"rss", "atom"}:
            return Answer(_PAGE.format("404 Not Found", "Nothing here."), 404)
        return self._feed(ask, place, kind)

    def _feed(self, ask: Ask, place: str, kind: str) -> Answer:
        posts = [] if ask.fault is Fault.MISSING_PAGE else self._newest(place)
        body = self._written(place, kind, posts).encode()
        if ask.fault is Fault.DUPLICATE_PAGE:
            body = self._before.get(ask.path, body)
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        modified = formatdate(max((one.edited_at or one.at for one in posts), default=0.0), usegmt=True)
        heads = {"ETag": etag, "Last-Modified": modified, "Content-Type": f"application/{kind}+xml; charset=utf-8"}
        if _unchanged(ask, etag, modified):
            return Answer(b"", 304, heads)
        self._before[ask.path] = body
        return Answer(body, 200, heads)

    def _newest(self, place: str) -> list[SimPost]:
        with self.world.lock:
            for post in self.world.order[self._taken_up :]:
                self._places[post.place].append(post)
            self._taken_up = len(self.world.order)
            return list(islice((post for post in reversed(self._places[place]) if post.there), self.full))

    def _written(self, place: str, kind: str, posts: list[SimPost]) -> str:
        entry = self._item if kind == "rss" else self._entry
        title = f"The {place} board"
        return (_RSS if kind == "rss" else _ATOM).format(
            title=escape(title), url=f"{self.url}/{place}", entries="".join(entry(one) for one in posts)
        )

    def _item(self, post: SimPost) -> str:
        parts = {
            "title": escape(post.title),
            "link": self._link(post),
            "description": escape(_html(post.text)),
            "dc:creator": escape(post.author.handle),
            "pubDate": "" if post.extra.get("undated") else formatdate(post.at, usegmt=True),
        }
        named = "" if post.extra.get("without_id") else f'<guid isPermaLink="false">{_guid(post)}</guid>'
        return f"<item>{named}{''.join(f'<{name}>{value}</{name}>' for name, value in parts.items() if value)}</item>"

    def _entry(self, post: SimPost) -> str:
        when = datetime.fromtimestamp(int(post.edited_at or post.at), UTC).isoformat()
        return (
            f"<entry><id>{_guid(post)}</id><title>{escape(post.title)}</title><updated>{when}</updated>"
            f"<published>{datetime.fromtimestamp(int(post.at), UTC).isoformat()}</published>"
            f'<link href="{self._link(post)}"/><author><name>{escape(post.author.handle)}</name></author>'
            f'<content type="html">{escape(_html(post.text))}</content></entry>'
        )

    def _link(self, post: SimPost) -> str:
        return f"{self.url}/posts/{post.id}"

    def _page(self, post_id: str) -> Answer:
        post = self.world.posts.get(post_id)
        if post is None or not post.there:
            return Answer(_PAGE.format("404 Not Found", "Nothing here."), 404)
        return Answer(_PAGE.format(escape(post.title or post.author.handle), _html(post.text)))

    # --- for tests and the demo

    def address(self, place: str = PLACE, kind: str = "rss") -> str:
        """Return the address of a feed."""
        return f"{self.url}/{place}.{kind}"

    def connect(self, handle: str = "", **_kind: object) -> Login:
        """Return a login: there are no accounts, and loopback is let through."""
        return Login("feed", "", handle, options={"private": "yes"})

    def customer(self, handle: str, text: str, *, to: str = "", **kind: Any) -> SimPost:
        """Let somebody write on a board: `place`, `title`. `to` is named in the words."""
        return self.world.post(handle, f"{text} @{to}" if to else text, **{"place": PLACE, **kind})

    def standing(self, handle: str) -> list[tuple[str, str]]:
        """Return what somebody answered: (external id, text). Feeds take no answers."""
        return [(self.external_id(one.reply_to), one.text) for one in self.world.by(handle) if one.reply_to]

    def external_id(self, post: SimPost) -> str:
        """Return the id that the RSS feed of the post's place gives it with us."""
        return entry_key(self.address(post.place), _guid(post))


def _guid(post: SimPost) -> str:
    return f"tag:feeds.example,2026:{post.id}"


def _html(text: str) -> str:
    return "<br>".join(escape(text).split("\n"))


def _unchanged(ask: Ask, etag: str, modified: str) -> bool:
    if "if-none-match" in ask.headers:  # it counts alone when it is there
        return ask.headers["if-none-match"] == etag
    given = ask.headers.get("if-modified-since")
    return bool(given) and parsedate_to_datetime(modified) <= parsedate_to_datetime(str(given))
