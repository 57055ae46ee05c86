from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain.errors import BadInput, RetryLater
from monitor.domain.records import Login
from responders import publishers
from responders.ports import PublishDeferred, PublishRefused, PublishUncertain, Purpose, Receipt, Reply
from responders.publishers.dryrun import FILE, DryRunPublisher, Faults, forget, posts

LOGIN = Login("x", "", "vela_care")
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def reply(
    key: str = "k1", *, text: str = "Sorry.", purpose: Purpose = Purpose.ANSWER, replaces: Receipt | None = None
) -> Reply:
    return Reply(key, LOGIN, "77", "ana", text, "en", AT, purpose, replaces)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / FILE


def test_a_reply_stands_on_the_platform_as_it_was_sent(path: Path) -> None:
    receipt = DryRunPublisher(path).publish(reply(text="Λυπόμαστε, Ana. 🙏"))
    (post,) = posts(path)
    assert receipt == Receipt(f"dryrun-{post.id}", simulated=True)
    assert (post.key, post.account, post.in_reply_to, post.to_handle) == ("k1", "vela_care", "77", "ana")
    assert (post.text, post.edited_at, post.deleted_at) == ("Λυπόμαστε, Ana. 🙏", None, None)


def test_the_same_reply_sent_twice_stands_there_twice(path: Path) -> None:
    for _ in range(2):
        DryRunPublisher(path).publish(reply())
    assert [post.key for post in posts(path)] == ["k1", "k1"]


def test_a_platform_that_was_never_used_shows_nothing_and_leaves_no_file(path: Path) -> None:
    assert posts(path) == []
    assert not path.exists()


def test_a_correction_changes_the_text_and_a_withdrawal_leaves_a_trace(path: Path) -> None:
    platform = DryRunPublisher(path)
    first = platform.publish(reply())
    fixed = reply("k2", text="Sorry, and thanks.", purpose=Purpose.CORRECT, replaces=first)
    assert platform.find(fixed) is None
    second = platform.publish(fixed)
    assert platform.find(fixed) == second == first
    gone = reply("k3", text="", purpose=Purpose.WITHDRAW, replaces=second)
    assert platform.find(gone) is None
    platform.publish(gone)
    assert platform.find(gone) == first
    (post,) = posts(path)
    assert post.text == "Sorry, and thanks."
    assert post.edited_at
    assert post.deleted_at


def test_what_is_not_there_cannot_be_changed(path: Path) -> None:
    platform = DryRunPublisher(path)
    with pytest.raises(PublishRefused, match="no post of ours there to correct"):
        platform.publish(reply(purpose=Purpose.CORRECT, replaces=Receipt("dryrun-5")))
    first = platform.publish(reply())
    platform.publish(reply("k2", purpose=Purpose.WITHDRAW, replaces=first))
    with pytest.raises(PublishRefused, match="to withdraw"):
        platform.publish(reply("k3", purpose=Purpose.WITHDRAW, replaces=first))


def test_it_finds_our_reply_by_account_post_and_text_as_a_platform_would(path: Path) -> None:
    platform = DryRunPublisher(path)
    assert platform.find(reply()) is None
    sent = platform.publish(reply())
    assert platform.find(reply("another key")) == sent
    assert platform.find(reply(text="Something else.")) is None
    assert platform.find(reply(text="")) == sent  # the text was purged meanwhile
    elsewhere = Reply("k1", LOGIN, "78", "ana", "Sorry.", "en", AT)
    assert platform.find(elsewhere) is None


@pytest.mark.parametrize(
    ("faults", "error", "stands"),
    [
        ("fail=1", PublishDeferred, 0),
        ("limit=1", PublishDeferred, 0),
        ("refuse=1", PublishRefused, 0),
        ("timeout=1", PublishUncertain, 1),
    ],
)
def test_a_fault_strikes_before_or_after_the_reply_was_taken(
    path: Path, faults: str, error: type[Exception], stands: int
) -> None:
    with pytest.raises(error):
        DryRunPublisher(path, Faults.parse(faults)).publish(reply())
    assert len(posts(path)) == stands


def test_a_limit_asks_for_more_patience_than_a_failure(path: Path) -> None:
    waits = []
    for faults in ("fail=1", "limit=1"):
        with pytest.raises(PublishDeferred) as deferred:
            DryRunPublisher(path, Faults.parse(faults)).publish(reply())
        waits.append(deferred.value.after)
    assert waits[0] < waits[1]


def test_looking_can_fail_too(path: Path) -> None:
    with pytest.raises(RetryLater):
        DryRunPublisher(path, Faults.parse("fail=1")).find(reply())


def test_faults_come_as_often_as_set_and_the_same_on_every_run() -> None:
    faults = Faults(fail=0.2, limit=0.1, refuse=0.1, timeout=0.2, seed=1)
    fates = [faults.pick(f"k{number}", 0) for number in range(2000)]
    assert fates == [faults.pick(f"k{number}", 0) for number in range(2000)]
    assert fates != [Faults(fail=0.2, limit=0.1, refuse=0.1, timeout=0.2, seed=2).pick(f"k{n}", 0) for n in range(2000)]
    shares = {name: fates.count(name) / 2000 for name in ("", "fail", "limit", "refuse", "timeout")}
    wanted = {"": 0.4, "fail": 0.2, "limit": 0.1, "refuse": 0.1, "timeout": 0.2}
    assert all(abs(shares[name] - wanted[name]) < 0.04 for name in wanted), shares


def test_a_reply_that_failed_once_gets_through_in_the_end_whichever_process_tries(path: Path) -> None:
    tries = 0
    while not posts(path):
        tries += 1
        with suppress(PublishDeferred):
            DryRunPublisher(path, Faults(fail=0.7)).publish(reply())
    assert 1 < tries < 50


def test_slow_is_how_long_a_call_takes(path: Path) -> None:
    import time

    began = time.monotonic()
    DryRunPublisher(path, Faults.parse("slow=0.2")).publish(reply())
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("written", ["fail", "fail=a", "pigeons=1", "fail=-1", "fail=0.1=2"])
def test_faults_that_cannot_be_read_are_named(written: str) -> None:
    with pytest.raises(BadInput, match="fail, limit, refuse, timeout, slow, seed"):
        Faults.parse(written)


def test_the_registry_gives_the_dry_run_of_a_data_folder(tmp_path: Path) -> None:
    publishers.load("dryrun", tmp_path, "").publish(reply())
    assert len(posts(tmp_path / FILE)) == 1
    with pytest.raises(BadInput, match="Choose one of: dryrun"):
        publishers.load("pigeon", tmp_path)


def test_replies_to_a_post_that_is_gone_are_emptied_and_stay_known(tmp_path: Path) -> None:
    forget(tmp_path / FILE, "x", ["1"])
    assert not (tmp_path / FILE).exists(), "nothing was ever sent there"
    publisher = DryRunPublisher(tmp_path / FILE)
    for key, to in (("a", "1"), ("b", "2")):
        publisher.publish(replace(reply(), key=key, to_external_id=to, text=f"We are sorry about {to}."))
    forget(tmp_path / FILE, "mastodon", ["1"])
    forget(tmp_path / FILE, "x", ["1", "no such post"])
    assert [(one.in_reply_to, one.text) for one in posts(tmp_path / FILE)] == [
        ("1", ""),
        ("2", "We are sorry about 2."),
    ]
    assert b"sorry about 1" not in (tmp_path / FILE).read_bytes()
    purged = replace(reply(), key="a", to_external_id="1", text="")
    assert publisher.find(purged) is not None
