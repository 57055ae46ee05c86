"""Brands, their accounts on platforms, and the watches that pull for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from monitor.domain.errors import BadInput, NotFound
from monitor.domain.records import Watch
from monitor.domain.triage import Hours, Promises
from monitor.store.engine import Work
from monitor.store.tables import account, brand, watch

UNDO_SECONDS = 10


@dataclass(frozen=True, slots=True)
class BrandRow:
    """A brand and its settings. `voice` holds the fields of `responders.ports.Voice`."""

    id: int
    slug: str
    name: str
    voice: Mapping[str, Any]
    settings: Mapping[str, Any]  # the brand's own: minutes, six_thousand, hours, undo_s
    is_demo: bool

    @property
    def promises(self) -> Promises:
        """Return the reply-by promises, defaults filled in."""
        plain = Promises()
        hours = self.settings.get("hours") or {}
        return Promises(
            minutes=tuple(self.settings.get("minutes") or plain.minutes),
            six_thousand=int(self.settings.get("six_thousand") or plain.six_thousand),
            hours=Hours(
                zone=hours.get("zone", "UTC"),
                days=frozenset(hours.get("days", ())),
                opens=time.fromisoformat(hours.get("opens", "00:00")),
                closes=time.fromisoformat(hours.get("closes", "00:00")),
            ),
        )

    @property
    def undo(self) -> timedelta:
        """Return how long an approval can be undone."""
        return timedelta(seconds=float(self.settings.get("undo_s", UNDO_SECONDS)))


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A brand's login on a platform."""

    id: int
    brand_id: int
    platform: str
    handle: str
    publisher: str
    secret: bytes | None


def create(
    work: Work,
    slug: str,
    name: str,
    now: datetime,
    *,
    voice: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    is_demo: bool = False,
) -> int:
    """Add a brand and return its id. Raises `BadInput` when the short name is taken."""
    if work.execute(select(brand.c.id).where(brand.c.slug == slug)).first():
        message = f"There is a brand called {slug} already: choose another short name."
        raise BadInput(message, where="slug")
    values = {
        "slug": slug,
        "name": name,
        "voice": {"brand": name, **(voice or {})},
        "settings": dict(settings or {}),
        "is_demo": is_demo,
        "created_at": now,
    }
    return int(work.execute(insert(brand).returning(brand.c.id), values).scalar_one())


def _row(row: Row[Any]) -> BrandRow:
    return BrandRow(row.id, row.slug, row.name, row.voice, row.settings, row.is_demo)


def all_brands(work: Work) -> list[BrandRow]:
    """Return every brand, by name."""
    return [_row(row) for row in work.execute(select(brand).order_by(brand.c.name, brand.c.id))]


def get(work: Work, brand_id: int) -> BrandRow:
    """Return one brand. Raises `NotFound`."""
    row = work.execute(select(brand).where(brand.c.id == brand_id)).first()
    if row is None:
        message = f"There is no brand number {brand_id}."
        raise NotFound(message)
    return _row(row)


def by_slug(work: Work, slug: str) -> BrandRow:
    """Return the brand with this short name. Raises `NotFound`."""
    row = work.execute(select(brand).where(brand.c.slug == slug)).first()
    if row is None:
        known = ", ".join(one.slug for one in all_brands(work)) or "none yet"
        message = f"There is no brand called {slug}. Known: {known}."
        raise NotFound(message)
    return _row(row)


def change(
    work: Work, brand_id: int, *, voice: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None
) -> BrandRow:
    """Merge new values into a brand's voice or settings; a value of None goes back to the default."""
    now = get(work, brand_id)
    merged_voice = {**now.voice, **(voice or {})}
    merged = {name: value for name, value in {**now.settings, **(settings or {})}.items() if value is not None}
    work.execute(update(brand).where(brand.c.id == brand_id).values(voice=merged_voice, settings=merged))
    return get(work, brand_id)


