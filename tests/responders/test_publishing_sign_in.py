"""A sign-in that a platform does not accept any more: renewed once, and a reply is never sent for it twice."""

from datetime import datetime

import pytest

from monitor.domain.errors import Remedy, RetryLater, SourceRefused
from monitor.domain.lifecycle import CaseState
from monitor.domain.records import Login
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from responders import publishing, reconciling
from responders.ports import PublishUncertain, Receipt, SignInRefused
from tests import builders
from tests.responders.platform import LIMIT, Clock, Platform, outbox

NOT_ACCEPTED = "This sign-in is not accepted any more."


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


def fresh(account: AccountRow, now: datetime) -> Login:
    return Login(account.platform, "", account.handle, secret={"token": "fresh"})


def published(store: Store, case_id: int, platform: Platform, clock: Clock, renew: publishing.LogIn | None) -> str:
    return publishing.publish_case(store, case_id, platform.load, clock, renew=renew)


def test_a_reply_goes_out_with_fresh_tokens_when_the_old_ones_are_not_accepted(store: Store, clock: Clock) -> None:
    case_id = builders.approved(store, builders.house(store, clock()), clock())
    platform = Platform(answers=[SignInRefused(NOT_ACCEPTED)])
    assert published(store, case_id, platform, clock, fresh) == CaseState.REPLIED
    assert [one.login.secret for one in platform.sent] == [{}, {"token": "fresh"}]


def test_fresh_tokens_that_are_not_accepted_either_leave_it_to_a_person(sqlite_store: Store, clock: Clock) -> None:
    case_id = builders.approved(sqlite_store, builders.house(sqlite_store, clock()), clock())
    platform = Platform(answers=[SignInRefused(NOT_ACCEPTED), SignInRefused(NOT_ACCEPTED)])
    assert published(sqlite_store, case_id, platform, clock, fresh) == CaseState.FAILED
    assert "connect the account again" in outbox(sqlite_store, case_id)[0].error
    assert len(platform.sent) == 2


def test_a_renewal_that_must_wait_puts_the_reply_off(sqlite_store: Store, clock: Clock) -> None:
    def busy(account: AccountRow, now: datetime) -> Login:
        message = "Another worker is at it."
        raise RetryLater(message, after=5)

    case_id = builders.approved(sqlite_store, builders.house(sqlite_store, clock()), clock())
    platform = Platform(answers=[SignInRefused(NOT_ACCEPTED)])
    assert published(sqlite_store, case_id, platform, clock, busy) == CaseState.APPROVED


def test_a_renewal_that_is_refused_asks_a_person_to_connect_again(sqlite_store: Store, clock: Clock) -> None:
    def over(account: AccountRow, now: datetime) -> Login:
        message = "The sign-in was taken back."
        raise SourceRefused(message, remedy=Remedy.RECONNECT)

    case_id = builders.approved(sqlite_store, builders.house(sqlite_store, clock()), clock())
    platform = Platform(answers=[SignInRefused(NOT_ACCEPTED)])
    assert published(sqlite_store, case_id, platform, clock, over) == CaseState.FAILED
    assert "taken back" in outbox(sqlite_store, case_id)[0].error


def test_an_answer_that_is_lost_after_a_renewal_is_looked_for_and_not_sent_again(
    sqlite_store: Store, clock: Clock
) -> None:
    case_id = builders.approved(sqlite_store, builders.house(sqlite_store, clock()), clock())
    platform = Platform(answers=[SignInRefused(NOT_ACCEPTED), PublishUncertain("Nobody knows.")])
    assert published(sqlite_store, case_id, platform, clock, fresh) == CaseState.UNCERTAIN
    assert len(platform.sent) == 2


def test_a_look_for_a_reply_renews_the_sign_in_too(sqlite_store: Store, clock: Clock) -> None:
    case_id = builders.approved(sqlite_store, builders.house(sqlite_store, clock()), clock())
    platform = Platform(
        answers=[PublishUncertain("Nobody knows.")], shows=[SignInRefused(NOT_ACCEPTED), Receipt("found-1")]
    )
    assert published(sqlite_store, case_id, platform, clock, None) == CaseState.UNCERTAIN
    clock.move(publishing.LOOKS_S[0])
    assert reconciling.reconcile(sqlite_store, platform.load, clock(), time_limit=LIMIT, renew=fresh) == 1
    assert outbox(sqlite_store, case_id)[0].external_id == "found-1"
