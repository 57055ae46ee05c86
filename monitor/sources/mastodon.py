"""Mastodon: hashtags, searches and mentions, as one server sees them. Each server knows a part of the network."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from monitor.clients.faults import Denied, Reason, reading
from monitor.clients.mastodon import AT_ONCE, PAGE, Found, MastodonClient
from monitor.domain.errors import Remedy, SourceRefused
from monitor.domain.query import Query
from monitor.domain.records import Login, Looked, Missed, Page, Post, Presence, Seen, Watch
from monitor.sources import cursors
from monitor.sources.mastodon_posts import original, ours_to_read, post_of, time_of

MOST: Final = 100  # posts of one fetch
CALLS: Final = 10  # of one fetch, beyond one for each hashtag or word
KEPT: Final = 80  # ids remembered of what was handed over last, for each hashtag or word
KEPT_ALL: Final = 400  # of all of them
# What comes late from another server gets an id by the time it was written, so it stands before what we have read.
OVERLAP: Final = timedelta(hours=6)
STEP: Final = PAGE - 5  # what is deleted while we turn pages moves the rest up
DEEPEST: Final = 2000  # posts that a search is walked back
_TAG: Final = re.compile(r"\w+")
_PLAIN_WORD: Final = re.compile(r"#?\w+")

_Known = list[list[Any]]  # [id, epoch seconds], oldest first
M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Forward:
    """A way from the oldest to the newest: all up to `after` is done, and of what is newer, what is in `seen`."""

    after: str = ""
    seen: _Known = field(default_factory=list)
    next: str = ""  # where the walk goes on; "" between walks


@dataclass(frozen=True, slots=True)
class Back:
    """A walk from the newest post back to `since`, which moves only when the walk is done. Epoch seconds."""

    since: float = 0.0
    floor: list[Any] = field(default_factory=list)  # [id, time] where the first look ended: older was never asked for
    seen: _Known = field(default_factory=list)
    walk: _Known = field(default_factory=list)  # of the walk under way
    last: list[str] = field(default_factory=list)  # ids of the page before
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """How far each hashtag or word has come, and whose turn it is."""

    turn: int = 0
    marks: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Step:
    mark: Forward | Back
    fresh: list[Found]
    more: bool
    missed: Missed | None = None


def factory(clock: Callable[[], datetime]) -> "Mastodon":
    """Make the source. All its times are the server's, so it reads no clock."""
    del clock
    return Mastodon()


class Mastodon:
    """A `MentionSource` over one server: the login's, with its ids."""

    at_most = AT_ONCE

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return up to 100 posts: of hashtags and mentions the next ones, of a search those found since last time."""
        query, login = Query.parse("mastodon", watch.query), watch.login
        place = cursors.read(cursor, Place)
        client = _client(login)
        if query.kind != "hashtag" and not client.token:
            message = "Mastodon searches and shows mentions only for an account: connect one and give it to this watch."
            raise SourceRefused(message, remedy=Remedy.RECONNECT)
        with reading():
            return _page(client, login, query, place)

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say what became of posts. What a server does not show is asked for once more by itself."""
        client = _client(login)
        seen: list[Seen] = []
        with reading():
            for start in range(0, len(external_ids), AT_ONCE):
                seen += _looked(client, list(external_ids[start : start + AT_ONCE]))
        return Looked(tuple(seen), client.usage)


def _client(login: Login) -> MastodonClient:
    if not login.host:
        message = "This watch has no Mastodon server to ask: give it an account, or set the server."
        raise SourceRefused(message)
    return MastodonClient(login.host, login.secret.get("token", ""))


