"""Replies on Mastodon, at the simulated server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.errors import RetryLater
from monitor.domain.records import Login
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.simulated.server import Fault
from monitor.simulated.world import SimPost
from responders.ports import PublishDeferred, PublishRefused, PublishUncertain, Purpose, Receipt, Reply, Target
from responders.publishers.mastodon import MastodonPublisher, build

NOW = [1_772_445_600.0]
PUBLISHER: MastodonPublisher = build(Path())


@pytest.fixture
def server() -> Iterator[SimulatedMastodon]:
    NOW[0] = 1_772_445_600.0
    with SimulatedMastodon(clock=lambda: NOW[0]) as server:
        yield server


@pytest.fixture
def login(server: SimulatedMastodon) -> Login:
    return server.connect("vela_care")


@pytest.fixture
def post(server: SimulatedMastodon, login: Login) -> SimPost:
    return server.customer("ana@other.example", "it broke again", to=login.handle)


def reply(login: Login, post: SimPost, text: str = "@ana@other.example We are sorry.", **more: Any) -> Reply:
    at = datetime.fromtimestamp(NOW[0], UTC)
    return Reply("key-1", login, post.id, post.author.handle, text, "de", at, **more)


def shown(server: SimulatedMastodon, receipt: Receipt) -> SimPost:
    return server.world.posts[receipt.external_id]


def test_a_reply_says_what_was_approved_where_and_in_which_language(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    receipt = PUBLISHER.publish(reply(login, post))
    sent = shown(server, receipt)
    assert (sent.text, sent.reply_to) == ("@ana@other.example We are sorry.", post)
    assert sent.extra == {"visibility": "unlisted", "language": "de"}
    assert receipt.url.endswith(f"/@vela_care/{receipt.external_id}")
    assert receipt.usage.quotas


@pytest.mark.parametrize(
    ("of_post", "setting", "of_reply"),
    [
        ("public", None, "unlisted"),
        ("public", "public", "public"),
        ("unlisted", "public", "unlisted"),
        ("private", "public", "private"),
        ("local", "public", "private"),  # of other software: nothing is known of who sees it
    ],
)
def test_a_reply_is_never_seen_by_more_people_than_the_post(
    server: SimulatedMastodon, login: Login, of_post: str, setting: str | None, of_reply: str
) -> None:
    post = server.customer("ana", "it broke", to=login.handle, visibility=of_post)
    ours = replace(login, options={**login.options, "visibility": setting})
    assert shown(server, PUBLISHER.publish(reply(ours, post, "@ana Sorry."))).extra["visibility"] == of_reply


def test_a_private_message_is_not_answered_here(server: SimulatedMastodon, login: Login) -> None:
    post = server.customer("ana", "psst", to=login.handle, visibility="direct")
    with pytest.raises(PublishRefused, match="private message"):
        PUBLISHER.publish(reply(login, post, "@ana Sorry."))
    assert server.standing("vela_care") == []


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("@ana@other.example Sorry.", "@ana@other.example Sorry."),
        ("Sorry, @Ana@other.example.", "Sorry, @Ana@other.example."),
        ("We are sorry.", "@ana@other.example We are sorry."),
        ("@ana Sorry.", "@ana@other.example @ana Sorry."),  # without her server that is another Ana
        ("@ana@other.example.org Sorry.", "@ana@other.example @ana@other.example.org Sorry."),
    ],
)
def test_the_customer_is_told_of_the_reply(
    server: SimulatedMastodon, login: Login, post: SimPost, text: str, sent: str
) -> None:
    receipt = PUBLISHER.publish(reply(login, post, text))
    assert shown(server, receipt).text == sent
    assert PUBLISHER.find(reply(login, post, text)) == receipt


@pytest.mark.parametrize("text", ["@ana Sorry.", "Sorry @ana@toot.example!"])
def test_a_neighbour_on_our_server_needs_no_server_in_the_name(
    server: SimulatedMastodon, login: Login, text: str
) -> None:
    post = server.customer("ana", "it broke", to=login.handle)
    assert shown(server, PUBLISHER.publish(reply(login, post, text))).text == text


def test_the_same_number_on_another_server_is_another_post(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    with pytest.raises(PublishRefused, match=r"belongs to @ana@other\.example there"):
        PUBLISHER.publish(replace(reply(login, post), to_handle="bo"))
    assert server.standing("vela_care") == []


def test_a_reply_that_is_too_long_is_told_before_it_is_sent(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    fits = "@ana@other.example " + "x" * 470 + " https://shop.example/" + "y" * 200
    with pytest.raises(PublishRefused, match=r"500: shorten it\. Nothing was sent"):
        PUBLISHER.publish(reply(login, post, fits + " or not"))
    assert [one for one in server.asked if one[0] == "POST"] == []
    fits = "@ana@other.example " + "x" * 470 + " https://a.example"
    assert length_on_server(fits) == 499
    PUBLISHER.publish(reply(login, post, fits))


def length_on_server(text: str) -> int:
    from monitor.simulated.mastodon_shapes import length_of

    return length_of(text)


def test_what_the_server_refuses_is_told_in_its_own_words(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    server.max_characters, server.language = 10, "de"
    with pytest.raises(PublishRefused, match="länger als 10 Zeichen"):
        PUBLISHER.publish(reply(login, post))


def test_a_post_that_is_gone_is_not_answered(server: SimulatedMastodon, login: Login, post: SimPost) -> None:
    server.world.delete(post.id)
    with pytest.raises(PublishRefused, match=r"not there any more.*Nothing was sent"):
        PUBLISHER.publish(reply(login, post))
    assert [one for one in server.asked if one[0] == "POST"] == []


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.AWAY, Fault.CUT, Fault.LIMIT])
def test_trouble_before_the_write_puts_it_off(
    server: SimulatedMastodon, login: Login, post: SimPost, fault: Fault
) -> None:
    server.faults.plan(fault, method="GET")
    with pytest.raises(PublishDeferred):
        PUBLISHER.publish(reply(login, post))


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.HTML, Fault.ERROR])
def test_a_lost_answer_is_uncertain_and_the_reply_is_not_sent_twice(
    server: SimulatedMastodon, login: Login, post: SimPost, fault: Fault
) -> None:
    server.faults.plan(fault, method="POST")
    with pytest.raises(PublishUncertain):
        PUBLISHER.publish(reply(login, post))
    assert len([one for one in server.asked if one[0] == "POST"]) == 1
    found = PUBLISHER.find(reply(login, post))
    assert (found is not None) is (fault is Fault.LOST)


def test_a_reply_is_found_among_many_and_through_its_html(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    text = "@ana@other.example Sorry & <thanks>!\n\nWrite to https://shop.example/help/with/kettles/and/lids?a=1&b=2 \n#vela"
    sent = PUBLISHER.publish(reply(login, post, text))
    claimed = datetime.fromtimestamp(NOW[0], UTC)
    for number in range(95):
        NOW[0] += 60
        server.world.post("vela_care", f"News {number}")
    looked_for = replace(reply(login, post, text), at=claimed)
    assert PUBLISHER.find(looked_for) == sent
    assert PUBLISHER.find(replace(looked_for, text="")) == sent
    assert PUBLISHER.find(replace(looked_for, to_external_id="1")) is None
    assert PUBLISHER.find(replace(looked_for, at=claimed + timedelta(minutes=40))) is None  # older than the sending


def test_a_reply_is_found_although_the_post_was_deleted_meanwhile(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    sent = PUBLISHER.publish(reply(login, post))
    server.world.delete(post.id)
    assert PUBLISHER.find(reply(login, post)) == sent
    assert PUBLISHER.find(reply(login, post, "@ana@other.example Other words.")) is None


def test_a_reply_is_found_by_a_login_that_does_not_know_its_number(login: Login, post: SimPost) -> None:
    forgot = replace(login, options={"domain": "toot.example"})
    sent = PUBLISHER.publish(reply(forgot, post))
    assert PUBLISHER.find(reply(forgot, post)) == sent


def test_an_empty_page_by_mistake_does_not_make_a_reply_missing(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    sent = PUBLISHER.publish(reply(login, post))
    server.faults.plan(Fault.MISSING_PAGE, "/api/v1/accounts/*")
    assert PUBLISHER.find(reply(login, post)) == sent


def test_a_correction_is_an_edit_that_keeps_the_customer_named(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    sent = PUBLISHER.publish(reply(login, post))
    better = reply(login, post, "It comes on Tuesday.", purpose=Purpose.CORRECT, replaces=sent)
    assert PUBLISHER.find(better) is None
    assert PUBLISHER.publish(better) == sent
    assert server.standing("vela_care") == [(post.id, "@ana@other.example It comes on Tuesday.")]
    assert PUBLISHER.find(better) == sent
    assert PUBLISHER.find(replace(better, text="")) == sent


def test_what_is_not_there_cannot_be_corrected(server: SimulatedMastodon, login: Login, post: SimPost) -> None:
    sent = PUBLISHER.publish(reply(login, post))
    server.world.delete(sent.external_id)
    better = reply(login, post, "Better.", purpose=Purpose.CORRECT, replaces=sent)
    with pytest.raises(PublishRefused):
        PUBLISHER.publish(better)
    assert PUBLISHER.find(better) is None


def test_a_withdrawal_that_cannot_be_asked_for_is_not_taken_for_done(
    server: SimulatedMastodon, login: Login, post: SimPost
) -> None:
    sent = PUBLISHER.publish(reply(login, post))
    away = reply(login, post, "", purpose=Purpose.WITHDRAW, replaces=sent)
    assert PUBLISHER.find(away) is None
    server.sign_ins.tokens.clear()
    with pytest.raises(RetryLater):
        PUBLISHER.find(away)
    assert server.standing("vela_care") != []


# --- whether it can be answered


def target(login: Login, **extra: object) -> Target:
    return Target("mastodon", "1", "ana", "it broke", extra={"host": login.host, "visibility": "public", **extra})


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ({"visibility": "direct"}, "private message"),
        ({"no_bots": True}, "asks for no bots"),
        ({"no_bots": True, "mentions": ["somebody"]}, "asks for no bots"),
        ({"host": "https://elsewhere.example"}, "by hand"),
    ],
)
def test_what_cannot_be_answered_says_why(login: Login, extra: dict[str, object], why: str) -> None:
    said = PUBLISHER.can_reply(target(login, **extra), login)
    assert not said.allowed
    assert why in said.reason


@pytest.mark.parametrize("mention", ["vela_care", "vela_care@toot.example", "Vela_Care"])
def test_who_wants_no_bots_and_speaks_to_us_is_answered(login: Login, mention: str) -> None:
    assert PUBLISHER.can_reply(target(login, no_bots=True, mentions=[mention]), login).allowed


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [("read write:statuses", True), ("read write", True), ("read", False), ("read write:media", False), ("", True)],
)
def test_a_login_for_reading_does_not_reply(login: Login, scopes: str, *, allowed: bool) -> None:
    said = PUBLISHER.can_reply(target(login), replace(login, options={"scopes": scopes}))
    assert said.allowed is allowed


def test_nobody_does_not_reply(login: Login) -> None:
    assert not PUBLISHER.can_reply(target(login), replace(login, secret={})).allowed
