from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.domain.errors import Remedy, SourceRefused
from monitor.domain.records import Presence
from monitor.simulated.bluesky_views import did_of
from monitor.simulated.server import Fault
from monitor.sources.bluesky_posts import NO_WORDS, post_of
from tests.monitor.sources.bluesky_watching import START, Watching, strangers, watched

SEARCH: dict[str, object] = {"kind": "search", "words": ["vela"]}


@pytest.fixture
def watching() -> Iterator[Watching]:
    with watched(SEARCH) as made:
        yield made


# --- what a post is


def test_a_post_carries_what_bluesky_says_of_it(watching: Watching) -> None:
    root = watching.platform.customer("ben", "Who has a kettle?")
    watching.platform.account("ana", followers=321)
    post = watching.platform.customer("ana", "My Vela kettle broke", reply_to=root, langs=["pt", "en"], to="velacare")
    post.likes, post.reposts = 3, 2
    watching.fetch()
    (found,) = watching.posts
    uri = watching.platform.external_id(post)
    assert (found.external_id, found.thread) == (uri, watching.platform.external_id(root))
    assert found.reply_to == found.thread
    assert found.url == f"https://bsky.app/profile/ana.bsky.social/post/{post.id}"
    assert (found.author.external_id, found.author.handle) == (did_of(post.author), "ana.bsky.social")
    assert (found.author.followers, found.lang) == (321, "pt")
    assert (found.engagement.likes, found.engagement.reposts, found.engagement.views) == (3, 2, None)
    kept = {"cid": watching.platform.shown.cid(post), "langs": ["pt", "en"], "mentions": [watching.login.external_id]}
    assert kept.items() <= found.extra.items()
    assert (found.extra["root"], found.extra["reply_disabled"]) == (found.thread, False)


def test_the_rules_of_a_thread_come_with_its_posts(watching: Watching) -> None:
    watching.platform.customer("ana", "Vela, closed to all", gate=[])
    watching.platform.customer("ana", "Vela, for some", gate=["following"])
    watching.fetch()
    rules = {one.text: (one.extra["reply_disabled"], one.extra["reply_rules"]) for one in watching.posts}
    assert rules == {"Vela, closed to all": (True, []), "Vela, for some": (True, ["following"])}
    watching.login = strangers(watching)
    watching.cursor = ""
    assert all("reply_disabled" not in one.extra for one in watching.fetch().posts), "nobody asked for us"


VIEW: dict[str, Any] = {"uri": "at://did:plc:a/app.bsky.feed.post/3mg2yqtr6q72b", "record": {"text": "Broken"}}


@pytest.mark.parametrize(
    ("view", "text", "handle"),
    [
        (VIEW, "Broken", "did:plc:a"),
        (VIEW | {"author": None, "labels": None, "embed": {"$type": "new"}, "surprise": 1}, "Broken", "did:plc:a"),
        (VIEW | {"author": {"did": "did:plc:a", "handle": "handle.invalid"}}, "Broken", "did:plc:a"),
        (VIEW | {"record": {"text": None, "langs": None, "facets": [None, {"features": None}]}}, NO_WORDS, "did:plc:a"),
        (VIEW | {"record": {"text": "", "embed": {"images": [{"alt": "A broken lid"}]}}}, "A broken lid", "did:plc:a"),
        (VIEW | {"likeCount": None, "replyCount": "7", "author": {"handle": "ana.example"}}, "Broken", "ana.example"),
    ],
)
def test_missing_null_and_unknown_fields_do_no_harm(view: dict[str, Any], text: str, handle: str) -> None:
    post = post_of(view, {})
    assert post is not None
    assert (post.text, post.author.handle, post.author.external_id) == (text, handle, "did:plc:a")
    assert (post.engagement.likes, post.engagement.replies, post.author.followers) == (None, None, None)


@pytest.mark.parametrize("view", [{}, {"uri": None}, {"uri": "x", "record": {"text": "y"}}, VIEW | {"record": None}])
def test_a_view_of_nothing_is_no_post(view: dict[str, Any]) -> None:
    assert post_of(view, {}) is None


def test_a_post_is_dated_by_its_author_but_never_after_it_arrived(watching: Watching) -> None:
    watching.platform.customer("ana", "Vela from the future", created=START + 90_000)
    watching.platform.customer("ana", "Vela from before", created=START - 60)
    watching.fetch()
    dates = {one.text: one.written_at for one in watching.posts}
    assert dates["Vela from the future"] == datetime.fromtimestamp(START, UTC)
    assert dates["Vela from before"] == datetime.fromtimestamp(START - 60, UTC)


