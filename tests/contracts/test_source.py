"""What every source of mentions promises, tried on each one that is registered."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.errors import BadInput, RetryLater, SourceRefused
from monitor.domain.records import Presence, Seen
from monitor.simulated.server import Fault
from monitor.sources import SOURCES, load
from monitor.sources.fitting import Fitting
from tests.contracts.stands import finding
from tests.contracts.stands.base import SourceStand
from tests.contracts.watching import LATER, Watching

PAGE_LIMIT = 100
STANDS = dict(finding.sources(SOURCES))
# Figures that a platform does not give at all: they must not look like nobody cared.
NEVER = {
    "reddit": {"views"},
    "mastodon": {"views"},
    "bluesky": {"views"},
    "hackernews": {"views", "reposts"},
    "feed": {"likes", "reposts", "replies", "views"},
    "replay": {"likes", "reposts", "replies", "views"},
}
_OF_LISTS = {Fault.DUPLICATE_PAGE, Fault.MISSING_PAGE}


@pytest.fixture(params=sorted(STANDS))
def stand(request: pytest.FixtureRequest) -> Iterator[SourceStand]:
    make: Callable[[], SourceStand] = STANDS[request.param]
    made = make()
    if made.platform:
        made.platform.slow_s = 0.05
    yield made
    if made.platform:
        made.platform.stop()
    made.close()


def test_a_source_is_found_by_its_name(stand: SourceStand) -> None:
    found = load(stand.watch.source)
    assert isinstance(found, Fitting), "what it hands over is fitted to the store"
    assert isinstance(found._source, type(stand.source))


def test_posts_are_whole(stand: SourceStand) -> None:
    watching = Watching(stand)
    wanted = watching.write(3)
    stand.move(LATER)
    watching.walk()
    assert sorted(watching.ids) == sorted(wanted)
    for post in watching.posts:
        assert post.platform
        assert f"number {wanted.index(post.external_id)}." in post.text
        assert post.author.external_id
        assert post.written_at is None or post.written_at.utcoffset() == timedelta(0)
        json.dumps(dict(post.extra))


def test_figures_that_are_missing_stay_missing(stand: SourceStand) -> None:
    for post in Watching(stand).begun().posts:
        given = {name: getattr(post.engagement, name) for name in ("likes", "reposts", "replies", "views")}
        assert all(figure is None or type(figure) is int for figure in (*given.values(), post.author.followers))
        assert not [name for name in NEVER.get(stand.watch.source, ()) if given[name] is not None]


def test_no_post_comes_twice_on_the_way_forward(stand: SourceStand) -> None:
    watching = Watching(stand).begun()
    for count in (3, 30, 1):
        watching.write(count)
        stand.move(LATER)
        watching.walk()
    assert [one for one, times in Counter(watching.ids).items() if times > 1] == []
    assert watching.lost == []


def test_all_that_came_later_comes_with_later_fetches(stand: SourceStand) -> None:
    watching = Watching(stand).begun()
    watching.write(120)
    stand.move(LATER)
    watching.keep(watching.fetch())
    watching.write(130)  # while the worker is on its way back through the pages
    stand.move(LATER)
    watching.walk()
    stand.move(LATER)
    watching.walk()
    assert watching.lost == []


def test_posts_of_one_second_all_come(stand: SourceStand) -> None:
    watching = Watching(stand).begun()
    watching.write(60, apart=0)
    stand.move(LATER)
    watching.walk()
    assert watching.lost == []


def test_a_worker_that_dies_before_it_kept_a_page_loses_nothing(stand: SourceStand) -> None:
    watching = Watching(stand).begun()
    watching.write(70)
    stand.move(LATER)
    watching.fetch()
    watching.write(70)
    stand.move(LATER)
    more = True
    while more:
        watching.fetch()
        more = watching.keep(watching.fetch()).more
    assert watching.lost == []


def test_a_page_is_of_bearable_length_and_its_cursor_can_be_stored(stand: SourceStand) -> None:
    watching = Watching(stand).begun()
    watching.write(120)
    stand.move(LATER)
    for page in watching.walk():
        assert len(page.posts) <= PAGE_LIMIT
        assert page.cursor
        assert page.cursor.isprintable()
        assert len(page.cursor) < 32_000


def test_a_source_that_has_nothing_new_says_so_and_keeps_its_place(stand: SourceStand) -> None:
    watching = Watching(stand).begun()
    page = watching.fetch()
    assert (page.posts, page.more, page.cursor, page.missed) == ((), False, watching.cursor, None)
    stand.move(3600)
    page = watching.fetch()
    assert (page.posts, page.more, page.missed) == ((), False, None)


@pytest.mark.parametrize("cursor", ["{", "[]", "null", '{"began": 1}', "not a cursor"])
def test_a_cursor_that_is_not_its_own_is_refused(stand: SourceStand, cursor: str) -> None:
    with pytest.raises(SourceRefused):
        stand.source.fetch(stand.watch, cursor)


@pytest.mark.parametrize("query", [{"kind": "pigeon"}, {"words": 7, "places": 7}])
def test_a_query_that_is_not_for_it_is_refused(stand: SourceStand, query: dict[str, object]) -> None:
    with pytest.raises(SourceRefused):
        stand.source.fetch(replace(stand.watch, query=query), "")


def test_an_unknown_source_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(BadInput, match=r"no source \"pigeon\".*replay"):
        load("pigeon")


# --- when the platform fails


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_fault_is_told_in_a_way_the_watch_understands_and_loses_nothing(
    stand: SourceStand, fault: Fault, pages_before: int
) -> None:
    watching = Watching(stand).begun()
    watching.write(130)
    stand.move(LATER)
    for _ in range(pages_before):
        watching.keep(watching.fetch())
    if stand.platform:
        stand.platform.faults.plan(fault)
    told = watching.try_to(lambda: watching.keep(watching.fetch()))
    assert fault is Fault.EXPIRED or not isinstance(told, SourceRefused), "a person is asked about what passes"
    assert not isinstance(told, RetryLater) or 0 < told.after < 86_400
    assert str(told or "Nothing.").endswith(".")
    stand.move(3600)
    watching.walk_through()
    assert watching.lost == []


def test_an_outage_is_made_up_for_or_said(stand: SourceStand) -> None:
    watching = Watching(stand).begun()
    for _ in range(4):
        watching.write(45, apart=20)
        if stand.platform:
            stand.platform.faults.rates[Fault.CUT] = 1.0
            with pytest.raises(RetryLater):
                watching.fetch()
            stand.platform.faults.rates.clear()
    stand.move(LATER)
    watching.walk_through()
    assert watching.lost == []


# --- what became of posts


def _looked(stand: SourceStand, ids: list[str]) -> dict[str, Seen]:
    if not stand.source.at_most:
        assert {one.presence for one in stand.source.look_up(stand.watch.login, ids).seen} == {Presence.UNKNOWN}
        return {}
    found = [
        one
        for start in range(0, len(ids), stand.source.at_most)
        for one in stand.source.look_up(stand.watch.login, ids[start : start + stand.source.at_most]).seen
    ]
    assert sorted(one.external_id for one in found) == sorted(ids)
    return {one.external_id: one for one in found}


def test_looking_up_tells_what_is_there_what_is_gone_and_what_was_edited(stand: SourceStand) -> None:
    watching = Watching(stand)
    there, edited, gone = watching.write(3)
    stand.move(LATER)
    if stand.edit:
        stand.edit(edited, "The lid broke, and the handle is loose as well.")
    if stand.delete:
        stand.delete(gone)
    seen = _looked(stand, [there, edited, gone])
    if not seen:
        return
    assert seen[there].presence is Presence.THERE
    post = seen[there].post
    assert post is not None
    assert (post.external_id, "number 0." in post.text) == (there, True)
    assert seen[gone].presence is (Presence.GONE if stand.delete else Presence.THERE)
    now = seen[edited].post
    assert now is not None
    assert ("the handle is loose" in now.text) is bool(stand.edit)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in _OF_LISTS])
def test_a_fault_while_looking_up_never_makes_a_post_gone(stand: SourceStand, fault: Fault) -> None:
    watching = Watching(stand)
    ids = watching.write(2)
    stand.move(LATER)
    if stand.platform:
        stand.platform.faults.plan(fault)
    with suppress(RetryLater, SourceRefused) if fault is Fault.EXPIRED else suppress(RetryLater):
        seen = _looked(stand, ids)
        assert all(one.presence in {Presence.THERE, Presence.UNKNOWN} for one in seen.values())
