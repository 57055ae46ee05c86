from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.errors import Remedy, SourceRefused
from monitor.domain.records import Page, Post, Presence, Watch
from monitor.simulated.reddit import SimulatedReddit
from monitor.simulated.server import Answer, Fault
from monitor.simulated.world import SimPost
from monitor.sources.reddit import RedditSource
from tests.contracts.stands.reddit import BEGAN, BRAND, Time
from tests.monitor.clients.reddit_script import ScriptedReddit, comment, listing

NEW: dict[str, object] = {"kind": "new", "places": ["kettles"]}


class Desk:
    """A watch on a Reddit with a clock of its own, and the posts it got."""

    def __init__(self, **query: object) -> None:
        self.time = Time()
        self.reddit = SimulatedReddit(clock=self.time).start()
        self.login = self.reddit.connect(BRAND)
        self.source = RedditSource(self.time.date)
        self.watch = Watch(1, 1, "reddit", query or NEW, self.login)
        self.cursor = ""
        self.pages: list[Page] = []

    def write(self, count: int = 1, text: str = "The lid broke.", *, apart: float = 1.0, **kind: Any) -> list[SimPost]:
        made = []
        for _ in range(count):
            self.time.move(apart)
            made.append(self.reddit.customer("ana", text, **kind))
        return made

    def fetch(self) -> Page:
        self.pages.append(self.source.fetch(self.watch, self.cursor))
        self.cursor = self.pages[-1].cursor
        return self.pages[-1]

    def walk(self) -> list[str]:
        """Fetch to the end of a walk. Returns the ids in the order they came."""
        found = list(self.fetch().posts)
        while self.pages[-1].more:
            found += self.fetch().posts
        return [post.external_id for post in found]

    def ids(self, posts: list[SimPost]) -> list[str]:
        return [self.reddit.external_id(one) for one in posts]


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.reddit.stop()


def read(*answers: Answer, **query: object) -> list[Post]:
    with ScriptedReddit(*answers) as platform:
        watch = Watch(1, 1, "reddit", query or NEW, platform.login)
        return list(RedditSource(lambda: BEGAN).fetch(watch, "").posts)


# --- walking


def test_a_page_is_one_call(desk: Desk) -> None:
    desk.write(3)
    desk.walk()
    assert desk.reddit.asked == [("GET", "/r/kettles/new")]


def test_the_first_walk_takes_the_newest_and_leaves_the_old(desk: Desk) -> None:
    made = desk.write(450)
    assert desk.walk() == desk.ids(made[:-301:-1])
    assert [len(page.posts) for page in desk.pages] == [100, 100, 100]
    assert desk.walk() == []
    assert desk.walk() == []
    assert {page.missed for page in desk.pages} == {None}


def test_what_was_known_may_all_be_deleted(desk: Desk) -> None:
    old = desk.write(400)
    desk.walk()
    for post in old[-100:]:
        desk.reddit.world.delete(post.id)
    new = desk.write(130)
    before = len(desk.pages)
    assert desk.walk() == desk.ids(new[::-1])
    assert len(desk.pages) == before + 2
    assert desk.pages[-1].missed is None


def test_the_post_a_walk_goes_on_from_may_be_deleted(desk: Desk) -> None:
    desk.write(5)
    desk.walk()
    new = desk.write(150)
    first = desk.fetch()
    desk.reddit.world.delete(desk.reddit.find(first.posts[-1].external_id).id)
    came = [post.external_id for post in first.posts] + desk.walk()
    assert sorted(came) == sorted(desk.ids(new))
    assert desk.pages[-1].missed is None


def test_a_list_that_stays_broken_ends_with_a_word_about_it(desk: Desk) -> None:
    desk.write(5)
    desk.walk()
    new = desk.write(150)
    for _ in range(5):
        desk.fetch()
        desk.reddit.faults.plan(Fault.MISSING_PAGE)
        desk.fetch()
    missed = next(page.missed for page in desk.pages if page.missed)
    assert missed.until is not None
    assert missed.until.timestamp() >= new[50].at
    assert missed.since is not None
    assert missed.since.timestamp() <= new[0].at


def test_more_than_reddit_lists_is_said_once_with_its_window(desk: Desk) -> None:
    (known,) = desk.write()
    desk.walk()
    new = desk.write(1200)
    came = desk.walk()
    (missed,) = [page.missed for page in desk.pages if page.missed]
    assert came == desk.ids(new[:-1001:-1])
    assert missed.since == datetime.fromtimestamp(int(known.at), UTC)
    assert missed.until == datetime.fromtimestamp(int(new[200].at) + 1, UTC)
    assert "1,000" in missed.why
    desk.write()
    assert len(desk.walk()) == 1
    assert desk.pages[-1].missed is None


