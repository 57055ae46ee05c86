"""Watches: what is pulled when, how far each has come, and what each may have missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from monitor.domain.errors import NotFound
from monitor.domain.records import Login, Watch
from monitor.store.engine import Work
from monitor.store.tables import gap, watch

CLAIM_FOR = timedelta(minutes=2)  # longer than any page takes; a worker that died holds its watch no longer


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A watch and how it is doing."""

    id: int
    brand_id: int
    source: str
    query: Mapping[str, Any]
    every_s: int
    cursor: str
    paused: bool
    next_poll_at: datetime
    last_good_at: datetime | None
    last_error: str
    account_id: int | None
    name: str
    remedy: str
    failing_since: datetime | None
    last_new_at: datetime | None
    created_at: datetime
    buckets: str  # the allowances its polls use up, one a line
    resumed_at: datetime | None
    down_at: datetime | None
    back_at: datetime | None
    alerted_at: datetime | None

    @property
    def heard_at(self) -> datetime:
        """Return when it last did what it should: went well, was made, or was let go on after a pause."""
        return max(one for one in (self.created_at, self.last_good_at, self.resumed_at) if one)

    def asked(self, login: Login) -> Watch:
        """Return what a source needs to know of it."""
        return Watch(self.id, self.brand_id, self.source, self.query, login)


@dataclass(frozen=True, slots=True)
class GapRow:
    """A window in which a watch may have missed posts. None: not known where it begins or ends."""

    id: int
    watch_id: int
    since: datetime | None
    until: datetime | None
    why: str
    created_at: datetime
    closed_at: datetime | None
    told_at: datetime | None


def add(
    work: Work,
    brand_id: int,
    source: str,
    query: Mapping[str, Any],
    now: datetime,
    *,
    every_s: int = 30,
    account_id: int | None = None,
    name: str = "",
) -> int:
    """Add a watch, due at once, and return its id."""
    values = {
        "brand_id": brand_id,
        "source": source,
        "query": dict(query),
        "every_s": every_s,
        "account_id": account_id,
        "name": name,
        "next_poll_at": now,
        "created_at": now,
    }
    return int(work.execute(insert(watch).returning(watch.c.id), values).scalar_one())


_WATCH = [watch.c[name] for name in WatchRow.__slots__]
_IN_USE = watch.c.removed_at.is_(None)


def listed(work: Work, brand_id: int | None = None) -> list[WatchRow]:
    """Return all watches, or one brand's."""
    wanted = select(*_WATCH).where(_IN_USE).order_by(watch.c.id)
    rows = work.execute(wanted if brand_id is None else wanted.where(watch.c.brand_id == brand_id))
    return [WatchRow(*row) for row in rows]


def of_account(work: Work, account_id: int) -> list[WatchRow]:
    """Return the watches that read with an account's login."""
    wanted = select(*_WATCH).where(_IN_USE, watch.c.account_id == account_id).order_by(watch.c.id)
    return [WatchRow(*row) for row in work.execute(wanted)]


def get(work: Work, watch_id: int, *, lock: bool = False) -> WatchRow | None:
    """Return a watch, None when it was removed; `lock` is for reading and writing its cursor in one transaction."""
    wanted = select(*_WATCH).where(_IN_USE, watch.c.id == watch_id)
    row = work.execute(wanted.with_for_update() if lock else wanted).first()
    return WatchRow(*row) if row else None


def due(work: Work, now: datetime, limit: int = 100) -> list[int]:
    """Return the ids of the watches whose time has come, the one that waits longest for a good poll first."""
    wanted = select(watch.c.id).where(_IN_USE, watch.c.next_poll_at <= now, ~watch.c.paused)
    longest_first = (func.coalesce(watch.c.last_good_at, watch.c.created_at), watch.c.next_poll_at, watch.c.id)
    return list(work.execute(wanted.order_by(*longest_first).limit(limit)).scalars())


def claim(work: Work, watch_id: int, now: datetime) -> bool:
    """Take a watch whose time has come, so that nobody else polls it meanwhile. False: it is not due, or taken."""
    its_turn = (watch.c.id == watch_id) & _IN_USE & ~watch.c.paused & (watch.c.next_poll_at <= now)
    return work.execute(update(watch).where(its_turn).values(next_poll_at=now + CLAIM_FOR)).rowcount == 1


def at_work(work: Work, row: WatchRow, now: datetime) -> int:
    """Return how many other watches of the same account may be polled at this moment."""
    others = _IN_USE & (watch.c.account_id == row.account_id) & (watch.c.id != row.id)
    claimed = watch.c.failing_since.is_not(None) & watch.c.next_poll_at.between(now, now + CLAIM_FOR)
    return int(work.execute(select(func.count()).where(others, ~watch.c.paused, claimed)).scalar_one())


