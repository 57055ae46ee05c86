import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.errors import RetryLater
from monitor.domain.records import Login
from monitor.simulated.bluesky import SimulatedBluesky
from monitor.simulated.server import Fault
from monitor.simulated.world import SimPost
from responders.ports import (
    PublishRefused,
    PublishUncertain,
    Purpose,
    Receipt,
    Reply,
    SignInRefused,
    Target,
)
from responders.publishers import load

AT = datetime(2026, 3, 2, 10, 0, 0, 123_456, tzinfo=UTC)
publisher = load("bluesky", Path())


@dataclass
class Town:
    """A platform, our login there, and a post by Ana that asks for an answer."""

    platform: SimulatedBluesky
    login: Login
    post: SimPost

    def reply(self, text: str = "I am sorry, Ana.", key: str = "k1", **changed: Any) -> Reply:
        uri = self.platform.external_id(self.post)
        return replace(Reply(key, self.login, uri, "ana.bsky.social", text, "en", AT), **changed)

    def record(self) -> dict[str, Any]:
        """Return our newest record, as it stands there."""
        return self.platform.shown.record(self.platform.world.by(self.login.handle)[-1])

    def puts(self) -> int:
        return sum("putRecord" in path for _, path in self.platform.asked)


@pytest.fixture
def town() -> Iterator[Town]:
    with SimulatedBluesky(clock=AT.timestamp) as platform:
        login = platform.connect("velacare")
        yield Town(platform, login, platform.customer("ana", "The lid broke.", to="velacare"))


def test_the_record_is_ours_dated_by_the_approval_and_in_the_thread(town: Town) -> None:
    root = town.platform.customer("ben", "Who has a Vela kettle?")
    town.post = town.platform.customer("ana", "I do, and the lid broke.", reply_to=root)
    receipt = publisher.publish(town.reply())
    record = town.record()
    assert receipt.external_id == f"at://{town.login.external_id}/app.bsky.feed.post/{receipt.url.rsplit('/')[-1]}"
    assert receipt.url.startswith("https://bsky.app/profile/velacare.bsky.social/post/")
    assert (record["createdAt"], record["langs"]) == ("2026-03-02T10:00:00.123Z", ["en"])
    shown = town.platform.shown
    assert record["reply"] == {"root": shown.ref(root), "parent": shown.ref(town.post)}
    assert any(one.bucket == "writes" for one in receipt.usage.quotas)


def test_the_same_reply_sent_twice_stands_there_once(town: Town) -> None:
    first, second = publisher.publish(town.reply()), publisher.publish(town.reply())
    assert first == second
    assert town.puts() == 2
    assert len(town.platform.standing("velacare")) == 1
    assert not town.platform.world.by(town.login.handle)[0].edited_at


def test_another_approval_is_another_reply(town: Town) -> None:
    assert publisher.publish(town.reply()) != publisher.publish(town.reply(key="k2"))
    assert len(town.platform.standing("velacare")) == 2


def test_a_post_that_was_edited_is_answered_in_its_newest_version(town: Town) -> None:
    before = town.platform.shown.cid(town.post)
    town.platform.world.edit(town.post.id, "The lid broke, and the handle.")
    publisher.publish(town.reply())
    assert town.record()["reply"]["parent"]["cid"] == town.platform.shown.cid(town.post) != before


