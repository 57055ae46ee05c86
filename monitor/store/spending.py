"""What platforms still allow, and what they bill: read from their answers, booked once with each page or reply."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import ColumnElement, Executable, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.domain.budgets import Allowance
from monitor.store.engine import Work
from monitor.store.tables import quota, spend


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """What a platform said last of one bucket of a login (`scope`: "account:3", or the platform's name)."""

    scope: str
    bucket: str
    limit: int | None
    remaining: int
    resets_at: datetime
    read_at: datetime

    @property
    def allowance(self) -> Allowance:
        """Return it for reckoning."""
        return Allowance(self.limit, self.remaining, self.resets_at, self.read_at)


_QUOTA = [quota.c[name] for name in QuotaRow.__slots__]
_KEY = ("account_id", "day", "used_by", "kind")


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache  # every page runs it: building it takes longer than running it
def _keep_newest(dialect: str) -> Executable:
    new = _insert(dialect, quota)
    fresh = {name: new.excluded[name] for name in ("limit", "remaining", "resets_at", "read_at")}
    later = quota.c.read_at <= new.excluded.read_at
    return new.on_conflict_do_update(index_elements=["scope", "bucket"], set_=fresh, where=later)


@cache
def _add_up(dialect: str) -> Executable:
    new = _insert(dialect, spend)
    sums = {name: spend.c[name] + new.excluded[name] for name in ("objects", "micros")}
    return new.on_conflict_do_update(index_elements=_KEY, set_=sums)


def keep_quotas(work: Work, rows: Sequence[QuotaRow]) -> None:
    """Keep what was read; an answer that was read earlier never overwrites a later one."""
    # Always in this order: two writers cannot lock each other out.
    values = [asdict(row) for row in sorted(rows, key=lambda one: one.bucket)]
    if values:
        work.execute(_keep_newest(work.dialect.name), values)


def quotas(work: Work, scope: str | None = None) -> list[QuotaRow]:
    """Return what is known of a login's buckets, or of everybody's."""
    wanted = select(*_QUOTA).order_by(quota.c.scope, quota.c.bucket)
    rows = work.execute(wanted if scope is None else wanted.where(quota.c.scope == scope))
    return [QuotaRow(*row) for row in rows]


def day_of(when: datetime) -> str:
    """Return the day a cost is booked on, in UTC."""
    return when.astimezone(UTC).date().isoformat()


def add(
    work: Work, account_id: int, used_by: str, billed: Mapping[str, int], prices: Mapping[str, int], now: datetime
) -> None:
    """Add objects to a day's bill, at `prices` each; many may do so at once."""
    use = {"account_id": account_id, "day": day_of(now), "used_by": used_by}
    values = [
        {**use, "kind": kind, "objects": billed[kind], "micros": billed[kind] * prices.get(kind, 0)}
        for kind in sorted(billed)
    ]
    if values:
        work.execute(_add_up(work.dialect.name), values)


def _in_month(now: datetime) -> ColumnElement[bool]:
    return spend.c.day.between(f"{day_of(now)[:7]}-01", f"{day_of(now)[:7]}-31")


def this_month(work: Work, account_id: int, now: datetime) -> int:
    """Return what an account has cost in this calendar month (UTC), in millionths of a dollar."""
    mine = (spend.c.account_id == account_id) & _in_month(now)
    return int(work.execute(select(func.coalesce(func.sum(spend.c.micros), 0)).where(mine)).scalar_one())


@dataclass(frozen=True, slots=True)
class Bill:
    """What one account paid on one day for one use ("watch:3", "reply", "recheck")."""

    account_id: int
    day: str
    used_by: str
    objects: int
    micros: int


def bills(work: Work, since: datetime) -> list[Bill]:
    """Return what every account paid from a day on, day by day and use by use."""
    what = (spend.c.account_id, spend.c.day, spend.c.used_by)
    wanted = select(*what, func.sum(spend.c.objects), func.sum(spend.c.micros)).where(spend.c.day >= day_of(since))
    rows = work.execute(wanted.group_by(*what).order_by(*what))
    return [Bill(one[0], one[1], one[2], int(one[3]), int(one[4])) for one in rows]
