"""How the sources are doing, and who hears of it when one is silent."""

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from monitor import budgets, watching
from monitor.domain.errors import Remedy
from monitor.domain.records import Quota, Usage
from monitor.store import accounts, alerts, brands, events, watches
from monitor.store.engine import Store
from monitor.watching import State

MINUTE = timedelta(minutes=1)


class House:
    """A brand with an account on X."""

    def __init__(self, store: Store, now: datetime, *, is_demo: bool = False) -> None:
        self.store, self.now = store, now
        with store.unit_of_work() as work:
            self.brand = brands.create(work, "vela", "Vela", now, is_demo=is_demo)
            self.account = accounts.add(work, self.brand, "x", "vela", "x", now, secret=b"locked")

    def watch(self, every_s: int = 60, **as_it_is: Any) -> int:
        """Add a watch that went well just now, unless said otherwise."""
        with self.store.unit_of_work() as work:
            query = {"kind": "search", "words": ["kettle", "vela"]}
            added = watches.add(work, self.brand, "x", query, self.now, every_s=every_s, account_id=self.account)
            due = self.now + timedelta(seconds=every_s)
            watches.change(work, added, **{"last_good_at": self.now, "next_poll_at": due, **as_it_is})
            return added

    def change(self, watch_id: int, **values: Any) -> None:
        with self.store.unit_of_work() as work:
            watches.change(work, watch_id, **values)

    def fails(self, watch_id: int, why: str = "api.x.com cannot be reached.", remedy: Remedy = Remedy.WAIT) -> None:
        self.change(watch_id, last_error=why, remedy=str(remedy), failing_since=self.now)

    def works(self, watch_id: int) -> None:
        """Do what a good poll does."""
        good = {"last_good_at": self.now, "last_error": "", "remedy": "", "failing_since": None, "alerted_at": None}
        self.change(watch_id, **good, next_poll_at=self.now + MINUTE)

    def gap(self, watch_id: int, why: str = "X keeps seven days only.") -> int:
        with self.store.unit_of_work() as work:
            return watches.add_gap(work, watch_id, self.now - 60 * MINUTE, self.now, why, self.now)

    def tell(self, after: timedelta = timedelta(0)) -> int:
        self.now += after
        return watching.tell(self.store, self.now)

    def sent(self) -> list[str]:
        """Deliver what waits, and return the reasons that went out."""
        self.now += 11 * MINUTE
        with self.store.unit_of_work() as work:
            rows = alerts.claim_due(work, self.now)
            told = [one for row in rows for one in alerts.told_by(work, row)]
            for row in rows:
                alerts.delivered(work, row, told[-1].id, self.now)
        return [one.reason for one in told]

    def state(self, watch_id: int) -> State:
        with self.store.reading() as work:
            row = watches.get(work, watch_id)
        assert row
        return watching.state_of(row, self.now)

    def source(self) -> watching.SourceHealth:
        with self.store.reading() as work:
            return watching.sources(work, self.now)[0]


@pytest.fixture
def house(store: Store, now: datetime) -> House:
    return House(store, now)


# --- states -----------------------------------------------------------------------------------------------------------


def test_a_watch_is_good_until_its_polls_stop(house: House) -> None:
    watch = house.watch()
    assert house.state(watch) is State.GOOD
    house.now += 16 * MINUTE  # nobody asked: its time came and went
    assert house.state(watch) is State.SILENT


def test_a_watch_that_rightly_waits_long_is_not_silent(house: House) -> None:
    watch = house.watch(next_poll_at=house.now + 40 * MINUTE)  # it shares few calls with many
    house.now += 39 * MINUTE
    assert house.state(watch) is State.GOOD
    house.now += 4 * MINUTE
    assert house.state(watch) is State.SILENT


def test_a_worker_that_stumbles_again_and_again_makes_a_watch_silent(house: House) -> None:
    watch = house.watch(failing_since=house.now)
    house.now += 16 * MINUTE
    house.change(watch, next_poll_at=house.now + MINUTE)  # just claimed anew
    assert house.state(watch) is State.SILENT