def test_a_fault_of_the_followers_call_does_not_hold_posts_back(watching: Watching) -> None:
    watching.platform.account("ana", followers=9)
    watching.platform.customer("ana", "Vela broke")
    watching.platform.faults.plan(Fault.ERROR, "*getProfiles")
    assert [one.author.followers for one in watching.fetch().posts] == [None]


def test_people_are_asked_for_once_and_in_few_calls(watching: Watching) -> None:
    for number in range(100):
        watching.platform.customer(f"ana{number % 60}", f"Vela broke {number}")
    watching.walk()
    assert watching.asked("getProfiles") == 2
    watching.platform.customer("ana7", "Vela broke again")
    watching.platform.customer("ana8", "Vela broke again")
    watching.fetch()
    assert watching.asked("getProfiles") <= 3


# --- search


def test_those_who_show_themselves_to_signed_in_readers_only_are_left_alone(watching: Watching) -> None:
    watching.platform.account("ana", labels=["!no-unauthenticated"])
    post = watching.platform.customer("ana", "Vela broke")
    signed_in, watching.login = watching.login, strangers(watching)
    assert watching.walk() == []
    uri = watching.platform.external_id(post)
    (seen,) = watching.source.look_up(watching.login, [uri]).seen
    assert (seen.presence, seen.post) == (Presence.HIDDEN, None)
    watching.login, watching.cursor = signed_in, ""
    assert watching.walk() == ["Vela broke"]


def test_a_search_that_is_for_signed_in_readers_only_asks_for_an_account(watching: Watching) -> None:
    watching.platform.search_needs_login = True
    watching.login = strangers(watching)
    with pytest.raises(SourceRefused, match="connect an account") as told:
        watching.fetch()
    assert told.value.remedy is Remedy.RECONNECT


def test_tokens_that_end_early_are_made_up_for_by_time(watching: Watching) -> None:
    watching.platform.customer("ana", "Vela 0")
    watching.walk()
    watching.platform.search_reach = 100
    for number in range(1, 351):
        watching.later(1)
        watching.platform.customer("ana", f"Vela {number}")
    assert len(watching.walk()) == 350
    assert watching.missed == []


def test_a_post_that_is_indexed_late_still_comes(watching: Watching) -> None:
    watching.platform.customer("ana", "Vela one")
    watching.walk()
    watching.later(300)
    watching.platform.customer("ana", "Vela two")
    watching.walk()
    watching.platform.customer("ben", "Vela, late", created=watching.now[0] - 400)
    assert watching.walk() == ["Vela, late"]


def test_several_words_are_each_walked_and_a_post_with_both_comes_once(watching: Watching) -> None:
    watching.query = {"kind": "search", "words": ["vela", "kettle company", "velakettles"]}
    for text in ("Vela", "the kettle company", "velakettles", "company kettle", "Vela kettle company"):
        watching.platform.customer("ana", text)
    assert watching.walk() == ["Vela", "Vela kettle company", "the kettle company", "velakettles"]
    watching.later(60)
    assert watching.walk() == []


def test_a_word_that_is_quiet_misses_nothing_while_another_is_busy(watching: Watching) -> None:
    watching.query = {"kind": "search", "words": ["vela", "teapot"]}
    watching.walk()
    for number in range(250):
        watching.later(10)
        watching.platform.customer("ana", f"Vela {number}")
    watching.fetch()
    watching.platform.customer("ben", "teapot")
    watching.later(3600)
    assert "teapot" in [*watching.walk(), *watching.walk()]


def test_a_word_that_was_added_later_is_searched_too(watching: Watching) -> None:
    watching.platform.customer("ana", "teapot")
    watching.walk()
    watching.query = {"kind": "search", "words": ["vela", "teapot"]}
    assert watching.walk() == ["teapot"]
    watching.query = {"kind": "search", "words": ["teapot"]}
    assert watching.walk() == []


