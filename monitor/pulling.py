"""Use case: pull the next page of a watch, and say aloud what it may have missed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import budgets, forgetting, intake, logs
from monitor.budgets import Hold
from monitor.domain.budgets import backoff
from monitor.domain.errors import AppError, BadInput, Remedy, RetryLater, SourceRefused
from monitor.domain.lifecycle import Actor
from monitor.domain.records import Login, Missed, Page
from monitor.domain.triage import HISTORY_AFTER
from monitor.ports import MentionSource
from monitor.store import accounts, events, watches
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store, Work
from monitor.store.spending import QuotaRow
from monitor.store.watches import WatchRow

_log = logs.get(__name__)
_PULL = Actor.worker("pull")
REFUSED_WAIT = timedelta(minutes=5)  # after a refusal the platform is asked less often: a person must act first
FIRST_CHECK = timedelta(hours=1)
WORTH_TELLING = timedelta(minutes=1)  # a shorter fault is no time of being down

LogIn = Callable[[AccountRow | None, str, datetime], Login]  # (account, platform, now)
Renew = Callable[[AccountRow, datetime], Login]  # a login that the platform refused just now, with fresh tokens


def open_login(account: AccountRow | None, platform: str, now: datetime) -> Login:
    """Return a login without secrets, for sources that need none."""
    del now
    return Login(platform, account.host, account.handle) if account else Login(platform, "")


@dataclass(frozen=True, slots=True)
class _Pull:
    """One poll of one watch."""

    store: Store
    watch: WatchRow
    account: AccountRow | None
    now: datetime


def pull(
    store: Store,
    watch_id: int,
    load_source: Callable[[str], MentionSource],
    now: datetime,
    history_after: timedelta = HISTORY_AFTER,
    *,
    log_in: LogIn = open_login,
    renew: Renew | None = None,
) -> bool:
    """Pull the next page of a watch whose time has come, and return whether another may be pulled at once.

    The watch is claimed first, so that nobody pays for the same page twice. The page is fetched with no transaction
    open, then stored together with its cursor; a worker whose claim ran out finds the cursor moved and leaves its page.
    """
    polled = _claim(store, watch_id, now)
    if polled is None:
        return False
    try:
        source = load_source(polled.watch.source)
        page = _fetch(polled, source, log_in, renew)
        return _keep(polled, page, history_after, now + FIRST_CHECK if source.at_most else None)
    except (RetryLater, SourceRefused, BadInput) as fault:
        _failed(polled, fault)
        return False


def _claim(store: Store, watch_id: int, now: datetime) -> _Pull | None:
    """Take a watch for this poll; None: its time has not come, or nothing may be called now."""
    with store.unit_of_work() as work:
        found = watches.get(work, watch_id)
        # Before the watch, as everywhere; of two watches that share a cap, one sees that the other is at work.
        account = accounts.get(work, found.account_id, lock=True) if found and found.account_id else None
        if not watches.claim(work, watch_id, now):
            return None
        found = watches.get(work, watch_id)  # as it is now that it is ours
        if found is None:
            return None
        hold = budgets.held(work, found, account, now)
        if hold is not None:
            _wait(work, found, hold, now)
            return None
        # Set until it went well: a worker that dies or stumbles over its page leaves it behind.
        watches.change(work, found.id, failing_since=found.failing_since or now)
        return _Pull(store, found, account, now)


def _wait(work: Work, found: WatchRow, hold: Hold, now: datetime) -> None:
    watches.change(work, found.id, next_poll_at=hold.until)
    if hold.remedy is not Remedy.WAIT:
        _say_failing(work, found, hold.sentence, hold.remedy, now)
    elif hold.sentence:  # nothing is wrong: it waits
        watches.change(work, found.id, last_error=hold.sentence, remedy=str(hold.remedy))


def _fetch(polled: _Pull, source: MentionSource, log_in: LogIn, renew: Renew | None) -> Page:
    """Fetch a page; a sign-in that the platform does not accept any more is renewed once."""
    watch, account, now = polled.watch, polled.account, polled.now
    if account is not None and not account.active:
        message = "The account it reads with is not connected any more."
        raise SourceRefused(message, remedy=Remedy.RECONNECT)
    login = _opened(lambda: log_in(account, watch.source, now))
    try:
        return source.fetch(watch.asked(login), watch.cursor)
    except SourceRefused as refused:
        if refused.remedy is not Remedy.RECONNECT or account is None or renew is None:
            raise
        fresh = _opened(lambda: renew(account, now))
        if fresh.secret == login.secret:
            raise
        return source.fetch(watch.asked(fresh), watch.cursor)


def _opened(open_it: Callable[[], Login]) -> Login:
    """Open a login. One whose secret cannot be read is connected anew by a person."""
    try:
        return open_it()
    except BadInput as unreadable:
        raise SourceRefused(str(unreadable), remedy=Remedy.RECONNECT) from unreadable


# --- what came of it --------------------------------------------------------------------------------------------------


def _keep(polled: _Pull, page: Page, history_after: timedelta, check_at: datetime | None) -> bool:
    """Store a page, what it cost, and the cursor that passed it, in one transaction."""
    found, now = polled.watch, polled.now
    with polled.store.unit_of_work(durable=True) as work:
        current = watches.get(work, found.id, lock=True)
        if current is None or current.cursor != found.cursor:
            _book(work, polled, page)  # it was paid for all the same
            return False
        stored = intake.store_posts(
            work,
            found.brand_id,
            page.posts,
            now,
            history_after=history_after,
            watch_id=found.id,
            check_at=check_at,
        )
        if page.gone:
            forgetting.forget(work, found.brand_id, found.source, page.gone, now)
        if page.missed is not None:
            _say_gap(work, found, page.missed, now)
        left = _book(work, polled, page)  # last, as everywhere: these rows are shared by all who use the login
        due = _went_well(work, current, page, left, now, found_new=bool(stored.new))
    return page.more and due <= now


def _book(work: Work, polled: _Pull, page: Page) -> list[QuotaRow]:
    used_by, platform = f"watch:{polled.watch.id}", polled.watch.source
    return budgets.book(work, polled.account, used_by, page.usage, polled.now, platform=platform)


def _went_well(
    work: Work, current: WatchRow, page: Page, left: list[QuotaRow], now: datetime, *, found_new: bool
) -> datetime:
    """Record a good poll and return when the next one is due."""
    due = budgets.next_poll(work, current, left, now, more=page.more)
    down = _back(work, current, now)
    watches.change(
        work,
        current.id,
        **down,
        cursor=page.cursor,
        next_poll_at=due,
        last_good_at=now,
        last_error="",
        remedy="",
        failing_since=None,
        alerted_at=None,
        buckets="\n".join(sorted({one.bucket for one in left})) or current.buckets,
        last_new_at=now if found_new else current.last_new_at,
    )
    return due


def _back(work: Work, current: WatchRow, now: datetime) -> dict[str, datetime]:
    """Record how long a watch that is served again was not; {} when it was not down."""
    if current.failing_since is None or now - current.failing_since < WORTH_TELLING:
        return {}
    down_s = round((now - current.failing_since).total_seconds())
    events.record(work, "watch_back", current.brand_id, _PULL, now, data={"watch": current.id, "down_s": down_s})
    return {"down_at": current.failing_since, "back_at": now}


def _say_gap(work: Work, found: WatchRow, missed: Missed, now: datetime) -> None:
    """Open a gap. It stays open until a person takes note; the same window is not said twice."""
    if watches.is_open(work, found.id, missed.since, missed.until):
        return
    gap_id = watches.add_gap(work, found.id, missed.since, missed.until, missed.why, now)
    events.record(work, "gap", found.brand_id, _PULL, now, data={"watch": found.id, "gap": gap_id})


def _failed(polled: _Pull, fault: AppError) -> None:
    """Say why a poll failed, and wait longer the longer it goes on."""
    found, now = polled.watch, polled.now
    failing_for = now - found.failing_since if found.failing_since else timedelta(0)
    if isinstance(fault, RetryLater):
        remedy, wait = Remedy.WAIT, backoff(failing_for, timedelta(seconds=min(fault.after, 1e9)))
    else:
        remedy = fault.remedy if isinstance(fault, SourceRefused) else Remedy.CHANGE_WATCH
        wait = backoff(failing_for, max(timedelta(seconds=found.every_s), REFUSED_WAIT))
    with polled.store.unit_of_work() as work:
        current = watches.get(work, found.id, lock=True)
        if current is None or current.cursor != found.cursor:
            return  # a worker that took over did better
        _say_failing(work, current, str(fault), remedy, now)
        watches.change(work, found.id, next_poll_at=now + wait)
    _log.warning("pull failed", watch=found.id, remedy=str(remedy), again_in_s=round(wait.total_seconds()))


def _say_failing(work: Work, row: WatchRow, why: str, remedy: Remedy, now: datetime) -> None:
    watches.change(work, row.id, last_error=why, remedy=str(remedy), failing_since=row.failing_since or now)
