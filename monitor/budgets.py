"""Use case: keep within what platforms allow and what people are willing to pay.

What was used up is booked in the transaction that keeps what it was used for; before the next call it is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.domain import budgets, prices
from monitor.domain.errors import Remedy
from monitor.domain.records import Usage
from monitor.store import spending, watches
from monitor.store.accounts import AccountRow
from monitor.store.engine import Work
from monitor.store.spending import QuotaRow
from monitor.store.watches import WatchRow

_TURN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a watch may not call its platform before `until`. No sentence: only until its turn among others comes."""

    until: datetime
    sentence: str
    remedy: Remedy


def scope_of(account: AccountRow | None, platform: str) -> str:
    """Return whose allowance is used up: an account's, or that of everybody without one."""
    return account.scope if account else platform


def held(work: Work, watch: WatchRow, account: AccountRow | None, now: datetime) -> Hold | None:
    """Return what keeps a watch from calling now; None: it may."""
    return over_cap(work, watch, account, now) or _empty(work, watch, account, now)


def over_cap(work: Work, watch: WatchRow, account: AccountRow | None, now: datetime) -> Hold | None:
    """Hold a watch whose next page might cost more than is left of the month's cap."""
    if account is None or account.cap_micros is None:
        return None
    most = prices.largest_page(account.platform, str(watch.query.get("kind", "")))
    spent = spending.this_month(work, account.id, now) if most else 0
    if spent + most <= account.cap_micros:
        close = most > 0 and spent + most * (1 + watches.at_work(work, watch, now)) > account.cap_micros
        return Hold(now + _TURN, "", Remedy.WAIT) if close else None  # so near the cap they go one by one
    until = _next_month(now)
    cap, paid, page = (prices.dollars(one) for one in (account.cap_micros, spent, most))
    sentence = f"The cap of {cap} a month is reached: {paid} are spent, and one more page may cost {page}. "
    sentence += f"Reading goes on {moment(until, now)}, or when the cap is raised."
    return Hold(until, sentence, Remedy.RAISE_CAP)


def _empty(work: Work, watch: WatchRow, account: AccountRow | None, now: datetime) -> Hold | None:
    known = set(watch.buckets.splitlines())
    rows = [one for one in spending.quotas(work, scope_of(account, watch.source)) if one.bucket in known]
    others = _sharing(work, watch, rows)
    waits = [(budgets.held_until(one.allowance, others[one.bucket], now), one) for one in rows]
    until, row = max(((until, row) for until, row in waits if until), key=lambda one: one[0], default=(None, None))
    if until is None or row is None:
        return None
    sentence = "" if row.allowance.spare() else f"{_left(row)} No more calls are made until {moment(until, now)}."
    return Hold(until, sentence, Remedy.WAIT)


def _left(row: QuotaRow) -> str:
    if row.remaining == 0:
        return "The platform takes no more calls for now."
    return f"Only {row.remaining} calls are left, kept back for replies."


def _sharing(work: Work, watch: WatchRow, rows: Sequence[QuotaRow]) -> dict[str, int]:
    """Return for each bucket how many watches draw on it; one that never polled may draw on any."""
    if not rows:
        return {}
    drawn = [set(one.splitlines()) for one in watches.sharing(work, watch)]
    return {row.bucket: max(sum(not one or row.bucket in one for one in drawn), 1) for row in rows}


def book(
    work: Work, account: AccountRow | None, used_by: str, usage: Usage, now: datetime, *, platform: str = ""
) -> list[QuotaRow]:
    """Keep what a call used up: what is left, and what it costs. Returns what is left.

    `used_by` is "watch:3", "reply", "recheck" or "check"; `platform` is needed where there is no account.
    """
    scope = scope_of(account, platform)
    rows = [
        QuotaRow(scope, one.bucket[:100], one.limit, one.remaining, now + _within_days(one.resets_in), now)
        for one in usage.quotas
    ]
    spending.keep_quotas(work, rows)
    if account is not None:
        price_list = prices.PRICES.get(account.platform, {})
        billed = {kind: count for kind, count in usage.billed.items() if count > 0 and kind in price_list}
        spending.add(work, account.id, used_by, billed, price_list, now)
    return rows


def _within_days(seconds: float) -> timedelta:
    """Believe a platform for a day: a wrong header must not silence a watch for good."""
    return min(timedelta(seconds=max(min(seconds, 1e9), 0.0)), budgets.LONGEST_WAIT)


def next_poll(work: Work, watch: WatchRow, left: Sequence[QuotaRow], now: datetime, *, more: bool) -> datetime:
    """Return when a watch that was just polled may poll again. `left` is what its page said is left."""
    others = _sharing(work, watch, left)
    sharing = max(others.values(), default=1)
    every = timedelta(seconds=watch.every_s)
    return budgets.next_poll(now, every, [one.allowance for one in left], sharing, more=more)


def _next_month(now: datetime) -> datetime:
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def moment(when: datetime, now: datetime) -> str:
    """Write a moment in a sentence: 14:05 UTC, or 1 December at 00:00 UTC on another day."""
    utc = when.astimezone(UTC)
    day = "" if utc.date() == now.astimezone(UTC).date() else f"{utc:%-d %B} at "
    return f"{day}{utc:%H:%M} UTC"
