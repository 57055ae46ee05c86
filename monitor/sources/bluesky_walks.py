"""How a search and a list of notifications are walked, from the newest post back to where we were."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from monitor.clients.bluesky import Bluesky, Json, entries, stamp, when
from monitor.clients.faults import Denied, Reason
from monitor.domain.errors import Remedy, SourceRefused
from monitor.domain.records import Missed
from monitor.sources.bluesky_posts import sort_time

PAGE: Final = 100
OVERLAP: Final = timedelta(minutes=10)  # posts may be indexed this much later than they say they were written
REMEMBERED: Final = 500  # posts that are not handed over again
_REASONS: Final = ("mention", "reply", "quote")
_LIST_KEPT: Final = timedelta(days=7)
_LIST_ENDED: Final = "Bluesky's list of notifications no longer reached back to where this watch was."
_PAGES_EMPTY: Final = "Bluesky gave empty pages where there had been posts a moment before."


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk, and what the next one begins with: `since` and `seen`. Times are as `stamp` writes them."""

    since: dict[str, str] = field(default_factory=dict)  # word -> all posts up to here were handed over
    word: int = 0
    newest: str = ""  # on the first page of this word
    oldest: str = ""  # of this word so far
    next: str = ""  # the platform's token of the page to come
    until: str = ""  # where the walk went on when the platform gave no more tokens
    doubted: bool = False  # a page that makes no sense was asked for again
    seen: list[str] = field(default_factory=list)  # digests of the newest posts that were handed over

    def noted(self, fresh: Sequence[Json], times: Sequence[str]) -> "Walk":
        """Count a page in. What comes in above the first page belongs to the next walk."""
        seen = [*self.seen, *(digest(str(one.get("uri") or "")) for one in reversed(fresh))][-REMEMBERED:]
        oldest = min([*times, *filter(None, [self.oldest])], default="")
        newest = self.newest or max(times, default="")
        return replace(self, seen=seen, newest=newest, oldest=oldest, doubted=False)

    def ended(self, word: str, now: datetime, following: int = 0) -> "Walk":
        """Go on to the next word, or to the next walk. Where nothing was there at all, this is the place."""
        since = max(self.newest, self.since.get(word, "")) or stamp(now - OVERLAP)
        return Walk(since=self.since | {word: since}, word=following, seen=self.seen)


@dataclass(frozen=True, slots=True)
class Step:
    """One page: the views that are new on it, where the walk is then, and whether it goes on."""

    views: list[Json]
    walk: Walk
    more: bool
    missed: Missed | None = None


def searched(api: Bluesky, words: Sequence[str], walk: Walk, now: datetime) -> Step:
    """Ask for the next page of a search. Each word is walked by itself.

    A token may end early, so a word is done only when nothing older comes either, asked by time. The first page and
    those asked by time hold at least one post that we know: where one is empty it is asked for twice, and if that was
    in the middle of a walk, what may be missing is said.
    """
    walk = walk if walk.word < len(words) else Walk(since=walk.since, seen=walk.seen)
    word = words[walk.word]
    phrase = f'"{word}"' if " " in word and '"' not in word else word
    since = walk.since.get(word, "")
    bound = earlier(since, OVERLAP)
    answer = _asked(api, q=phrase, sort="latest", limit=PAGE, since=bound, until=walk.until, cursor=walk.next)
    views, token = entries(answer, "posts"), str(answer.get("cursor") or "")
    slip = bool(since) and not walk.next and not views
    if slip and not walk.doubted:
        return Step([], replace(walk, doubted=True), more=True)
    fresh = _fresh(views, walk)
    walk = walk.noted(fresh, [stamp(one) for one in map(sort_time, fresh) if one is not None])
    until = earlier(walk.oldest, -timedelta(milliseconds=1))  # not inclusive, and there may be two of one moment
    if since and token and token != walk.next:
        return Step(fresh, replace(walk, next=token), more=True)
    if since and until != walk.until:
        return Step(fresh, replace(walk, next="", until=until), more=True)
    missed = Missed(when(since), when(walk.oldest), _PAGES_EMPTY) if slip and walk.until else None
    following = (walk.word + 1) % len(words)
    return Step(fresh, walk.ended(word, now, following), bool(following), missed)


def _asked(api: Bluesky, **params: str | int) -> Json:
    try:
        return api.get("app.bsky.feed.searchPosts", **params)
    except Denied as fault:
        if api.signed_in or fault.reason not in {Reason.LOGIN, Reason.ACCESS}:
            raise
        message = "Bluesky lets only signed-in accounts search here: connect an account to this watch."
        raise SourceRefused(message, remedy=Remedy.RECONNECT) from fault


def notified(api: Bluesky, walk: Walk, now: datetime) -> Step:
    """Ask for the next page of notifications, and for the posts that are new on it."""
    if not api.signed_in:
        message = "Mentions are shown to the account that is mentioned only: connect it to this watch."
        raise SourceRefused(message, remedy=Remedy.RECONNECT)
    answer = api.get("app.bsky.notification.listNotifications", reasons=_REASONS, limit=PAGE, cursor=walk.next)
    notices, token = entries(answer, "notifications"), str(answer.get("cursor") or "")
    stuck = token == walk.next if token else bool(walk.next) and not notices
    if stuck and not walk.doubted:
        return Step([], replace(walk, doubted=True), more=True)  # the page before once more, or none at all: a slip
    since = walk.since.get("", "")
    floor = earlier(since, OVERLAP)
    new = [one for one in _fresh(notices, walk) if (_arrived(one) or floor) >= floor]
    there = api.posts([str(one.get("uri") or "") for one in new])
    times = [_arrived(one) for one in notices if _arrived(one)]
    walk = walk.noted(there, times)
    if since and token and not stuck and min(times, default=floor) >= floor:
        return Step(there, replace(walk, next=token), more=True)
    cut_off = stuck or (not token and earlier(walk.oldest, _LIST_KEPT) > since)
    missed = Missed(when(since), when(walk.oldest), _LIST_ENDED) if since and cut_off else None
    return Step(there, walk.ended("", now), more=False, missed=missed)


def _arrived(notice: Json) -> str:
    moment = when(notice.get("indexedAt"))
    return stamp(moment) if moment else ""


def _fresh(views: Sequence[Json], walk: Walk) -> list[Json]:
    seen = set(walk.seen)
    by_uri = {str(one.get("uri") or ""): one for one in views}
    return [one for uri, one in by_uri.items() if digest(uri) not in seen]


def earlier(written: str, by: timedelta) -> str:
    """Return a time moved back, "" for none."""
    moment = when(written) if written else None
    return stamp(moment - by) if moment else ""


def digest(uri: str) -> str:
    """Return a few letters that stand for a post."""
    return hashlib.blake2b(uri.encode(), digest_size=6).hexdigest()
