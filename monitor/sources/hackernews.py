"""Stories and comments of Hacker News, by the search that Algolia runs over them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from monitor.clients.faults import NoAnswer, reading
from monitor.clients.hackernews import HackerNews
from monitor.domain.dates import at_epoch
from monitor.domain.errors import SourceRefused
from monitor.domain.html_text import plain_text
from monitor.domain.query import Query
from monitor.domain.records import Author, Engagement, Login, Looked, Page, Post, Presence, Seen, Watch
from monitor.sources import cursors

OVERLAP: Final = 3600  # seconds that each walk looks behind the newest hit known: the index lags, and not in order
KEPT: Final = 400  # ids kept in a cursor, for all words together
ASKS: Final = 10  # calls of one fetch
_SITE: Final = "https://news.ycombinator.com/item?id="


def factory(clock: Callable[[], datetime]) -> "HackerNewsSource":
    """Make the source. It goes by the platform's time alone."""
    del clock
    return HackerNewsSource()


@dataclass(frozen=True, slots=True)
class Known:
    """How far the search for one word has come: all up to `low` (epoch seconds) was handed over, and these ids."""

    low: int
    ids: Mapping[str, int] = field(default_factory=dict)  # external id -> epoch seconds


@dataclass(frozen=True, slots=True)
class Place:
    """The word whose walk is under way, the oldest second it has reached (0: none yet), and what is known of each.

    Pages are asked for by time, not by number: so no hit can slip between two of them, and a walk can be longer than
    the 1,000 hits that one search reaches. The number counts only within one second.
    """

    word: str = ""
    until: int = 0
    page: int = 0
    known: dict[str, list[Any]] = field(default_factory=dict)  # word -> [low, {id: epoch seconds}]


class HackerNewsSource:
    """A `MentionSource`: one search a word, newest first back to what is known."""

    at_most = 10  # they are asked for one by one

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return the next page of one word, or of the first word that has something new."""
        query = Query.parse("hackernews", watch.query)
        place = cursors.read(cursor, Place)
        client = HackerNews(watch.login.host)
        found: list[Post] = []
        gone: list[str] = []
        for _ in range(ASKS):
            with reading():
                place = _step(client, query, place, found, gone)
            if found or not place.word:
                break
        wanted = replace(query, words=())  # the search has matched the words
        posts = tuple(post for post in found if wanted.keeps(post))
        return Page(posts, cursors.write(place), more=bool(place.word), gone=tuple(gone))

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Ask for each post by its id."""
        client = HackerNews(login.host)
        with reading():
            return Looked(tuple(_seen(one, client.item(one)) for one in external_ids))


def _step(client: HackerNews, query: Query, place: Place, found: list[Post], gone: list[str]) -> Place:
    """Ask for one page, add what is new in it, and return the place behind it."""
    words = query.words
    before = place if place.word in words else Place(words[0], known=place.known)
    known = _known(before.known.get(before.word))
    low = known.low if known else None
    answer = client.search(before.word, after=low, until=before.until or None, page=before.page)
    times = {_id(hit): _time(hit, before.until) for hit in answer.hits}
    _in_bounds(times.values(), low or 0, before.until)
    handed_over = {one for kept in before.known.values() for one in _ids(kept)}
    _take((hit for hit in answer.hits if _id(hit) not in handed_over), found, gone)
    now_known = known or Known(int(answer.at) - OVERLAP)
    now_known = replace(now_known, ids={**now_known.ids, **times})
    if not answer.last and known:  # at the very first the newest page will do
        until = min(times.values())
        page = before.page + 1 if until == before.until else 0
        return Place(before.word, until, page, _with(before, words, _trimmed(now_known, until, len(words))))
    following = words[words.index(before.word) + 1 :]
    return Place(following[0] if following else "", known=_with(before, words, _closed(now_known, len(words))))


