"""Pulling a watch: a page and its cursor together, nothing twice, and every failure said aloud."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor import pulling
from monitor.clients.faults import Denied, Reason
from monitor.domain.errors import AppError, BadInput, Remedy, RetryLater, SourceRefused
from monitor.domain.records import Login, Looked, Missed, Page, Post, Quota, Usage, Watch
from monitor.store import accounts, brands, events, ledger, spending, watches
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from tests.making import post

DOLLAR = 1_000_000
EXPIRED = SourceRefused("X does not accept this sign-in any more.", remedy=Remedy.RECONNECT)


class Pages:
    """A source of two pages; what it does next can be told. It knows whom it was asked by."""

    at_most = 0

    def __init__(self) -> None:
        self.fails: AppError | ZeroDivisionError | None = None
        self.meanwhile: Callable[[], object] = lambda: None
        self.token = ""  # the one it accepts; "": any
        self.asked: list[Login] = []
        self.more = Page((), "")  # what each page says beside its post

    def fetch(self, watch: Watch, cursor: str) -> Page:
        self.asked.append(watch.login)
        self.meanwhile()
        if self.fails:
            raise self.fails
        if self.token and watch.login.secret.get("token") != self.token:
            raise EXPIRED
        at = int(cursor or 0)
        page = Page((post(f"{watch.id}-{at}"),), str(at + 1), more=at == 0)
        return replace(page, missed=self.more.missed, gone=self.more.gone, usage=self.more.usage)

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        return Looked(())


class Desk:
    """A brand with one watch, and the worker that pulls it."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.store, self.now, self.source = store, now, Pages()
        self.refreshed = "new"
        with store.unit_of_work() as work:
            self.brand = brands.create(work, "vela", "Vela", now)
            self.account = accounts.add(work, self.brand, "x", "vela", "x", now, cap_micros=10 * DOLLAR)
            query = {"kind": "search", "words": ["vela"]}
            self.watch = watches.add(work, self.brand, "x", query, now, every_s=30, account_id=self.account)

    def pull(self, seconds: float = 0) -> bool:
        self.now += timedelta(seconds=seconds)
        return pulling.pull(
            self.store, self.watch, lambda _name: self.source, self.now, log_in=self._log_in, renew=self._renew
        )

    def _log_in(self, account: AccountRow | None, platform: str, now: datetime) -> Login:
        return Login(platform, "", secret={"token": "old"} if account else {})

    def _renew(self, account: AccountRow, now: datetime) -> Login:
        return Login(account.platform, "", secret={"token": self.refreshed})

    @property
    def row(self) -> watches.WatchRow:
        with self.store.reading() as work:
            return watches.listed(work)[0]

    @property
    def mentions(self) -> int:
        with self.store.reading() as work:
            return ledger.take_stock(work).mentions

    def gaps(self) -> list[watches.GapRow]:
        with self.store.reading() as work:
            return watches.gaps(work)

    def spent(self) -> int:
        with self.store.reading() as work:
            return spending.this_month(work, self.account, self.now)

    def waits(self) -> float:
        return (self.row.next_poll_at - self.now).total_seconds()


@pytest.fixture
def desk(store: Store, now: datetime) -> Desk:
    return Desk(store, now)


def test_a_page_and_its_cursor_are_stored_together(desk: Desk) -> None:
    assert desk.pull() is True
    assert desk.pull() is False
    assert (desk.row.cursor, desk.mentions, desk.waits()) == ("2", 2, 30)


def test_a_watch_is_not_asked_before_its_time_or_while_another_worker_asks(desk: Desk) -> None:
    desk.source.meanwhile = desk.pull
    desk.pull()
    desk.pull()
    desk.pull(seconds=29)
    assert len(desk.source.asked) == 2
    desk.pull(seconds=1)
    assert len(desk.source.asked) == 3


def test_a_worker_whose_claim_ran_out_leaves_its_page_and_pays_for_it(desk: Desk) -> None:
    desk.source.more = Page((), "", usage=Usage(billed={"post_read": 1}))

    def a_quicker_one() -> None:
        desk.source.meanwhile = lambda: None
        desk.pull(seconds=121)

    desk.source.meanwhile = a_quicker_one
    assert desk.pull() is False
    assert (desk.row.cursor, desk.mentions, desk.spent()) == ("1", 1, 2 * 5_000)