@pytest.mark.parametrize("kind", ["search", "mentions"])
@pytest.mark.parametrize("meanwhile", [0, 250])
def test_a_page_that_comes_again_opens_no_hole(watching: Watching, kind: str, meanwhile: int) -> None:
    def write(count: int) -> None:
        for _ in range(count):
            watching.later(60)
            watching.platform.customer("ana", f"Vela {len(watching.platform.world.order)}", to="velacare")

    watching.query = {**SEARCH, "kind": kind}
    write(1)
    watching.walk()
    write(150)
    watching.fetch()
    write(meanwhile)
    watching.platform.faults.plan(Fault.DUPLICATE_PAGE)
    for _ in range(2):
        watching.walk()
    assert len({one.external_id for one in watching.posts}) == 151 + meanwhile
    assert watching.missed == []


def test_pages_that_stay_empty_in_the_middle_are_said(watching: Watching) -> None:
    watching.platform.customer("ana", "Vela 0")
    watching.walk()
    for number in range(1, 151):
        watching.later(1)
        watching.platform.customer("ana", f"Vela {number}")
    watching.fetch()
    watching.platform.faults.plan(Fault.MISSING_PAGE, times=3)
    watching.walk()
    (missed,) = watching.missed
    assert missed.since == datetime.fromtimestamp(START, UTC)
    assert missed.until == datetime.fromtimestamp(START + 51, UTC)
    assert missed.why.endswith(".")


def test_filters_the_platform_does_not_know_are_ours(watching: Watching) -> None:
    watching.query = {**SEARCH, "langs": ["en"], "without": ["giveaway"], "without_authors": ["@ben.bsky.social"]}
    watching.platform.customer("ana", "Vela broke")
    watching.platform.customer("ana", "Vela quebrou", langs=["pt-BR"])
    watching.platform.customer("ana", "Vela, no language", langs=[])
    watching.platform.customer("ana", "Vela giveaway")
    watching.platform.customer("ben", "Vela broke")
    assert watching.walk() == ["Vela broke", "Vela, no language"]


def test_it_stays_quick_with_a_hundred_thousand_posts(watching: Watching) -> None:
    for number in range(100_000):
        watching.platform.world.post("ana.bsky.social", f"Tea {number}")
    watching.platform.customer("ana", "Vela broke")
    watching.fetch()
    before = datetime.now(UTC)
    for _ in range(20):
        watching.fetch()
    assert datetime.now(UTC) - before < timedelta(seconds=5)


# --- mentions


def mentions(watching: Watching) -> Watching:
    watching.query = {"kind": "mentions"}
    return watching


def test_mentions_and_replies_come_with_their_figures(watching: Watching) -> None:
    ours = watching.platform.world.post("velacare.bsky.social", "New kettles!")
    watching.platform.customer("ana", "it broke", to="velacare").likes = 4
    watching.platform.customer("ben", "late again", reply_to=ours)
    watching.platform.customer("cleo", "nothing for you", to="ana")
    assert mentions(watching).walk() == ["@velacare.bsky.social it broke", "late again"]
    assert {one.engagement.likes for one in watching.posts} == {4, 0}
    assert watching.walk() == []


def test_the_way_back_through_notifications_is_walked_to_the_last_one_known(watching: Watching) -> None:
    mentions(watching).platform.customer("ana", "first", to="velacare")
    watching.walk()
    for number in range(250):
        watching.later(60)
        watching.platform.customer("ana", f"number {number}", to="velacare")
    before = watching.asked("listNotifications")
    assert len(watching.walk()) == 250
    assert watching.asked("listNotifications") - before == 3


def test_a_mention_that_was_deleted_is_not_handed_over(watching: Watching) -> None:
    post = watching.platform.customer("ana", "it broke", to="velacare")
    watching.platform.world.delete(post.id)
    assert mentions(watching).walk() == []


def test_a_list_that_ends_before_we_were_there_is_said(watching: Watching) -> None:
    first = mentions(watching).platform.customer("ana", "first", to="velacare")
    watching.walk()
    watching.platform.world.delete(first.id)
    watching.later(30 * 86_400)
    watching.platform.customer("ana", "second", to="velacare")
    assert watching.walk() == ["@velacare.bsky.social second"]
    (missed,) = watching.missed
    assert (missed.since, missed.until) == (
        datetime.fromtimestamp(START, UTC),
        datetime.fromtimestamp(START + 30 * 86_400, UTC),
    )


def test_mentions_of_nobody_cannot_be_read(watching: Watching) -> None:
    mentions(watching).login = strangers(watching)
    with pytest.raises(SourceRefused) as told:
        watching.fetch()
    assert told.value.remedy is Remedy.RECONNECT