def add_account(work: Work, brand_id: int, platform: str, handle: str, publisher: str, now: datetime) -> int:
    """Add a login on a platform and return its id."""
    values = {"brand_id": brand_id, "platform": platform, "handle": handle, "publisher": publisher, "created_at": now}
    return int(work.execute(insert(account).returning(account.c.id), values).scalar_one())


def account_for(work: Work, brand_id: int, platform: str) -> AccountRow | None:
    """Return the active account that answers for a brand on a platform, if there is one."""
    wanted = (account.c.brand_id == brand_id) & (account.c.platform == platform) & account.c.active
    row = work.execute(select(account).where(wanted).order_by(account.c.id)).first()
    return _account(row) if row else None


def get_account(work: Work, account_id: int) -> AccountRow:
    """Return one account. Raises `NotFound`."""
    row = work.execute(select(account).where(account.c.id == account_id)).first()
    if row is None:
        message = f"There is no account number {account_id}."
        raise NotFound(message)
    return _account(row)


def accounts_of(work: Work, brand_id: int) -> list[AccountRow]:
    """Return a brand's accounts."""
    return [_account(row) for row in work.execute(select(account).where(account.c.brand_id == brand_id))]


def _account(row: Row[Any]) -> AccountRow:
    return AccountRow(row.id, row.brand_id, row.platform, row.handle, row.publisher, row.secret)


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

    @property
    def watch(self) -> Watch:
        """Return what a source needs to know of it."""
        return Watch(self.id, self.brand_id, self.source, self.query)


def add_watch(
    work: Work, brand_id: int, source: str, query: Mapping[str, Any], now: datetime, *, every_s: int = 30
) -> int:
    """Add a watch, due at once, and return its id."""
    values = {
        "brand_id": brand_id,
        "source": source,
        "query": dict(query),
        "every_s": every_s,
        "next_poll_at": now,
        "created_at": now,
    }
    return int(work.execute(insert(watch).returning(watch.c.id), values).scalar_one())


_WATCH = [watch.c[name] for name in WatchRow.__slots__]


def watches(work: Work, brand_id: int | None = None) -> list[WatchRow]:
    """Return all watches, or one brand's."""
    wanted = select(*_WATCH).order_by(watch.c.id)
    rows = work.execute(wanted if brand_id is None else wanted.where(watch.c.brand_id == brand_id))
    return [WatchRow(*row) for row in rows]


def due_watches(work: Work, now: datetime, limit: int = 100) -> list[int]:
    """Return the ids of the watches whose time has come, longest overdue first."""
    wanted = select(watch.c.id).where(watch.c.next_poll_at <= now, ~watch.c.paused)
    return list(work.execute(wanted.order_by(watch.c.next_poll_at).limit(limit)).scalars())


def lock_watch(work: Work, watch_id: int) -> WatchRow | None:
    """Return a watch for reading and writing its cursor in this transaction; None when it was removed."""
    row = work.execute(select(*_WATCH).where(watch.c.id == watch_id).with_for_update()).first()
    return WatchRow(*row) if row else None


def watch_polled(
    work: Work, watch_id: int, *, next_poll_at: datetime, good_at: datetime | None, cursor: str | None, error: str
) -> None:
    """Record a poll. The cursor is stored in the transaction that stores its page (P3)."""
    values: dict[str, Any] = {"next_poll_at": next_poll_at, "last_error": error}
    if good_at is not None:
        values["last_good_at"] = good_at
    if cursor is not None:
        values["cursor"] = cursor
    work.execute(update(watch).where(watch.c.id == watch_id).values(**values))


def remove_watch(work: Work, watch_id: int) -> None:
    """Stop watching; what was found stays. Raises `NotFound`."""
    if work.execute(delete(watch).where(watch.c.id == watch_id)).rowcount != 1:
        message = f"There is no watch number {watch_id}."
        raise NotFound(message)
