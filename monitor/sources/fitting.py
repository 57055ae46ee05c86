"""The fence around every source: what it hands over fits the store, and no answer of a platform breaks a worker."""

from collections.abc import Sequence
from dataclasses import replace

from monitor.clients.faults import reading
from monitor.domain.fitting import fitted
from monitor.domain.records import Login, Looked, Missed, Page, Post, Seen, Watch
from monitor.ports import MentionSource


class Fitting:
    """A `MentionSource` in front of another one. A post that cannot be kept is set aside, and said to be missing."""

    def __init__(self, source: MentionSource) -> None:
        self._source = source

    @property
    def at_most(self) -> int:
        """Return how many posts can be looked up at once."""
        return self._source.at_most

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return the source's page, its posts fitted."""
        with reading():
            page = self._source.fetch(watch, cursor)
            kept = tuple(one for one in map(fitted, page.posts) if one is not None)
        aside = [one for one in page.posts if fitted(one) is None] if len(kept) < len(page.posts) else []
        return replace(page, posts=kept, missed=_missed(page.missed, aside))

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Return what the source says, the posts fitted as they were when they were stored."""
        with reading():
            looked = self._source.look_up(login, external_ids)
            return replace(looked, seen=tuple(_fitted(one) for one in looked.seen))


def _fitted(seen: Seen) -> Seen:
    return replace(seen, post=fitted(seen.post)) if seen.post else seen


def _missed(missed: Missed | None, aside: Sequence[Post]) -> Missed | None:
    """Say what was set aside, beside what the source itself says is missing."""
    if not aside:
        return missed
    posts = "One post was" if len(aside) == 1 else f"{len(aside)} posts were"
    why = f"{posts} set aside: the platform gave an id that cannot be kept. The others were taken in."
    if missed is not None:
        return replace(missed, why=f"{missed.why} {why}")
    dates = [one.written_at for one in aside if one.written_at]
    return Missed(min(dates, default=None), max(dates, default=None), why)
