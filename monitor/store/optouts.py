"""People who do not want to hear from a brand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from monitor.store.engine import Work, insert_new
from monitor.store.tables import author, opt_out, user


@dataclass(frozen=True, slots=True)
class OptOutRow:
    """Somebody who is not answered. `who` wrote it down."""

    author_id: int
    platform: str
    handle: str
    why: str
    who: str | None
    created_at: datetime


def add(work: Work, brand_id: int, author_id: int, user_id: int | None, why: str, now: datetime) -> bool:
    """Write down that a person is not to be answered. False: it was written down before."""
    values = {"brand_id": brand_id, "author_id": author_id, "user_id": user_id, "why": why, "created_at": now}
    return bool(insert_new(work, opt_out, [values]))


def remove(work: Work, brand_id: int, author_id: int) -> bool:
    """Let a person be answered again. False: there was nothing to take back."""
    mine = (opt_out.c.brand_id == brand_id) & (opt_out.c.author_id == author_id)
    return work.execute(delete(opt_out).where(mine)).rowcount == 1


def out(work: Work, brand_id: int, author_ids: Sequence[int]) -> set[int]:
    """Return those of the authors that a brand must not answer."""
    wanted = select(opt_out.c.author_id).where(opt_out.c.brand_id == brand_id, opt_out.c.author_id.in_(author_ids))
    return set(work.execute(wanted).scalars())


def listed(work: Work, brand_id: int) -> list[OptOutRow]:
    """Return everybody whom a brand must not answer, newest first."""
    columns = [author.c.id, author.c.platform, author.c.handle, opt_out.c.why, user.c.name, opt_out.c.created_at]
    joined = opt_out.join(author, opt_out.c.author_id == author.c.id).outerjoin(user, opt_out.c.user_id == user.c.id)
    wanted = select(*columns).select_from(joined).where(opt_out.c.brand_id == brand_id)
    return [OptOutRow(*row) for row in work.execute(wanted.order_by(opt_out.c.id.desc()))]
