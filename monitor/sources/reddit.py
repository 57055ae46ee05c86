"""Reddit: posts with words, new posts and comments of subreddits, and what people say to our account.

Reddit lists newest first, 100 a page and about 1,000 deep, and finds its place by a thing that may be deleted at any
time. So each walk goes from the top back to what an earlier walk knew, by name or by time. The newest things stay in
the cursor: they are not handed over twice, and what a moderator lets through late, between them, is not overlooked.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from monitor.clients.faults import reading
from monitor.clients.http import READ_S
from monitor.clients.reddit import DELETED, PAGE, SITE, Listing, RedditClient, Thing, presence
from monitor.domain.dates import at_epoch
from monitor.domain.errors import SourceRefused
from monitor.domain.query import Query
from monitor.domain.records import (
    Author,
    Engagement,
    Login,
    Looked,
    Missed,
    Page,
    Post,
    Presence,
    Seen,
    Watch,
)
from monitor.sources import cursors

KEPT: Final = 100  # names of the newest things, kept in the cursor
FIRST: Final = 300  # things of the very first walk, at most
DEEP: Final = 200  # a walk that ends this deep without meeting what we know was cut off; search is cut off first
LISTED: Final = 900  # things after which a list may just be at its end
MOST: Final = 1500  # things of one walk; more would mean that Reddit leads us in a circle
TRIES: Final = 3  # of a walk whose next page is not there
_EARLIER_S: Final = 300  # a listing may be this old
_QUERY: Final = 512  # characters
_PLACE: Final = re.compile(r"(?:/?r/)?(\w{2,24})/?", re.ASCII)
_EXTRA: Final = (
    "subreddit", "subreddit_subscribers", "locked", "archived", "over_18", "upvote_ratio", "num_comments",
    "author_flair_text", "link_title",
)  # fmt: skip

Clock = Callable[[], datetime]


def factory(clock: Clock) -> "RedditSource":
    """Make the source."""
    return RedditSource(clock)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a watch has come. Times are whole epoch seconds as Reddit gives them; 0: never."""

    known: dict[str, int] = field(default_factory=dict)  # newest names of finished walks, and when they were written
    since: int = 0  # everything up to here has been handed over
    top: dict[str, int] = field(default_factory=dict)  # newest names of the walk under way
    after: str = ""  # where it goes on; "": at the top
    walked: int = 0  # things it met
    oldest: int = 0  # the last of them
    tries: int = 0

    @property
    def floor(self) -> int:
        """What is older than this and not known was handed over long ago, not let through late."""
        return min(self.known.values()) if len(self.known) >= KEPT else 0

    def met(self, things: Sequence[Thing]) -> bool:
        """Tell whether a page ends in what is known. Its last thing decides: single ones may be out of order."""
        return bool(things) and (things[-1]["name"] in self.known or _written(things[-1]) < self.since)

    def stepped(self, listing: Listing) -> "Place":
        """Return the place after a page."""
        top = self.top | {one["name"]: _written(one) for one in listing.things}
        oldest = _written(listing.things[-1]) if listing.things else self.oldest
        walked = self.walked + len(listing.things)
        return replace(self, top=_newest(top), after=listing.after, walked=walked, oldest=oldest)

    def finished(self, at: float) -> "Place":
        """Return the place after a walk. An empty one is a beginning too: what comes from now on is new."""
        known = _newest(self.top | self.known)
        since = max(known.values(), default=0) or self.since or int(at) - _EARLIER_S
        return Place(known=known, since=max(since, self.since))

    def anew(self) -> "Place":
        """Return the place from which the same walk begins again. What it handed over already is remembered."""
        return replace(self, after="", walked=0, oldest=0, tries=self.tries + 1)


class RedditSource:
    """A `MentionSource` on Reddit's listings. One call a page."""

    at_most = PAGE

    def __init__(self, clock: Clock, *, read_s: float = READ_S) -> None:
        """`read_s`: seconds to wait for an answer. Reddit's own time is used throughout, not the clock."""
        del clock
        self._read_s = read_s

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return the next page of the walk under way, or the first of a new one."""
        query = _query(watch)
        place = cursors.read(cursor, Place)
        path, params = _asked(query)
        with reading(), RedditClient(watch.login, read_s=self._read_s) as client:
            listing = client.listing(path, **params, **({"after": place.after} if place.after else {}))
        filters = replace(query, words=()) if query.kind == "search" else query
        posts = tuple(post for post in _posts(_fresh(place, listing.things), watch.login) if filters.keeps(post))
        return replace(_page(place, listing), posts=posts, usage=listing.usage)

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say what became of posts. Deleted ones are still listed, so one that is left out stays unknown."""
        with reading(), RedditClient(login, read_s=self._read_s) as client:
            listing = client.info(external_ids)
        found = {one["name"]: one for one in listing.things}
        return Looked(tuple(_seen(one, found.get(one), login) for one in external_ids), listing.usage)


def _page(place: Place, listing: Listing) -> Page:
    """Return where a walk stands after a page: under way, to begin again, or done, with what it may have missed."""
    if place.after and not listing.things and place.tries < TRIES and place.walked < LISTED:
        return Page((), cursors.write(place.anew()), more=True)  # the thing it went on from was deleted, or a hiccup
    came, met = place.stepped(listing), place.met(listing.things)
    enough = not place.since and came.walked >= FIRST
    if came.after and not met and not enough and came.walked < MOST and listing.things:
        return Page((), cursors.write(came), more=True)
    broken = came.walked >= DEEP or (place.after and not listing.things)
    missed = _missed(came) if place.since and not met and broken else None
    return Page((), cursors.write(came.finished(listing.at)), missed=missed)


