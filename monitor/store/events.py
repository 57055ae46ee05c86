"""The event table: audit trail and outbox in one. Only the relay stamps and marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from monitor.domain.lifecycle import Action, Actor
from monitor.store.engine import Work
from monitor.store.tables import event, user


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened, in the order the relay saw it (`seq`, gapless; 0 before the relay saw it)."""

    id: int
    seq: int
    kind: str
    brand_id: int
    case_id: int | None
    action: str
    from_state: str
    to_state: str
    actor: str
    who: str
    data: Mapping[str, Any]
    created_at: datetime


def record(
    work: Work,
    kind: str,
    brand_id: int,
    actor: Actor,
    now: datetime,
    *,
    case_id: int | None = None,
    moved: tuple[str, str | None, str] | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Add an event in the transaction that made it true. `moved` is (action, from state, to state)."""
    action, before, after = moved or (None, None, None)
    values = {
        "kind": kind,
        "brand_id": brand_id,
        "case_id": case_id,
        "action": action,
        "from_state": before,
        "to_state": after,
        "actor": actor.by,
        "actor_name": actor.name,
        "user_id": actor.user_id,
        "data": dict(data or {}),
        "created_at": now,
    }
    work.execute(insert(event), values)


def _select() -> Any:
    columns = [
        event.c.id,
        func.coalesce(event.c.seq, 0),
        event.c.kind,
        event.c.brand_id,
        event.c.case_id,
        func.coalesce(event.c.action, ""),
        func.coalesce(event.c.from_state, ""),
        func.coalesce(event.c.to_state, ""),
        event.c.actor,
        func.coalesce(user.c.name, event.c.actor_name),
        event.c.data,
        event.c.created_at,
    ]
    return select(*columns).select_from(event.outerjoin(user, event.c.user_id == user.c.id))


def unprocessed(work: Work, limit: int) -> list[EventRow]:
    """Return the oldest events the relay has not passed on."""
    rows = work.execute(_select().where(event.c.processed_at.is_(None)).order_by(event.c.id).limit(limit))
    return [EventRow(*row) for row in rows]


def stamp(work: Work, ids: Sequence[int], now: datetime) -> None:
    """Give the events the next numbers and mark them passed on. The caller holds the relay's lease."""
    last = work.execute(select(func.coalesce(func.max(event.c.seq), 0))).scalar_one()
    for offset, one in enumerate(ids, start=1):
        work.execute(update(event).where(event.c.id == one).values(seq=last + offset, processed_at=now))


def after(work: Work, seq: int, limit: int = 200) -> list[EventRow]:
    """Return the events after `seq`, for the live pages."""
    rows = work.execute(_select().where(event.c.seq > seq).order_by(event.c.seq).limit(limit))
    return [EventRow(*row) for row in rows]


def last_seq(work: Work) -> int:
    """Return the number of the newest stamped event, 0 when there is none."""
    return int(work.execute(select(func.coalesce(func.max(event.c.seq), 0))).scalar_one())


def of_case(work: Work, case_id: int, limit: int = 100) -> list[EventRow]:
    """Return what happened to a case, newest first."""
    rows = work.execute(_select().where(event.c.case_id == case_id).order_by(event.c.id.desc()).limit(limit))
    return [EventRow(*row) for row in rows]


def arrivals(work: Work, case_id: int) -> list[tuple[str, int]]:
    """Return which posts joined a case after it was opened, in order: (the state it was in, the mention)."""
    mine = select(event.c.from_state, event.c.data).where(event.c.case_id == case_id)
    rows = work.execute(mine.where(event.c.action == Action.NEW_MENTION).order_by(event.c.id))
    return [(before, int(data["mention"])) for before, data in rows if "mention" in data]


def backlog(work: Work) -> tuple[int, datetime | None]:
    """Return how many events wait for the relay and how old the oldest is."""
    row = work.execute(select(func.count(), func.min(event.c.created_at)).where(event.c.processed_at.is_(None))).one()
    return int(row[0]), row[1]
