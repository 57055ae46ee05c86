from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.domain.errors import RetryLater
from monitor.domain.records import Login
from monitor.simulated.reddit import SimulatedReddit
from monitor.simulated.server import Fault
from monitor.simulated.world import SimPost
from responders.ports import (
    PublishDeferred,
    PublishRefused,
    PublishUncertain,
    Purpose,
    Receipt,
    Reply,
    SignInRefused,
    Target,
)
from responders.publishers.reddit import RedditPublisher
from tests.contracts.stands.reddit import BRAND, Time

SORRY = "I am sorry, Ana. A new lid is on its way."


class Desk:
    def __init__(self) -> None:
        self.time = Time()
        self.reddit = SimulatedReddit(clock=self.time).start()
        self.login = self.reddit.connect(BRAND)
        self.publisher = RedditPublisher(clock=self.time.date)

    def ask(self, **kind: Any) -> SimPost:
        return self.reddit.customer("ana", "The lid broke.", **kind)

    def reply(self, post: SimPost, text: str = SORRY) -> Reply:
        return Reply("k1", self.login, self.reddit.external_id(post), "ana", text, "en", self.time.date())

    def change(self, reply: Reply, sent: Receipt, purpose: Purpose, text: str = "") -> Reply:
        return replace(reply, purpose=purpose, replaces=sent, text=text, at=self.time.date())

    @property
    def writes(self) -> list[str]:
        return [path for method, path in self.reddit.asked if method == "POST"]

    @property
    def standing(self) -> list[tuple[str, str]]:
        return self.reddit.standing(BRAND)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.reddit.stop()


# --- sending


@pytest.mark.parametrize("comment", [False, True])
def test_a_reply_stands_beneath_a_post_and_beneath_a_comment(desk: Desk, *, comment: bool) -> None:
    post = desk.ask(comment=comment)
    receipt = desk.publisher.publish(desk.reply(post))
    assert desk.standing == [(desk.reddit.external_id(post), SORRY)]
    made = desk.reddit.find(receipt.external_id)
    assert receipt.url == f"{desk.reddit.url}/r/kettles/comments/{post.root.id}/a_thread/{made.id}/"
    assert receipt.usage.quotas
    assert desk.reddit.asked == [("GET", "/api/info"), ("POST", "/api/comment/")]


@pytest.mark.parametrize(
    ("state", "words"),
    [("locked", "locked"), ("archived", "archived"), ("removed", "not on Reddit any more"), ("gone", "not on Reddit")],
)
def test_a_post_that_takes_no_reply_is_not_written_to(desk: Desk, state: str, words: str) -> None:
    post = desk.ask()
    reply = desk.reply(post)
    post.extra[state] = True
    if state == "gone":
        desk.reddit.world.delete(post.id)
    with pytest.raises(PublishRefused, match=words):
        desk.publisher.publish(reply)
    assert desk.writes == []


def test_a_subreddit_that_closed_its_doors_is_not_written_to(desk: Desk) -> None:
    reply = desk.reply(desk.ask())
    desk.reddit.rules.private.add("kettles")
    with pytest.raises(PublishRefused, match="Nothing was sent"):
        desk.publisher.publish(reply)
    assert desk.writes == []


def test_a_thread_locked_above_a_comment_is_refused_in_plain_words(desk: Desk) -> None:
    post = desk.ask(comment=True)
    post.root.extra["locked"] = True  # the comment itself does not say so
    with pytest.raises(PublishRefused, match="thread is locked"):
        desk.publisher.publish(desk.reply(post))
    assert (desk.standing, len(desk.writes)) == ([], 1)


def test_a_text_that_is_too_long_for_reddit_is_refused(desk: Desk) -> None:
    with pytest.raises(PublishRefused, match="too long"):
        desk.publisher.publish(desk.reply(desk.ask(), "x" * 10_001))
    assert desk.standing == []


