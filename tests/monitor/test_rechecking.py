"""Looking again at stored posts: when, with whose login, and what each answer means."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor import intake, rechecking
from monitor.domain.errors import RetryLater, SourceRefused
from monitor.domain.lifecycle import CaseState
from monitor.domain.records import Engagement, Login, Looked, Presence, Quota, Seen, Usage
from monitor.store import accounts, cases, events, ledger, rechecks, spending
from monitor.store.accounts import AccountRow
from tests import builders
from tests.making import post
from tests.monitor.street import Places, Street, login

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_posts_are_looked_at_in_batches_with_the_login_that_found_them(street: Street) -> None:
    street.finds(*range(1, 6))
    street.places.at_most = 2
    assert street.rechecks() == 0
    assert [ids for _, ids in street.places.asked] == [["1", "2"], ["3", "4"], ["5"]]
    assert {one.handle for one, _ in street.places.asked} == {"vela_care"}
    assert street.rechecks() == 0
    assert len(street.places.asked) == 3, "what was seen is not due again"


@pytest.mark.parametrize(
    ("age", "wait"), [(timedelta(0), HOUR), (2 * DAY, DAY), (40 * DAY, 7 * DAY), (500 * DAY, 28 * DAY)], ids=str
)
def test_a_post_that_is_there_is_looked_at_again_by_its_age(street: Street, age: timedelta, wait: timedelta) -> None:
    (mention_id,) = street.finds(1, age=age)
    street.rechecks()
    assert street.due_in(mention_id) == wait


@pytest.mark.parametrize("presence", [Presence.GONE, Presence.HIDDEN])
def test_what_is_gone_or_hidden_is_forgotten(street: Street, presence: Presence) -> None:
    first, second = street.finds(1, 2)
    street.places.says["1"] = Seen("1", presence)
    assert street.rechecks() == 1
    assert (street.row(first).text, street.row(first).gone_at) == (None, street.now)
    assert street.row(second).text is not None
    assert builders.case_of(street.store, first).state is CaseState.DISMISSED
    assert street.due_in(first) is None
    with street.store.reading() as work:
        assert ledger.take_stock(work).balanced


def test_what_the_platform_does_not_speak_of_is_looked_at_later_and_never_gone(street: Street) -> None:
    first, second = street.finds(1, 2)
    street.places.says["1"] = Seen("1", Presence.UNKNOWN)
    street.places.silent.add("2")
    assert street.rechecks() == 0
    assert [street.row(one).gone_at for one in (first, second)] == [None, None]
    assert [street.due_in(one) for one in (first, second)] == [HOUR, HOUR]


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (RetryLater("Busy.", after=600), timedelta(minutes=10)),
        (RetryLater("Busy for ever.", after=float("inf")), DAY),
        (SourceRefused("No."), HOUR),
    ],
    ids=["busy", "busy for ever", "refused"],
)
def test_a_look_that_fails_is_put_off(street: Street, fault: Exception, wait: timedelta) -> None:
    (mention_id,) = street.finds(1)
    street.places.fails = fault
    assert street.rechecks() == 0
    assert street.row(mention_id).text is not None
    assert street.due_in(mention_id) == wait
    street.places.fails = None
    street.rechecks(wait)
    assert len(street.places.asked) == 2


def test_a_login_that_cannot_be_opened_puts_it_off(street: Street) -> None:
    (mention_id,) = street.finds(1)

    def locked(account: AccountRow | None, platform: str, now: datetime) -> Login:
        message = "Sign in again."
        raise SourceRefused(message)

    rechecking.recheck_due(street.store, street.places.load, street.now, log_in=locked)
    assert (street.places.asked, street.due_in(mention_id)) == ([], HOUR)


def test_a_worker_that_dies_leaves_its_posts_to_the_next(street: Street) -> None:
    street.finds(1)
    street.places.fails = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        street.rechecks()
    street.places.fails = None
    street.rechecks(timedelta(minutes=1))
    assert len(street.places.asked) == 1
    street.rechecks(rechecks.CLAIM_FOR)
    assert len(street.places.asked) == 2


def test_a_source_that_cannot_be_asked_is_not_asked_again(street: Street) -> None:
    (mention_id,) = street.finds(1)
    street.places.at_most = 0
    street.rechecks()
    assert (street.places.asked, street.due_in(mention_id)) == ([], None)


def test_posts_that_came_by_hand_are_left_alone(street: Street) -> None:
    intake.add_posts(street.store, street.house.brand_id, [post("9")], street.now)
    street.rechecks(400 * DAY)
    assert street.places.asked == []


def test_when_a_watch_lost_its_account_the_one_that_answers_there_is_asked(street: Street) -> None:
    street.finds(1)
    with street.store.unit_of_work() as work:
        accounts.let_go(work, street.house.account_id)
        accounts.add(work, street.house.brand_id, "x", "new_care", "dryrun", street.now)
    street.rechecks()
    assert [one.handle for one, _ in street.places.asked] == ["new_care"]


def test_fresh_figures_make_a_case_due_sooner_and_never_later(street: Street) -> None:
    (mention_id,) = street.finds(1)
    before = builders.case_of(street.store, mention_id)
    viral = replace(street.places.posts["1"], engagement=Engagement(likes=900, reposts=400, views=90_000))
    street.places.posts["1"] = viral
    street.rechecks()
    case = builders.case_of(street.store, mention_id)
    assert (case.tier, case.audience, case.rising) == (before.tier + 1, 90_000, True)
    assert before.reply_by
    assert case.reply_by
    assert case.reply_by < before.reply_by
    assert street.row(mention_id).likes == 900
    with street.store.reading() as work:
        assert cases.desk(work, "complaints")[0].reply_by == case.reply_by
        assert events.of_case(work, case.id)[0].kind == "reach"
    street.places.posts["1"] = replace(viral, engagement=Engagement(likes=1, views=10))
    street.rechecks(HOUR)
    again = builders.case_of(street.store, mention_id)
    assert (again.tier, again.audience, again.reply_by) == (case.tier, 90_000, case.reply_by)


def test_a_figure_the_platform_leaves_out_stays(street: Street) -> None:
    (mention_id,) = street.finds(1)
    street.places.posts["1"] = replace(street.places.posts["1"], engagement=Engagement(likes=7))
    street.rechecks()
    street.places.posts["1"] = replace(street.places.posts["1"], engagement=Engagement(reposts=3))
    street.rechecks(HOUR)
    row = street.row(mention_id)
    assert (row.likes, row.reposts) == (7, 3)


def test_an_edit_seen_on_the_way_is_taken_over(street: Street) -> None:
    (mention_id,) = street.finds(1)
    street.places.posts["1"] = replace(street.places.posts["1"], text="It works again.", extra={"locked": True})
    street.rechecks()
    assert (street.row(mention_id).text, street.row(mention_id).edited_at) == ("It works again.", street.now)
    with street.store.reading() as work:
        assert rechecks.targets(work, [mention_id])[mention_id].extra == {"locked": True}


def test_what_looking_costs_is_booked(street: Street) -> None:
    street.finds(1, 2)
    street.places.usage = Usage((Quota("lookup", 300, 299, 900.0),), {"post_read": 2})
    street.rechecks()
    with street.store.reading() as work:
        assert spending.this_month(work, street.house.account_id, street.now) == 10_000
        assert [one.remaining for one in spending.quotas(work)] == [299]


def test_two_workers_do_not_look_at_the_same_posts(street: Street) -> None:
    street.finds(1, 2, 3)
    while_looking: list[Callable[[], int]] = [street.rechecks]
    look_up = street.places.look_up

    class Meanwhile(Places):
        def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
            while while_looking:
                while_looking.pop()()
            return look_up(login, external_ids)

    rechecking.recheck_due(street.store, Meanwhile().load, street.now, log_in=login)
    assert [ids for _, ids in street.places.asked] == [["1", "2", "3"]]


def test_looking_never_breaks_the_months_cap(street: Street) -> None:
    (mention_id,) = street.finds(1)
    with street.store.unit_of_work() as work:
        accounts.change(work, street.house.account_id, cap_micros=14_999)  # a post and its author: 15,000 at most
    street.rechecks()
    assert (street.places.asked, street.due_in(mention_id)) == ([], HOUR)
    with street.store.unit_of_work() as work:
        accounts.change(work, street.house.account_id, cap_micros=15_000)
    street.rechecks(HOUR)
    assert len(street.places.asked) == 1
