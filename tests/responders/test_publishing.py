import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import text

from monitor.domain.errors import BadInput, Conflict
from monitor.domain.lifecycle import CaseState
from monitor.logins import Logins
from monitor.store import ledger
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from monitor.vault import Vault
from responders import publishing, reviewing
from responders.ports import PublishDeferred, Publisher, PublishRefused
from tests import builders
from tests.responders.platform import Clock, Platform, outbox, publish

LIMITED = "Replies are limited on this post."


def test_an_approved_reply_is_sent_to_the_post_it_answers(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    case_id = builders.approved(store, house, clock(), 7)
    assert publishing.due(store, clock()) == [case_id]
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    (reply,) = platform.sent
    assert (reply.login.platform, reply.login.handle, reply.to_external_id) == ("x", "vela_care", "7")
    assert reply.to_handle == "author_7"
    assert reply.text == "I am sorry that your kettle leaks. We send you lid 1-1 today."
    (line,) = outbox(store, case_id)
    assert (line.state, line.external_id, line.approved_by, line.text) == ("sent", "post-1", "Maria", reply.text)
    assert line.url == "https://example.invalid/post-1"
    assert publishing.due(store, clock()) == []


def test_nothing_is_sent_before_the_undo_window_has_passed(sqlite_store: Store, clock: Clock) -> None:
    house, platform = builders.house(sqlite_store, clock(), undo_s=10), Platform()
    case_id = builders.approved(sqlite_store, house, clock())
    clock.move(9)
    assert publish(sqlite_store, case_id, platform, clock) == CaseState.APPROVED
    assert platform.sent == []
    clock.move(1)
    assert publish(sqlite_store, case_id, platform, clock) == CaseState.REPLIED


def test_an_undone_approval_is_not_sent(sqlite_store: Store, clock: Clock) -> None:
    house, platform = builders.house(sqlite_store, clock()), Platform()
    case_id = builders.approved(sqlite_store, house, clock())
    reviewing.undo(sqlite_store, house.lead, case_id, clock())
    assert publish(sqlite_store, case_id, platform, clock) == CaseState.IN_REVIEW
    assert platform.sent == []


def test_two_workers_at_once_send_one_reply(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    numbers = range(1, 9)
    ids = [builders.approved(store, house, clock(), number) for number in numbers]
    start = Barrier(2)

    def work() -> None:
        start.wait()
        for case_id in ids:
            publish(store, case_id, platform, clock)

    workers = [Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(reply.to_external_id for reply in platform.sent) == [str(number) for number in numbers]


def test_a_refusal_goes_to_a_person_with_the_reason(sqlite_store: Store, clock: Clock) -> None:
    house, platform = builders.house(sqlite_store, clock()), Platform([PublishRefused(LIMITED)])
    case_id = builders.approved(sqlite_store, house, clock())
    assert publish(sqlite_store, case_id, platform, clock) == CaseState.FAILED
    (line,) = outbox(sqlite_store, case_id)
    assert (line.state, line.error) == ("refused", LIMITED)


def test_a_refused_reply_goes_out_after_a_new_approval_only(sqlite_store: Store, clock: Clock) -> None:
    store = sqlite_store
    house, platform = builders.house(store, clock()), Platform([PublishRefused("Not now.")])
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, platform, clock)
    reviewing.back_to_review(store, house.lead, case_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    builders.approve(store, house, case_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert [line.state for line in outbox(store, case_id)] == ["sent", "refused"]
    assert len({reply.key for reply in platform.sent}) == 2


def test_a_deferred_reply_is_tried_again_when_the_platform_said_so(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform([PublishDeferred("Too many.", after=900)])
    case_id = builders.approved(store, house, clock())
    assert publish(store, case_id, platform, clock) == CaseState.APPROVED
    (line,) = outbox(store, case_id)
    assert (line.state, line.error, line.not_before) == ("deferred", "Too many.", clock() + timedelta(seconds=900))
    clock.move(899)
    assert publishing.due(store, clock()) == []
    clock.move(1)
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    (again,) = outbox(store, case_id)
    assert (again.id, again.state, again.attempts, again.error) == (line.id, "sent", 2, "")
    first, second = platform.sent
    assert first.key == second.key


def test_a_deferred_reply_that_is_undone_is_called_off(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform([PublishDeferred("Too many.", after=60)])
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, platform, clock)
    reviewing.undo(store, house.lead, case_id, clock())
    clock.move(61)
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    builders.write(store, house, case_id, clock(), "I am sorry about your kettle. A new lid is on its way.")
    builders.approve(store, house, case_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert [line.state for line in outbox(store, case_id)] == ["sent", "undone"]
    assert platform.sent[-1].text == "I am sorry about your kettle. A new lid is on its way."


def test_a_reply_that_is_put_off_again_and_again_goes_to_a_person(sqlite_store: Store, clock: Clock) -> None:
    platform = Platform([PublishDeferred("Busy.", after=60) for _ in range(publishing.MOST_TRIES)])
    case_id = builders.approved(sqlite_store, builders.house(sqlite_store, clock()), clock())
    states = []
    for _ in range(publishing.MOST_TRIES):
        states.append(publish(sqlite_store, case_id, platform, clock))
        clock.move(60)
    assert states == [CaseState.APPROVED] * (publishing.MOST_TRIES - 1) + [CaseState.FAILED]


# --- corrections and withdrawals ----------------------------------------------------------------------------------------


def test_a_correction_names_what_it_replaces_and_a_withdrawal_too(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, platform, clock)
    reviewing.correct(store, house.lead, case_id, clock())
    builders.write(store, house, case_id, clock(), "I am sorry that your kettle leaks. The lid comes on Tuesday.")
    builders.approve(store, house, case_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    reviewing.withdraw(store, house.lead, case_id, "It named the wrong day.", clock())
    builders.approve(store, house, case_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert [(one.purpose, one.replaces and one.replaces.external_id) for one in platform.sent] == [
        ("answer", None),
        ("correct", "post-1"),
        ("withdraw", "post-2"),
    ]
    assert [line.purpose for line in outbox(store, case_id)] == ["withdraw", "correct", "answer"]


def test_a_reply_can_be_withdrawn_after_the_customer_deleted_their_post(sqlite_store: Store, clock: Clock) -> None:
    store, platform = sqlite_store, Platform()
    house = builders.house(store, clock())
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, platform, clock)
    reviewing.withdraw(store, house.lead, case_id, "It named the wrong day.", clock())
    builders.approve(store, house, case_id, clock())
    with store.unit_of_work() as work:
        ledger.purge(work, builders.state(store, case_id).mention_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert platform.sent[-1].purpose == "withdraw"


def test_what_was_withdrawn_cannot_be_corrected(sqlite_store: Store, clock: Clock) -> None:
    store, platform = sqlite_store, Platform()
    house = builders.house(store, clock())
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, platform, clock)
    reviewing.withdraw(store, house.lead, case_id, "It named the wrong day.", clock())
    builders.approve(store, house, case_id, clock())
    publish(store, case_id, platform, clock)
    with pytest.raises(Conflict, match="taken down already"):
        reviewing.correct(store, house.lead, case_id, clock())
    assert builders.state(store, case_id).state is CaseState.REPLIED


def test_a_correction_sent_back_does_not_become_a_second_answer(sqlite_store: Store, clock: Clock) -> None:
    store, platform = sqlite_store, Platform()
    house = builders.house(store, clock())
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, platform, clock)
    reviewing.correct(store, house.lead, case_id, clock())
    with pytest.raises(Conflict, match="Change this one yourself"):
        reviewing.reject(store, house.lead, case_id, "shorter", clock())
    assert builders.state(store, case_id).state is CaseState.IN_REVIEW


# --- accounts -----------------------------------------------------------------------------------------------------------


def test_the_dry_run_serves_demo_brands_and_dry_runs_only(sqlite_store: Store, clock: Clock) -> None:
    store, platform = sqlite_store, Platform()
    house = builders.house(store, clock(), is_demo=False)
    first, second = (builders.approved(store, house, clock(), number) for number in (1, 2))
    assert publish(store, first, platform, clock) == CaseState.FAILED
    assert platform.sent == []
    assert "serves demo brands and --dry-run only" in outbox(store, first)[0].error
    assert publishing.publish_case(store, second, platform.load, clock, dry_run=True) == CaseState.REPLIED


def test_a_publisher_that_is_not_known_is_a_refusal_with_its_reason(sqlite_store: Store, clock: Clock) -> None:
    def unknown(account: AccountRow) -> Publisher:
        message = f'There is no publisher "{account.publisher}".'
        raise BadInput(message)

    case_id = builders.approved(
        sqlite_store, builders.house(sqlite_store, clock(), publisher="pigeon", is_demo=False), clock()
    )
    assert publishing.publish_case(sqlite_store, case_id, unknown, clock) == CaseState.FAILED
    assert outbox(sqlite_store, case_id)[0].error == 'There is no publisher "pigeon". Nothing was sent.'


def logins(store: Store, vault: Vault) -> publishing.LogIn:
    return Logins(store, vault, lambda _platform: {}, lambda _platform: None, "here").of


def test_the_secret_of_an_account_reaches_its_publisher_and_no_page(sqlite_store: Store, clock: Clock) -> None:
    store, platform, vault = sqlite_store, Platform(), Vault(b"a key")
    house = builders.house(store, clock())
    locked = vault.lock(json.dumps({"token": "hunter2"}))
    with store.unit_of_work() as work:
        work.execute(text("UPDATE account SET secret = :locked"), {"locked": locked})
    first, second = (builders.approved(store, house, clock(), number) for number in (1, 2))
    publishing.publish_case(store, first, platform.load, clock, log_in=logins(store, vault))
    assert platform.sent[0].login.secret == {"token": "hunter2"}
    assert "hunter2" not in repr(platform.sent[0])
    other_key = Vault(b"another key")
    assert (
        publishing.publish_case(store, second, platform.load, clock, log_in=logins(store, other_key))
        == CaseState.FAILED
    )
    assert "restore secret.key" in outbox(store, second)[0].error
    assert len(platform.sent) == 1
