"""Quotas and costs in the database: booked with what used them, and looked at before the next call."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from monitor import budgets
from monitor.domain.errors import Remedy
from monitor.domain.records import Quota, Usage
from monitor.store import accounts, brands, spending, watches
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from monitor.store.watches import WatchRow

DOLLAR = 1_000_000


class Desk:
    """A brand with an account on X and a watch that reads with it."""

    def __init__(
        self, store: Store, now: datetime, cap: int | None = None, query: Mapping[str, object] | None = None
    ) -> None:
        self.store, self.now = store, now
        with store.unit_of_work() as work:
            self.brand_id = brands.create(work, "vela", "Vela", now)
            self.account_id = accounts.add(work, self.brand_id, "x", "vela", "x", now, cap_micros=cap)
        self.watch_id = self.watch(query or {"kind": "search", "words": ["vela"]})

    def watch(self, query: Mapping[str, object], buckets: str = "search") -> int:
        with self.store.unit_of_work() as work:
            added = watches.add(work, self.brand_id, "x", query, self.now, account_id=self.account_id)
            watches.change(work, added, buckets=buckets)
            return added

    @property
    def account(self) -> AccountRow:
        with self.store.reading() as work:
            return accounts.get(work, self.account_id)

    def row(self, watch_id: int = 0) -> WatchRow:
        with self.store.reading() as work:
            found = watches.get(work, watch_id or self.watch_id)
        assert found
        return found

    def book(self, used_by: str = "watch:1", *quotas: Quota, now: datetime | None = None, **billed: int) -> None:
        with self.store.unit_of_work() as work:
            budgets.book(work, self.account, used_by, Usage(quotas, billed), now or self.now)

    def held(self, now: datetime | None = None, watch_id: int = 0) -> budgets.Hold | None:
        with self.store.reading() as work:
            return budgets.held(work, self.row(watch_id), self.account, now or self.now)


def test_what_is_booked_adds_up_by_day_and_use(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    desk.book("watch:1", post_read=2, user_read=1)
    desk.book("watch:1", post_read=1)
    desk.book("reply", post=1)
    desk.book("watch:1", now=now + timedelta(days=1), post_read=1)
    with store.reading() as work:
        bills = spending.bills(work, now)
        assert spending.this_month(work, desk.account_id, now) == 3 * 5_000 + 10_000 + 15_000 + 5_000
    assert [(one.day, one.used_by, one.objects, one.micros) for one in bills] == [
        ("2026-03-02", "reply", 1, 15_000),
        ("2026-03-02", "watch:1", 4, 25_000),
        ("2026-03-03", "watch:1", 1, 5_000),
    ]


def test_a_new_month_starts_from_nothing(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    desk.book(now=datetime(2026, 3, 31, 23, 59, tzinfo=UTC), post_read=1)
    with store.reading() as work:
        assert spending.this_month(work, desk.account_id, datetime(2026, 4, 1, tzinfo=UTC)) == 0
        assert spending.this_month(work, desk.account_id, datetime(2026, 3, 1, tzinfo=UTC)) == 5_000


def test_many_workers_book_at_once_and_nothing_is_lost(store: Store, now: datetime) -> None:
    desk, start = Desk(store, now), Barrier(4)

    def work() -> None:
        start.wait()
        for left in range(10):
            quotas = (Quota("search", 450, left, 600), Quota("mentions", 300, left, 600))
            desk.book("watch:1", *quotas, user_read=1, post_read=1)

    workers = [Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    with store.reading() as work_:
        assert spending.this_month(work_, desk.account_id, now) == 40 * 15_000
        assert [one.bucket for one in spending.quotas(work_, desk.account.scope)] == ["mentions", "search"]


def test_an_older_answer_does_not_overwrite_a_newer_one(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    desk.book("watch:1", Quota("search", 450, 7, 600))
    desk.book("watch:1", Quota("search", 450, 400, 600), now=now - timedelta(seconds=3))
    with store.reading() as work:
        (row,) = spending.quotas(work, desk.account.scope)
    assert (row.remaining, row.resets_at) == (7, now + timedelta(minutes=10))


def test_a_header_that_makes_no_sense_holds_nobody_for_longer_than_a_day(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    desk.book("watch:1", Quota("search", 450, 0, 1e300))
    hold = desk.held()
    assert hold
    assert hold.until == now + timedelta(days=1)


def test_an_empty_bucket_holds_until_it_starts_anew_and_says_when(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    desk.book("watch:1", Quota("search", 450, 0, 300))
    hold = desk.held()
    assert hold == budgets.Hold(
        now + timedelta(minutes=5),
        "The platform takes no more calls for now. No more calls are made until 10:05 UTC.",
        Remedy.WAIT,
    )
    assert desk.held(now + timedelta(minutes=5)) is None


def test_the_last_calls_are_kept_back_for_replies(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    desk.book("watch:1", Quota("search", 100, 5, 300))
    hold = desk.held()
    assert hold
    assert "5 calls are left, kept back for replies" in hold.sentence


def test_one_bucket_does_not_hold_a_watch_that_draws_on_another(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    mentions = desk.watch({"kind": "mentions"}, buckets="mentions")
    desk.book("reply", Quota("search", 450, 0, 300), Quota("post", 100, 0, 300))
    assert desk.held()
    assert desk.held(watch_id=mentions) is None


def test_everybody_without_an_account_shares_one_allowance(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    with store.unit_of_work() as work:
        added = watches.add(work, desk.brand_id, "hackernews", {}, now)
        watches.change(work, added, buckets="all")
        budgets.book(work, None, "watch:2", Usage((Quota("all", 100, 0, 60),)), now, platform="hackernews")
        row = watches.get(work, added)
        assert row
        assert budgets.held(work, row, None, now)


def test_with_fewer_calls_than_watches_they_go_one_by_one_without_an_error(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    for _ in range(9):
        desk.watch({"kind": "search", "words": ["kettle"]})
    desk.book("watch:1", Quota("search", 15, 5, 900))
    hold = desk.held()
    assert hold
    assert (hold.sentence, hold.remedy) == ("", Remedy.WAIT)
    assert now < hold.until < now + timedelta(minutes=15)
    assert desk.held(hold.until) is None


@pytest.mark.parametrize(("kind", "most"), [("search", 1_500_000), ("mentions", 1_100_000)])
def test_the_cap_is_never_overshot_by_the_next_page(store: Store, now: datetime, kind: str, most: int) -> None:
    desk = Desk(store, now, cap=5 * DOLLAR, query={"kind": kind})
    reads = (5 * DOLLAR - most) // 5_000
    desk.book(post_read=reads)
    assert desk.held() is None, "one more page fits, however dear"
    desk.book(post_read=1)
    hold = desk.held()
    assert hold
    assert (hold.until, hold.remedy) == (datetime(2026, 4, 1, tzinfo=UTC), Remedy.RAISE_CAP)
    assert "The cap of $5.00 a month is reached" in hold.sentence
    assert "Reading goes on 1 April at 00:00 UTC, or when the cap is raised." in hold.sentence


def test_close_to_the_cap_the_watches_of_an_account_read_one_after_the_other(store: Store, now: datetime) -> None:
    desk = Desk(store, now, cap=5 * DOLLAR)
    other = desk.watch({"kind": "search", "words": ["kettle"]})
    with store.unit_of_work() as work:
        assert watches.claim(work, desk.watch_id, now)
        watches.change(work, desk.watch_id, failing_since=now)
    assert desk.held(watch_id=other) is None, "there is room for both"
    desk.book(post_read=500)
    hold = desk.held(watch_id=other)
    assert hold
    assert (hold.until, hold.sentence) == (now + timedelta(seconds=5), "")
    with store.unit_of_work() as work:
        watches.change(work, desk.watch_id, failing_since=None)  # its page came
    assert desk.held(watch_id=other) is None


def test_without_a_cap_money_holds_nobody(store: Store, now: datetime) -> None:
    desk = Desk(store, now)
    desk.book(post_with_url=100_000)
    assert desk.held() is None
