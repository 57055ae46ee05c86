"""Use case: how the sources are doing, in words, and who is told when one is silent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from monitor import logs
from monitor.budgets import moment, scope_of
from monitor.domain import prices
from monitor.domain.errors import Remedy
from monitor.domain.lifecycle import Actor
from monitor.domain.query import KINDS
from monitor.store import accounts, alerts, brands, events, spending, watches
from monitor.store.accounts import AccountRow
from monitor.store.brands import BrandRow
from monitor.store.engine import Store, Work
from monitor.store.spending import Bill, QuotaRow
from monitor.store.watches import GapRow, WatchRow

_log = logs.get(__name__)
_WATCHER = Actor.worker("watch")
QUIET_FOR: Final = timedelta(minutes=15)  # or three polls, whichever is longer
OVERDUE: Final = timedelta(minutes=2)  # so long after its time nobody is at work on a watch
DAYS: Final = 30  # of cost that are shown
_WEEK: Final = timedelta(days=7)
PLATFORMS: Final[Mapping[str, str]] = {
    "x": "X",
    "reddit": "Reddit",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "hackernews": "Hacker News",
    "feed": "a feed",
    "replay": "a recorded file",
}
ADVICE: Final[Mapping[str, str]] = {
    Remedy.RECONNECT: "Sign in to the account again.",
    Remedy.ACCESS: "The platform must grant the account more before this can be read.",
    Remedy.CHANGE_WATCH: "Change what the watch looks for.",
    Remedy.WAIT: "It is tried again by itself, and what was missed is fetched then.",
}


class State(StrEnum):
    """How a watch is doing."""

    GOOD = "good"
    NEW = "new"  # not polled yet
    WAITING = "waiting"  # for the platform to take calls again
    FAILING = "failing"
    SILENT = "silent"  # nothing comes, and nobody says why
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """How one watch is doing. Costs in millionths of a dollar."""

    row: WatchRow
    name: str
    state: State
    sentence: str  # what is wrong, in plain words; "": nothing
    lag_s: float | None  # seconds since the last good poll; None: there was none
    gaps: tuple[GapRow, ...]  # the open ones
    today: int
    month: int

    @property
    def is_well(self) -> bool:
        """Tell whether nothing needs anybody's attention."""
        return self.state not in {State.FAILING, State.SILENT} and not self.gaps


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A login and the watches that read with it; no account: what is open to everybody."""

    brand: BrandRow
    platform: str
    account: AccountRow | None
    watches: tuple[WatchHealth, ...]
    quotas: tuple[QuotaRow, ...]  # of windows that still run
    today: int
    month: int
    expected: int  # a month's cost if it goes on like the last seven days
    days: tuple[tuple[str, int], ...]  # (day, cost) of the last 30 days; () where nothing is billed

    @property
    def cap(self) -> int | None:
        """Return the most it may cost in a month."""
        return self.account.cap_micros if self.account else None


def name_of(row: WatchRow) -> str:
    """Return what a watch is called: its name, or what it looks for."""
    given = row.query.get("words") or row.query.get("places") or ()
    listed = given.split(",") if isinstance(given, str) else [str(one) for one in given]
    kind = KINDS.get(row.source, {}).get(str(row.query.get("kind", "")))
    return (row.name or ", ".join(listed) or (kind.label if kind else "") or row.source)[:200]


def platform_name(name: str) -> str:
    """Name a platform as it names itself."""
    return PLATFORMS.get(name, name.capitalize())


def quiet_for(row: WatchRow) -> timedelta:
    """Return how long a watch may bring nothing before people are told."""
    return max(QUIET_FOR, 3 * timedelta(seconds=row.every_s))


def state_of(row: WatchRow, now: datetime) -> State:
    """Say how a watch is doing."""
    if row.paused:
        return State.PAUSED
    if row.last_error:
        return State.WAITING if row.remedy == Remedy.WAIT and row.failing_since is None else State.FAILING
    at_work = row.failing_since is None and now - row.next_poll_at < OVERDUE
    if now - row.heard_at >= quiet_for(row) and not at_work:
        return State.SILENT
    return State.GOOD if row.last_good_at else State.NEW


def sentence_of(row: WatchRow, now: datetime) -> str:
    """Say what is wrong with a watch and what helps, "" when nothing is."""
    state = state_of(row, now)
    if state is State.SILENT:
        return "It has not been asked for too long, and left no reason: the operator should look at the worker's log."
    if state is State.WAITING:
        return row.last_error
    return f"{row.last_error} {ADVICE.get(row.remedy, '')}".strip() if state is State.FAILING else ""


def gap_sentence(gap: GapRow, now: datetime) -> str:
    """Say which posts may be missing, and why."""
    since, until = (moment(one, now) if one else "" for one in (gap.since, gap.until))
    window = f"Posts between {since} and {until}" if since and until else "Some posts"
    if not (since and until) and (since or until):
        window = f"Posts since {since}" if since else f"Posts before {until}"
    return f"{window} may be missing: {gap.why.rstrip('.')}."


# --- the read model -----------------------------------------------------------------------------------------------


def sources(work: Work, now: datetime, brand_id: int | None = None) -> list[SourceHealth]:
    """Return how every login and its watches are doing, brand by brand."""
    known = {one.id: one for one in brands.all_brands(work) if brand_id in {None, one.id}}
    open_gaps = watches.gaps(work, brand_id)
    bills = spending.bills(work, min(now - timedelta(days=DAYS - 1), _month(now)))
    quotas = [one for one in spending.quotas(work) if one.resets_at > now]
    logins: dict[tuple[int, str, int], AccountRow | None] = {}
    of_login: dict[tuple[int, str, int], list[WatchRow]] = {}
    for account in accounts.of_brand(work, brand_id):
        logins[account.brand_id, account.platform, account.id] = account
    for row in watches.listed(work, brand_id):
        key = (row.brand_id, row.source, row.account_id or 0)
        logins.setdefault(key, accounts.get(work, row.account_id) if row.account_id else None)
        of_login.setdefault(key, []).append(row)
    found = [
        _source(known[key[0]], key[1], logins[key], of_login.get(key, []), open_gaps, bills, quotas, now)
        for key in sorted(logins, key=lambda one: (known[one[0]].name, one))
    ]
    return [one for one in found if one.watches or (one.account and one.account.secret)]


def _source(
    brand: BrandRow,
    platform: str,
    account: AccountRow | None,
    rows: Sequence[WatchRow],
    open_gaps: Sequence[GapRow],
    bills: Sequence[Bill],
    quotas: Sequence[QuotaRow],
    now: datetime,
) -> SourceHealth:
    mine = [one for one in bills if account is not None and one.account_id == account.id]
    scope = scope_of(account, platform)
    return SourceHealth(
        brand,
        platform,
        account,
        tuple(_watch(row, open_gaps, mine, now) for row in rows),
        tuple(one for one in quotas if one.scope == scope),
        *_today_and_month(mine, now),
        _expected(mine, now),
        _days(mine, now) if platform in prices.PRICES and mine else (),
    )


def _watch(row: WatchRow, open_gaps: Sequence[GapRow], bills: Sequence[Bill], now: datetime) -> WatchHealth:
    lag = max((now - row.last_good_at).total_seconds(), 0.0) if row.last_good_at else None
    mine = tuple(one for one in open_gaps if one.watch_id == row.id)
    paid = [one for one in bills if one.used_by == f"watch:{row.id}"]
    words = sentence_of(row, now)
    return WatchHealth(row, name_of(row), state_of(row, now), words, lag, mine, *_today_and_month(paid, now))


def _month(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _today_and_month(bills: Sequence[Bill], now: datetime) -> tuple[int, int]:
    today, first = spending.day_of(now), spending.day_of(_month(now))
    return sum(one.micros for one in bills if one.day == today), sum(one.micros for one in bills if one.day >= first)


def _expected(bills: Sequence[Bill], now: datetime) -> int:
    lately = [one for one in bills if one.day >= spending.day_of(now - _WEEK)]
    if not lately:
        return 0
    began = datetime.fromisoformat(min(one.day for one in lately)).replace(tzinfo=UTC)
    return prices.a_month(sum(one.micros for one in lately), now - began)


def _days(bills: Sequence[Bill], now: datetime) -> tuple[tuple[str, int], ...]:
    days = {spending.day_of(now - timedelta(days=ago)): 0 for ago in reversed(range(DAYS))}
    for one in bills:
        if one.day in days:
            days[one.day] += one.micros
    return tuple(days.items())


# --- what people do about it ------------------------------------------------------------------------------------------


def poll_now(work: Work, watch_id: int, now: datetime) -> None:
    """Let a watch be polled at once, however long it was to wait. A cap still holds it. Raises `NotFound`."""
    watches.hurry(work, watch_id, now)


def take_note(work: Work, gap_id: int, user_id: int, now: datetime) -> GapRow:
    """Close a gap that a person has taken note of; one that was closed before stays so. Raises `NotFound`."""
    watches.close_gap(work, gap_id, now, user_id)
    return watches.get_gap(work, gap_id)


# --- who is told ------------------------------------------------------------------------------------------------------


def tell(store: Store, now: datetime) -> int:
    """Raise an alert for each watch that has begun to be silent, or to miss posts; returns how many.

    Once an episode: it ends with the next good poll. Paused watches and those of a demo are never told of.
    """
    with store.reading() as work:
        demos = {one.id for one in brands.all_brands(work) if one.is_demo}
        untold = watches.untold(work)
        rows = [one for one in watches.listed(work) if not one.paused and one.brand_id not in demos]
    return sum(_tell(store, row, [one for one in untold if one.watch_id == row.id], now) for row in rows)


def trouble(row: WatchRow, now: datetime) -> str:
    """Return the sentence that people are told of a watch, "" when it does not need them."""
    words = sentence_of(row, now)
    if not words:
        return ""
    if row.remedy == Remedy.RAISE_CAP:
        return f"{platform_name(row.source)} is not read. {words}"
    if now - row.heard_at < quiet_for(row):
        return ""
    since = f"since {moment(row.last_good_at, now)}" if row.last_good_at else "yet"
    return f'Nothing has come from the watch "{name_of(row)}" on {platform_name(row.source)} {since}. {words}'


def _tell(store: Store, row: WatchRow, gaps: Sequence[GapRow], now: datetime) -> bool:
    wrong = "" if row.alerted_at else trouble(row, now)
    where = f'The watch "{name_of(row)}" on {platform_name(row.source)}'
    missed = [f"{where}: {gap_sentence(gap, now)}" for gap in gaps]
    if not wrong and not missed:
        return False
    with store.unit_of_work() as work:
        if not _still_so(work, row, gaps):
            return False
        page_id = alerts.raise_on_watch(work, row.brand_id, row.id, " ".join(filter(None, (wrong, *missed))), now)
        events.record(work, "alert", row.brand_id, _WATCHER, now, data={"page": page_id, "watch": row.id})
        watches.told(work, [gap.id for gap in gaps], now)
        if wrong:
            watches.change(work, row.id, alerted_at=now)
    _log.warning("watch alerted", watch=row.id, page=page_id)
    return True


def _still_so(work: Work, row: WatchRow, gaps: Sequence[GapRow]) -> bool:
    """Tell whether nobody told it meanwhile, nor did it go well; what is left then is told the next time."""
    current = watches.get(work, row.id, lock=True)
    untold = {one.id for one in watches.untold(work)}
    same = current is not None and (current.alerted_at, current.last_good_at) == (row.alerted_at, row.last_good_at)
    return same and all(one.id in untold for one in gaps)