def _page(client: MastodonClient, login: Login, query: Query, place: Place) -> Page:
    """Ask for one hashtag or word after the other, until all were asked or the page is full."""
    keys = _keys(query)
    marks = {key: value for key, value in place.marks.items() if key in keys}
    turn = place.turn if place.turn < len(keys) else 0
    posts: dict[str, Post] = {}
    missed, calls = None, 0
    while turn < len(keys) and len(posts) + PAGE <= MOST and missed is None and calls < len(keys) + CALLS:
        calls += 1
        keep = min(KEPT, KEPT_ALL // len(keys))
        step = _step(client, query.kind, keys[turn], marks.get(keys[turn], {}), keep)
        marks[keys[turn]], missed = asdict(step.mark), step.missed
        posts |= {one.external_id: one for one in _posts(step.fresh, login, query)}
        turn += not step.more
    # A walk of several fetches ends with one more, for what came to its first hashtags meanwhile.
    more = turn < len(keys) or place.turn > 0
    turn = turn if turn < len(keys) else 0
    return Page(tuple(posts.values()), cursors.write(Place(turn, marks)), more, missed, (), client.usage)


def _keys(query: Query) -> tuple[str, ...]:
    """Return what is asked for one by one.

    A server follows only a few of the further hashtags in one call, and none at all when it does not know the first.
    """
    if query.kind == "mentions":
        return ("mentions",)
    if query.kind == "search":
        return tuple(one if _PLAIN_WORD.fullmatch(one) else '"' + one.replace('"', " ") + '"' for one in query.words)
    tags = tuple(dict.fromkeys(one.lstrip("#").casefold() for one in query.places))
    for tag in tags:
        if not _TAG.fullmatch(tag):
            message = f'"{tag}" cannot be a hashtag: it is one word of letters, digits and underscores.'
            raise SourceRefused(message)
    return tags


def _posts(fresh: list[Found], login: Login, query: Query) -> list[Post]:
    searched = query.kind == "search"
    query = replace(query, words=())  # the server matched them, by its own rules
    readable = (one for one in map(original, fresh) if ours_to_read(one, login, searched=searched))
    found = (post_of(one, login.host) for one in readable)
    return [post for post in found if post is not None and query.keeps(post)]


def _step(client: MastodonClient, kind: str, key: str, kept: Mapping[str, Any], keep: int) -> _Step:
    if kind == "search":
        return _searched(client, key, _mark(kept, Back), keep)
    mark = _mark(kept, Forward)
    if kind == "mentions":
        told = _onward(mark, lambda place: client.mentions(min_id=place))
        step = _forward(mark, told, keep, client.server_s)
        return replace(step, fresh=[one["status"] for one in step.fresh if isinstance(one.get("status"), dict)])
    return _forward(mark, _onward(mark, lambda place: _tagged(client, key, place)), keep, client.server_s)


def _tagged(client: MastodonClient, tag: str, place: str) -> list[Found]:
    try:
        return client.tagged(tag, min_id=place)
    except Denied as fault:
        if fault.reason is Reason.GONE:  # nobody has used this hashtag yet
            return []
        if fault.reason is Reason.LOGIN and not client.token:
            message = f"{fault} It shows hashtags only to its members: connect an account there."
            raise Denied(message, reason=Reason.ACCESS, status=fault.status) from fault
        raise


def _mark(kept: Mapping[str, Any], kind: type[M]) -> M:
    return cursors.read(json.dumps(kept), kind)


# --- forward: hashtags and mentions -------------------------------------------------------------------------------


def _onward(mark: Forward, ask: Callable[[str], list[Found]]) -> list[Found]:
    """Ask for the page after a mark; twice where it brings nothing although there should be something."""
    place = mark.next or mark.after
    page, known = ask(place), {one[0] for one in mark.seen}
    slipped = {str(one.get("id")) for one in page} <= known if mark.next else bool(known) and not page
    return ask(place) if slipped else page


def _forward(mark: Forward, page: list[Found], keep: int, now: float) -> _Step:
    """Go on from a page, oldest first. The first page is the newest one; what is older is not asked for."""
    page = [one for one in page if one.get("id")]
    known, first = {one[0] for one in mark.seen}, not mark.after
    fresh = [one for one in page if str(one["id"]) not in known]
    seen = _merged(mark.seen, fresh, now)
    after = mark.after
    if first:
        after = str(seen.pop(0)[0]) if seen else "0"
    last = str(page[-1]["id"]) if page else ""
    # A server that shows the same page again and again is not followed.
    more = not first and len(page) >= PAGE and last not in {mark.next, mark.after}
    while seen and (len(seen) > keep or seen[0][1] < seen[-1][1] - OVERLAP.total_seconds()):
        after = str(seen.pop(0)[0])
    return _Step(Forward(after, seen, last if more else ""), fresh, more)


def _merged(seen: _Known, fresh: list[Found], now: float) -> _Known:
    latest = seen[-1][1] if seen else 0.0
    return sorted([*seen, *([str(one["id"]), _at(one, latest, now)] for one in fresh)], key=lambda one: float(one[1]))


def _at(one: Found, otherwise: float, now: float) -> float:
    """Return when something was written: not in the future, whatever a server with a wrong clock says."""
    when = time_of(one)
    return min(when.timestamp(), now) if when else otherwise


# --- back: searches -----------------------------------------------------------------------------------------------


def _searched(client: MastodonClient, words: str, mark: Back, keep: int) -> _Step:
    """Take one page of a search, and decide whether it must be walked further back."""
    page = _page_of(client, words, mark.offset)
    if mark.offset and {str(one["id"]) for one in page} <= set(mark.last):
        # Empty, or the page before once more: where a slip would cost posts, it is asked for twice.
        page = _page_of(client, words, mark.offset)
    ids, now = [str(one["id"]) for one in page], client.server_s
    known, bottom = {one[0] for one in (*mark.seen, *mark.walk)} | set(mark.last), _bottom(mark, keep)
    fresh = [one for one in page if str(one["id"]) not in known and _at(one, bottom, now) >= bottom]
    walk = _window(mark.walk, page, keep, now)
    newest = walk[-1][1] if walk else 0.0
    oldest = min((_at(one, newest, now) for one in page), default=0.0)
    first, deep = not mark.since, mark.offset + STEP >= DEEPEST
    floor_id, floor = mark.floor or ["", 0.0]
    done = first or not page or floor_id in ids or oldest < max(bottom, floor)
    if not done and not deep:
        return _Step(replace(mark, walk=walk, last=ids, offset=mark.offset + STEP), fresh, more=True)
    ended = Back(
        since=max(mark.since, newest, 1.0),
        floor=[ids[-1], oldest] if first and page else mark.floor,
        seen=walk or mark.seen,
    )
    # What came while we turned pages stands before the first of them: look there once more.
    again = mark.offset > 0 and newest > mark.since
    return _Step(ended, fresh, more=again, missed=None if done else _too_deep(words, mark.since, oldest))


def _page_of(client: MastodonClient, words: str, offset: int) -> list[Found]:
    return [one for one in client.search(words, offset) if one.get("id")]


def _window(walk: _Known, page: list[Found], keep: int, now: float) -> _Known:
    """Return what is to be remembered of a walk: its newest posts."""
    known = {one[0] for one in walk}
    merged = _merged(walk, [one for one in page if str(one["id"]) not in known], now)
    since = merged[-1][1] - OVERLAP.total_seconds() if merged else 0.0
    return [one for one in merged if one[1] >= since][-keep:]


def _bottom(mark: Back, keep: int) -> float:
    """Return how far back a walk must go: a little beyond `since`, because a server takes its time to index."""
    full = len(mark.seen) >= keep  # so much comes that what is remembered reaches less far
    return float(mark.seen[0][1]) if full else mark.since - OVERLAP.total_seconds()


def _too_deep(words: str, since: float, oldest: float) -> Missed:
    start, end = (datetime.fromtimestamp(one, UTC) for one in (since, oldest))
    why = f"The search for {words} finds more than {DEEPEST:,} new posts, and older ones were not read: narrow it down."
    return Missed(start, end, why)


# --- looking up ---------------------------------------------------------------------------------------------------


def _looked(client: MastodonClient, ids: list[str]) -> list[Seen]:
    try:
        told = client.statuses(ids)
    except Denied as fault:
        if fault.status not in {400, 404, 405}:
            raise
        told = []  # a server before 4.3 knows no batches
    there = {str(one.get("id")): one for one in told}
    return [_there(client, one, there[one]) if one in there else _alone(client, one) for one in ids]


def _there(client: MastodonClient, status_id: str, status: Found) -> Seen:
    return Seen(status_id, Presence.THERE, post_of(status, client.host))


def _alone(client: MastodonClient, status_id: str) -> Seen:
    try:
        return _there(client, status_id, client.status(status_id))
    except Denied as fault:
        if fault.reason is Reason.GONE:
            return Seen(status_id, Presence.GONE)
        if fault.reason not in {Reason.LOGIN, Reason.ACCESS}:
            return Seen(status_id, Presence.UNKNOWN)
        if fault.reason is Reason.LOGIN:
            client.me()  # raises when it is we who are locked out, and not the post that is
        return Seen(status_id, Presence.HIDDEN)
