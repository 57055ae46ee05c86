"""Claims and leases given back, and what has run out."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from monitor.store.engine import Work
from monitor.store.tables import case, invite, lease, mention, session, written_once

WRITTEN_ONCE_FOR = timedelta(days=1)
INVITES_KEPT_FOR = timedelta(days=30)


def release_mentions(work: Work) -> int:
    """Give every claimed mention back to the judge. Only for a caller who knows that nobody is judging."""
    held = update(mention).where(mention.c.claimed_until.is_not(None))
    return work.execute(held.values(claimed_until=None)).rowcount


def release_drafts(work: Work) -> int:
    """Give every case claimed for drafting back. Only for a caller who knows that nobody is drafting."""
    held = update(case).where(case.c.draft_claimed_until.is_not(None))
    return work.execute(held.values(draft_claimed_until=None)).rowcount


def release_lease(work: Work, name: str, holder: str | None = None) -> None:
    """End a lease: of this holder, or (None) whoever holds it."""
    mine = delete(lease).where(lease.c.name == name)
    work.execute(mine if holder is None else mine.where(lease.c.holder == holder))


def keep_lease(work: Work, name: str, holder: str, until: datetime) -> bool:
    """Hold a lease for longer. False: this holder has it no more."""
    mine = update(lease).where(lease.c.name == name, lease.c.holder == holder)
    return work.execute(mine.values(until=until)).rowcount == 1


def last_holder(work: Work, name: str) -> str | None:
    """Return who took a lease last and did not end it, by name; None: it was ended."""
    found: str | None = work.execute(select(lease.c.holder).where(lease.c.name == name)).scalar()
    return found


def sweep_out(work: Work, now: datetime) -> dict[str, int]:
    """Delete sessions, one-time links and repeatable answers that ran out. Returns how many of each."""
    out = {
        "sessions": delete(session).where(session.c.expires_at < now),
        "links": delete(invite).where(invite.c.expires_at < now - INVITES_KEPT_FOR),
        "answers": delete(written_once).where(written_once.c.created_at < now - WRITTEN_ONCE_FOR),
    }
    return {name: work.execute(statement).rowcount for name, statement in out.items()}
