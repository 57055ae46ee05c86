"""Entries of RSS and Atom feeds: blogs, forums, review sites, alerts by mail services that offer a feed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from monitor.clients import feed as client
from monitor.clients.faults import Denied, PlatformFault, reading
from monitor.domain.dates import at_epoch
from monitor.domain.errors import SourceRefused
from monitor.domain.links import web_address
from monitor.domain.query import Query
from monitor.domain.records import Author, Login, Looked, Missed, Page, Post, Presence, Seen, Watch
from monitor.sources import cursors

PAGE: Final = 100
KEPT: Final = 2000  # ids kept in a cursor, for all feeds together
PATIENCE: Final = 3  # failures in a row after which a feed among others is said to be missing
BUDGET_S: Final = 60.0  # of one fetch: what is left of the feeds comes with the next
_SHORT: Final = 10  # letters of a key that are kept


def factory(clock: Callable[[], datetime]) -> "FeedSource":
    """Make the source."""
    return FeedSource(clock)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one feed: the newest entries seen, how many it had, how often it failed.

    `read` is when it last brought something new, not when it was last read: what a cache answers may be old.
    """

    seen: list[str] = field(default_factory=list)  # short keys, as they stood in the feed
    size: int = 0
    read: float = 0.0  # epoch seconds
    fails: int = 0
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """The feed that comes next in this round ("": the first) and what is known of each."""

    next: str = ""
    feeds: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class _Round:
    """What one fetch has gathered."""

    private: bool
    posts: list[Post] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    faults: list[PlatformFault] = field(default_factory=list)
    read: int = 0


class FeedSource:
    """A `MentionSource` over feeds; the places of the query are their addresses.

    A feed that cannot be read does not stop the others: it is said as a gap when it is refused, or has failed
    `PATIENCE` times in a row. When none can be read, the watch is told.
    """

    at_most = 0  # an entry that leaves a feed may be deleted or only old

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Read feeds until a page is full or all have been read."""
        query = Query.parse("feed", watch.query)
        _checked(query.places)
        place = cursors.read(cursor, Place)
        known = {one: _known(place.feeds[one]) for one in query.places if one in place.feeds}
        start = query.places.index(place.next) if place.next in query.places else 0
        gathered = _Round(private=watch.login.options.get("private") == "yes")
        following = self._round(query.places[start:], known, gathered)
        if not (start or following or gathered.read):
            with reading():
                raise gathered.faults[0]
        posts = tuple(post for post in gathered.posts if query.keeps(post))
        most = max(50, KEPT // len(query.places))
        feeds = {one: asdict(replace(kept, seen=kept.seen[:most])) for one, kept in known.items()}
        return Page(posts, cursors.write(Place(following, feeds)), bool(following), _together(gathered.missed))

    def _round(self, addresses: Sequence[str], known: dict[str, Known], gathered: _Round) -> str:
        """Read one feed after the other, and return the address to go on with, "" after the last one."""
        began = self._clock()
        for address in addresses:
            if len(gathered.posts) >= PAGE or (self._clock() - began).total_seconds() > BUDGET_S:
                return address
            known[address], left = self._read(address, known.get(address) or Known(), gathered)
            if left:
                return address
        return ""

    def _read(self, address: str, known: Known, gathered: _Round) -> tuple[Known, bool]:
        """Read one feed. Returns what is known of it now, and whether entries are left for the next page."""
        now = self._clock()
        try:
            found = client.fetch(address, etag=known.etag, modified=known.modified, private=gathered.private)
        except PlatformFault as fault:
            gathered.faults.append(fault)
            return _failed(address, known, fault, gathered), False
        gathered.read += 1
        if found is None:
            return replace(known, fails=0), False
        new = [one for one in found.entries if one.key[:_SHORT] not in known.seen]
        missed = _scrolled_out(address, known, found, now) if len(new) == len(found.entries) else None
        gathered.missed += [missed] if missed else []
        room = PAGE - len(gathered.posts)
        oldest_first = list(reversed(new))
        oldest_first.sort(key=lambda one: one.at or 0.0)
        taken = oldest_first[:room]  # they will be the first to go
        gathered.posts += [_post(address, found, one) for one in taken]
        read = now.timestamp() if new else known.read
        return _after(known, found, {one.key for one in taken}, left=len(new) > room, read=read), len(new) > room

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say that nothing is known."""
        del login
        return Looked(tuple(Seen(one, Presence.UNKNOWN) for one in external_ids))