def test_writing_too_often_puts_the_reply_off(desk: Desk) -> None:
    desk.reddit.rules.between_comments_s = 300.0
    desk.publisher.publish(desk.reply(desk.ask()))
    with pytest.raises(PublishDeferred) as told:
        desk.publisher.publish(desk.reply(desk.ask()))
    assert told.value.after == pytest.approx(300.0)
    assert len(desk.standing) == 1


def test_no_calls_left_puts_the_reply_off(desk: Desk) -> None:
    desk.reddit.rules.calls = 0
    with pytest.raises(PublishDeferred) as told:
        desk.publisher.publish(desk.reply(desk.ask()))
    assert told.value.after == pytest.approx(600.0)


def test_a_reply_that_a_filter_swallows_is_unclear_and_found_later(desk: Desk) -> None:
    desk.reddit.rules.swallows = True
    reply = desk.reply(desk.ask())
    with pytest.raises(PublishUncertain, match="filter"):
        desk.publisher.publish(reply)
    assert desk.publisher.find(reply) is not None
    assert len(desk.standing) == 1


def test_an_expired_token_sends_nothing(desk: Desk) -> None:
    reply = desk.reply(desk.ask())
    desk.time.move(3601)
    with pytest.raises(SignInRefused, match="sign-in"):
        desk.publisher.publish(reply)
    assert desk.standing == []


# --- looking for it


def test_not_seeing_it_is_a_proof_only_after_a_minute(desk: Desk) -> None:
    desk.reddit.rules.listing_lag_s = 45.0
    reply = desk.reply(desk.ask())
    desk.reddit.faults.plan(Fault.LOST, method="POST")
    with pytest.raises(PublishUncertain):
        desk.publisher.publish(reply)
    with pytest.raises(RetryLater) as told:
        desk.publisher.find(reply)
    assert told.value.after == pytest.approx(60.0)
    desk.time.move(61)
    assert desk.publisher.find(reply) is not None


@pytest.mark.parametrize(("theirs", "ours"), [(600.0, 0.0), (0.0, 600.0)])
def test_a_clock_that_is_ahead_does_not_make_it_sure_too_early(desk: Desk, theirs: float, ours: float) -> None:
    desk.reddit.skew = theirs
    publisher = RedditPublisher(clock=lambda: desk.time.date() + timedelta(seconds=ours))
    reply = desk.reply(desk.ask())
    with pytest.raises(RetryLater):
        publisher.find(reply)
    desk.time.move(61)
    assert publisher.find(reply) is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("I am sorry.  \nA lid is coming. ", "I am sorry.\nA lid is coming."),
        ("2 * 3 is not_done", "2 \\* 3 is not\\_done"),
        ("Lids & handles > 5", "Lids &amp; handles &gt; 5"),
        ("Café", "Cafe\u0301"),
    ],
)
def test_what_reddit_does_to_blanks_and_signs_does_not_hide_our_words(desk: Desk, sent: str, kept: str) -> None:
    reply = desk.reply(desk.ask(), sent)
    receipt = desk.publisher.publish(reply)
    desk.reddit.find(receipt.external_id).text = kept
    assert desk.publisher.find(reply) == receipt


def test_it_is_found_beneath_many_later_comments(desk: Desk) -> None:
    reply, other = desk.reply(desk.ask()), desk.ask()
    receipt = desk.publisher.publish(reply)
    for number in range(250):
        desk.reddit.world.post(BRAND, f"Another answer, {number}.", reply_to=other)
    assert desk.publisher.find(reply) == receipt
    desk.time.move(61)
    assert desk.publisher.find(replace(desk.reply(other, "Not sent."), at=reply.at)) is None


def test_a_list_that_breaks_off_proves_nothing(desk: Desk) -> None:
    reply, other = desk.reply(desk.ask()), desk.ask()
    receipt = desk.publisher.publish(reply)
    for number in range(120):
        desk.reddit.world.post(BRAND, f"Another answer, {number}.", reply_to=other)
    desk.time.move(61)
    desk.reddit.faults.plan(Fault.DUPLICATE_PAGE)  # changes nothing on a first page
    desk.reddit.faults.plan(Fault.MISSING_PAGE)
    with pytest.raises(RetryLater, match="far enough back"):
        desk.publisher.find(reply)
    assert desk.publisher.find(reply) == receipt


