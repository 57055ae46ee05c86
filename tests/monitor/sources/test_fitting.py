"""The fence around every source: one bad post or answer neither stops a watch nor passes unsaid."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from monitor import pulling, sources
from monitor.domain.errors import RetryLater
from monitor.domain.records import Login, Looked, Missed, Page, Post, Presence, Seen, Watch
from monitor.sources.fitting import Fitting
from monitor.store import brands, ledger, watches
from monitor.store.engine import Store
from tests.making import post

WATCH = Watch(1, 1, "x", {"kind": "search", "words": ["kettle"]}, Login("x", ""))


class Told:
    """A source that hands over what it is told."""

    at_most = 10

    def __init__(self, *posts: Post, missed: Missed | None = None, fails: Exception | None = None) -> None:
        self.posts, self.missed, self.fails = posts, missed, fails

    def fetch(self, watch: Watch, cursor: str) -> Page:
        if self.fails:
            raise self.fails
        return Page(self.posts, cursor + "1", missed=self.missed)

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        if self.fails:
            raise self.fails
        return Looked(tuple(Seen(one.external_id, Presence.THERE, one) for one in self.posts))


@pytest.fixture
def pull(store: Store, now: datetime) -> Callable[[Told], watches.WatchRow]:
    """Pull a watch once and return how it is doing then."""
    with store.unit_of_work() as work:
        brand_id = brands.create(work, "acme", "Acme", now)
        watch_id = watches.add(work, brand_id, "x", WATCH.query, now)

    def once(told: Told) -> watches.WatchRow:
        pulling.pull(store, watch_id, lambda _name: Fitting(told), now)
        with store.reading() as work:
            return watches.listed(work)[0]

    return once


def test_one_post_that_cannot_be_kept_is_said_and_the_others_are_stored(
    store: Store, pull: Callable[[Told], watches.WatchRow], now: datetime
) -> None:
    poison = replace(post("9" * 5000), written_at=now)
    row = pull(Told(post("1"), poison, replace(post("2"), text="leaks\0 \ud800")))
    assert (row.cursor, row.last_error) == ("1", "")
    with store.reading() as work:
        assert ledger.take_stock(work).mentions == 2
        (gap,) = watches.gaps(work)
    assert (gap.since, gap.until) == (now, now)
    assert gap.why.startswith("One post was set aside")


def test_what_the_source_says_is_missing_is_said_as_well(now: datetime) -> None:
    told = Told(post(""), post(""), missed=Missed(now, now, "The list ended."))
    page = Fitting(told).fetch(WATCH, "")
    assert page.missed == Missed(
        now, now, "The list ended. 2 posts were set aside: the platform gave an id that cannot be kept. "
        "The others were taken in."
    )  # fmt: skip


@pytest.mark.parametrize("error", [KeyError("text"), OverflowError("year 0"), RecursionError(), OSError(75, "large")])
def test_an_answer_nobody_thought_of_is_said_and_asked_for_again(
    pull: Callable[[Told], watches.WatchRow], error: Exception
) -> None:
    row = pull(Told(fails=error))
    assert row.last_error == (
        f"The answer holds something that cannot be read ({type(error).__name__}). It is asked for again."
    )
    assert (row.remedy, row.cursor) == ("wait", "")
    with pytest.raises(RetryLater):
        Fitting(Told(fails=error)).look_up(WATCH.login, ["1"])


def test_a_post_looked_up_says_what_was_stored_so_that_it_is_no_edit() -> None:
    odd = replace(post("1"), text="leaks\0 \ud800")
    source = Fitting(Told(odd))
    (stored,), (seen,) = source.fetch(WATCH, "").posts, source.look_up(WATCH.login, ["1"]).seen
    assert seen.post == stored


def test_every_source_is_behind_the_fence() -> None:
    assert {type(sources.load(one)) for one in sources.SOURCES} == {Fitting}