def _missed(place: Place) -> Missed:
    why = "Reddit's list (about the newest 1,000) ended before it came to what we had read: some in between may be missing."
    until = datetime.fromtimestamp(place.oldest + 1, UTC) if place.oldest else None
    return Missed(datetime.fromtimestamp(place.since, UTC), until, why)


def _fresh(place: Place, things: Sequence[Thing]) -> Iterator[Thing]:
    """Yield what was not handed over before. Late arrivals have their old time, so a time alone decides nothing."""
    for one in things:
        if one["name"] not in place.known and one["name"] not in place.top and _written(one) >= place.floor:
            yield one


def _newest(names: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(names.items(), key=lambda one: one[1], reverse=True)[:KEPT])


# --- what is asked for ----------------------------------------------------------------------------------------------


def _query(watch: Watch) -> Query:
    query = Query.parse("reddit", watch.query)
    authors = tuple(one.removeprefix("/").removeprefix("u/") for one in query.without_authors)
    return replace(query, places=tuple(_place(one) for one in query.places), without_authors=authors)


def _place(given: str) -> str:
    found = _PLACE.fullmatch(given)
    if found is None:
        message = f'"{given}" is not the name of a subreddit: write it like r/kettles.'
        raise SourceRefused(message)
    return found[1]


def _asked(query: Query) -> tuple[str, dict[str, str]]:
    """Return the path and parameters of a listing."""
    places = "+".join(query.places)
    if query.kind == "inbox":
        return "/message/inbox", {"mark": "false"}
    if query.kind in {"new", "comments"}:
        return f"/r/{places}/{query.kind}", {}
    words = " OR ".join(_quoted(one) for one in query.words)
    written = " ".join([f"({words})" if len(query.words) > 1 else words, *(f"NOT {_quoted(w)}" for w in query.without)])
    if len(written) > _QUERY:
        message = (
            f"Reddit searches for {_QUERY} characters at most, and these words need {len(written)}: make two watches."
        )
        raise SourceRefused(message)
    params = {"q": written, "sort": "new", "type": "link", "t": "all"}
    return (f"/r/{places}/search", params | {"restrict_sr": "1"}) if places else ("/search", params)


def _quoted(word: str) -> str:
    bare = word.replace('"', " ").strip()
    return bare if bare.isalnum() and bare not in {"OR", "AND", "NOT"} else f'"{bare}"'


# --- from a thing to a post -----------------------------------------------------------------------------------------


def _posts(things: Iterator[Thing], login: Login) -> Iterator[Post]:
    """Yield what everybody can see, once each. A crosspost under the same title is a reshare: the original is read."""
    done = set()
    for one in map(_original, things):
        if one["name"] not in done and presence(one) is Presence.THERE:
            done.add(one["name"])
            yield _post(one, login)


def _original(thing: Thing) -> Thing:
    above = thing.get("crosspost_parent_list") or [{}]
    first: Thing = above[0] if isinstance(above[0], dict) else {}
    same = first.get("name") and first.get("title") == thing.get("title") and not thing.get("selftext")
    return first if same else thing


def _seen(name: str, thing: Thing | None, login: Login) -> Seen:
    if thing is None:
        return Seen(name, Presence.UNKNOWN)
    found = presence(thing)
    return Seen(name, found, _post(thing, login) if found is Presence.THERE else None)


def _post(thing: Thing, login: Login) -> Post:
    name, handle = str(thing["name"]), str(thing.get("author") or DELETED)
    context = str(thing.get("permalink") or thing.get("context") or "").split("?")[0]
    return Post(
        platform="reddit",
        external_id=name,
        text=_text(thing),
        author=Author(str(thing.get("author_fullname") or handle), handle),
        written_at=at_epoch(_written(thing)) if _written(thing) else None,
        url=str(login.options.get("site") or SITE) + context if context else "",
        thread=_thread(thing, context),
        reply_to=str(thing.get("parent_id") or "") if name.startswith("t1_") else "",
        engagement=_engagement(thing),
        extra={key: thing[key] for key in _EXTRA if thing.get(key) is not None},
    )


def _text(thing: Thing) -> str:
    if "body" in thing:
        return str(thing["body"] or "")
    return "\n\n".join(str(one) for one in (thing.get("title"), thing.get("selftext")) if one)


def _thread(thing: Thing, context: str) -> str:
    """Return the post that a thread began with; the inbox tells it only in the address."""
    if str(thing["name"]).startswith("t3_"):
        return str(thing["name"])
    found = re.search(r"/comments/(\w+)", context)
    return str(thing.get("link_id") or "") or (f"t3_{found[1]}" if found else "")


def _engagement(thing: Thing) -> Engagement:
    post = str(thing["name"]).startswith("t3_")
    hidden = bool(thing.get("score_hidden") or thing.get("hide_score"))
    return Engagement(
        likes=None if hidden else _figure(thing.get("score")),
        reposts=_figure(thing.get("num_crossposts")) if post else None,
        replies=_figure(thing.get("num_comments")) if post else None,  # a comment carries its thread's
    )


def _figure(given: Any) -> int | None:
    return int(given) if isinstance(given, int | float) and math.isfinite(given) else None


def _written(thing: Thing) -> int:
    at = thing.get("created_utc")
    return int(at) if isinstance(at, int | float) and at_epoch(at) else 0