def test_new_failing_waiting_and_paused_are_told_apart(house: House) -> None:
    new, failing, waiting = house.watch(last_good_at=None), house.watch(), house.watch()
    house.fails(failing)
    house.change(waiting, last_error="No more calls are made until 10:15 UTC.", remedy="wait")
    paused = house.watch(paused=True)
    found = [house.state(one) for one in (new, failing, waiting, paused)]
    assert found == [State.NEW, State.FAILING, State.WAITING, State.PAUSED]


def test_a_long_pause_is_not_held_against_a_watch(house: House) -> None:
    watch = house.watch()
    with house.store.unit_of_work() as work:
        watches.pause(work, watch, house.now, paused=True)
        house.now += timedelta(days=3)
        watches.pause(work, watch, house.now, paused=False)
    assert house.state(watch) is State.GOOD
    assert house.tell() == 0


# --- the read model ---------------------------------------------------------------------------------------------------


def test_costs_quotas_and_gaps_stand_beside_the_watch_they_belong_to(house: House) -> None:
    first, second = house.watch(), house.watch()
    gap = house.gap(second)
    with house.store.unit_of_work() as work:
        account = accounts.get(work, house.account)
        quotas = (Quota("search", 450, 449, 900), Quota("old", 10, 1, 0))
        yesterday = house.now - timedelta(days=1)
        budgets.book(work, account, f"watch:{first}", Usage(quotas, {"post_read": 10}), house.now)
        budgets.book(work, account, f"watch:{second}", Usage(billed={"post_read": 30}), yesterday)
        budgets.book(work, account, "reply", Usage(billed={"post": 2}), house.now)
    source = house.source()
    assert [(one.today, one.month) for one in source.watches] == [(50_000, 50_000), (0, 150_000)]
    assert (source.today, source.month) == (80_000, 230_000)
    assert source.expected == round(230_000 * 30 / (1 + 10 / 24))
    assert [one.bucket for one in source.quotas] == ["search"], "a window that is over says nothing"
    assert [[one.id for one in watch.gaps] for watch in source.watches] == [[], [gap]]
    assert len(source.days) == 30
    assert source.days[-2:] == (("2026-03-01", 150_000), ("2026-03-02", 80_000))


def test_a_watch_is_called_by_its_name_or_by_what_it_looks_for(house: House) -> None:
    house.watch(name="The kettle")
    house.watch()
    house.watch(query={"kind": "mentions"})
    names = [one.name for one in house.source().watches]
    assert names == ["The kettle", "kettle, vela", "Posts that mention our account, and replies to us"]


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (-60, 0, "Posts between 09:00 UTC and 10:00 UTC may be missing: it was down."),
        (-1440, None, "Posts since 1 March at 10:00 UTC may be missing: it was down."),
        (None, 0, "Posts before 10:00 UTC may be missing: it was down."),
        (None, None, "Some posts may be missing: it was down."),
    ],
)
def test_a_gap_is_a_sentence_with_its_window(now: datetime, since: int | None, until: int | None, said: str) -> None:
    ends = [now + one * MINUTE if one is not None else None for one in (since, until)]
    gap = watches.GapRow(1, 1, ends[0], ends[1], "it was down", now, None, None)
    assert watching.gap_sentence(gap, now) == said


def test_the_watches_of_a_brand_without_an_account_are_shown_too(house: House) -> None:
    with house.store.unit_of_work() as work:
        watches.add(work, house.brand, "hackernews", {"words": ["vela"]}, house.now)
    with house.store.reading() as work:
        shown = [
            (one.platform, one.account, len(one.watches)) for one in watching.sources(work, house.now, house.brand)
        ]
        assert watching.sources(work, house.now, house.brand + 1) == []
    assert ("hackernews", None, 1) in shown


# --- who is told ------------------------------------------------------------------------------------------------------


