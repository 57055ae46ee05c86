"""Stories and comments of Hacker News: every trap of its search, and what a post looks like."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.errors import RetryLater, SourceRefused
from monitor.domain.records import Page, Post, Presence, Watch
from monitor.simulated.hackernews import SimulatedHackerNews
from monitor.simulated.server import Fault
from monitor.sources.hackernews import HackerNewsSource, post_of

BEGAN = 1_772_445_600.0


class Town:
    """Hacker News, a watch on it, and what the watch kept."""

    def __init__(self, platform: SimulatedHackerNews) -> None:
        self.platform, self.now = platform, BEGAN
        self.source, self.cursor = HackerNewsSource(), ""
        self.words = ["vela"]
        self.query: dict[str, object] = {}

    def say(self, text: str, author: str = "ana", **more: Any) -> str:
        return self.platform.customer(author, text, **more).id

    def fetch(self) -> Page:
        watch = Watch(1, 1, "hackernews", {"words": self.words, **self.query}, self.platform.connect())
        page = self.source.fetch(watch, self.cursor)
        self.cursor = page.cursor
        return page

    def walk(self) -> list[Post]:
        page = self.fetch()
        posts = list(page.posts)
        while page.more:
            page = self.fetch()
            posts += page.posts
        return posts

    def ids(self) -> list[str]:
        return [post.external_id for post in self.walk()]


@pytest.fixture
def town() -> Iterator[Town]:
    with SimulatedHackerNews() as platform:
        made = Town(platform)
        platform.clock = platform.world._clock = lambda: made.now
        yield made


def test_a_comment_is_told_with_its_story_and_without_points(town: Town) -> None:
    story = town.say("", "ben", title="Which kettle lasts?", url="https://example.com/kettles")
    said = town.say("The <lid> of my Vela broke.\n\nI won't buy another.")
    (post,) = town.walk()
    assert post.text == "The <lid> of my Vela broke.\n\nI won't buy another."
    assert (post.external_id, post.reply_to, post.thread) == (said, story, story)
    assert post.url == f"https://news.ycombinator.com/item?id={said}"
    assert post.written_at == datetime.fromtimestamp(BEGAN, UTC)
    assert (post.engagement.likes, post.engagement.replies) == (None, None)
    assert post.extra["story_title"] == "Which kettle lasts?"


def test_a_story_is_its_title_and_its_text_with_its_figures(town: Town) -> None:
    story = town.say("It leaks since May.", title="Ask HN: Is my Vela broken?")
    town.say("Mine too.", "ben", reply_to=town.platform.world.posts[story])
    (post,) = town.walk()
    assert post.text == "Ask HN: Is my Vela broken?\n\nIt leaks since May."
    assert (post.thread, post.reply_to) == (story, "")
    assert (post.engagement.likes, post.engagement.replies, post.engagement.views) == (0, 1, None)


def test_the_first_fetch_takes_the_newest_page_and_no_more(town: Town) -> None:
    made = [town.say("vela") for _ in range(130)]
    assert town.ids() == made[:29:-1]


def test_a_walk_goes_deeper_than_one_search_reaches(town: Town) -> None:
    town.say("vela")
    town.walk()
    made = []
    for _ in range(1150):
        town.now += 1
        made.append(town.say("vela"))
    assert sorted(town.ids()) == made


def test_more_posts_in_one_second_than_a_page_holds_all_come(town: Town) -> None:
    town.say("vela")
    town.walk()
    town.now += 60
    made = [town.say("vela") for _ in range(230)]
    assert sorted(town.ids()) == made


def test_a_post_that_is_deleted_while_we_walk_pushes_none_out_of_sight(town: Town) -> None:
    town.say("vela")
    town.walk()
    town.now += 10
    made = []
    for _ in range(150):
        town.now += 1
        made.append(town.say("vela"))
    first = [post.external_id for post in town.fetch().posts]
    for gone in made[-5:]:
        town.platform.world.delete(gone)
    assert sorted(first + town.ids()) == made


def test_a_page_that_comes_again_is_not_taken_for_the_next_one(town: Town) -> None:
    town.say("vela")
    town.walk()
    made = []
    for _ in range(320):
        town.now += 1
        made.append(town.say("vela"))
    came = [post.external_id for post in town.fetch().posts]
    town.platform.faults.plan(Fault.DUPLICATE_PAGE)
    with pytest.raises(RetryLater, match="another time than was asked for"):
        town.fetch()
    assert sorted(came + town.ids()) == made


def test_what_the_index_takes_up_late_still_comes(town: Town) -> None:
    town.say("vela")
    late = town.say("vela, indexed late", indexed_at=BEGAN + 1900)
    town.now += 600
    town.say("vela")
    assert late not in town.ids()
    town.now += 1400
    assert town.ids() == [late]


def test_a_loud_word_does_not_outrun_a_quiet_one(town: Town) -> None:
    town.words = ["vela", "velakettles"]
    town.say("vela and velakettles")
    town.walk()
    quiet = town.say("velakettles", indexed_at=BEGAN + 90_000)
    for _ in range(20):
        town.now += 3600
        town.say("vela")
        town.walk()
    town.now = BEGAN + 90_001
    assert quiet in town.ids()


def test_a_post_with_two_of_the_words_comes_once(town: Town) -> None:
    town.words = ["vela", "kettle"]
    said = town.say("My vela is a kettle.")
    assert town.ids() == [said]


def test_many_words_take_several_fetches_and_a_broken_one_begins_where_it_was(town: Town) -> None:
    town.words = [f"word{number}" for number in range(25)]
    said = town.say("word24")
    pages = [town.fetch() for _ in range(3)]
    assert [page.more for page in pages] == [True, True, False]
    assert [post.external_id for page in pages for post in page.posts] == [said]


def test_a_busy_hour_makes_no_endless_cursor_and_repeats_nothing(town: Town) -> None:
    made, came = [], []
    for _ in range(12):
        for _ in range(90):
            town.now += 0.5
            made.append(town.say("vela"))
        came += town.ids()
    assert sorted(came) == made
    assert len(town.cursor) < 16_000


def test_languages_are_not_known_but_words_and_authors_are_left_out(town: Town) -> None:
    town.query = {"without": ["hiring"], "without_authors": ["@vela_jobs"], "langs": ["de"]}
    town.say("Vela is hiring")
    town.say("Vela is a good place", "vela_jobs")
    kept = town.say("Vela let me down")
    assert town.ids() == [kept]


def test_an_author_with_the_name_of_the_brand_is_no_mention(town: Town) -> None:
    town.say("Kettles are great.", "vela")
    assert town.ids() == []


@pytest.mark.parametrize(
    "hit",
    [
        {"objectID": "7", "author": None, "comment_text": "vela", "_tags": ["comment"]},
        {"objectID": "7", "author": "ana", "comment_text": None, "_tags": ["comment"]},
        {"objectID": "7", "author": "ana", "title": None, "story_text": "<p></p>", "_tags": ["story"]},
        {},
    ],
)
def test_what_was_deleted_or_killed_is_no_post(hit: dict[str, Any]) -> None:
    assert post_of(hit) is None


def test_a_hit_with_hardly_anything_in_it_is_still_a_post() -> None:
    post = post_of({"objectID": "7", "author": "ana", "comment_text": "a &amp; b<p>c", "surprise": [1]})
    assert post is not None
    assert (post.text, post.written_at, post.thread, post.reply_to) == ("a & b\n\nc", None, "7", "")


def test_looking_up_says_gone_only_of_what_is_gone(town: Town) -> None:
    there, gone, blanked = (town.say("vela") for _ in range(3))
    town.platform.world.delete(gone)
    town.platform.world.posts[blanked].text = ""
    seen = {one.external_id: one for one in town.source.look_up(town.platform.connect(), [there, gone, blanked]).seen}
    assert [seen[one].presence for one in (there, gone, blanked)] == [Presence.THERE, Presence.GONE, Presence.GONE]
    post = seen[there].post
    assert post is not None
    assert (post.text, post.engagement.replies) == ("vela", None)


@pytest.mark.parametrize("known", [[], {"vela": 5}, {"vela": ["a", {}]}, {"vela": [1, [2]]}])
def test_a_cursor_with_something_else_inside_is_refused(town: Town, known: object) -> None:
    town.cursor = json.dumps({"known": known})
    with pytest.raises(SourceRefused):
        town.fetch()


@pytest.mark.parametrize("at", [float("nan"), float("inf"), 10**30, -(10**12), "soon"])
def test_a_time_that_cannot_be_is_none(at: object) -> None:
    post = post_of({"objectID": "7", "author": "ana", "comment_text": "a", "created_at_i": at})
    assert post is not None
    assert post.written_at is None
