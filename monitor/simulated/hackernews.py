"""Hacker News as Algolia's search shows it."""

import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from monitor.domain.html_text import plain_text
from monitor.domain.records import Login
from monitor.simulated.server import Answer, Ask, Fault, Simulated
from monitor.simulated.world import SimPost

BASE: Final = "/api/v1"
DEEPEST: Final = 1000  # hits that one search reaches
_WORD: Final = re.compile(r"\w+")
_FILTER: Final = re.compile(r"(created_at_i|points|num_comments)(<=|>=|<|>|=)(-?\d+)")
_NOT_FOUND: Final = {"status": 404, "error": "Not Found"}


class SimulatedHackerNews(Simulated):
    """The API of hn.algolia.com, after its page "HN Search API" and the search parameters it refers to.

    `index_lag` is how many seconds pass before a post is found by the search; a post made with `indexed_at` is found
    from that time on. `limit` calls are answered an hour. Posts are plain text here and HTML in the answers.
    """

    name = "hackernews"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.index_lag = 0.0
        self.limit = 10_000
        self._window = (0, 0)  # the hour, and how many calls it has seen
        self._stories: list[SimPost] = []
        self._words: defaultdict[str, list[SimPost]] = defaultdict(list)
        self._changes = 0
        self._before: dict[str, Any] = {}

    def make_id(self, number: int, at: float) -> str:
        """Return a running number, as there."""
        del at
        return str(40_000_000 + number)

    def limit_headers(self) -> dict[str, str]:
        """Return nothing: it does not say when it takes calls again."""
        return {}

    def answer(self, ask: Ask) -> Answer:
        """Answer a search or a look at one item."""
        if self._too_many():
            return Answer({"message": "Too Many Requests", "status": 429}, 429)
        if ask.path.startswith(f"{BASE}/items/"):
            return self._item(ask.path.rsplit("/", 1)[1])
        if ask.path == f"{BASE}/search_by_date":
            return self._search(ask)
        return Answer(_NOT_FOUND, 404)

    def _too_many(self) -> bool:
        with self.world.lock:
            hour = int(self.clock() // 3600)
            self._window = hour, (self._window[1] if self._window[0] == hour else 0) + 1
            return self._window[1] > self.limit

    # --- the search

    def _search(self, ask: Ask) -> Answer:
        if ask.fault is Fault.DUPLICATE_PAGE and self._before:
            return Answer(self._before)
        page, size = int(ask.one("page", "0")), min(int(ask.one("hitsPerPage", "20")), DEEPEST)
        found, count = self._matching(ask, min((page + 1) * size, DEEPEST))
        chosen = found[page * size :]
        if ask.fault is Fault.MISSING_PAGE:
            chosen = []
        body = {
            "hits": [self._hit(post) for post in chosen],
            "nbHits": count,
            "page": page,
            "nbPages": min(-(-count // size), DEEPEST // size),
            "hitsPerPage": size,
            "exhaustiveNbHits": count == len(found),
            "query": ask.one("query"),
            "params": "advancedSyntax=true&analytics=false",
            "processingTimeMS": 1,
        }
        self._before = body
        return Answer(body)

    def _matching(self, ask: Ask, most: int) -> tuple[list[SimPost], int]:
        """Return what the search finds, newest first and `most` of it, and about how many there are."""
        words = [one.lower() for one in _WORD.findall(ask.one("query"))]
        phrase, tags = ask.one("query").startswith('"'), ask.one("tags")
        low, high = _bounds(ask.one("numericFilters"))
        with self.world.lock:
            self._index()
            rarest = min((self._words[word] for word in words), key=len, default=self.world.order)
            start = bisect_left(rarest, low, key=lambda post: int(post.at))
            chosen = rarest[start : bisect_right(rarest, high, key=lambda post: int(post.at))]
        matching = (
            one
            for one in reversed(chosen)
            if one.there and self._indexed(one) and _tagged(one, tags) and _says(one, words, phrase=phrase)
        )
        found = list(islice(matching, most + 1))
        return found[:most], len(chosen) if len(found) > most else len(found)

    def _indexed(self, post: SimPost) -> bool:
        return self.clock() >= float(str(post.extra.get("indexed_at", post.at + self.index_lag)))

    def _index(self) -> None:
        """Take up what was made or edited since."""
        for change in self.world.changes[self._changes :]:
            if change.what == "made" and not change.post.reply_to:
                self._stories.append(change.post)
            for word in set(_tokens(change.post)) if change.what != "deleted" else ():
                if change.what == "made" or change.post not in self._words[word]:
                    insort(self._words[word], change.post, key=lambda post: post.number)
        self._changes = len(self.world.changes)

    # --- what posts look like

    def _hit(self, post: SimPost) -> dict[str, Any]:
        comment = post.reply_to is not None
        return {
            "objectID": post.id,
            "created_at": _written(post.at),
            "created_at_i": int(post.at),
            "updated_at": _written(post.edited_at or post.at),
            "author": post.author.handle,
            "title": None if comment else post.title,
            "url": post.extra.get("url"),
            "points": None if comment else post.likes,
            "num_comments": None if comment else len(self.world.replies_to(post.id)),
            "story_text": None if comment else _html(post.text),
            "comment_text": _html(post.text) if comment else None,
            "story_id": int(post.root.id) if comment else None,
            "story_title": post.root.title if comment else None,
            "story_url": post.root.extra.get("url") if comment else None,
            "parent_id": int(post.reply_to.id) if post.reply_to else None,
            "_tags": ["comment" if comment else "story", f"author_{post.author.handle}", f"story_{post.root.id}"],
            "_highlightResult": {"author": {"value": post.author.handle, "matchLevel": "none", "matchedWords": []}},
        }

    def _item(self, item_id: str) -> Answer:
        post = self.world.posts.get(item_id)
        return Answer(self._tree(post)) if post and post.there else Answer(_NOT_FOUND, 404)

    def _tree(self, post: SimPost) -> dict[str, Any]:
        comment = post.reply_to is not None
        return {
            "id": int(post.id),
            "created_at": _written(post.at),
            "created_at_i": int(post.at),
            "type": "comment" if comment else "story",
            "author": post.author.handle,
            "title": None if comment else post.title,
            "url": post.extra.get("url"),
            "text": _html(post.text),
            "points": None if comment else post.likes,
            "parent_id": int(post.reply_to.id) if post.reply_to else None,
            "story_id": int(post.root.id),
            "children": [self._tree(one) for one in self.world.replies_to(post.id)],
            "options": [],
        }

    # --- for tests and the demo

    def connect(self, handle: str = "", **_kind: object) -> Login:
        """Return a login: there are no accounts."""
        return Login("hackernews", self.url + BASE, handle)

    def customer(self, handle: str, text: str, *, to: str = "", **kind: Any) -> SimPost:
        """Let somebody comment on the newest story, or open one: `title`. `to` is named in the words."""
        said = f"{text} @{to}" if to else text
        if "title" in kind:
            return self.world.post(handle, said, **kind)
        return self.world.post(handle, said, reply_to=kind.pop("reply_to", None) or self._story(), **kind)

    def _story(self) -> SimPost:
        """Return the newest story; make the first."""
        with self.world.lock:
            self._index()
            return self._stories[-1] if self._stories else self.world.post("host", "", title="Ask HN: What broke?")

    def standing(self, handle: str) -> list[tuple[str, str]]:
        """Return what somebody answered: (external id, text)."""
        return [(one.reply_to.id, one.text) for one in self.world.by(handle) if one.reply_to]

    def external_id(self, post: SimPost) -> str:
        """Return the id as the interface shows it."""
        return post.id


def _bounds(filters: str) -> tuple[int, int]:
    """Return the first and the last second that `created_at_i` may have."""
    low, high = 0, 2**62
    for name, how, written in _FILTER.findall(filters):
        number = int(written)
        if name == "created_at_i":
            low = max(low, {">": number + 1, ">=": number, "=": number}.get(how, low))
            high = min(high, {"<": number - 1, "<=": number, "=": number}.get(how, high))
    return low, high


def _tagged(post: SimPost, tags: str) -> bool:
    """Tell whether a post has these tags: ANDed, and ORed within parentheses."""
    own = {"comment" if post.reply_to else "story", f"author_{post.author.handle}", f"story_{post.root.id}"}
    groups = re.findall(r"\(([^)]*)\)|([^,()]+)", tags)
    return all(own & set((many or one).split(",")) for many, one in groups)


def _tokens(post: SimPost) -> Iterable[str]:
    return (one.lower() for one in _WORD.findall(f"{post.title} {plain_text(post.text)}"))


def _says(post: SimPost, words: list[str], *, phrase: bool) -> bool:
    said = " ".join(_tokens(post))
    return f" {' '.join(words)} " in f" {said} " if phrase else set(words) <= set(said.split())


def _html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return "<p>".join(escaped.replace("'", "&#x27;").split("\n\n"))


def _written(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