# --- correcting and withdrawing


def test_a_correction_changes_the_words_in_place(desk: Desk) -> None:
    reply = desk.reply(desk.ask())
    sent = desk.publisher.publish(reply)
    better = desk.change(reply, sent, Purpose.CORRECT, "I am sorry, Ana. The lid comes on Tuesday.")
    with pytest.raises(RetryLater):
        desk.publisher.find(better)
    assert desk.publisher.publish(better).external_id == sent.external_id
    assert [text for _, text in desk.standing] == ["I am sorry, Ana. The lid comes on Tuesday."]
    assert desk.publisher.find(better) is not None


def test_a_correction_of_what_is_gone_is_refused(desk: Desk) -> None:
    reply = desk.reply(desk.ask())
    sent = desk.publisher.publish(reply)
    desk.reddit.world.delete(desk.reddit.find(sent.external_id).id)
    with pytest.raises(PublishRefused, match="Our comment is not on Reddit"):
        desk.publisher.publish(desk.change(reply, sent, Purpose.CORRECT, "Better."))
    assert len(desk.writes) == 1


def test_a_withdrawal_is_seen_in_the_comment_itself(desk: Desk) -> None:
    reply = desk.reply(desk.ask())
    sent = desk.publisher.publish(reply)
    away = desk.change(reply, sent, Purpose.WITHDRAW)
    desk.reddit.faults.plan(Fault.LOST, method="POST")
    with pytest.raises(PublishUncertain):
        desk.publisher.publish(away)
    found = desk.publisher.find(away)
    assert found is not None
    assert (found.external_id, found.url) == (sent.external_id, sent.url)
    assert desk.standing == []


def test_a_comment_reddit_is_silent_about_is_not_taken_for_withdrawn(desk: Desk) -> None:
    reply = desk.reply(desk.ask())
    sent = desk.publisher.publish(reply)
    desk.reddit.rules.private.add("kettles")
    desk.time.move(120)
    with pytest.raises(RetryLater, match="does not say"):
        desk.publisher.find(desk.change(reply, sent, Purpose.WITHDRAW))


# --- may we


def can(login: Login, **extra: object) -> str:
    told = RedditPublisher().can_reply(Target("reddit", "t3_1", "ana", extra=extra), login)
    assert told.allowed is not bool(told.reason)
    return told.reason


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"subreddit": "tea"}, ""),
        ({}, ""),
        ({"locked": True}, "locked"),
        ({"archived": True}, "archived"),
        ({"subreddit": "Kettles"}, "r/Kettles"),
        ({"subreddit": "kitchen"}, "r/kitchen"),
    ],
)
def test_the_reason_for_no_reply_is_said_before_anybody_drafts(extra: dict[str, object], words: str) -> None:
    login = Login("reddit", "", BRAND, "t2_1", {"scope": "*"}, {"no_reply_in": "r/kettles, /r/kitchen/"})
    assert words in can(login, **extra)
    assert bool(words) is bool(can(login, **extra))


def test_a_login_that_only_reads_does_not_reply(desk: Desk) -> None:
    post = desk.ask()
    for login in (desk.reddit.connect(BRAND, app_only=True), desk.reddit.connect(BRAND, scope="identity read")):
        assert "only read" in can(login)
        with pytest.raises(PublishRefused):
            desk.publisher.publish(replace(desk.reply(post), login=login))
    assert desk.reddit.asked == []


def test_a_subreddit_named_after_the_draft_was_written_is_still_spared(desk: Desk) -> None:
    desk.login = replace(desk.login, options={**desk.login.options, "no_reply_in": "kettles"})
    with pytest.raises(PublishRefused, match="r/kettles"):
        desk.publisher.publish(desk.reply(desk.ask()))
    assert desk.writes == []