def test_mentions_and_links_are_marked_by_bytes(town: Town) -> None:
    text = "Λυπούμαι 🙏 @ana.bsky.social, see https://vela.example/λ?q=1. (Not @nobody.example or a@ana.bsky.social.)"
    publisher.publish(town.reply(text))
    data = text.encode()
    marked = {
        data[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(): one["features"][0]
        for one in town.record()["facets"]
    }
    ana = town.platform.shown.profile(town.post.author, None)["did"]
    assert marked == {
        "@ana.bsky.social": {"$type": "app.bsky.richtext.facet#mention", "did": ana},
        "https://vela.example/λ?q=1": {
            "$type": "app.bsky.richtext.facet#link",
            "uri": "https://vela.example/λ?q=1",
        },
    }


def test_a_handle_inside_a_link_is_no_mention(town: Town) -> None:
    publisher.publish(town.reply("https://bsky.app/@ana.bsky.social"))
    assert [one["features"][0]["$type"] for one in town.record()["facets"]] == ["app.bsky.richtext.facet#link"]


def test_a_reply_without_a_known_language_claims_none(town: Town) -> None:
    publisher.publish(town.reply(lang="und"))
    assert "langs" not in town.record()


@pytest.mark.parametrize(
    ("text", "fits"), [("é" * 300, True), ("é" * 301, False), ("👩‍👩‍👧‍👦" * 119, True), ("👩‍👩‍👧‍👦" * 121, False)]
)
def test_what_is_too_long_is_refused_before_anything_is_asked(town: Town, text: str, *, fits: bool) -> None:
    if fits:
        assert publisher.publish(town.reply(text))
        return
    with pytest.raises(PublishRefused, match="Nothing was sent"):
        publisher.publish(town.reply(text))
    assert town.platform.asked == []


@pytest.mark.parametrize("why", ["deleted", "closed", "blocked", "suspended"])
def test_a_post_that_cannot_be_answered_is_refused_and_nothing_is_sent(town: Town, why: str) -> None:
    if why == "deleted":
        town.platform.world.delete(town.post.id)
    elif why == "closed":
        town.post.extra["gate"] = []
    elif why == "blocked":
        town.platform.shown.blocks.add((town.post.author.handle, town.login.handle))
    else:
        town.post.author.extra["status"] = "takendown"
    with pytest.raises(PublishRefused, match=r"Nothing was sent\."):
        publisher.publish(town.reply())
    assert town.puts() == 0


def test_a_thread_that_is_open_to_those_it_mentions_is_open_to_us(town: Town) -> None:
    town.post.extra["gate"] = ["mention"]
    assert publisher.publish(town.reply())


def test_a_sign_in_that_ran_out_asks_for_a_fresh_one_and_nothing_is_sent(town: Town) -> None:
    for method in ("GET", "POST"):
        town.platform.faults.plan(Fault.EXPIRED, method=method)
        with pytest.raises(SignInRefused):
            publisher.publish(town.reply())
    assert town.platform.standing("velacare") == []


def test_a_sign_in_that_was_revoked_refuses_the_reply(town: Town) -> None:
    broken = replace(town.login, secret={"access": "not.a.token"})
    with pytest.raises(SignInRefused):
        publisher.publish(town.reply(login=broken))
    with pytest.raises(PublishRefused):
        publisher.publish(town.reply(login=replace(town.login, secret={})))


def test_a_write_whose_answer_is_lost_is_found_by_its_key(town: Town) -> None:
    town.platform.faults.plan(Fault.LOST, method="POST")
    with pytest.raises(PublishUncertain):
        publisher.publish(town.reply())
    found = publisher.find(town.reply())
    assert found is not None
    assert publisher.find(town.reply(text="")) == found
    assert publisher.find(town.reply(key="k2")) is None


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ERROR, Fault.HTML, Fault.LIMIT_BARE, Fault.EXPIRED])
def test_a_platform_that_cannot_be_asked_is_asked_later(town: Town, fault: Fault) -> None:
    town.platform.faults.plan(fault)
    with pytest.raises(RetryLater):
        publisher.find(town.reply())


# --- afterwards: apps show no edits


def corrected(town: Town) -> tuple[Receipt, Receipt]:
    first = publisher.publish(town.reply("A lid comes on Monday."))
    change = town.reply("It comes on Tuesday.", "k2", purpose=Purpose.CORRECT, replaces=first)
    assert publisher.find(change) is None
    second = publisher.publish(change)
    assert publisher.find(change) == second
    return first, second


def test_a_correction_stands_beneath_our_own_reply(town: Town) -> None:
    first, _ = corrected(town)
    asked = town.platform.external_id(town.post)
    replies = [(asked, "A lid comes on Monday."), (first.external_id, "It comes on Tuesday.")]
    assert town.platform.standing("velacare") == replies
    assert town.record()["reply"]["root"] == town.platform.shown.ref(town.post)


def test_a_withdrawal_takes_back_the_correction_and_what_it_corrected_in_one_write(town: Town) -> None:
    _, second = corrected(town)
    away = town.reply("", "k3", purpose=Purpose.WITHDRAW, replaces=second)
    before = len(town.platform.asked)
    assert publisher.find(away) is None
    receipt = publisher.publish(away)
    assert town.platform.standing("velacare") == []
    assert publisher.find(away) == receipt
    assert [method for method, _ in town.platform.asked[before:]].count("POST") == 1


def test_what_is_not_there_any_more_can_be_neither_corrected_nor_withdrawn(town: Town) -> None:
    first = publisher.publish(town.reply())
    town.platform.world.delete(town.platform.world.by(town.login.handle)[0].id)
    for purpose in (Purpose.CORRECT, Purpose.WITHDRAW):
        with pytest.raises(PublishRefused):
            publisher.publish(town.reply("Better.", "k2", purpose=purpose, replaces=first))


# --- before anything is written


@pytest.mark.parametrize(
    ("extra", "allowed"),
    [
        ({}, True),
        ({"reply_disabled": False, "reply_rules": ["mention"]}, True),
        ({"reply_disabled": True}, False),
        ({"reply_rules": []}, False),
        ({"reply_rules": ["following"]}, True),  # we cannot know yet: the look before sending decides
        ({"blocked": True}, False),
    ],
)
def test_whether_it_can_be_answered_follows_from_what_the_source_saw(
    town: Town, extra: dict[str, object], *, allowed: bool
) -> None:
    said = publisher.can_reply(Target("bluesky", "at://x", "ana", extra=extra), town.login)
    assert said.allowed is allowed
    assert bool(said.reason) is not allowed
    json.dumps(said.reason)


def test_an_account_that_is_not_signed_in_answers_nobody(town: Town) -> None:
    said = publisher.can_reply(Target("bluesky", "at://x", "ana"), Login("bluesky", town.platform.url))
    assert not said.allowed
    assert said.reason.endswith(".")