def sharing(work: Work, row: WatchRow) -> list[str]:
    """Return the buckets of every running watch with the same login as this one, itself among them."""
    same = watch.c.account_id == row.account_id
    if row.account_id is None:
        same = watch.c.account_id.is_(None) & (watch.c.source == row.source)
    return list(work.execute(select(watch.c.buckets).where(_IN_USE, ~watch.c.paused, same)).scalars())


def change(work: Work, watch_id: int, **values: Any) -> None:
    """Set fields of a watch. The cursor is stored in the transaction that stores its page (P3)."""
    work.execute(update(watch).where(watch.c.id == watch_id).values(**values))


def pause(work: Work, watch_id: int, now: datetime, *, paused: bool) -> None:
    """Pause a watch, or let it go on at once. Raises `NotFound`."""
    values: dict[str, Any] = {"paused": paused, "failing_since": None, "alerted_at": None}
    if not paused:
        values |= {"resumed_at": now, "next_poll_at": now, "last_error": "", "remedy": ""}
    _change_one(work, watch_id, values)


def hurry(work: Work, watch_id: int, now: datetime) -> None:
    """Make a watch due at once. Raises `NotFound`."""
    _change_one(work, watch_id, {"next_poll_at": now})


def remove(work: Work, watch_id: int, now: datetime) -> None:
    """Stop watching; what was found stays. Raises `NotFound`."""
    _change_one(work, watch_id, {"removed_at": now})


def _change_one(work: Work, watch_id: int, values: Mapping[str, Any]) -> None:
    if work.execute(update(watch).where(_IN_USE, watch.c.id == watch_id).values(**values)).rowcount != 1:
        message = f"There is no watch number {watch_id}."
        raise NotFound(message)


# --- gaps -----------------------------------------------------------------------------------------------------------


def add_gap(work: Work, watch_id: int, since: datetime | None, until: datetime | None, why: str, now: datetime) -> int:
    """Record that posts may have been missed, and return the gap's id."""
    values = {"watch_id": watch_id, "since": since, "until": until, "why": why, "created_at": now}
    return int(work.execute(insert(gap).returning(gap.c.id), values).scalar_one())


def gaps(work: Work, brand_id: int | None = None, *, closed: bool = False, limit: int = 100) -> list[GapRow]:
    """Return the gaps of watches in use, newest first: the open ones, or all of them."""
    columns = [gap.c[name] for name in GapRow.__slots__]
    joined = select(*columns).join(watch, gap.c.watch_id == watch.c.id).where(_IN_USE)
    wanted = joined.order_by(gap.c.id.desc()).limit(limit)
    if brand_id is not None:
        wanted = wanted.where(watch.c.brand_id == brand_id)
    if not closed:
        wanted = wanted.where(gap.c.closed_at.is_(None))
    return [GapRow(*row) for row in work.execute(wanted)]


def get_gap(work: Work, gap_id: int) -> GapRow:
    """Return one gap. Raises `NotFound`."""
    row = work.execute(select(*[gap.c[name] for name in GapRow.__slots__]).where(gap.c.id == gap_id)).first()
    if row is None:
        message = f"There is no gap number {gap_id}."
        raise NotFound(message)
    return GapRow(*row)


def is_open(work: Work, watch_id: int, since: datetime | None, until: datetime | None) -> bool:
    """Tell whether this very window is said to be missed already."""
    same = (gap.c.watch_id == watch_id) & gap.c.closed_at.is_(None)
    same &= gap.c.since.is_not_distinct_from(since) & gap.c.until.is_not_distinct_from(until)
    return work.execute(select(gap.c.id).where(same)).first() is not None


def untold(work: Work) -> list[GapRow]:
    """Return the open gaps that nobody was told of."""
    return [one for one in gaps(work, limit=1000) if one.told_at is None]


def told(work: Work, gap_ids: Sequence[int], now: datetime) -> int:
    """Record that people were told of gaps, and return of how many they had not been."""
    mine = update(gap).where(gap.c.id.in_(gap_ids), gap.c.told_at.is_(None))
    return work.execute(mine.values(told_at=now)).rowcount


def close_gap(work: Work, gap_id: int, now: datetime, user_id: int | None = None) -> bool:
    """Record that a gap was filled, or that a person took note of it. False: it was closed before."""
    open_one = (gap.c.id == gap_id) & gap.c.closed_at.is_(None)
    return work.execute(update(gap).where(open_one).values(closed_at=now, closed_by=user_id)).rowcount == 1