def test_a_paused_watch_is_left_alone(desk: Desk) -> None:
    with desk.store.unit_of_work() as work:
        watches.pause(work, desk.watch, desk.now, paused=True)
    desk.pull()
    assert desk.source.asked == []


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "wait", "remedy"),
    [
        (RetryLater("busy", after=7), 7, "wait"),
        (RetryLater("tomorrow", after=1e12), 86_400, "wait"),
        (EXPIRED, 300, "reconnect"),
        (BadInput("no such query"), 300, "change_watch"),
    ],
)
def test_a_failed_pull_keeps_its_place_and_says_why(desk: Desk, fault: AppError, wait: int, remedy: str) -> None:
    desk.source.fails = fault
    desk.pull()
    row = desk.row
    assert (row.cursor, row.last_error, row.remedy, row.failing_since) == ("", str(fault), remedy, desk.now)
    assert desk.waits() == wait


def test_a_dead_server_is_asked_less_and_less(desk: Desk) -> None:
    desk.source.fails = RetryLater("cannot be reached")
    began, waits = desk.now, []
    for _ in range(8):
        desk.pull()
        waits.append(desk.waits())
        desk.now = desk.row.next_poll_at
    assert waits == [30, 30, 60, 120, 240, 480, 900, 900]
    assert desk.row.failing_since == began


def test_back_again_it_says_how_long_it_was_down(desk: Desk) -> None:
    began = desk.now
    desk.source.fails = RetryLater("cannot be reached", after=60)
    desk.pull()
    desk.pull(seconds=60)
    desk.source.fails = None
    desk.pull(seconds=60)
    row = desk.row
    assert (row.last_error, row.remedy, row.failing_since) == ("", "", None)
    assert (row.down_at, row.back_at) == (began, desk.now)
    with desk.store.reading() as work:
        (back,) = [one for one in events.unprocessed(work, 100) if one.kind == "watch_back"]
    assert back.data == {"watch": desk.watch, "down_s": 120}


def test_a_hiccup_is_no_time_of_being_down(desk: Desk) -> None:
    desk.source.fails = RetryLater("busy", after=5)
    desk.pull()
    desk.source.fails = None
    desk.pull(seconds=5)
    assert desk.row.back_at is None


def test_a_source_that_breaks_our_worker_is_not_hammered(desk: Desk) -> None:
    desk.source.fails = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        desk.pull()
    desk.pull(seconds=119)
    assert len(desk.source.asked) == 1
    with pytest.raises(ZeroDivisionError):
        desk.pull(seconds=1)
    assert desk.row.failing_since == desk.now - timedelta(seconds=120)


# --- signing in -------------------------------------------------------------------------------------------------------


def test_a_sign_in_that_ran_out_is_renewed_and_the_page_is_fetched(desk: Desk) -> None:
    desk.source.token = "new"
    assert desk.pull() is True
    assert [one.secret["token"] for one in desk.source.asked] == ["old", "new"]
    assert (desk.row.last_error, desk.mentions) == ("", 1)


@pytest.mark.parametrize(("renewed", "calls"), [("new but refused too", 2), ("old", 1)])
def test_a_sign_in_is_renewed_once_and_then_a_person_is_asked(desk: Desk, renewed: str, calls: int) -> None:
    desk.source.token, desk.refreshed = "another", renewed
    desk.pull()
    assert len(desk.source.asked) == calls
    assert (desk.row.remedy, desk.row.last_error) == ("reconnect", str(EXPIRED))


def test_a_secret_that_cannot_be_opened_is_entered_again_by_a_person(desk: Desk) -> None:
    def locked(account: AccountRow | None, platform: str, now: datetime) -> Login:
        message = "restore secret.key"
        raise BadInput(message)

    pulling.pull(desk.store, desk.watch, lambda _name: desk.source, desk.now, log_in=locked)
    assert (desk.row.remedy, desk.row.last_error) == ("reconnect", "restore secret.key")


def test_without_its_account_a_watch_asks_nobody(desk: Desk) -> None:
    with desk.store.unit_of_work() as work:
        accounts.let_go(work, desk.account)
    desk.pull()
    assert desk.source.asked == []
    assert (desk.row.remedy, desk.row.last_error) == (
        "reconnect",
        "The account it reads with is not connected any more.",
    )


# --- allowances and costs ---------------------------------------------------------------------------------------------


def test_what_a_page_cost_is_booked_with_it(desk: Desk) -> None:
    desk.source.more = Page((), "", usage=Usage((Quota("search", 450, 449, 900),), {"post_read": 1, "user_read": 1}))
    desk.pull()
    assert desk.spent() == 15_000
    assert desk.row.buckets == "search"
    with desk.store.reading() as work:
        assert [(one.scope, one.remaining) for one in spending.quotas(work)] == [(f"account:{desk.account}", 449)]