def test_a_watch_that_began_on_an_empty_list_reads_all_that_came_since(desk: Desk) -> None:
    assert desk.walk() == []
    new = desk.write(420)
    assert desk.walk() == desk.ids(new[::-1])


def test_what_a_moderator_lets_through_late_is_found_in_its_old_place(desk: Desk) -> None:
    desk.write(120)
    (late,) = desk.write(held=True)
    desk.write(30)
    desk.walk()
    late.extra["held"] = False
    assert desk.walk() == desk.ids([late])
    assert desk.walk() == []


def test_what_slides_back_into_the_list_is_not_handed_over_again(desk: Desk) -> None:
    made = desk.write(140)
    desk.walk()
    for post in made[-20:]:
        desk.reddit.world.delete(post.id)
    assert desk.walk() == []


def test_a_page_that_comes_twice_repeats_nothing(desk: Desk) -> None:
    desk.write(2)
    desk.walk()
    new = desk.write(150)
    came = [post.external_id for post in desk.fetch().posts]
    desk.reddit.faults.plan(Fault.DUPLICATE_PAGE)
    came += desk.walk()
    assert came == desk.ids(new[::-1])


# --- what is asked for


def test_search_finds_any_of_the_words_in_posts_and_leaves_out_the_others() -> None:
    desk = Desk(kind="search", words=["kettle", "vela shop"], without=["giveaway"], without_authors=["u/bot"])
    wanted = [*desk.write(text="My KETTLE leaks."), *desk.write(text="The Vela shop is shut.")]
    desk.write(text="A kettle giveaway!")
    desk.write(text="The shop by Vela.")
    desk.write(text="My kettle leaks too.", comment=True)
    desk.reddit.customer("bot", "kettle")
    assert desk.walk() == desk.ids(wanted[::-1])
    desk.reddit.stop()


def test_search_keeps_to_its_subreddits() -> None:
    desk = Desk(kind="search", words=["kettle"], places=["r/kitchen", "/r/Tea"])
    wanted = [*desk.write(text="kettle", place="kitchen"), *desk.write(text="kettle", place="tea")]
    desk.write(text="kettle", place="kettles")
    assert desk.walk() == desk.ids(wanted[::-1])
    desk.reddit.stop()


def test_new_posts_are_filtered_by_words_here_because_reddit_does_not() -> None:
    desk = Desk(kind="new", places=["kettles", "kitchen"], words=["leaks"])
    wanted = [*desk.write(text="It Leaks."), *desk.write(text="It leaks.", place="kitchen")]
    desk.write(text="It is dry.")
    desk.write(text="It leaks.", comment=True)
    assert desk.walk() == desk.ids(wanted[::-1])
    desk.reddit.stop()


def test_the_inbox_holds_mentions_and_replies_and_its_threads_are_read_from_addresses() -> None:
    desk = Desk(kind="inbox")
    thread = desk.reddit.world.post(BRAND, "Ask us.", place="kettles", title="Hello")
    answer = desk.reddit.world.post("ana", "It leaks.", reply_to=thread)
    named = desk.write(text="it leaks", to=BRAND)[0]
    assert desk.walk() == desk.ids([named, answer])
    posts = {post.external_id: post for page in desk.pages for post in page.posts}
    found = posts[desk.reddit.external_id(answer)]
    assert (found.thread, found.reply_to) == (desk.reddit.external_id(thread), desk.reddit.external_id(thread))
    assert found.url == f"{desk.reddit.url}/r/kettles/comments/{thread.id}/a_thread/{answer.id}/"
    desk.reddit.stop()


def test_private_messages_are_left_alone() -> None:
    private = {"kind": "t4", "data": {"name": "t4_1", "author": "ana", "body": "psst", "created_utc": 1.0}}
    both = Answer(
        {"kind": "Listing", "data": {"after": None, "children": [private, {"kind": "t1", "data": comment()}]}}
    )
    assert [post.external_id for post in read(both, kind="inbox")] == ["t1_c1"]


@pytest.mark.parametrize("place", ["r/kettles/../../api", "ket tles", "κουζίνα", ""])
def test_a_place_that_is_no_subreddit_is_refused_before_any_call(desk: Desk, place: str) -> None:
    with pytest.raises(SourceRefused):
        desk.source.fetch(Watch(1, 1, "reddit", {"kind": "new", "places": [place]}, desk.login), "")
    assert desk.reddit.asked == []


