"""Leases given back, heartbeats of the workers, and what has run out."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from monitor.store.engine import Work
from monitor.store.tables import case, invite, lease, mention, session, written_once

_ALIVE = "alive:"
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


def release_all_claims(work: Work) -> None:
    """Take back what dead workers held: judging, drafting and the relay's lease.

    Only for the sole owner of the data, before anything is started. Sendings are another matter: `reconcile`.
    """
    release_mentions(work)
    release_drafts(work)
    release_lease(work, "relay")


def alive(work: Work, queue: str, now: datetime) -> None:
    """Note that somebody works on a queue."""
    name = f"{_ALIVE}{queue}"
    if work.execute(update(lease).where(lease.c.name == name).values(until=now)).rowcount == 0:
        work.execute(insert(lease), {"name": name, "holder": "", "until": now})


def last_alive(work: Work) -> dict[str, datetime]:
    """Return when each queue was last worked on."""
    rows = work.execute(select(lease.c.name, lease.c.until).where(lease.c.name.startswith(_ALIVE)))
    return {row.name.removeprefix(_ALIVE): row.until for row in rows}


def sweep_out(work: Work, now: datetime) -> dict[str, int]:
    """Delete sessions, one-time links and repeatable answers that ran out. Returns how many of each."""
    out = {
        "sessions": delete(session).where(session.c.expires_at < now),
        "links": delete(invite).where(invite.c.expires_at < now - INVITES_KEPT_FOR),
        "answers": delete(written_once).where(written_once.c.created_at < now - WRITTEN_ONCE_FOR),
    }
    return {name: work.execute(statement).rowcount for name, statement in out.items()}
