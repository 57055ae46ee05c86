"""The replay hands over the posts of a file as if they were being written now."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.domain.errors import SourceRefused
from monitor.domain.records import Page, Post, Watch
from monitor.sources.replay import Replay
from tests.monitor.sources.making import csv_file, json_lines

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Play:
    """One watch on a replay, fetched again and again."""

    def __init__(self, **query: object) -> None:
        self.clock = Clock()
        self.source = Replay(self.clock)
        self.watch = Watch(1, 1, "replay", query)
        self.cursor = ""

    def fetch(self) -> Page:
        page = self.source.fetch(self.watch, self.cursor)
        self.cursor = page.cursor
        return page

    def texts_after(self, seconds: float) -> list[str]:
        self.clock.pass_by(seconds)
        return [post.text for post in self.fetch().posts]


@pytest.fixture
def export(tmp_path: Path) -> str:
    rows = [["text", "date"], ["third", "2020-01-01T00:02:00Z"], ["first", "2020-01-01T00:00:00Z"]]
    return str(csv_file(tmp_path / "export.csv", [*rows, ["second", "2020-01-01T00:01:00Z"]]))


def test_an_old_export_is_played_in_order_of_time_whatever_the_order_of_its_rows(export: str) -> None:
    play = Play(path=export)
    assert play.texts_after(0) == ["first"]
    assert play.texts_after(59) == []
    assert play.texts_after(1) == ["second"]
    assert play.texts_after(3600) == ["third"]
    assert play.texts_after(3600) == []


def test_posts_are_dated_as_they_are_played(export: str) -> None:
    play = Play(path=export, speed=2)
    play.clock.pass_by(0)
    play.fetch()
    play.clock.pass_by(600)
    assert [post.written_at for post in play.fetch().posts] == [BEGAN + timedelta(seconds=s) for s in (30, 60)]


def test_speed_hastens_what_is_to_come_but_leaves_the_past_where_it_was(tmp_path: Path) -> None:
    rows = [
        {"text": "old", "offset_s": -7200},
        {"text": "soon", "offset_s": 100},
        {"text": "later", "offset_s": "101.5"},
    ]
    play = Play(path=str(json_lines(tmp_path / "posts.jsonl", rows)), speed=10)
    (old,) = play.fetch().posts
    assert old.written_at == BEGAN - timedelta(hours=2)
    assert old.extra == {}
    assert play.texts_after(10) == ["soon"]
    assert play.texts_after(1) == ["later"]


def test_a_play_with_a_start_waits_for_it(export: str) -> None:
    play = Play(path=export, start="2026-03-02T10:05:00+00:00")
    assert play.texts_after(299) == []
    assert play.texts_after(1) == ["first"]


def test_a_long_pause_is_made_up_page_by_page(tmp_path: Path) -> None:
    rows = [{"text": f"post {n}", "offset_s": n} for n in range(250)]
    play = Play(path=str(json_lines(tmp_path / "posts.jsonl", rows)))
    play.fetch()
    play.clock.pass_by(1000)
    pages = [play.fetch() for _ in range(4)]
    assert [len(page.posts) for page in pages] == [100, 100, 49, 0]
    assert [page.more for page in pages] == [True, True, False, False]


def test_posts_keep_their_id_when_played_again(export: str) -> None:
    assert Play(path=export).fetch().posts[0].external_id == Play(path=export).fetch().posts[0].external_id


def test_a_file_that_grows_goes_on_where_it_was(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "posts.jsonl", [{"text": "one", "offset_s": 0}])
    play = Play(path=str(path))
    assert play.texts_after(0) == ["one"]
    json_lines(path, [{"text": "one", "offset_s": 0}, {"text": "two", "offset_s": 1}])
    assert play.texts_after(5) == ["two"]


def test_rows_without_a_date_are_played_at_once(tmp_path: Path) -> None:
    play = Play(path=str(json_lines(tmp_path / "posts.jsonl", [{"text": "one"}, {"text": "two"}])))
    assert [(post.text, post.written_at) for post in play.fetch().posts] == [("one", BEGAN), ("two", BEGAN)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"path": "nowhere.csv"}, "check its name"),
        ({}, 'needs a "path"'),
        ({"path": "/"}, "is a folder"),
        ({"path": "n" * 5000}, "cannot be opened"),
        ({"path": "a\0b"}, "check its name"),
        ({"path": "demo", "speed": 0}, "above 0"),
        ({"path": "demo", "speed": "fast"}, "above 0"),
        ({"path": "demo", "speed": True}, "above 0"),
        ({"path": "demo", "start": "tomorrow"}, "start of a replay"),
    ],
)
def test_a_query_that_cannot_be_played_says_what_to_change(query: dict[str, object], message: str) -> None:
    with pytest.raises(SourceRefused, match=message):
        Play(**query).fetch()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"text": ""}], "none that can be used"),
        ([{"text": "x", "offset_s": "soon"}], "number of seconds"),
        ([{"text": "x", "offset_s": "nan"}], "number of seconds"),
        ([{"text": "x", "offset_s": -1e300}], "number of seconds"),
    ],
)
def test_a_file_that_cannot_be_played_is_refused(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(SourceRefused, match=message):
        Play(path=str(json_lines(tmp_path / "posts.jsonl", rows))).fetch()


def test_a_file_too_long_to_hold_is_refused(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "posts.jsonl", [{"text": str(n)} for n in range(4)])
    watch = Watch(1, 1, "replay", {"path": str(path)})
    assert len(Replay(Clock(), held=4).fetch(watch, "").posts) == 4
    with pytest.raises(SourceRefused, match="1 to 3 posts, and this file has more"):
        Replay(Clock(), held=3).fetch(watch, "")


# The packaged posts


@pytest.fixture(scope="module")
def demo() -> list[Post]:
    play = Play(path="demo", start=BEGAN.isoformat())
    play.clock.pass_by(900)
    posts: list[Post] = []
    more = True
    while more:
        page = play.fetch()
        posts += page.posts
        more = page.more
    return posts


def test_the_demo_is_alive_at_once_and_goes_on_for_a_quarter_of_an_hour(demo: list[Post]) -> None:
    ages = [(BEGAN - post.written_at).total_seconds() for post in demo if post.written_at]
    assert len(ages) == len(demo) >= 200
    assert sum(age > 48 * 3600 for age in ages) == 10
    assert sum(0 <= age <= 7200 for age in ages) >= 60
    minutes = {int(-age // 60) for age in ages if age < 0}
    assert minutes == set(range(15))


def test_the_demo_speaks_many_languages_on_many_platforms(demo: list[Post]) -> None:
    langs = Counter(post.lang for post in demo)
    assert len(langs) > 10
    assert langs[""] > 20
    assert {"x", "reddit", "mastodon", "bluesky", "review"} == {post.platform for post in demo}


def test_the_demo_has_the_situations_worth_showing(demo: list[Post]) -> None:
    followers = [post.author.followers for post in demo if post.author.followers is not None]
    assert 480_000 in followers
    assert 12 in followers
    assert any(post.engagement.likes is None for post in demo)
    ids = {post.external_id for post in demo}
    assert len(ids) == len(demo)
    answers = [post for post in demo if post.reply_to]
    assert answers
    assert {post.reply_to for post in answers} | {post.thread for post in answers} <= ids
    authors_by_thread = {(post.thread, post.author.handle) for post in demo if post.thread}
    assert max(Counter(thread for thread, _ in authors_by_thread).values()) > 1
    assert max(Counter(post.author.handle for post in demo).values()) > 1
