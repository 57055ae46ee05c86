"""What every publisher must do. A new one adds itself to `PUBLISHERS`, on a stand-in of its platform."""

from collections.abc import Callable
from pathlib import Path

import pytest

from responders import publishers
from responders.ports import Publisher, PublishRefused, PublishUncertain, Purpose, Reply

Make = Callable[[Path, str], Publisher]  # a data folder, and "" or "timeout": the answer to what it takes is lost

PUBLISHERS: dict[str, Make] = {
    "dryrun": lambda data, fault: publishers.load("dryrun", data, f"{fault}=1" if fault else ""),
}


@pytest.fixture(params=sorted(PUBLISHERS))
def make(request: pytest.FixtureRequest) -> Make:
    return PUBLISHERS[request.param]


ANSWER = Reply("key-1", "x", "vela_care", "77", "ana", "I am sorry, Ana. A new lid is on its way.", "en")


def test_every_publisher_in_the_registry_is_held_to_this() -> None:
    assert set(PUBLISHERS) == set(publishers.PUBLISHERS)


def test_a_reply_that_was_sent_is_found_by_another_process(make: Make, tmp_path: Path) -> None:
    assert make(tmp_path, "").find(ANSWER) is None
    receipt = make(tmp_path, "").publish(ANSWER)
    assert receipt.external_id
    assert make(tmp_path, "").find(ANSWER) == receipt


def test_a_reply_whose_answer_was_lost_is_found_too(make: Make, tmp_path: Path) -> None:
    with pytest.raises(PublishUncertain):
        make(tmp_path, "timeout").publish(ANSWER)
    assert make(tmp_path, "").find(ANSWER) is not None


def test_somebody_elses_text_is_not_taken_for_ours(make: Make, tmp_path: Path) -> None:
    make(tmp_path, "").publish(ANSWER)
    other = Reply("key-2", "x", "vela_care", "77", "ana", "A text of another approval.", "en")
    assert make(tmp_path, "").find(other) is None


def test_a_correction_is_found_only_once_it_was_made(make: Make, tmp_path: Path) -> None:
    platform = make(tmp_path, "")
    receipt = platform.publish(ANSWER)
    better = Reply("key-2", "x", "vela_care", "77", "ana", "It comes on Tuesday.", "en", Purpose.CORRECT, receipt)
    assert platform.find(better) is None
    platform.publish(better)
    assert platform.find(better) is not None


def test_a_withdrawn_reply_is_gone_and_cannot_be_withdrawn_again(make: Make, tmp_path: Path) -> None:
    platform = make(tmp_path, "")
    receipt = platform.publish(ANSWER)
    away = Reply("key-2", "x", "vela_care", "77", "ana", "", "en", Purpose.WITHDRAW, receipt)
    platform.publish(away)
    assert platform.find(ANSWER) is None
    assert platform.find(away) is not None
    with pytest.raises(PublishRefused):
        platform.publish(away)


def test_it_says_whether_a_post_can_be_answered(make: Make, tmp_path: Path) -> None:
    assert make(tmp_path, "").can_reply("x", "77").allowed
