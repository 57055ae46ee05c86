"""Bluesky: a search for words, what mentions our account, and the stream of everything that is posted."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from monitor.clients.bluesky import AT_ONCE, Bluesky, Json, entry
from monitor.clients.bluesky_stream import events
from monitor.clients.faults import Denied, NoAnswer, PlatformFault, Reason, reading
from monitor.domain.query import Query
from monitor.domain.records import Login, Looked, Missed, Page, Post, Presence, Seen, Usage, Watch
from monitor.sources import cursors
from monitor.sources.bluesky_posts import did_in, event_uri, event_view, for_signed_in_only, post_of, words_of
from monitor.sources.bluesky_walks import PAGE, REMEMBERED, Step, Walk, digest, notified, searched

ASKS: Final = 40  # calls of one fetch that may bring nothing new
AUTHORS: Final = 2 * AT_ONCE  # of one page whose followers are asked for

STREAM_S: Final = 2.0  # one gulp of the stream
QUIET_S: Final = 0.25  # nothing for so long: we have caught up
BEHIND: Final = timedelta(seconds=5)  # further behind than this, another gulp is due at once
FIRST: Final = timedelta(minutes=10)  # how far back the stream is read at the very start
MOST_GONE: Final = 400  # deletions of one page
_REWIND_US: Final = 3_000_000
_TOO_OLD: Final = "Bluesky's stream keeps the last days only, and it no longer reached back to where this watch was."
_PROFILE_S: Final = 3600.0
_Clock = Callable[[], datetime]


def factory(clock: _Clock) -> "BlueskySource":
    """Make the source."""
    return BlueskySource(clock)


@dataclass(frozen=True, slots=True)
class _Gulp:
    """A place in the stream."""

    at: int = 0  # microseconds: the newest event that was read
    seen: list[str] = field(default_factory=list)


class BlueskySource:
    """A `MentionSource` of three kinds: "search", "mentions" and "stream"."""

    at_most = AT_ONCE

    def __init__(self, clock: _Clock) -> None:
        """What it remembers between calls is cheap to lose: profiles, for an hour."""
        self._clock = clock
        self._known: dict[str, tuple[float, Json]] = {}

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return the next page. A search takes its words one after the other; the cursor knows which is due."""
        query = Query.parse("bluesky", watch.query)
        if query.kind == "stream":
            return self._gulp(watch, query, cursors.read(cursor, _Gulp))
        step = Step([], cursors.read(cursor, Walk), more=True)
        with reading(), Bluesky.of(watch.login) as api:
            for _ in range(ASKS):
                if query.kind == "search":
                    step = searched(api, query.words, step.walk, self._clock())
                else:
                    step = notified(api, step.walk, self._clock())
                if step.views or step.missed or not step.more:
                    break
            posts = self._posts(api, step.views, query)
            return Page(posts, cursors.write(step.walk), more=step.more, missed=step.missed, usage=api.usage)

    # --- posts and their authors

    def _posts(self, api: Bluesky, views: Sequence[Json], query: Query) -> tuple[Post, ...]:
        kept = [one for one in views if api.signed_in or not for_signed_in_only(one)]
        with suppress(PlatformFault):  # followers are good to have; a post does not wait for them
            self._look_at(api, [str(entry(one, "author").get("did") or "") for one in kept])
        profiles = {did: profile for did, (_, profile) in self._known.items()}
        posts = [one for one in (post_of(view, profiles) for view in kept) if one is not None]
        rest = replace(query, words=())  # which words match is the platform's to say
        return tuple(one for one in posts if rest.keeps(one))

    def _look_at(self, api: Bluesky, dids: Iterable[str], most: int = AUTHORS) -> None:
        """Learn who people are, those that are not known yet."""
        now = time.monotonic()
        self._known = {did: kept for did, kept in self._known.items() if kept[0] > now}
        wanted = [did for did in dict.fromkeys(dids) if did and did not in self._known]
        for profile in api.profiles(wanted[:most]):
            self._known[str(profile.get("did") or "")] = now + _PROFILE_S, profile

    # --- the stream

    def _gulp(self, watch: Watch, query: Query, place: _Gulp) -> Page:
        """Read what happened since `place`, until we have caught up, or have enough for a page."""
        start = place.at or _micros(self._clock() - FIRST)
        url = str(watch.login.options.get("stream") or "")
        wanted: dict[str, Json] = {}
        gone: list[str] = []
        at, missed, ended, began = 0, None, True, time.monotonic()
        with reading(), closing(events(url, start - _REWIND_US, lasts_s=STREAM_S, quiet_s=QUIET_S)) as stream:
            for number, event in enumerate(stream):
                if not number and place.at and event["time_us"] > place.at:
                    missed = Missed(_moment(place.at), _moment(event["time_us"]), _TOO_OLD)
                _take(event, query, place, wanted, gone)
                at = max(at, event["time_us"])
                if len(wanted) >= PAGE or len(gone) >= MOST_GONE:
                    ended = False
                    break
            if place.at and not at:  # the event we stand on comes again at least
                message = "Bluesky's stream opened and sent nothing."
                raise NoAnswer(message)
        out_of_time = time.monotonic() - began > STREAM_S and at > place.at
        at = max(at, place.at)
        posts, usage = self._streamed(watch, query, wanted)
        seen = [*place.seen, *map(digest, wanted)][-REMEMBERED:]
        more = not ended or (out_of_time and self._clock() - _moment(at) > BEHIND)
        return Page(posts, cursors.write(_Gulp(at, seen)), more, missed, tuple(gone), usage)

    def _streamed(self, watch: Watch, query: Query, wanted: dict[str, Json]) -> tuple[tuple[Post, ...], Usage]:
        """Give names to those who wrote: the stream knows them by number only."""
        if not wanted:
            return (), Usage()
        with reading(), Bluesky.of(watch.login) as api:
            self._look_at(api, [str(one.get("did")) for one in wanted.values()], PAGE)
            known = {did: profile for did, (_, profile) in self._known.items()}
            views = [event_view(one, known.get(str(one.get("did")), {})) for one in wanted.values()]
            return self._posts(api, views, query), api.usage

    # --- looking up

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say what became of posts. What `getPosts` leaves out is asked for one by one: it may only be blocked."""
        with reading(), Bluesky.of(login) as api:
            views = {str(one.get("uri")): one for one in api.posts(list(external_ids))}
            profiles: dict[str, Presence] = {}
            seen = []
            for uri in external_ids:
                view, presence = views.get(uri), Presence.THERE
                if view is None:
                    presence, view = _single(api, uri, profiles)
                if view is not None and not api.signed_in and for_signed_in_only(view):
                    presence, view = Presence.HIDDEN, None
                seen.append(Seen(uri, presence, post_of(view, {}) if view else None))
            return Looked(tuple(seen), api.usage)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


def _take(event: Json, query: Query, place: _Gulp, wanted: dict[str, Json], gone: list[str]) -> None:
    """Sort an event in: a post with our words, or a deletion. An edit is shown nowhere, so it is none of either."""
    uri, operation = event_uri(event), event["commit"].get("operation")
    if operation == "delete" and event["time_us"] > place.at:
        wanted.pop(uri, None)
        gone.append(uri)
    if operation != "create" or digest(uri) in place.seen:
        return
    text = words_of(entry(event["commit"], "record")).casefold()
    if any(word.casefold() in text for word in query.words):
        wanted[uri] = event


def _single(api: Bluesky, uri: str, profiles: dict[str, Presence]) -> tuple[Presence, Json | None]:
    """Find out why a post was left out. The thread tells blocked from gone, the profile gone from suspended."""
    try:
        thread = api.thread(uri)
    except Denied as fault:
        if fault.reason is Reason.LOGIN:
            raise
        if fault.reason is Reason.HIDDEN:
            return Presence.HIDDEN, None
        if fault.reason is not Reason.GONE:
            return Presence.UNKNOWN, None
        did = did_in(uri)
        profiles[did] = profiles.get(did) or _author(api, did)
        return profiles[did], None
    if thread.get("blocked"):
        return Presence.HIDDEN, None
    if entry(thread, "post").get("uri") == uri:
        return Presence.THERE, entry(thread, "post")
    return Presence.GONE if thread.get("notFound") else Presence.UNKNOWN, None


def _author(api: Bluesky, did: str) -> Presence:
    """Say what a missing post of this author is: gone, unless the whole account is hidden."""
    try:
        api.profile(did)
    except Denied as fault:
        known = {Reason.HIDDEN: Presence.HIDDEN, Reason.GONE: Presence.GONE}
        return known.get(fault.reason, Presence.UNKNOWN)
    return Presence.GONE
