"""Watches on Mastodon, on the simulated server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.errors import Remedy, RetryLater, SourceRefused
from monitor.domain.records import Engagement, Login, Page, Post, Presence, Watch
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.simulated.server import Fault
from monitor.sources.mastodon import DEEPEST, Mastodon, factory

NOON = 1_772_445_600.0
CLOCK = [NOON]


@pytest.fixture
def server() -> Iterator[SimulatedMastodon]:
    CLOCK[0] = NOON
    with SimulatedMastodon(clock=lambda: CLOCK[0]) as server:
        yield server


@pytest.fixture
def login(server: SimulatedMastodon) -> Login:
    return server.connect("vela_care")


@pytest.fixture
def source() -> Mastodon:
    return factory(lambda: datetime.fromtimestamp(CLOCK[0], UTC))


class Watching:
    """A watch that is polled, and what it brought."""

    def __init__(self, source: Mastodon, login: Login, **query: object) -> None:
        self.source, self.watch, self.cursor = source, Watch(1, 1, "mastodon", query, login), ""
        self.posts: list[Post] = []
        self.pages: list[Page] = []

    def poll(self) -> list[str]:
        """Walk until nothing more is ready; return the ids it brought."""
        before, more = len(self.posts), True
        while more:
            page = self.source.fetch(self.watch, self.cursor)
            self.cursor, more = page.cursor, page.more
            self.posts += page.posts
            self.pages.append(page)
        return [one.external_id for one in self.posts[before:]]


def test_the_first_look_brings_the_newest_and_then_what_follows(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    ids = [server.customer("ana", f"Lid {number} #vela").id for number in range(90)]
    watching = Watching(source, login, kind="hashtag", places="#Vela")
    assert watching.poll() == ids[-40:]
    later = [server.customer("ana", f"Lid {number} #vela").id for number in range(90)]
    assert watching.poll() == later
    assert watching.poll() == []


def test_a_hashtag_that_nobody_used_yet_loses_nothing_when_many_do(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    watching = Watching(source, login, kind="hashtag", places=["vela"])
    assert watching.poll() == []
    ids = [server.customer("ana", "Broken. #vela").id for _ in range(130)]
    assert watching.poll() == ids


def test_a_post_that_another_server_delivers_late_is_found_behind_the_place_we_had_come_to(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    server.customer("ana", "On time. #vela")
    watching = Watching(source, login, kind="hashtag", places=["vela"])
    for _ in range(3):
        CLOCK[0] += 3600
        server.customer("ana", "On time. #vela")
        watching.poll()
    late = server.customer("bo@slow.example", "Written an hour ago. #vela", late_s=5000)
    assert int(late.id) < int(watching.posts[-1].external_id)
    assert watching.poll() == [late.id]
    assert watching.posts[-1].written_at == datetime.fromtimestamp(CLOCK[0] - 5000, UTC)


def test_a_late_post_is_found_by_a_search_too(server: SimulatedMastodon, login: Login, source: Mastodon) -> None:
    for _ in range(3):
        server.customer("ana", "My kettle leaks.")
        CLOCK[0] += 1800
    watching = Watching(source, login, kind="search", words=["kettle"])
    watching.poll()
    late = server.customer("bo@slow.example", "My kettle, an hour ago.", late_s=2000)
    assert watching.poll() == [late.id]


def test_every_hashtag_is_asked_for_by_itself(server: SimulatedMastodon, login: Login, source: Mastodon) -> None:
    tags = ["unknown", "one", "two", "three", "four", "five"]  # a server follows four, and none behind an unknown one
    ids = {server.customer("ana", f"Broken. #{tag}").id for tag in tags[1:]}
    assert set(Watching(source, login, kind="hashtag", places=tags).poll()) == ids


def test_a_post_with_two_of_the_hashtags_comes_once(server: SimulatedMastodon, login: Login, source: Mastodon) -> None:
    post = server.customer("ana", "Broken. #vela #kettles")
    assert Watching(source, login, kind="hashtag", places="vela, kettles").poll() == [post.id]


@pytest.mark.parametrize("tag", ["two words", "../accounts", "vela?limit=1", "#"])
def test_what_cannot_be_a_hashtag_is_refused(source: Mastodon, login: Login, tag: str) -> None:
    with pytest.raises(SourceRefused, match="cannot be a hashtag"):
        Watching(source, login, kind="hashtag", places=[tag]).poll()


def test_hashtags_are_read_without_an_account_where_the_server_is_open(
    server: SimulatedMastodon, source: Mastodon
) -> None:
    post = server.customer("ana", "Broken. #vela")
    nobody = Login("mastodon", server.url)
    assert Watching(source, nobody, kind="hashtag", places=["vela"]).poll() == [post.id]
    server.open_to_all = False
    with pytest.raises(SourceRefused, match="only to its members") as told:
        Watching(source, nobody, kind="hashtag", places=["vela"]).poll()
    assert told.value.remedy is Remedy.ACCESS


@pytest.mark.parametrize("query", [{"kind": "search", "words": ["kettle"]}, {"kind": "mentions"}])
def test_searches_and_mentions_need_an_account(
    server: SimulatedMastodon, source: Mastodon, query: dict[str, Any]
) -> None:
    with pytest.raises(SourceRefused, match="connect one") as told:
        Watching(source, Login("mastodon", server.url), **query).poll()
    assert told.value.remedy is Remedy.RECONNECT
    assert server.asked == []


def test_a_token_that_was_revoked_asks_for_a_new_sign_in(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    server.sign_ins.tokens.clear()
    with pytest.raises(SourceRefused) as told:
        Watching(source, login, kind="mentions").poll()
    assert told.value.remedy is Remedy.RECONNECT


# --- searches


def test_a_search_goes_back_to_where_it_was_and_brings_nothing_twice(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    watching = Watching(source, login, kind="search", words=["kettle", "broken lid"])
    server.customer("ana", "An old kettle.")
    watching.poll()
    ids = []
    for number in range(130):
        CLOCK[0] += 30
        ids.append(server.customer("ana", f"Kettle {number}.").id)
    server.customer("ana", "A lid that is broken, in another order.")
    both = server.customer("ana", "The broken lid of a kettle.").id
    found = watching.poll()
    assert sorted(found) in (sorted([*ids, both]), sorted([*ids, both, both]))  # once for each of its words, at most
    assert watching.poll() == []


def test_posts_deleted_while_pages_are_turned_do_not_hide_others(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    watching = Watching(source, login, kind="search", words=["kettle"])
    server.customer("ana", "An old kettle.")
    watching.poll()
    posts = [server.customer("ana", f"Kettle {number}.") for number in range(130)]
    page = source.fetch(watching.watch, watching.cursor)
    watching.cursor = page.cursor
    for post in posts[-4:]:
        server.world.delete(post.id)
    found = {one.external_id for one in page.posts} | set(watching.poll())
    assert {post.id for post in posts} - found == set()


@pytest.mark.parametrize("query", [{"kind": "search", "words": ["kettle"]}, {"kind": "hashtag", "places": ["vela"]}])
def test_a_post_from_the_future_hides_nothing(
    server: SimulatedMastodon, login: Login, source: Mastodon, query: dict[str, Any]
) -> None:
    watching = Watching(source, login, **query)
    server.world.post("bo@wrong.example", "A kettle of tomorrow. #vela", written=NOON + 86_400)
    watching.poll()
    CLOCK[0] += 3600
    post = server.customer("ana", "A kettle of today. #vela")
    assert watching.poll() == [post.id]


def test_a_watch_of_many_hashtags_keeps_its_place_in_little_room(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    tags = [f"tag{number}" for number in range(50)]
    for tag in tags * 12:
        server.customer("ana", f"#{tag}")
    watching = Watching(source, login, kind="hashtag", places=tags)
    assert len(watching.poll()) == 600
    CLOCK[0] += 300
    post = server.customer("ana", "Once more. #tag25")
    assert watching.poll() == [post.id]
    assert len(watching.cursor) < 32_000


def test_a_search_that_finds_more_than_can_be_read_says_what_is_missing(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    watching = Watching(source, login, kind="search", words=["kettle"])
    server.customer("ana", "An old kettle.")
    watching.poll()
    server.limit = 10_000
    CLOCK[0] += 86_400
    for _ in range(DEEPEST + 200):
        CLOCK[0] += 30
        server.customer("ana", "Kettle.")
    found = watching.poll()
    (missed,) = [page.missed for page in watching.pages if page.missed]
    assert len(found) == len(set(found)) > DEEPEST - 100
    assert missed.since == datetime.fromtimestamp(NOON, UTC)
    assert missed.until is not None
    read = [one.written_at for one in watching.posts if one.external_id in set(found) and one.written_at]
    assert missed.until == min(read)
    assert watching.poll() == []


def test_words_that_a_search_would_take_for_orders_are_looked_for_as_words(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    post = server.customer("ana", "Again from:vela nothing but excuses.")
    server.customer("ana", "Vela, and nothing else.")
    assert Watching(source, login, kind="search", words=["from:vela"]).poll() == [post.id]


# --- what is ours to read


def test_mentions_are_read_even_where_the_account_filters_strangers(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    server.connect("vela_care", filters_strangers=True)
    post = server.customer("ana@other.example", "it broke again", to=login.handle)
    reply = server.customer("bo", "same here", to=login.handle, reply_to=post)
    watching = Watching(source, login, kind="mentions")
    assert watching.poll() == [post.id, reply.id]
    assert (watching.posts[1].reply_to, watching.posts[1].thread) == (post.id, post.id)


def test_private_messages_are_never_handed_over(server: SimulatedMastodon, login: Login, source: Mastodon) -> None:
    server.customer("ana", "for your eyes only", to=login.handle, visibility="direct")
    followers = server.customer("ana", "for my followers and you", to=login.handle, visibility="private")
    watching = Watching(source, login, kind="mentions")
    assert watching.poll() == [followers.id]
    assert watching.posts[0].extra["visibility"] == "private"


@pytest.mark.parametrize(
    "profile",
    [
        {"note": "Tea, trains. #NoBot please"},
        {"fields": [{"name": "rules", "value": '<a href="#">#<span>nobots</span></a>'}]},
        {"note": "#noindex"},
        {"noindex": True},
    ],
)
def test_who_asks_for_no_bots_is_left_alone_unless_they_speak_to_us(
    server: SimulatedMastodon, login: Login, source: Mastodon, profile: dict[str, Any]
) -> None:
    server.world.user("ana", **profile)
    server.customer("ana", "Broken. #vela")
    to_us = server.customer("ana", "broken #vela", to=login.handle)
    assert Watching(source, login, kind="hashtag", places=["vela"]).poll() == [to_us.id]


def test_nobotany_is_no_wish_to_be_left_alone(server: SimulatedMastodon, login: Login, source: Mastodon) -> None:
    server.world.user("ana", note="#nobotany")
    post = server.customer("ana", "Broken. #vela")
    assert Watching(source, login, kind="hashtag", places=["vela"]).poll() == [post.id]


def test_our_own_posts_are_handed_over(server: SimulatedMastodon, login: Login, source: Mastodon) -> None:
    server.world.post("vela_care", "News of #vela")
    watching = Watching(source, login, kind="hashtag", places=["vela"])
    watching.poll()
    assert [one.author.external_id for one in watching.posts] == [login.external_id]


def test_a_watch_keeps_to_its_languages_and_leaves_out_what_it_should(
    server: SimulatedMastodon, login: Login, source: Mastodon
) -> None:
    server.customer("ana", "Kaputt. #vela", language="de")
    server.customer("ana", "An advert for #vela")
    server.customer("partner", "Broken. #vela")
    post = server.customer("ana", "Broken. #vela")
    query = {"langs": ["en"], "without": ["advert"], "without_authors": ["@partner"]}
    assert Watching(source, login, kind="hashtag", places=["vela"], **query).poll() == [post.id]


# --- shapes


def test_a_post_is_whole(server: SimulatedMastodon, login: Login, source: Mastodon) -> None:
    server.world.user("ana@other.example", followers=42)
    link = "https://shop.example/kettles/with-a-very-long-address/indeed"
    post = server.customer("ana@other.example", f"Look:\n\n{link} <b> & #vela", spoiler="rant", language="en")
    post.likes, post.reposts = 3, 2
    watching = Watching(source, login, kind="hashtag", places=["vela"])
    watching.poll()
    (found,) = watching.posts
    assert found.text == f"rant\n\nLook:\n\n{link} <b> & #vela"
    assert (found.author.handle, found.author.followers) == ("ana@other.example", 42)
    assert found.engagement == Engagement(likes=3, reposts=2, replies=0)
    assert found.url == "https://other.example/@/1"
    assert (found.lang, found.thread, found.reply_to) == ("en", "", "")
    assert found.extra["acct"] == "ana@other.example"
    assert found.extra["host"] == server.url
    assert found.extra["uri"] == "https://other.example/posts/1"


# --- looking up


def test_posts_are_looked_up_twenty_at_a_time(server: SimulatedMastodon, login: Login, source: Mastodon) -> None:
    ids = [server.customer("ana", f"Lid {number}.").id for number in range(45)]
    looked = source.look_up(login, ids)
    assert [one.presence for one in looked.seen] == [Presence.THERE] * 45
    assert len(server.asked) == 3
    assert looked.usage.quotas


@pytest.mark.parametrize("batches", [True, False])
def test_what_became_of_posts(server: SimulatedMastodon, login: Login, source: Mastodon, *, batches: bool) -> None:
    server.batches = batches
    there, edited, gone, hidden, suspended = (server.customer(f"c{number}", "Broken.") for number in range(5))
    server.world.edit(edited.id, "Broken. And rude.")
    server.world.delete(gone.id)
    server.world.user("c3", forbidden=True)
    server.world.user("c4", suspended=True)
    seen = source.look_up(login, [one.id for one in (there, edited, gone, hidden, suspended)]).seen
    assert [one.presence.value for one in seen] == ["there", "there", "gone", "hidden", "gone"]
    assert seen[1].post is not None
    assert seen[1].post.text == "Broken. And rude."
    assert seen[1].post.extra["edited_at"]


@pytest.mark.parametrize("batches", [True, False])
def test_a_login_that_was_revoked_makes_no_post_hidden(
    server: SimulatedMastodon, login: Login, source: Mastodon, *, batches: bool
) -> None:
    server.batches = batches
    post = server.customer("ana", "Broken.")
    stranger = replace(login, secret={"token": "made up"})
    with pytest.raises(SourceRefused) as told:
        source.look_up(stranger, [post.id])
    assert told.value.remedy is Remedy.RECONNECT


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.AWAY, Fault.LIMIT_BARE, Fault.CUT])
def test_a_post_that_cannot_be_asked_for_is_not_gone(
    server: SimulatedMastodon, login: Login, source: Mastodon, fault: Fault
) -> None:
    post = server.customer("ana", "Broken.")
    server.world.delete(post.id)
    server.faults.plan(fault, "/api/v1/statuses/*")
    with pytest.raises(RetryLater):
        source.look_up(login, [post.id])