def _checked(places: Sequence[str]) -> None:
    for one in places:
        if not web_address(one):
            message = f'"{one[:200]}" is not the address of a feed: it begins with https:// or http://.'
            raise SourceRefused(message)


def _after(known: Known, found: client.Fetched, taken: set[str], *, left: bool, read: float) -> Known:
    """Return what is known of a feed once it was read and these entries were handed over."""
    old = set(known.seen)
    here = [one.key[:_SHORT] for one in found.entries if one.key in taken or one.key[:_SHORT] in old]
    still = set(here)
    # Only a whole answer is worth remembering: an empty or broken one may be a cache that had a bad moment.
    whole = bool(found.entries) and found.whole and not left
    return Known(
        here + [one for one in known.seen if one not in still],
        len(found.entries) or known.size,
        read,
        0,
        found.etag if whole else "",
        found.modified if whole else "",
    )


def _scrolled_out(address: str, known: Known, found: client.Fetched, now: datetime) -> Missed | None:
    """Say that entries may have come and gone between two reads, when a full feed holds nothing that we know."""
    if not known.seen or len(found.entries) < max(known.size, 1):
        return None
    since = datetime.fromtimestamp(known.read, UTC)
    dates = [at_epoch(one.at) for one in found.entries if one.at]
    until = min((one for one in dates if one), default=now) + timedelta(seconds=1)
    why = (
        f"All {len(found.entries)} entries of {address} are new, so others may have come and gone between two reads. "
        "Read it more often, or ask its owner for a longer feed."
    )
    return Missed(since, until if until > since else now, why)


def _failed(address: str, known: Known, fault: PlatformFault, gathered: _Round) -> Known:
    fails = PATIENCE if isinstance(fault, Denied) else min(known.fails + 1, PATIENCE)
    if fails == PATIENCE != known.fails:
        since = datetime.fromtimestamp(known.read, UTC) if known.read else None
        why = f"One of the feeds cannot be read, and the others go on: {fault} ({address})"
        gathered.missed.append(Missed(since, None, why))
    return replace(known, fails=fails)


def _together(missed: Sequence[Missed]) -> Missed | None:
    """Return one window over all of them."""
    if len(missed) < 2:
        return missed[0] if missed else None
    since = [one.since for one in missed if one.since]
    until = [one.until for one in missed if one.until]
    return Missed(
        min(since) if len(since) == len(missed) else None,
        max(until) if len(until) == len(missed) else None,
        " ".join(one.why for one in missed),
    )


def _known(kept: Mapping[str, Any]) -> Known:
    blank = asdict(Known())
    made = {**blank, **kept} if isinstance(kept, dict) else {}
    if made.keys() != blank.keys() or any(type(made[one]) is not type(blank[one]) for one in blank):
        message = "The place this watch had come to cannot be read: remove the watch and add it anew."
        raise SourceRefused(message)
    return Known(**made)


def _post(address: str, found: client.Fetched, entry: client.Entry) -> Post:
    host = urlsplit(address).hostname or address
    said_twice = entry.text.startswith(entry.title.rstrip(" ….")) or not entry.title
    text = entry.text if said_twice else f"{entry.title}\n\n{entry.text}".strip()
    # Without an author each entry is somebody of its own: or strangers would be taken for one person.
    author = Author(f"{entry.author}@{host}", entry.author) if entry.author else Author(entry.key, host)
    return Post(
        "feed",
        entry.key,
        text or entry.link or "(an entry without words)",
        author,
        written_at=at_epoch(entry.at),
        url=entry.link,
        lang=found.lang,
        extra={"feed": address, "feed_title": found.title, "tags": list(entry.tags)},
    )
