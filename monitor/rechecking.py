"""Use case: look again at posts that are stored, for as long as they are kept.

What is gone is forgotten, what was edited is read anew, and how far a post has travelled weighs in its case. Only what
a platform says aloud counts: a look that failed, or an answer without the post in it, is no deletion.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import budgets, forgetting, logs, weighing
from monitor.domain import prices
from monitor.domain.budgets import LONGEST_WAIT
from monitor.domain.errors import AppError, BadInput, RetryLater, SourceRefused
from monitor.domain.rechecks import NOT_SAID, next_check, same_words
from monitor.domain.records import Engagement, Looked, Post, Presence, Seen, Usage
from monitor.ports import MentionSource
from monitor.pulling import LogIn, open_login
from monitor.store import accounts, mentions, reach, rechecks, spending
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store, Work
from monitor.store.rechecks import DueRow

_log = logs.get(__name__)
_REFUSED_FOR = timedelta(hours=1)  # a person must act first
_SOONEST = timedelta(minutes=1)
AT_ONCE = 500  # posts of one run

LoadSource = Callable[[str], MentionSource]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Posts that one call can ask about."""

    source: str
    account: AccountRow | None
    rows: Sequence[DueRow]


@dataclass(frozen=True, slots=True)
class _Thrift:
    """Whether looks are to be few, and whether a post that spreads fast is looked at sooner all the same."""

    billed: bool
    hurries: bool


def recheck_due(
    store: Store, load_source: LoadSource, now: datetime, *, log_in: LogIn = open_login, limit: int = AT_ONCE
) -> int:
    """Look at the posts whose time has come, and return how many were found gone.

    Each is asked for where it was found, with the login it was found with. No transaction is open meanwhile.
    """
    with store.unit_of_work() as work:
        batches = _grouped(work, rechecks.claim_due(work, now, limit))
    return sum(_look(store, load_source, log_in, one, now) for one in batches)


def _grouped(work: Work, due: Sequence[DueRow]) -> list[_Batch]:
    groups: defaultdict[tuple[int, str, str, int | None], list[DueRow]] = defaultdict(list)
    for row in due:
        groups[row.brand_id, row.platform, row.source or row.platform, row.account_id].append(row)
    batches = []
    for (brand_id, platform, source, account_id), rows in groups.items():
        batches.append(_Batch(source, _account(work, brand_id, platform, account_id), rows))
    return batches


def _account(work: Work, brand_id: int, platform: str, account_id: int | None) -> AccountRow | None:
    """Return the account of the watch that found them, else the one that answers there."""
    found = accounts.get(work, account_id) if account_id is not None else None
    return found if found and found.active else accounts.answering(work, brand_id, platform)


def _look(store: Store, load_source: LoadSource, log_in: LogIn, batch: _Batch, now: datetime) -> int:
    try:
        source = load_source(batch.source)
        login = log_in(batch.account, batch.source, now)
    except AppError as error:
        _put_off(store, batch.rows, error, now)
        return 0
    if not source.at_most:
        _put_off(store, batch.rows, None, now)
        return 0
    gone = 0
    for start in range(0, len(batch.rows), source.at_most):
        rows = batch.rows[start : start + source.at_most]
        if _too_dear(store, batch, len(rows), now):
            _put_off(store, batch.rows[start:], SourceRefused("The month's cap is reached."), now)
            break
        try:
            looked = source.look_up(login, [row.external_id for row in rows])
        except (RetryLater, SourceRefused, BadInput) as error:
            _put_off(store, batch.rows[start:], error, now)
            break
        with store.unit_of_work(durable=True) as work:
            gone += _keep(work, batch, rows, looked, now)
    return gone


def _too_dear(store: Store, batch: _Batch, posts: int, now: datetime) -> bool:
    """Tell whether reading so many posts might break the month's cap of their account."""
    account = batch.account
    if account is None or account.cap_micros is None:
        return False
    most = posts * (prices.price(account.platform, "post_read") + prices.price(account.platform, "user_read"))
    with store.reading() as work:
        return most > 0 and spending.this_month(work, account.id, now) + most > account.cap_micros