def test_more_words_than_reddit_searches_for_are_refused_with_what_to_do(desk: Desk) -> None:
    watch = Watch(
        1, 1, "reddit", {"kind": "search", "words": [f"a quite long word {n}" for n in range(40)]}, desk.login
    )
    with pytest.raises(SourceRefused, match="two watches"):
        desk.source.fetch(watch, "")


def test_each_refusal_names_what_helps(desk: Desk) -> None:
    desk.reddit.rules.missing.add("kettles")
    with pytest.raises(SourceRefused) as told:
        desk.walk()
    assert told.value.remedy is Remedy.CHANGE_WATCH
    desk.reddit.rules.missing.clear()
    desk.reddit.rules.private.add("kettles")
    with pytest.raises(SourceRefused) as told:
        desk.walk()
    assert told.value.remedy is Remedy.ACCESS
    desk.time.move(3601)
    with pytest.raises(SourceRefused) as told:
        desk.walk()
    assert told.value.remedy is Remedy.RECONNECT


# --- what a post is


def test_a_post_is_told_whole(desk: Desk) -> None:
    (made,) = desk.write(text="It broke after a week.", title="The lid of my kettle")
    made.likes, made.reposts = 11, 2
    desk.reddit.world.post("ben", "Same here.", reply_to=made)
    (post,) = desk.fetch().posts
    name = desk.reddit.external_id(made)
    assert (post.external_id, post.thread, post.reply_to) == (name, name, "")
    assert post.text == "The lid of my kettle\n\nIt broke after a week."
    assert post.url == f"{desk.reddit.url}/r/kettles/comments/{made.id}/a_thread/"
    assert (post.author.handle, post.author.external_id) == ("ana", f"t2_{made.author.id}")
    assert post.written_at == datetime.fromtimestamp(int(made.at), UTC)
    told = post.engagement
    assert (told.likes, told.reposts, told.replies, told.views) == (12, 2, 1, None)
    assert (post.extra["subreddit"], post.extra["locked"], post.extra["archived"]) == ("kettles", False, False)


def test_a_comment_knows_its_thread_and_hides_figures_that_are_not_its_own() -> None:
    desk = Desk(kind="comments", places=["kettles"])
    (made,) = desk.write(comment=True, score_hidden=True)
    (post,) = desk.fetch().posts
    thread = desk.reddit.external_id(made.root)
    assert (post.thread, post.reply_to) == (thread, thread)
    assert (post.engagement.likes, post.engagement.reposts, post.engagement.replies) == (None, None, None)
    desk.reddit.stop()


def test_deleted_and_removed_ones_are_not_handed_over() -> None:
    desk = Desk(kind="comments", places=["kettles"])
    kept, deleted, removed = desk.write(3, comment=True)
    desk.reddit.world.delete(deleted.id)
    removed.extra["removed"] = True
    assert desk.walk() == desk.ids([kept])
    desk.reddit.stop()


def test_a_post_whose_author_left_is_handed_over_without_them() -> None:
    (post,) = read(listing(comment(author=None, author_fullname=None, score=None, a_new_field=[1])))
    assert (post.author.handle, post.author.external_id) == ("[deleted]", "[deleted]")
    assert post.engagement.likes is None


def test_a_crosspost_under_the_same_title_is_the_original_and_counts_once() -> None:
    desk = Desk(kind="new", places=["kettles", "tea"])
    (original,) = desk.write(title="It leaks")
    desk.reddit.world.post("ben", "", place="tea", title="It leaks", crosspost_of=original)
    own = desk.reddit.world.post("cem", "", place="tea", title="Mine too!", crosspost_of=original)
    assert desk.walk() == desk.ids([own, original])
    desk.reddit.stop()


# --- what became of posts


def test_looking_up_tells_deleted_removed_shut_and_unknown_apart(desk: Desk) -> None:
    there, deleted, removed = desk.write(3)
    shut = desk.write(place="secret")[0]
    desk.reddit.world.edit(there.id, "It broke twice.")
    desk.reddit.world.delete(deleted.id)
    removed.extra["removed"] = True
    desk.reddit.rules.private.add("secret")
    names = desk.ids([there, deleted, removed, shut])
    looked = desk.source.look_up(desk.login, names)
    assert [one.external_id for one in looked.seen] == names
    assert [one.presence for one in looked.seen] == [
        Presence.THERE,
        Presence.GONE,
        Presence.HIDDEN,
        Presence.UNKNOWN,
    ]
    assert looked.seen[0].post is not None
    assert looked.seen[0].post.text.endswith("It broke twice.")
    assert looked.usage.quotas
    assert desk.reddit.asked == [("GET", "/api/info")]