def test_a_watch_that_fails_for_a_quarter_of_an_hour_is_told_once(house: House) -> None:
    watch = house.watch()
    house.fails(watch)
    assert [house.tell(after) for after in (14 * MINUTE, MINUTE, MINUTE, 60 * MINUTE)] == [0, 1, 0, 0]
    (reason,) = house.sent()
    assert reason == (
        'Nothing has come from the watch "kettle, vela" on X since 10:00 UTC. api.x.com cannot be reached. '
        "It is tried again by itself, and what was missed is fetched then."
    )
    assert house.tell(MINUTE) == 0
    assert house.sent() == []


def test_three_polls_may_fail_of_a_watch_that_asks_seldom(house: House) -> None:
    watch = house.watch(every_s=1800)
    house.fails(watch)
    assert [house.tell(after) for after in (89 * MINUTE, MINUTE)] == [0, 1]


def test_after_a_good_poll_the_next_episode_is_told_anew(house: House) -> None:
    watch = house.watch()
    for _ in range(2):
        house.fails(watch)
        assert house.tell(15 * MINUTE) == 1
        assert len(house.sent()) == 1
        house.works(watch)
        assert house.tell() == 0


def test_a_gap_is_told_once_and_not_again_when_the_watch_fails_later(house: House) -> None:
    watch = house.watch()
    house.gap(watch)
    assert [house.tell(), house.tell(MINUTE)] == [1, 0]
    assert house.sent() == [
        'The watch "kettle, vela" on X: Posts between 09:00 UTC and 10:00 UTC may be missing: X keeps seven days only.'
    ]
    house.works(watch)
    house.fails(watch)
    assert house.tell(16 * MINUTE) == 1
    (reason,) = house.sent()
    assert "may be missing" not in reason


def test_a_gap_that_opens_before_the_page_went_out_is_told_with_it(house: House) -> None:
    watch = house.watch()
    house.fails(watch)
    house.tell(15 * MINUTE)
    house.gap(watch)
    house.tell()
    (reason,) = house.sent()
    assert "cannot be reached" in reason
    assert "may be missing" in reason


def test_a_gap_that_a_person_took_note_of_in_time_pages_nobody(house: House) -> None:
    gap = house.gap(house.watch())
    with house.store.unit_of_work() as work:
        watches.close_gap(work, gap, house.now)
    assert house.tell() == 0


def test_a_reached_cap_is_told_at_once(house: House) -> None:
    house.fails(house.watch(), "The cap of $5.00 a month is reached: ...", Remedy.RAISE_CAP)
    assert house.tell() == 1
    assert house.sent()[0].startswith("X is not read. The cap of $5.00 a month is reached")


def test_nobody_is_told_of_a_paused_watch_or_of_a_demo(house: House, store: Store, now: datetime) -> None:
    paused = house.watch()
    house.fails(paused)
    house.change(paused, paused=True)
    house.gap(paused)
    assert house.tell(60 * MINUTE) == 0
    with store.unit_of_work() as work:
        demo = brands.create(work, "demo", "Demo", now, is_demo=True)
        watches.add(work, demo, "replay", {"path": "demo"}, now)
    assert house.tell(60 * MINUTE) == 0


def test_an_alert_wakes_whoever_delivers_it(house: House) -> None:
    watch = house.watch()
    house.fails(watch)
    house.tell(15 * MINUTE)
    with house.store.reading() as work:
        (event,) = [one for one in events.unprocessed(work, 10) if one.kind == "alert"]
    assert event.data["watch"] == watch


def test_two_watches_of_a_brand_share_one_page(house: House) -> None:
    for _ in range(2):
        house.fails(house.watch())
    assert house.tell(15 * MINUTE) == 2
    with house.store.unit_of_work() as work:
        pages = alerts.claim_due(work, house.now)
    assert len(pages) == 1


def test_two_workers_at_once_tell_once(house: House) -> None:
    watch = house.watch()
    house.fails(watch)
    house.gap(watch)
    house.now += 15 * MINUTE
    start, told = Barrier(3), list[int]()

    def work() -> None:
        start.wait()
        told.append(house.tell())

    workers = [Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(told) == [0, 0, 1]
    (reason,) = house.sent()
    assert reason.count("may be missing") == 1
