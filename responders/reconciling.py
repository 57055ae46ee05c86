"""Use case: find out what became of replies without a result. Nothing is ever sent from here."""

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.domain.errors import AppError, RetryLater
from monitor.store import accounts, cases, drafts, publications
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from monitor.store.publications import PublicationRow
from responders.ports import LONGEST_WAIT_S, Publisher, Receipt, Reply, SignInRefused
from responders.publishing import (
    LOOKS_S,
    NO_ANSWER,
    RECONCILER,
    LoadPublisher,
    LogIn,
    arrived,
    not_there,
    open_again,
    reply_of,
    uncertain,
    without_secret,
)

_LOOK_FOR = timedelta(minutes=1)
_DUE_AGAIN_S = 60.0


def look_after(looks: int) -> timedelta | None:
    """Return how long to wait after so many looks that found nothing, None when a person must decide."""
    return timedelta(seconds=LOOKS_S[looks]) if looks < len(LOOKS_S) else None


def reconcile(
    store: Store,
    load_publisher: LoadPublisher,
    now: datetime,
    *,
    time_limit: timedelta,
    log_in: LogIn = without_secret,
    renew: LogIn | None = None,
) -> int:
    """Find out what became of replies without a result; returns how many cases moved on.

    A sending claimed more than twice `time_limit` ago becomes uncertain: its worker is dead. An uncertain one is
    looked for on its platform a few times; when it is not there, a person decides. Nothing is ever sent from here.
    """
    with store.reading() as work:
        stuck = publications.stuck(work, now - 2 * time_limit)
    moved = sum(_doubt(store, row, now) for row in stuck)
    with store.reading() as work:
        unclear = publications.to_look_up(work, now)
    return moved + sum(_look(store, load_publisher, log_in, renew, row, now) for row in unclear)


def _doubt(store: Store, stuck: PublicationRow, now: datetime) -> bool:
    with store.unit_of_work(durable=True) as work:
        cases.get(work, stuck.case_id, lock=True)
        row = publications.get(work, stuck.id)
        if row.state != "sending" or row.claimed_at != stuck.claimed_at:
            return False
        uncertain(work, row, NO_ANSWER, now, RECONCILER, now)
    return True


def _look(
    store: Store, load_publisher: LoadPublisher, log_in: LogIn, renew: LogIn | None, row: PublicationRow, now: datetime
) -> bool:
    """Ask the platform for one reply and record what it says."""
    with store.unit_of_work() as work:
        if not publications.begin_look(work, row.id, now, now + _LOOK_FOR):
            return False
        account = accounts.get(work, row.account_id)
        reply = reply_of(work, drafts.by_id(work, row.draft_id), account, row)
    try:
        found = _found(load_publisher(account), replace(reply, login=log_in(account, now)), account, renew, now)
    except AppError as error:
        after = min(error.after, LONGEST_WAIT_S) if isinstance(error, RetryLater) else _DUE_AGAIN_S
        with store.unit_of_work() as work:
            publications.look_again(work, row.id, now + timedelta(seconds=after), row.looks, str(error))
        return False
    return _looked(store, row, found, now)


def _found(
    publisher: Publisher, reply: Reply, account: AccountRow, renew: LogIn | None, now: datetime
) -> Receipt | None:
    """Look once, and once more with fresh tokens where the platform did not accept ours."""
    try:
        return publisher.find(reply)
    except SignInRefused:
        if renew is None:
            raise
        return publisher.find(replace(reply, login=renew(account, now)))


def _looked(store: Store, looked_for: PublicationRow, found: Receipt | None, now: datetime) -> bool:
    with store.unit_of_work(durable=True) as work:
        case = cases.get(work, looked_for.case_id, lock=True)
        row = publications.get(work, looked_for.id)
        if row.state != "uncertain":
            return False
        looks, wait = row.looks + 1, look_after(row.looks + 1)
        if found is not None:
            moved = arrived(work, case, row, found, RECONCILER, now)
        elif wait is not None:
            publications.look_again(work, row.id, now + wait, looks, row.error)
            return False
        else:
            why = f"Looked {looks} times and did not find it. Look at the platform yourself before approving again."
            moved = not_there(work, row, why, now)
        open_again(work, moved, now)
    return True
