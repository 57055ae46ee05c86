"""Replying on X: within its rules, once, and found again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.errors import RetryLater
from monitor.domain.records import Login
from monitor.simulated.server import Answer, Fault
from monitor.simulated.world import SimPost
from responders.ports import PublishDeferred, PublishRefused, PublishUncertain, Purpose, Receipt, Reply, Target
from responders.publishers.x import XPublisher
from tests.contracts.stands.x import OURS, Odd, Town

SORRY = "We are sorry. Your parcel is found, and it comes tomorrow."
X = XPublisher()
US = Login("x", "http://127.0.0.1:1", OURS, "1000", {"access_token": "t"}, {"approval_held": True})


@pytest.fixture
def town() -> Iterator[Town]:
    made = Town()
    yield made
    made.platform.stop()


def reply(town: Town, post: SimPost, text: str = SORRY, **more: Any) -> Reply:
    return Reply("key-1", town.login, post.id, post.author.handle, text, "en", town.now, **more)


def standing(town: Town) -> list[tuple[str, str]]:
    return town.platform.standing(OURS)


# --- may we?


@pytest.mark.parametrize(
    ("extra", "text", "allowed", "why"),
    [
        ({"mentions": [OURS]}, "late", True, ""),
        ({}, f"@{OURS.upper()} late", True, ""),
        ({}, f"@{OURS}_fans late", False, "answer it by hand"),
        ({"quotes": [OURS]}, "look at this", True, ""),
        ({"quotes": ["other"]}, "look at this", False, "mention or quote"),
        ({"mentions": [OURS], "reply_settings": "mentionedUsers"}, "late", True, ""),
        ({"quotes": [OURS], "reply_settings": "mentionedUsers"}, "late", False, "people they mention"),
        ({"mentions": [OURS], "reply_settings": "following"}, "late", False, "people they follow"),
        ({"mentions": [OURS], "reply_settings": "something new"}, "late", False, "The author lets only"),
        ({"mentions": [OURS], "author_protected": True}, "late", False, "protected"),
        ({"mentions": None, "quotes": 7, "reply_settings": None}, "late", False, "mention or quote"),
    ],
)
def test_who_may_be_answered(extra: Mapping[str, object], text: str, allowed: bool, why: str) -> None:  # noqa: FBT001
    verdict = X.can_reply(Target("x", "1", "ana", text, extra=extra), US)
    assert (verdict.allowed, why in verdict.reason, bool(verdict.reason)) == (allowed, True, not allowed)


def test_the_enterprise_plan_may_answer_who_did_not_ask() -> None:
    enterprise = replace(US, options={"approval_held": True, "tier": "enterprise"})
    assert X.can_reply(Target("x", "1", "ana", "late"), enterprise).allowed


def test_without_the_approval_of_x_nothing_is_answered(town: Town) -> None:
    post = town.complaint()
    for options in ({}, {"approval_held": "no"}, {"tier": "enterprise"}):
        verdict = X.can_reply(Target("x", "1", "ana", f"@{OURS} late"), replace(US, options=options))
        assert not verdict.allowed
        assert "switch it on in the settings of this account" in verdict.reason
    with pytest.raises(PublishRefused, match="Nothing was sent"):
        X.publish(replace(reply(town, post), login=replace(town.login, options={})))
    assert standing(town) == []


# --- sending


def test_a_reply_stands_beneath_the_post_and_says_what_it_cost(town: Town) -> None:
    post = town.complaint()
    receipt = X.publish(reply(town, post))
    assert standing(town) == [(post.id, SORRY)]
    assert receipt.url == f"{town.platform.url}/{OURS}/status/{receipt.external_id}"
    assert receipt.usage.billed == {"post_read": 1, "user_read": 1, "summoned_reply": 1}
    assert {quota.bucket for quota in receipt.usage.quotas} == {"look-up", "replies"}


def test_a_link_makes_a_reply_dearer(town: Town) -> None:
    receipt = X.publish(reply(town, town.complaint(), "We are sorry: see vela.example/help"))
    assert receipt.usage.billed["post_with_url"] == 1


def test_a_reply_goes_to_the_newest_version_of_an_edited_post(town: Town) -> None:
    post = town.complaint()
    newest = town.platform.edit(post.id, f"@{OURS} It came, wet")
    X.publish(reply(town, post))
    assert town.platform.world.by(OURS)[0].extra["answers"] == newest != post.id
    assert X.find(reply(town, post)) is not None


def test_a_post_edited_so_that_it_names_us_no_more_is_not_answered(town: Town) -> None:
    post = town.complaint()
    town.platform.edit(post.id, "Never mind.")
    with pytest.raises(PublishRefused, match="mention or quote"):
        X.publish(reply(town, post))
    assert ("POST", "/2/tweets") not in town.platform.asked


@pytest.mark.parametrize("what", ["deleted", "protected", "suspended", "closed"])
def test_a_post_that_is_gone_hidden_or_closed_is_not_answered(town: Town, what: str) -> None:
    post = town.complaint()
    if what == "deleted":
        town.delete(post.id)
    post.author.protected = what == "protected"
    post.author.extra["suspended"] = what == "suspended"
    post.extra["reply_settings"] = "following" if what == "closed" else "everyone"
    with pytest.raises(PublishRefused, match="Nothing was sent"):
        X.publish(reply(town, post))
    assert ("POST", "/2/tweets") not in town.platform.asked


def test_a_post_that_x_says_nothing_about_is_answered_later() -> None:
    with Odd() as odd:
        odd.given = Answer({"data": [], "errors": []})
        login = replace(US, host=odd.url)
        with pytest.raises(PublishDeferred):
            X.publish(Reply("k", login, "7", "ana", SORRY, "en", Town.now))


def test_a_text_that_is_too_long_is_refused_for_good(town: Town) -> None:
    with pytest.raises(PublishRefused, match="too long"):
        X.publish(reply(town, town.complaint(), "sorry " * 60))


def test_a_second_sending_of_the_same_words_is_no_no_but_a_question(town: Town) -> None:
    post = town.complaint()
    town.platform.faults.plan(Fault.LOST, method="POST")
    with pytest.raises(PublishUncertain):
        X.publish(reply(town, post))
    with pytest.raises(PublishUncertain, match="sent before"):
        X.publish(reply(town, post))
    found = X.find(reply(town, post))
    assert found is not None
    assert found.external_id == town.platform.world.by(OURS)[0].id
    assert len(standing(town)) == 1


def test_a_missing_answer_before_the_write_leaves_the_reply_for_later(town: Town) -> None:
    post = town.complaint()
    for fault in (Fault.ERROR, Fault.CUT, Fault.HTML, Fault.LIMIT):
        town.platform.faults.plan(fault, method="GET")
        with pytest.raises(PublishDeferred):
            X.publish(reply(town, post))
    assert standing(town) == []


def test_a_correction_is_a_visible_reply_beneath_our_own(town: Town) -> None:
    post = town.complaint()
    sent = reply(town, post)
    receipt = X.publish(sent)
    better = reply(town, post, "Correction: it comes on Friday.", purpose=Purpose.CORRECT, replaces=receipt)
    assert X.find(better) is None
    made = X.publish(better)
    assert standing(town) == [(post.id, SORRY), (receipt.external_id, "Correction: it comes on Friday.")]
    assert made.usage.billed["post"] == 1
    found = X.find(better)
    assert found is not None
    assert found.external_id == made.external_id


def test_nothing_is_corrected_that_is_not_there(town: Town) -> None:
    post = town.complaint()
    receipt = X.publish(reply(town, post))
    town.delete(receipt.external_id)
    for purpose in (Purpose.CORRECT, Purpose.WITHDRAW):
        for replaced in (receipt, None):
            with pytest.raises(PublishRefused):
                X.publish(reply(town, post, "Correction.", purpose=purpose, replaces=replaced))


# --- finding


@pytest.mark.parametrize(
    "text",
    [
        "We are sorry: see https://vela.example/help/ and write to us.",
        "We are sorry: see vela.example/a?b=1&c=2",
        "@ana_1 we are sorry & <3",
        "Es tut uns leid. Gru\u0308\u00dfe \U0001f44b\U0001f3fd",
        "Two lines\n\nof  sorry ",
    ],
)
def test_a_reply_is_found_whatever_x_makes_of_its_text(town: Town, text: str) -> None:
    post = town.complaint(who="ana_1")
    sent = reply(town, post, text)
    receipt = X.publish(sent)
    town.move(3600)
    found = X.find(sent)
    assert found is not None
    assert found == Receipt(receipt.external_id, receipt.url)
    assert X.find(replace(sent, text="We are sorry.")) is None


def test_a_reply_is_found_where_the_clocks_differ_and_much_was_posted_since(town: Town) -> None:
    post = town.complaint()
    sent = replace(reply(town, post), at=town.now)
    town.now = town.now.replace(minute=town.now.minute - 1)
    X.publish(replace(sent, to_external_id=post.id))
    town.move(120)
    for number in range(150):
        town.platform.world.post(OURS, f"News number {number}")
    found = X.find(sent)
    assert found is not None


def test_a_reply_to_somebody_else_is_not_this_one(town: Town) -> None:
    one, other = town.complaint(), town.complaint()
    X.publish(reply(town, one))
    assert X.find(reply(town, other)) is None
    assert X.find(reply(town, other, "")) is None
    assert X.find(reply(town, one, "")) is not None


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.CUT, Fault.HTML, Fault.LIMIT, Fault.AWAY, Fault.LIMIT_BARE])
def test_what_cannot_be_asked_is_not_said_to_be_missing(town: Town, fault: Fault) -> None:
    post = town.complaint()
    receipt = X.publish(reply(town, post))
    away = reply(town, post, "", purpose=Purpose.WITHDRAW, replaces=receipt)
    for sent in (reply(town, post), away):
        town.platform.faults.plan(fault)
        with pytest.raises(RetryLater):
            X.find(sent)


def test_a_withdrawn_reply_that_is_only_hidden_is_not_said_to_be_gone() -> None:
    kind = "https://api.x.com/2/problems/not-authorized-for-resource"
    with Odd() as odd:
        odd.given = Answer({"errors": [{"resource_id": "8", "resource_type": "tweet", "type": kind}]})
        sent = Reply("k", replace(US, host=odd.url), "7", "ana", "", "en", Town.now, Purpose.WITHDRAW, Receipt("8"))
        with pytest.raises(RetryLater):
            X.find(sent)


def test_a_page_missing_from_our_own_posts_is_not_an_absence(town: Town) -> None:
    post = town.complaint()
    sent = reply(town, post)
    X.publish(sent)
    for number in range(150):
        town.platform.world.post(OURS, f"News number {number}")
    town.platform.faults.plan(Fault.MISSING_PAGE, "*/tweets")
    assert X.find(sent) is not None