def test_an_empty_bucket_is_waited_for_without_a_call_and_without_calling_it_a_failure(desk: Desk) -> None:
    desk.source.more = Page((), "", usage=Usage((Quota("search", 450, 0, 900),)))
    assert desk.pull() is False, "the next page has to wait"
    assert desk.waits() == 900
    with desk.store.unit_of_work() as work:
        watches.hurry(work, desk.watch, desk.now)
    desk.pull()
    assert len(desk.source.asked) == 1
    row = desk.row
    assert (row.remedy, row.failing_since, desk.waits()) == ("wait", None, 900)
    assert "No more calls are made until 10:15 UTC." in row.last_error
    desk.source.more = Page((), "")
    desk.pull(seconds=900)
    assert (desk.row.last_error, desk.mentions) == ("", 2)


def test_at_the_cap_nothing_is_read_until_the_month_is_over_or_the_cap_raised(desk: Desk) -> None:
    desk.source.more = Page((), "", usage=Usage(billed={"post_read": 1_800}))
    desk.pull()
    desk.pull()
    assert len(desk.source.asked) == 1
    row = desk.row
    assert (row.remedy, row.failing_since, row.next_poll_at.isoformat()[:10]) == ("raise_cap", desk.now, "2026-04-01")
    assert "$9.00 are spent, and one more page may cost $1.50" in row.last_error
    with desk.store.unit_of_work() as work:
        accounts.change(work, desk.account, cap_micros=20 * DOLLAR)
        watches.hurry(work, desk.watch, desk.now)
    desk.pull()
    assert desk.row.last_error == ""


# --- what was missed, and what is gone --------------------------------------------------------------------------------


def test_a_window_that_may_lack_posts_is_kept_until_a_person_takes_note(desk: Desk) -> None:
    window = Missed(desk.now - timedelta(hours=2), desk.now - timedelta(hours=1), "Reddit shows only the newest 1,000.")
    desk.source.more = Page((), "", missed=window)
    desk.pull()
    desk.pull()
    (gap,) = desk.gaps()
    assert (gap.since, gap.until, gap.why) == (window.since, window.until, window.why)
    with desk.store.unit_of_work() as work:
        assert watches.close_gap(work, gap.id, desk.now)
        assert not watches.close_gap(work, gap.id, desk.now)
    desk.source.more = Page((), "")
    desk.pull(seconds=30)
    assert desk.gaps() == []


def test_a_window_whose_ends_are_not_known_is_said_once_too(desk: Desk) -> None:
    desk.source.more = Page((), "", missed=Missed(None, desk.now, "The stream was cut."))
    desk.pull()
    desk.pull()
    assert len(desk.gaps()) == 1


def test_posts_that_their_authors_deleted_are_forgotten(desk: Desk) -> None:
    desk.pull()
    desk.source.more = Page((), "", gone=(f"{desk.watch}-0", "never seen"))
    desk.pull()
    with desk.store.reading() as work:
        stock = ledger.take_stock(work).figures()
    assert (stock["mentions"], stock["gone"], stock["balanced"]) == (2, 1, True)


def test_a_post_that_two_watches_find_is_stored_once(desk: Desk) -> None:
    class Same(Pages):
        def fetch(self, watch: Watch, cursor: str) -> Page:
            found: tuple[Post, ...] = (post("the same"),)
            return Page(found, "1")

    desk.source = Same()
    with desk.store.unit_of_work() as work:
        other = watches.add(work, desk.brand, "x", {}, desk.now)
    desk.pull()
    pulling.pull(desk.store, other, lambda _name: desk.source, desk.now)
    assert desk.mentions == 1


def test_what_the_store_cannot_keep_is_said_and_tried_later(desk: Desk) -> None:
    desk.source.more = Page((), "", gone=("1",), usage=Usage((Quota("all", 10**30, 10**30, 60.0),)))
    assert desk.pull() is False
    assert "A number is too large" in desk.row.last_error
    assert (desk.row.cursor, desk.waits()) == ("", 300)


def test_a_sentence_with_half_a_character_in_it_is_still_said(desk: Desk) -> None:
    denied = Denied("X refused. It said: \ud83d\0 " + "no " * 10_000, reason=Reason.INVALID)
    desk.source.fails = SourceRefused(str(denied))
    desk.pull()
    assert desk.row.last_error.startswith("X refused. It said: ")
    assert len(desk.row.last_error) <= 1000
