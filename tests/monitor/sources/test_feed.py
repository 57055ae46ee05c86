"""Feeds as a source: nothing twice, nothing silently lost, and one that breaks leaves the others alone."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.domain.errors import RetryLater, SourceRefused
from monitor.domain.records import Login, Missed, Page, Watch
from monitor.simulated.feed import SimulatedFeed
from monitor.simulated.server import Answer, Ask, Fault
from monitor.simulated.world import SimPost
from monitor.sources.feed import FeedSource

BEGAN = 1_772_445_600.0
AT = datetime.fromtimestamp(BEGAN, UTC)


class Odd(SimulatedFeed):
    """Feeds with the oldest entry first, or torn off in the middle."""

    turned = torn = False
    odd: tuple[str, str] | None = None  # what stands in the place of what matches

    def _newest(self, place: str) -> list[SimPost]:
        return super()._newest(place)[:: -1 if self.turned else 1]

    def answer(self, ask: Ask) -> Answer:
        whole = super().answer(ask)
        if self.odd and isinstance(whole.body, bytes):
            whole.body = re.sub(*self.odd, whole.body.decode(), count=1).encode()
        if self.torn and isinstance(whole.body, bytes):
            whole.body = whole.body[: len(whole.body) // 2]
        return whole


class Boards:
    """A host of feeds, a watch on some of them, and how far it has come."""

    def __init__(self, platform: Odd) -> None:
        self.platform, self.now, self.cursor = platform, BEGAN, ""
        self.source = FeedSource(lambda: datetime.fromtimestamp(self.now, UTC))
        self.places = [platform.address("forum")]
        self.query: dict[str, object] = {}
        self.login = platform.connect()

    def say(self, text: str, author: str = "ana", **more: Any) -> str:
        return self.platform.external_id(self.platform.customer(author, text, **more))

    def fetch(self) -> Page:
        watch = Watch(1, 1, "feed", {"places": self.places, **self.query}, self.login)
        page = self.source.fetch(watch, self.cursor)
        self.cursor = page.cursor
        return page

    def ids(self) -> list[str]:
        return [post.external_id for post in self.fetch().posts]

    def missed(self) -> Missed | None:
        return self.fetch().missed


@pytest.fixture
def boards() -> Iterator[Boards]:
    with Odd() as platform:
        made = Boards(platform)
        platform.clock = platform.world._clock = lambda: made.now
        yield made


# --- what a post looks like


def test_an_entry_is_a_post_in_plain_text_with_the_page_to_answer_on(boards: Boards) -> None:
    key = boards.say("The <lid> broke.\nI am cross.", title="Vela & me")
    (post,) = boards.fetch().posts
    assert post.text == "Vela & me\n\nThe <lid> broke.\nI am cross."
    assert (post.platform, post.external_id, post.url) == ("feed", key, f"{boards.platform.url}/posts/1")
    assert (post.author.handle, post.author.followers, post.written_at) == ("ana", None, AT)
    assert post.extra["feed_title"] == "The forum board"


def test_a_title_that_is_only_the_beginning_of_the_text_is_not_said_twice(boards: Boards) -> None:
    boards.say("The lid of my kettle broke.", title="The lid of my…")
    assert boards.fetch().posts[0].text == "The lid of my kettle broke."


def test_an_entry_without_a_date_has_none(boards: Boards) -> None:
    boards.say("The lid broke.", undated=True)
    assert boards.fetch().posts[0].written_at is None


@pytest.mark.parametrize(
    "odd",
    [
        (r"<link>[^<]*/posts/2</link>", "<link>http://[</link>"),
        (r"<pubDate>[^<]*</pubDate>", "<pubDate>0001-01-01T00:00:00+14:00</pubDate>"),
        (r"<pubDate>[^<]*</pubDate>", "<pubDate>Mon, 01 Jan 0001 00:00:00 +1400</pubDate>"),
        (r"<pubDate>[^<]*</pubDate>", "<pubDate>9999-12-31T23:59:59-12:00</pubDate>"),
    ],
)
def test_an_odd_entry_leaves_the_others_alone(boards: Boards, odd: tuple[str, str]) -> None:
    boards.say("The lid broke.")
    boards.say("The handle broke.")
    boards.platform.odd = odd
    assert sorted(post.text for post in boards.fetch().posts) == ["The handle broke.", "The lid broke."]


def test_entries_without_an_author_are_not_taken_for_one_person(boards: Boards) -> None:
    for _ in range(2):
        boards.say("The lid broke.", "")
    boards.say("The handle broke.")
    boards.say("And the lid.")
    nobody, other, ana, again = boards.fetch().posts
    assert nobody.author.handle == other.author.handle == "127.0.0.1"
    assert nobody.author.external_id != other.author.external_id
    assert ana.author == again.author


def test_two_feeds_that_use_the_same_ids_are_kept_apart(boards: Boards) -> None:
    boards.say("The lid broke.")
    boards.places = [boards.platform.address("forum", kind) for kind in ("rss", "atom")]
    assert len(set(boards.ids())) == 2


def test_only_entries_with_the_words_are_handed_over(boards: Boards) -> None:
    boards.query = {"words": ["vela"], "without": ["hiring"]}
    boards.say("Kettles are great.")
    boards.say("VELA is hiring.")
    kept = boards.say("My Vela broke.")
    assert boards.ids() == [kept]


# --- what is new


def test_an_entry_comes_once_while_it_is_in_the_feed(boards: Boards) -> None:
    first = boards.say("The lid broke.")
    assert boards.ids() == [first]
    boards.platform.world.edit("1", "The lid broke, and the handle.")
    assert boards.ids() == []
    boards.platform.faults.plan(Fault.MISSING_PAGE)  # the feed is empty for once
    assert boards.ids() == []
    second = boards.say("Mine too.", "ben")
    assert boards.ids() == [second]


def test_nothing_is_read_again_when_the_feed_says_that_it_is_unchanged(boards: Boards) -> None:
    boards.say("The lid broke.")
    boards.fetch()
    kept = boards.cursor
    boards.now += 3600
    page = boards.fetch()
    assert (page.posts, page.more, page.cursor) == ((), False, kept)


def test_an_empty_answer_does_not_hide_what_comes_after_it(boards: Boards) -> None:
    boards.say("The lid broke.")
    boards.platform.faults.plan(Fault.MISSING_PAGE)
    assert boards.ids() == []
    assert len(boards.ids()) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_a_long_feed_comes_in_pages_the_oldest_first(boards: Boards, *, turned: bool) -> None:
    boards.platform.full, boards.platform.turned = 250, turned
    made = []
    for number in range(230):
        boards.now += 1
        made.append(boards.say(f"number {number}"))
    pages = [boards.fetch() for _ in range(3)]
    assert [post.external_id for page in pages for post in page.posts] == made
    assert [page.more for page in pages] == [True, True, False]
    assert boards.ids() == []


def test_entries_that_may_have_scrolled_out_are_said_with_their_window(boards: Boards) -> None:
    boards.platform.full = 5
    for _ in range(5):
        boards.say("The lid broke.")
    boards.fetch()
    boards.now += 600
    for _ in range(6):
        boards.say("Mine too.")
    missed = boards.missed()
    assert missed is not None
    assert (missed.since, missed.until) == (AT, AT + timedelta(seconds=601))
    assert "may have come and gone" in missed.why
    assert boards.missed() is None


def test_nothing_is_said_while_an_entry_is_there_that_we_know(boards: Boards) -> None:
    boards.platform.full = 5
    for _ in range(5):
        boards.say("The lid broke.")
    boards.fetch()
    for _ in range(4):
        boards.say("Mine too.")
    page = boards.fetch()
    assert (len(page.posts), page.missed) == (4, None)


def test_nothing_is_said_of_a_feed_that_was_cleared_out(boards: Boards) -> None:
    old = [boards.platform.customer("ana", "The lid broke.") for _ in range(3)]
    boards.fetch()
    for post in old:
        boards.platform.world.delete(post.id)
    boards.say("A fresh start.")
    page = boards.fetch()
    assert (len(page.posts), page.missed) == (1, None)


def test_a_feed_that_broke_off_is_read_whole_the_next_time(boards: Boards) -> None:
    made = [boards.say(f"number {number}") for number in range(6)]
    boards.platform.torn = True
    came = boards.ids()
    assert 0 < len(came) < 6
    boards.platform.torn = False
    assert sorted(came + boards.ids()) == sorted(made)


def test_a_window_begins_when_something_new_was_seen_because_a_cache_may_be_stale(boards: Boards) -> None:
    boards.platform.full = 3
    for _ in range(3):
        boards.say("The lid broke.")
    boards.fetch()
    boards.now += 60
    for _ in range(3):
        boards.say("Mine too.")
    boards.platform.faults.plan(Fault.MISSING_PAGE)  # a cache answers with what was there long before
    boards.now += 60
    assert boards.ids() == []
    for _ in range(3):
        boards.say("And mine.")
    missed = boards.missed()
    assert missed is not None
    assert missed.since == AT


# --- when feeds break


def test_a_feed_that_fails_stops_only_itself_and_is_said_when_it_goes_on(boards: Boards) -> None:
    boards.places = [boards.platform.address(place) for place in ("forum", "reviews")]
    boards.fetch()
    told = []
    for _ in range(4):
        boards.now += 60
        boards.platform.faults.plan(Fault.ERROR, "/forum.rss")
        kept = boards.say("The handle broke.", place="reviews")
        page = boards.fetch()
        assert [post.external_id for post in page.posts] == [kept]
        told.append(page.missed)
    assert [one is not None for one in told] == [False, False, True, False]
    assert told[2] is not None
    assert boards.places[0] in told[2].why
    late = boards.say("The lid broke.", place="forum")
    page = boards.fetch()
    assert ([post.external_id for post in page.posts], page.missed) == ([late], None)


def test_a_feed_that_is_refused_is_said_at_once(boards: Boards) -> None:
    boards.places = [boards.platform.url + "/nothing", boards.platform.address()]
    kept = boards.say("The lid broke.")
    page = boards.fetch()
    assert [post.external_id for post in page.posts] == [kept]
    assert page.missed is not None
    assert "has nothing there" in page.missed.why
    assert boards.missed() is None


def test_when_no_feed_can_be_read_the_watch_is_told(boards: Boards) -> None:
    boards.places = [boards.platform.address(place) for place in ("forum", "reviews")]
    boards.platform.faults.plan(Fault.AWAY, times=2)
    with pytest.raises(RetryLater):
        boards.fetch()
    boards.places = [boards.platform.url + "/nothing"]
    with pytest.raises(SourceRefused, match="has nothing there"):
        boards.fetch()


def test_a_feed_on_this_machine_is_refused_unless_the_setting_allows_it(boards: Boards) -> None:
    boards.login = Login("feed", "")
    with pytest.raises(SourceRefused, match="feeds_private"):
        boards.fetch()
    assert boards.platform.asked == []


@pytest.mark.parametrize("address", ["board.example/feed", "file:///etc/passwd", "https://", "http://["])
def test_what_is_no_address_is_named(boards: Boards, address: str) -> None:
    boards.places = [boards.platform.address(), address]
    with pytest.raises(SourceRefused, match=f'"{re.escape(address)}" is not the address of a feed'):
        boards.fetch()


@pytest.mark.parametrize("kept", [[], {"seen": "abc"}, {"size": "5"}, {"pigeon": 1}])
def test_a_cursor_with_something_else_inside_is_refused(boards: Boards, kept: object) -> None:
    boards.cursor = json.dumps({"feeds": {boards.places[0]: kept}})
    with pytest.raises(SourceRefused):
        boards.fetch()


def test_fifty_long_feeds_make_no_endless_cursor(boards: Boards) -> None:
    boards.places = [boards.platform.address(f"place{number}") for number in range(50)]
    for number in range(600):
        boards.say("The lid broke.", place=f"place{number % 50}")
    while boards.fetch().more:
        pass
    assert boards.ids() == []
    assert len(boards.cursor) < 64_000