def _take(hits: Iterable[Mapping[str, Any]], found: list[Post], gone: list[str]) -> None:
    for hit in hits:
        post = post_of(hit)
        found += [post] if post else []
        gone += [] if post else [_id(hit)]


def _with(place: Place, words: Sequence[str], known: Known) -> dict[str, list[Any]]:
    """Return what is known of each word still looked for, with this for the word whose walk is under way."""
    kept = {one: place.known[one] for one in words if one in place.known}
    return {**kept, place.word: [known.low, dict(known.ids)]}


def _in_bounds(times: Iterable[int], low: int, until: int) -> None:
    if any(at <= low or (until and at > until) for at in times):
        message = "The search of Hacker News answered with hits of another time than was asked for."
        raise NoAnswer(message)


def _newest_first(ids: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(ids.items(), key=lambda one: (-one[1], one[0]))


def _trimmed(known: Known, until: int, words: int) -> Known:
    """Keep what the rest of the walk can meet again, and the newest, which the next walk will."""
    ordered, most = _newest_first(known.ids), max(20, KEPT // words)
    return Known(known.low, dict(ordered[:most] + [one for one in ordered[most:] if one[1] <= until]))


def _closed(known: Known, words: int) -> Known:
    """End a walk: the next one looks `OVERLAP` behind the newest, or as far as the ids that are kept reach."""
    if not known.ids:
        return known
    ordered, most = _newest_first(known.ids), max(20, KEPT // words)
    newest = ordered[0][1]
    low = max(known.low, newest - OVERLAP)
    if len(ordered) > most:
        low = max(low, min(ordered[most][1], newest - 1))
    return Known(low, dict(one for one in ordered[:most] if one[1] > low))


def _known(kept: Any) -> Known | None:
    if kept is None:
        return None
    try:
        low, ids = kept
        return Known(int(low), {str(one): int(at) for one, at in ids.items()})
    except (ValueError, TypeError, AttributeError) as error:
        message = "The place this watch had come to cannot be read: remove the watch and add it anew."
        raise SourceRefused(message) from error


def _ids(kept: Any) -> Mapping[str, int]:
    known = _known(kept)
    return known.ids if known else {}


# --- posts


def _id(hit: Mapping[str, Any]) -> str:
    return str(hit.get("objectID") or hit.get("id") or "")


def _time(hit: Mapping[str, Any], otherwise: int = 0) -> int:
    at = hit.get("created_at_i")
    return int(at) if isinstance(at, int | float) and at_epoch(at) else otherwise


def post_of(raw: Mapping[str, Any]) -> Post | None:
    """Read a hit of the search or an item; None where author or words are gone: it was deleted or killed."""
    comment = raw.get("type") == "comment" or "comment" in (raw.get("_tags") or ()) or bool(raw.get("comment_text"))
    words = raw.get("comment_text") if comment else raw.get("story_text")
    title, author = raw.get("title") or "", raw.get("author")
    text = "\n\n".join(filter(None, [title, plain_text(str(words or raw.get("text") or ""))]))
    if not author or not text.strip():
        return None
    at = _time(raw)
    return Post(
        "hackernews",
        _id(raw),
        text,
        Author(str(author), str(author)),
        written_at=at_epoch(at) if at else None,
        url=_SITE + _id(raw),
        thread=str(raw.get("story_id") or _id(raw)),
        reply_to=str(raw.get("parent_id") or ""),
        engagement=Engagement(likes=_figure(raw.get("points")), replies=_figure(raw.get("num_comments"))),
        extra={
            "kind": "comment" if comment else "story",
            **{name: raw[name] for name in ("story_title", "story_url", "url") if raw.get(name)},
        },
    )


def _figure(given: object) -> int | None:
    return given if type(given) is int else None


def _seen(external_id: str, item: Mapping[str, Any] | None) -> Seen:
    post = post_of(item) if item else None
    return Seen(external_id, Presence.THERE if post else Presence.GONE, post)
