from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.domain.errors import Remedy, RetryLater, SourceRefused
from monitor.domain.records import Presence
from monitor.simulated.server import Fault
from monitor.sources.bluesky import MOST_GONE, factory
from tests.monitor.sources.bluesky_watching import START, Watching, strangers, watched


@pytest.fixture
def watching() -> Iterator[Watching]:
    with watched({"kind": "stream", "words": ["vela"]}) as made:
        yield made


# --- the stream


def stream(watching: Watching) -> Watching:
    watching.login = strangers(watching)
    return watching


def test_the_stream_names_who_wrote_and_passes_deletions_on(watching: Watching) -> None:
    watching.platform.account("ana", followers=12)
    post = stream(watching).platform.customer("ana", "My VELA kettle broke")
    other = watching.platform.customer("ben", "tea")
    page = watching.fetch()
    assert [(one.text, one.author.handle, one.author.followers) for one in page.posts] == [
        ("My VELA kettle broke", "ana.bsky.social", 12)
    ]
    assert page.posts[0].url.startswith("https://bsky.app/profile/ana.bsky.social/")
    assert page.posts[0].engagement.likes is None
    watching.later(30)
    watching.platform.customer("cleo", "coffee")
    watching.fetch()
    watching.later(30)
    watching.platform.world.edit(other.id, "tea, vela")  # an edit is not a new post
    watching.platform.world.delete(post.id)
    page = watching.fetch()
    assert (page.posts, page.gone) == ((), (watching.platform.external_id(post),))
    assert watching.fetch().gone == ()


def test_a_post_that_was_deleted_at_once_is_not_handed_over(watching: Watching) -> None:
    post = stream(watching).platform.customer("ana", "Vela, wrong account")
    watching.platform.world.delete(post.id)
    assert watching.fetch().posts == ()


def test_a_flood_comes_in_pages(watching: Watching) -> None:
    for number in range(450):
        stream(watching).platform.customer("ana", f"Vela {number}")
    assert len(watching.walk()) == 450
    watching.later(60)
    for post in list(watching.platform.world.posts.values()):
        watching.platform.world.delete(post.id)
    page = watching.fetch()
    assert (len(page.gone), page.more) == (MOST_GONE, True)
    assert len(watching.fetch().gone) == 450 - MOST_GONE


def test_a_place_that_the_stream_no_longer_keeps_is_said_once(watching: Watching) -> None:
    stream(watching).platform.customer("ana", "Vela one")
    watching.walk()
    watching.later(86_400)
    watching.platform.customer("ana", "Vela lost")
    watching.later(5 * 86_400)
    watching.platform.customer("ana", "Vela two")
    assert watching.walk() == ["Vela two"]
    watching.walk()
    (missed,) = watching.missed
    assert missed.since is not None
    assert missed.until is not None
    assert round(missed.since.timestamp() - START) == 0
    assert round(missed.until.timestamp() - START) == 6 * 86_400


def test_a_stream_that_is_down_is_tried_later_from_the_same_place(watching: Watching) -> None:
    stream(watching).platform.customer("ana", "Vela one")
    watching.walk()
    watching.platform.customer("ana", "Vela two")
    for path, fault in (("/subscribe", Fault.CUT), ("/subscribe", Fault.LIMIT), ("*getProfiles", Fault.ERROR)):
        watching.platform.faults.plan(fault, path)
        watching.source = factory(lambda: datetime.fromtimestamp(watching.now[0], UTC))  # another worker
        with pytest.raises(RetryLater):
            watching.fetch()
    assert watching.walk() == ["Vela two"]


def test_a_stream_that_opens_and_sends_nothing_is_no_quiet_stream(watching: Watching) -> None:
    stream(watching).platform.customer("ana", "Vela one")
    watching.walk()
    before = watching.cursor
    watching.platform.world.changes.clear()
    with pytest.raises(RetryLater, match="sent nothing"):
        watching.fetch()
    assert watching.cursor == before


def test_those_who_hide_from_strangers_are_not_taken_from_the_stream_either(watching: Watching) -> None:
    watching.platform.account("ana", labels=["!no-unauthenticated"])
    stream(watching).platform.customer("ana", "Vela broke")
    assert watching.walk() == []


# --- what became of posts


def test_what_was_left_out_is_asked_for_one_by_one(watching: Watching) -> None:
    platform, ids = watching.platform, {}
    for name in ("there", "gone", "blocked", "off", "suspended"):
        ids[name] = platform.external_id(platform.customer(name, f"Vela {name}"))
    platform.world.delete(ids["gone"].rsplit("/", 1)[-1])
    platform.shown.blocks.add(("blocked.bsky.social", "velacare.bsky.social"))
    platform.account("off", status="deactivated")
    platform.account("suspended", status="takendown")
    found = watching.source.look_up(watching.login, list(ids.values()))
    presences = {one.external_id: one.presence for one in found.seen}
    assert {name: presences[uri] for name, uri in ids.items()} == {
        "there": Presence.THERE,
        "gone": Presence.GONE,
        "blocked": Presence.HIDDEN,
        "off": Presence.HIDDEN,
        "suspended": Presence.HIDDEN,
    }
    assert [one.post.text for one in found.seen if one.post] == ["Vela there"]
    assert found.usage.quotas
    assert watching.asked("getPosts") == 1


def test_a_post_of_an_account_that_was_deleted_is_gone(watching: Watching) -> None:
    uri = "at://did:plc:nobodyhasthisone/app.bsky.feed.post/3mg2yqtr6q72b"
    assert [one.presence for one in watching.source.look_up(watching.login, [uri]).seen] == [Presence.GONE]


@pytest.mark.parametrize("call", ["*getPosts", "*getPostThread", "*getProfile"])
@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.LIMIT, Fault.LIMIT_BARE, Fault.HTML, Fault.CUT])
def test_a_call_that_failed_makes_no_post_gone(watching: Watching, call: str, fault: Fault) -> None:
    post = watching.platform.customer("ana", "Vela broke")
    watching.platform.world.delete(post.id)
    watching.platform.faults.plan(fault, call)
    with pytest.raises(RetryLater):
        watching.source.look_up(watching.login, [watching.platform.external_id(post)])


def test_a_sign_in_that_ran_out_asks_to_be_renewed(watching: Watching) -> None:
    short = replace(watching.login, secret={**watching.login.secret, "access": watching.login.secret["refresh"]})
    for login, fault in ((watching.login, Fault.EXPIRED), (short, Fault.SLOW)):
        watching.platform.slow_s = 0
        watching.platform.faults.plan(fault)
        with pytest.raises(SourceRefused) as told:
            watching.source.look_up(login, ["at://did:plc:a/app.bsky.feed.post/3mg2yqtr6q72b"])
        assert told.value.remedy is Remedy.RECONNECT