def _thrift(work: Work, batch: _Batch, usage: Usage, now: datetime) -> _Thrift:
    """Return how often posts that wait may be looked at: the other half of what is allowed or paid is for reading."""
    account = batch.account
    billed = bool(account and prices.price(account.platform, "post_read"))
    scarce = any(one.limit is not None and 2 * one.remaining < one.limit for one in usage.quotas)
    if account is not None and account.cap_micros is not None and billed:
        scarce = scarce or 2 * spending.this_month(work, account.id, now) > account.cap_micros
    return _Thrift(billed=billed or scarce, hurries=not scarce)


def _put_off(store: Store, rows: Sequence[DueRow], error: AppError | None, now: datetime) -> None:
    """Look later. Without an error there is nobody to ask: these are looked at no more."""
    if error is not None:
        _log.warning("posts not looked at", posts=len(rows), code=error.code)
    after = timedelta(seconds=min(error.after, 1e9)) if isinstance(error, RetryLater) else _REFUSED_FOR
    again = now + min(max(after, _SOONEST), LONGEST_WAIT) if error is not None else None
    with store.unit_of_work() as work:
        for row in rows:
            rechecks.look_next(work, row.id, again)


def _keep(work: Work, batch: _Batch, rows: Sequence[DueRow], looked: Looked, now: datetime) -> int:
    """Record what one call showed; returns how many posts are gone."""
    ids = [row.id for row in rows]
    words = rechecks.words_of(work, ids)  # all of them are held before any of their cases
    waiting = rechecks.waiting(work, ids)
    budgets.book(work, batch.account, "recheck", looked.usage, now, platform=batch.source)
    thrift = _thrift(work, batch, looked.usage, now)
    seen: Mapping[str, Seen] = {one.external_id: one for one in looked.seen}
    gone = [row for row in rows if _presence(seen, row) in {Presence.GONE, Presence.HIDDEN}]
    as_before: dict[int, tuple[datetime, Engagement]] = {}
    for row in sorted(rows, key=lambda one: one.id):
        post = seen[row.external_id].post if row.external_id in seen else None
        if _presence(seen, row) is Presence.UNKNOWN:
            rechecks.look_next(work, row.id, now + NOT_SAID)
        elif row in gone:
            continue
        elif row.id in waiting or (post is not None and not same_words(words.get(row.id, ""), post.text)):
            _refresh(work, row, post, now, thrift if row.id in waiting else None)
        else:  # most of them, most of the time
            as_before[row.id] = next_check(row.written_at, now), post.engagement if post else Engagement()
    rechecks.seen_again(work, as_before, now)
    for row in gone:
        why = forgetting.HIDDEN if _presence(seen, row) is Presence.HIDDEN else forgetting.DELETED
        forgetting.forget(work, row.brand_id, row.platform, [row.external_id], now, why)
    return len(gone)


def _presence(seen: Mapping[str, Seen], row: DueRow) -> Presence:
    return seen[row.external_id].presence if row.external_id in seen else Presence.UNKNOWN


def _refresh(work: Work, row: DueRow, post: Post | None, now: datetime, thrift: _Thrift | None) -> None:
    """Take over what a look showed. `thrift` is None where nobody is about to answer."""
    known = {"extra": dict(post.extra)} if post is not None and post.extra else {}
    if post is not None and thrift is not None:
        reach.record(work, row.id, post.engagement, post.author.followers, now)
    waits = {"waits": thrift is not None, "billed": thrift is not None and thrift.billed}
    rechecks.look_next(work, row.id, next_check(row.written_at, now, **waits), checked_at=now, **known)
    if post is None:
        return
    mentions.refresh_figures(work, row.id, post.engagement)
    forgetting.edited(work, row.id, post, now)
    seen = weighing.weigh_reach(work, row.id, now)
    if seen is not None and seen.rising and thrift is not None and thrift.hurries:
        rechecks.look_next(work, row.id, next_check(row.written_at, now, fast=True, **waits))
