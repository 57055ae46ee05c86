"""What every publisher promises, tried on each one that is registered."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.errors import RetryLater
from monitor.simulated.server import Fault
from responders.ports import (
    PublishDeferred,
    Publisher,
    PublishRefused,
    PublishUncertain,
    Purpose,
    Receipt,
    Reply,
    Target,
)
from responders.publishers import PUBLISHERS, load
from tests.contracts.stands import finding
from tests.contracts.stands.base import PublisherStand

STANDS = dict(finding.publishers(PUBLISHERS))
LATER = 120.0  # seconds after which every platform shows what was written
SORRY = "I am sorry, Ana. A new lid is on its way."
TUESDAY = "I am sorry, Ana. A new lid is on its way, and it comes on Tuesday."
WRITES = "[PD]*"  # POST, PUT, PATCH, DELETE
_OF_LISTS = {Fault.DUPLICATE_PAGE, Fault.MISSING_PAGE}
FAULTS = [fault for fault in Fault if fault not in _OF_LISTS]
NOT_TAKEN = {Fault.LIMIT, Fault.LIMIT_BARE, Fault.EXPIRED}  # the platform says that it did nothing


@dataclass
class Desk:
    """A stand, and the replies that are written on it."""

    name: str
    stand: PublisherStand
    keys: int = 0

    def reply(self, target: Target, text: str = SORRY) -> Reply:
        self.keys += 1
        at = datetime.fromtimestamp(self.stand.platform.clock() if self.stand.platform else 1_772_445_600, UTC)
        return Reply(f"key-{self.keys}", self.stand.login, target.external_id, target.handle, text, "en", at)

    def correct(self, sent: Reply, receipt: Receipt) -> Reply:
        target = Target(sent.login.platform, sent.to_external_id, sent.to_handle)
        return replace(self.reply(target, TUESDAY), purpose=Purpose.CORRECT, replaces=receipt)

    def withdraw(self, sent: Reply, receipt: Receipt) -> Reply:
        target = Target(sent.login.platform, sent.to_external_id, sent.to_handle)
        return replace(self.reply(target, ""), purpose=Purpose.WITHDRAW, replaces=receipt)

    def another(self) -> Publisher:
        """Return the publisher as another process has it."""
        return load(self.name, self.stand.data)

    def find(self, reply: Reply) -> Receipt | None:
        self.stand.move(LATER)
        return self.another().find(reply)

    def texts(self) -> list[str]:
        return [text for _, text in self.stand.standing()]

    def asked(self) -> int:
        return len(self.stand.platform.asked) if self.stand.platform else 0

    def written(self, since: int) -> list[tuple[str, str]]:
        """Return the calls that changed something; signing in changes nothing."""
        calls = self.stand.platform.asked[since:] if self.stand.platform else []
        signing_in = ("token", "oauth", "session")
        return [one for one in calls if one[0] != "GET" and not any(word in one[1].lower() for word in signing_in)]

    def meets(self, fault: Fault, method: str) -> None:
        if self.stand.platform:
            self.stand.platform.faults.plan(fault, method=method)

    def goes_well(self) -> None:
        if self.stand.platform:
            self.stand.platform.faults._planned.clear()


@pytest.fixture(params=sorted(STANDS))
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    make: Callable[[], PublisherStand] = STANDS[request.param]
    stand = make()
    if stand.platform:
        stand.platform.slow_s = 0.05
    yield Desk(request.param, stand)
    if stand.platform:
        stand.platform.stop()
    stand.close()


def test_it_is_found_by_its_name(desk: Desk) -> None:
    assert isinstance(desk.another(), type(desk.stand.publisher))


def test_a_reply_stands_once_and_is_found_by_another_process(desk: Desk) -> None:
    target = desk.stand.target()
    reply = desk.reply(target)
    assert desk.find(reply) is None
    receipt = desk.stand.publisher.publish(reply)
    ((answered, text),) = desk.stand.standing()
    assert answered == target.external_id
    assert SORRY in text
    assert receipt.external_id
    assert receipt.simulated or receipt.url.startswith("http")
    found = desk.find(reply)
    assert found is not None
    assert (found.external_id, found.url) == (receipt.external_id, receipt.url)


def test_a_reply_whose_text_was_purged_is_found_too(desk: Desk) -> None:
    reply = desk.reply(desk.stand.target())
    receipt = desk.stand.publisher.publish(reply)
    assert desk.find(replace(reply, text="")) == receipt


def test_another_text_of_ours_is_not_taken_for_this_one(desk: Desk) -> None:
    target = desk.stand.target()
    desk.stand.publisher.publish(desk.reply(target))
    assert desk.find(desk.reply(target, "A text of another approval.")) is None
    assert desk.find(desk.reply(desk.stand.target())) is None


def test_the_same_words_of_somebody_else_are_not_taken_for_ours(desk: Desk) -> None:
    platform: Any = desk.stand.platform
    target = desk.stand.target()
    if platform is not None:
        post = next(one for one in platform.world.posts.values() if platform.external_id(one) == target.external_id)
        platform.world.post("a_stranger", SORRY, reply_to=post)
    assert desk.find(desk.reply(target)) is None


def test_a_correction_is_found_only_once_it_was_made(desk: Desk) -> None:
    reply = desk.reply(desk.stand.target())
    receipt = desk.stand.publisher.publish(reply)
    better = desk.correct(reply, receipt)
    assert desk.find(better) is None
    made = desk.stand.publisher.publish(better)
    assert any(TUESDAY in text for text in desk.texts())
    assert len(desk.texts()) == 1 or not desk.stand.corrects_in_place
    found = desk.find(better)
    assert found is not None
    assert found.external_id == made.external_id


def test_a_withdrawn_reply_is_gone_and_stays_gone(desk: Desk) -> None:
    reply = desk.reply(desk.stand.target())
    receipt = desk.stand.publisher.publish(reply)
    away = desk.withdraw(reply, receipt)
    assert desk.find(away) is None
    desk.stand.publisher.publish(away)
    assert desk.texts() == []
    assert desk.find(away) is not None
    assert desk.find(reply) is None
    with suppress(PublishRefused):  # some platforms say that it is gone, some that it is not there
        desk.stand.publisher.publish(away)
    assert desk.texts() == []


def test_a_post_that_was_deleted_is_not_answered(desk: Desk) -> None:
    target = desk.stand.target()
    desk.stand.delete_target(target.external_id)
    if desk.stand.platform is None:
        return  # the dry run takes everything
    before = desk.asked()
    with pytest.raises(PublishRefused):
        desk.stand.publisher.publish(desk.reply(target))
    assert desk.stand.standing() == []
    assert len(desk.written(before)) <= 1


def test_a_call_to_publish_writes_once(desk: Desk) -> None:
    reply = desk.reply(desk.stand.target())
    receipt = desk.stand.publisher.publish(reply)
    assert len(desk.written(0)) == bool(desk.stand.platform)
    for change in (desk.correct, desk.withdraw):
        before = desk.asked()
        desk.stand.publisher.publish(change(reply, receipt))
        assert len(desk.written(before)) == bool(desk.stand.platform)


def test_whether_a_post_can_be_answered_is_known_without_a_call(desk: Desk) -> None:
    target, before = desk.stand.target(), desk.asked()
    assert desk.stand.publisher.can_reply(target, desk.stand.login).allowed
    assert desk.asked() == before


# --- when the platform fails


def _published(desk: Desk, reply: Reply) -> str:
    """Publish, and say what the publisher said: sent, refused, deferred or uncertain."""
    try:
        desk.stand.publisher.publish(reply)
    except PublishDeferred as deferred:
        return "deferred" if 0 < deferred.after < 86_400 else f"deferred by {deferred.after} seconds"
    except PublishRefused:
        return "refused"
    except PublishUncertain:
        return "uncertain"
    return "sent"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_write_leaves_at_most_one_reply_and_says_what_is_known(desk: Desk, fault: Fault) -> None:
    reply, before = desk.reply(desk.stand.target()), desk.asked()
    desk.meets(fault, WRITES)
    said, stands = _published(desk, reply), len(desk.stand.standing())
    assert stands <= 1
    assert len(desk.written(before)) <= 1, "the write was repeated"
    assert said != "sent" or stands == 1
    assert said not in {"refused", "deferred"} or stands == 0
    if desk.stand.platform and fault is not Fault.SLOW:
        assert said in ({"refused", "deferred"} if fault in NOT_TAKEN else {"uncertain"})
    desk.goes_well()
    assert (desk.find(reply) is not None) is bool(stands)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_before_the_write_sends_nothing_and_says_so(desk: Desk, fault: Fault) -> None:
    reply, before = desk.reply(desk.stand.target()), desk.asked()
    desk.meets(fault, "GET")
    said = _published(desk, reply)
    assert said != "uncertain"
    assert len(desk.written(before)) == len(desk.stand.standing()) or desk.stand.platform is None
    assert len(desk.stand.standing()) == (said == "sent")
    assert said != "refused" or fault is Fault.EXPIRED, "something that passes ended the reply"


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.LOST, Fault.ERROR, Fault.HTML])
@pytest.mark.parametrize("purpose", [Purpose.CORRECT, Purpose.WITHDRAW])
def test_a_change_whose_answer_was_lost_is_found_when_it_was_made(desk: Desk, fault: Fault, purpose: Purpose) -> None:
    reply = desk.reply(desk.stand.target())
    receipt = desk.stand.publisher.publish(reply)
    change = (desk.correct if purpose is Purpose.CORRECT else desk.withdraw)(reply, receipt)
    desk.meets(fault, WRITES)
    said, texts = _published(desk, change), desk.texts()
    made = not texts if purpose is Purpose.WITHDRAW else any(TUESDAY in text for text in texts)
    assert said == ("uncertain" if desk.stand.platform else "sent")
    assert made is (fault is Fault.LOST or desk.stand.platform is None)
    desk.goes_well()
    assert (desk.find(change) is not None) is made


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("sent", [True, False])
def test_a_fault_while_looking_never_says_that_a_reply_is_not_there(desk: Desk, fault: Fault, *, sent: bool) -> None:
    reply = desk.reply(desk.stand.target())
    if sent:
        desk.stand.publisher.publish(reply)
    desk.stand.move(LATER)
    desk.meets(fault, "*")
    with suppress(RetryLater):
        assert (desk.another().find(reply) is not None) is sent
