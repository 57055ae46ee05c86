"""What every source of mentions promises, tried on each one that is registered."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.errors import BadInput, SourceRefused
from monitor.domain.records import Page, Post, Watch
from monitor.ports import MentionSource
from monitor.sources import SOURCES, load

PAGE_LIMIT = 100


@dataclass(frozen=True)
class Stand:
    """A source with something to fetch, and what makes more of it appear."""

    source: MentionSource
    watch: Watch
    go_on: Callable[[], None]


def _replay() -> Stand:
    from monitor.sources.replay import Replay

    now = [datetime(2026, 3, 2, 10, 0, tzinfo=UTC)]

    def go_on() -> None:
        now[0] += timedelta(minutes=5)

    return Stand(Replay(lambda: now[0]), Watch(1, 1, "replay", {"path": "demo"}), go_on)


STANDS: dict[str, Callable[[], Stand]] = {"replay": _replay}


@pytest.fixture(params=sorted(SOURCES))
def stand(request: pytest.FixtureRequest) -> Stand:
    assert request.param in STANDS, f"the source {request.param} has no stand here, so nothing tries its promises"
    return STANDS[request.param]()


def pages(stand: Stand, rounds: int = 4) -> Iterator[Page]:
    cursor = ""
    for turn in range(rounds):
        if turn:
            stand.go_on()
        more = True
        while more:
            page = stand.source.fetch(stand.watch, cursor)
            yield page
            cursor, more = page.cursor, page.more


def key(post: Post) -> tuple[str, str]:
    return post.platform, post.external_id


def test_a_source_is_found_by_its_name(stand: Stand) -> None:
    assert isinstance(load(stand.watch.source), type(stand.source))


def test_posts_are_whole(stand: Stand) -> None:
    posts = [post for page in pages(stand) for post in page.posts]
    assert posts
    for post in posts:
        assert post.platform
        assert post.external_id
        assert post.text.strip()
        assert post.author.external_id
        assert post.written_at is None or post.written_at.utcoffset() == timedelta(0)
        json.dumps(dict(post.extra))


def test_no_post_comes_twice_on_the_way_forward(stand: Stand) -> None:
    keys = [key(post) for page in pages(stand) for post in page.posts]
    assert len(keys) == len(set(keys))


def test_later_fetches_bring_what_came_later(stand: Stand) -> None:
    counts = [len(page.posts) for page in pages(stand)]
    assert sum(map(bool, counts)) > 1


def test_a_page_fetched_again_is_the_same_page(stand: Stand) -> None:
    cursor = ""
    for page in pages(stand, rounds=1):
        again = stand.source.fetch(stand.watch, cursor)
        # A play that has not begun begins at the fetch, and so do its dates; the posts are the same.
        assert [key(post) for post in again.posts] == [key(post) for post in page.posts]
        cursor = page.cursor


def test_a_page_is_of_bearable_length_and_its_cursor_can_be_stored(stand: Stand) -> None:
    for page in pages(stand):
        assert len(page.posts) <= PAGE_LIMIT
        assert page.cursor
        assert page.cursor.isprintable()


def test_a_source_that_has_nothing_new_says_so_and_keeps_its_place(stand: Stand) -> None:
    *_, last = pages(stand, rounds=1)
    page = stand.source.fetch(stand.watch, last.cursor)
    assert (page.posts, page.more, page.cursor) == ((), False, last.cursor)


@pytest.mark.parametrize("cursor", ["{", "[]", "null", '{"began": 1}', "not a cursor"])
def test_a_cursor_that_is_not_its_own_is_refused(stand: Stand, cursor: str) -> None:
    with pytest.raises(SourceRefused):
        stand.source.fetch(stand.watch, cursor)


def test_a_query_that_is_not_for_it_is_refused(stand: Stand) -> None:
    with pytest.raises(SourceRefused):
        stand.source.fetch(replace(stand.watch, query={}), "")


def test_an_unknown_source_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(BadInput, match=r"no source \"pigeon\".*replay"):
        load("pigeon")
