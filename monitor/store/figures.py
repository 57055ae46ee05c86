"""What a supervisor asks: is the relay alive, how much waits, and for how long. Cheap on a full database."""

from datetime import datetime

from sqlalchemy import func, select

from monitor.store.engine import Work
from monitor.store.tables import lease, mention


def lease_until(work: Work, name: str) -> datetime | None:
    """Return until when a lease is held, None when nobody ever took it."""
    found: datetime | None = work.execute(select(lease.c.until).where(lease.c.name == name)).scalar()
    return found


def waiting(work: Work, cap: int = 10_000) -> tuple[int, datetime | None]:
    """Return how many mentions wait to be judged (up to `cap`) and since when the oldest of those does."""
    oldest = (
        select(mention.c.stored_at).where(mention.c.judged_at.is_(None)).order_by(mention.c.is_history, mention.c.id)
    )
    first = oldest.limit(cap).subquery()
    row = work.execute(select(func.count(), func.min(first.c.stored_at))).one()
    return int(row[0]), row[1]
