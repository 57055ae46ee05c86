"""Cases: opened by triage, moved by one writer, read in the desk's order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, insert, literal, select, update

from monitor.domain.audience import SIX_THOUSAND
from monitor.domain.errors import Conflict, NotFound
from monitor.domain.lifecycle import ON_DESK, Action, Actor, CaseState, next_state
from monitor.domain.records import Flag, Kind, Severity
from monitor.store import events
from monitor.store.engine import Work
from monitor.store.tables import author, brand, case, case_mention, draft, mention, outcome, owner_question, user
from monitor.store.types import UtcTime

CLAIM_FOR = timedelta(minutes=10)  # a person's; it is renewed while they work
DRAFT_CLAIM_FOR = timedelta(minutes=2)  # a worker's, on a batch
_FAR = "9" * 14


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as it stands."""

    id: int
    brand_id: int
    author_id: int
    thread_id: int
    mention_id: int
    latest_mention_id: int
    state: CaseState
    kind: Kind
    lang: str
    severity: Severity
    tier: int
    flags: tuple[Flag, ...]
    topics: tuple[str, ...]
    audience: int | None
    audience_low: int | None
    audience_high: int | None
    rising: bool
    delicate: bool
    clock_at: datetime
    reply_by: datetime | None
    revision: int
    draft_stale: bool
    draft_wanted: bool
    send_after: datetime | None
    claimed_by: int | None
    claimed_until: datetime | None
    opens_again: bool
    close_reason: str
    answer_url: str
    by_hand: str
    opened_at: datetime
    changed_at: datetime


_COLUMNS = [case.c[name] for name in CaseRow.__slots__]
# Built once: putting these together took longer than running them.
_ONE = select(*_COLUMNS).where(case.c.id == bindparam("case_id"))
_ONE_LOCKED = _ONE.with_for_update()
_OF_AUTHOR = (
    select(*_COLUMNS)
    .where(case.c.author_id == bindparam("author_id"), case.c.brand_id == bindparam("brand_id"))
    .where((case.c.thread_id == bindparam("thread_id")) | (case.c.opened_at >= bindparam("since", type_=UtcTime)))
    .order_by((case.c.thread_id == bindparam("thread_id")).desc(), case.c.id.desc())
    .limit(1)
)
_AUTHOR_LOCKED = select(author.c.id).where(author.c.id == bindparam("author_id")).with_for_update()


def _row(row: Row[Any]) -> CaseRow:
    values = row._asdict()
    values["state"] = CaseState(values["state"])
    values["kind"] = Kind(values["kind"])
    values["severity"] = Severity(values["severity"])
    values["flags"] = tuple(Flag(one) for one in values["flags"])
    values["topics"] = tuple(values["topics"])
    return CaseRow(**values)


def get(work: Work, case_id: int, *, lock: bool = False) -> CaseRow:
    """Return a case. Raises `NotFound`."""
    row = work.execute(_ONE_LOCKED if lock else _ONE, {"case_id": case_id}).first()
    if row is None:
        message = f"There is no case number {case_id}."
        raise NotFound(message)
    return _row(row)


def desk_of(state: CaseState, kind: Kind) -> str | None:
    """Return the tab a case stands in, None when nobody has to do anything about it now."""
    if state is CaseState.ESCALATED:
        return "escalated"
    if state not in ON_DESK:
        return None
    return "complaints" if kind is Kind.COMPLAINT else "others"


def desk_key(reply_by: datetime | None, clock_at: datetime, tier: int, audience: int | None) -> str:
    """Return the sort key: earliest reply-by, then higher tier, larger audience, older. The id breaks ties."""
    promised = reply_by.strftime("%Y%m%d%H%M%S") if reply_by else _FAR
    people = min(audience or 0, 999_999_999)
    return f"{promised}{3 - tier}{999_999_999 - people:09d}{clock_at:%y%m%d%H%M%S}"


def open_case(work: Work, values: Mapping[str, Any], mention_ids: Sequence[int], actor: Actor, now: datetime) -> int:
    """Open a case over its first mentions and return its id. `values` are the columns triage decided."""
    state = next_state(None, Action.OPEN, actor)
    kind = Kind(values["kind"])
    place = {
        "state": state,
        "desk": desk_of(state, kind),
        "desk_key": desk_key(values["reply_by"], values["clock_at"], values["tier"], values["audience"]),
        "opened_at": now,
        "changed_at": now,
    }
    case_id = int(work.execute(insert(case).returning(case.c.id), {**values, **place}).scalar_one())
    join(work, case_id, mention_ids)
    events.record(work, "case", int(values["brand_id"]), actor, now, case_id=case_id, moved=(Action.OPEN, None, state))
    return case_id


def join(work: Work, case_id: int, mention_ids: Sequence[int]) -> None:
    """Put mentions into a case. A mention belongs to one case at most."""
    work.execute(insert(case_mention), [{"mention_id": one, "case_id": case_id} for one in mention_ids])


def transition(
    work: Work,
    case_id: int,
    action: Action,
    actor: Actor,
    now: datetime,
    *,
    expected: CaseState | None = None,
    data: Mapping[str, Any] | None = None,
    **changes: Any,
) -> CaseRow:
    """Move a case: the only writer of its state. `changes` are other columns of the same row.

    Raises `Conflict` when the case is not where the caller (`expected`) or the table says it must be, and
    `NotAllowed` for the wrong hands. The event is written in the same transaction.
    """
    before = get(work, case_id, lock=True)
    if expected is not None and before.state is not expected:
        message = f"The case is {before.state.replace('_', ' ')} by now. Nothing was done: look at it again."
        raise Conflict(message)
    state = next_state(before.state, action, actor)
    values = {**changes, "state": state, "changed_at": now, **_place(before, state, changes)}
    moved = update(case).where(case.c.id == case_id, case.c.state == before.state).values(**values)
    row = work.execute(moved.returning(*_COLUMNS)).first()
    if row is None:
        message = "A colleague was quicker. Nothing was done: look at the case again."
        raise Conflict(message)
    happened = (action, before.state, state)
    events.record(work, "case", before.brand_id, actor, now, case_id=case_id, moved=happened, data=data)
    return _row(row)


def _place(before: CaseRow, state: CaseState, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the desk columns after a change."""

    def new(name: str) -> Any:
        return changes.get(name, getattr(before, name))

    return {
        "desk": desk_of(state, Kind(new("kind"))),
        "desk_key": desk_key(new("reply_by"), new("clock_at"), new("tier"), new("audience")),
    }


def note(work: Work, case_id: int, **changes: Any) -> None:
    """Change columns that are not the state, without an event: leases and marks."""
    work.execute(update(case).where(case.c.id == case_id).values(**changes))


def weigh(work: Work, before: CaseRow, now: datetime, **changes: Any) -> CaseRow:
    """Change what a case's place in the queue follows from, in whatever state it is, without an event."""
    values = {**changes, "changed_at": now, **_place(before, before.state, changes)}
    row = work.execute(update(case).where(case.c.id == before.id).values(**values).returning(*_COLUMNS)).one()
    return _row(row)


# --- finding the case a mention belongs to ----------------------------------------------------------------


def for_author(work: Work, brand_id: int, author_id: int, thread_id: int, since: datetime) -> CaseRow | None:
    """Return the case of this author in this thread, else their newest one opened since `since`."""
    if work.dialect.name != "sqlite":  # there a writer is alone already
        work.execute(_AUTHOR_LOCKED, {"author_id": author_id})
    of = {"author_id": author_id, "brand_id": brand_id, "thread_id": thread_id, "since": since}
    row = work.execute(_OF_AUTHOR, of).first()
    return _row(row) if row else None


def of_author(work: Work, brand_id: int, author_id: int) -> list[CaseRow]:
    """Return all cases of an author with a brand, kept from all others until this transaction ends."""
    mine = (case.c.author_id == author_id) & (case.c.brand_id == brand_id)
    rows = work.execute(select(*_COLUMNS).where(mine).order_by(case.c.id).with_for_update())
    return [_row(row) for row in rows]


def unanswered(work: Work, after: int, limit: int) -> list[CaseRow]:
    """Return a page of the cases that wait for a reply, by id."""
    wanted = select(*_COLUMNS).where(case.c.state.in_(ON_DESK), case.c.id > after)
    return [_row(row) for row in work.execute(wanted.order_by(case.c.id).limit(limit))]


def mentions_of(work: Work, case_id: int) -> list[int]:
    """Return the ids of a case's mentions, oldest first."""
    wanted = select(case_mention.c.mention_id).where(case_mention.c.case_id == case_id)
    return sorted(work.execute(wanted).scalars())


def earlier_of(work: Work, row: CaseRow) -> int:
    """Return how many other cases this author had with this brand."""
    wanted = select(func.count()).where(
        case.c.author_id == row.author_id, case.c.brand_id == row.brand_id, case.c.id != row.id
    )
    return int(work.execute(wanted).scalar_one())


# --- the desk -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A line of the queue."""

    id: int
    brand: str
    state: str
    kind: str
    lang: str
    severity: int
    tier: int
    flags: tuple[str, ...]
    topics: tuple[str, ...]
    audience: int | None
    audience_low: int | None
    audience_high: int | None
    rising: bool
    delicate: bool
    clock_at: datetime
    reply_by: datetime | None
    revision: int
    draft_stale: bool
    platform: str
    handle: str
    text: str | None
    url: str
    written_at: datetime | None
    claimed_by: str | None
    claimed_until: datetime | None
    latest_mention_id: int
    line: int  # the brand's own six thousand
    cursor: str


def _desk_select() -> Select[Any]:
    names = ["id", "state", "kind", "lang", "severity", "tier", "flags", "topics", "audience", "rising", "delicate"]
    names += ["clock_at", "reply_by", "revision", "draft_stale", "claimed_until", "latest_mention_id", "desk_key"]
    names += ["audience_low", "audience_high"]
    columns: list[Any] = [case.c[name] for name in names]
    columns += [brand.c.name.label("brand"), brand.c.settings, author.c.handle, user.c.name.label("claimed_by")]
    columns += [mention.c[name] for name in ("platform", "text", "url", "written_at")]
    joined = case.join(brand, case.c.brand_id == brand.c.id).join(author, case.c.author_id == author.c.id)
    joined = joined.join(mention, case.c.latest_mention_id == mention.c.id)
    return select(*columns).select_from(joined.outerjoin(user, case.c.claimed_by == user.c.id))


def _desk_row(row: Row[Any]) -> DeskRow:
    values = row._asdict()
    values["cursor"] = f"{values.pop('desk_key')}-{values['id']}"
    values["line"] = int(values.pop("settings").get("six_thousand") or SIX_THOUSAND)
    values["flags"], values["topics"] = tuple(values["flags"]), tuple(values["topics"])
    return DeskRow(**values)


def desk(work: Work, tab: str, *, brand_id: int | None = None, after: str = "", limit: int = 50) -> list[DeskRow]:
    """Return a page of a tab in the desk's order. `after` is the `cursor` of the last row seen."""
    wanted = _desk_select().where(case.c.desk == tab)
    if brand_id is not None:
        wanted = wanted.where(case.c.brand_id == brand_id)
    if after:
        sort, _, last = after.partition("-")
        beyond = (case.c.desk_key > sort) | ((case.c.desk_key == sort) & (case.c.id > int(last or 0)))
        wanted = wanted.where(case.c.desk_key >= sort, beyond)
    rows = work.execute(wanted.order_by(case.c.desk_key, case.c.id).limit(limit))
    return [_desk_row(row) for row in rows]


def desk_row(work: Work, case_id: int) -> DeskRow | None:
    """Return the line of one case, None when there is no such case."""
    row = work.execute(_desk_select().where(case.c.id == case_id)).first()
    return _desk_row(row) if row else None


def desk_count(work: Work, tab: str, *, brand_id: int | None = None, cap: int = 1000) -> int:
    """Count a tab, up to `cap`: a page view never counts a whole table."""
    wanted = select(literal(1)).where(case.c.desk == tab)
    if brand_id is not None:
        wanted = wanted.where(case.c.brand_id == brand_id)
    return int(work.execute(select(func.count()).select_from(wanted.limit(cap).subquery())).scalar_one())


def late_count(work: Work, now: datetime, *, brand_id: int | None = None, cap: int = 1000) -> int:
    """Count the complaints whose reply-by has passed, up to `cap`."""
    wanted = select(literal(1)).where(case.c.desk == "complaints", case.c.desk_key < now.strftime("%Y%m%d%H%M%S"))
    if brand_id is not None:
        wanted = wanted.where(case.c.brand_id == brand_id)
    return int(work.execute(select(func.count()).select_from(wanted.limit(cap).subquery())).scalar_one())


# --- claims -------------------------------------------------------------------------------------------------


def take(work: Work, case_id: int, user_id: int, now: datetime) -> bool:
    """Say "I am on it": a lease that lapses. False when a colleague holds it."""
    free = case.c.claimed_until.is_(None) | (case.c.claimed_until < now) | (case.c.claimed_by == user_id)
    taken = update(case).where(case.c.id == case_id, free)
    return work.execute(taken.values(claimed_by=user_id, claimed_until=now + CLAIM_FOR)).rowcount == 1


def let_go(work: Work, case_id: int, user_id: int) -> None:
    """Give a claim back."""
    mine = update(case).where(case.c.id == case_id, case.c.claimed_by == user_id)
    work.execute(mine.values(claimed_by=None, claimed_until=None))


def claim_undrafted(work: Work, limit: int, now: datetime) -> list[CaseRow]:
    """Claim cases that want a draft, most urgent first. A claim lapses after `DRAFT_CLAIM_FOR`."""
    free = (
        select(case.c.id)
        .where(case.c.draft_wanted, case.c.state == CaseState.OPEN)
        .where(case.c.draft_claimed_until.is_(None) | (case.c.draft_claimed_until < now))
        .order_by(case.c.desk_key, case.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    values = {"draft_claimed_until": now + DRAFT_CLAIM_FOR, "draft_attempts": case.c.draft_attempts + 1}
    claimed = update(case).where(case.c.id.in_(free.scalar_subquery())).values(**values).returning(case.c.id)
    ids = list(work.execute(claimed).scalars())
    rows = work.execute(select(*_COLUMNS).where(case.c.id.in_(ids)).order_by(case.c.desk_key, case.c.id))
    return [_row(row) for row in rows]


def undrafted(work: Work) -> bool:
    """Tell whether any case wants a draft."""
    return (
        work.execute(select(case.c.id).where(case.c.draft_wanted, case.c.state == CaseState.OPEN).limit(1)).first()
        is not None
    )


def due_to_send(work: Work, now: datetime, limit: int = 100) -> list[int]:
    """Return the approved cases whose undo window has passed."""
    wanted = select(case.c.id).where(case.c.state == CaseState.APPROVED, case.c.send_after <= now)
    return list(work.execute(wanted.order_by(case.c.send_after).limit(limit)).scalars())


def has_draft(work: Work, case_id: int) -> bool:
    """Tell whether a case has any revision."""
    return bool(work.execute(select(exists().where(draft.c.case_id == case_id))).scalar())


# --- the owner's "?" and what became of a case ------------------------------------------------------------


def ask_owner(work: Work, case_id: int, question: str, user_id: int | None, now: datetime) -> None:
    """Keep a question to the person who owns the cause."""
    values = {"case_id": case_id, "question": question, "asked_by": user_id, "asked_at": now, "answer": ""}
    work.execute(insert(owner_question), values)


def answer_owner(work: Work, case_id: int, answer: str, user_id: int | None, now: datetime) -> None:
    """Keep the owner's answer to the open questions of a case."""
    open_ones = update(owner_question).where(
        owner_question.c.case_id == case_id, owner_question.c.answered_at.is_(None)
    )
    work.execute(open_ones.values(answer=answer, answered_by=user_id, answered_at=now))


def owner_words(work: Work, case_id: int) -> list[tuple[str, str]]:
    """Return (question, answer) pairs of a case, newest first; an answer is "" while it is awaited."""
    wanted = select(owner_question.c.question, owner_question.c.answer).where(owner_question.c.case_id == case_id)
    return [(row.question, row.answer) for row in work.execute(wanted.order_by(owner_question.c.id.desc()))]


def add_outcome(work: Work, case_id: int, kind: str, now: datetime, *, mention_id: int | None = None) -> None:
    """Record what became of a reply."""
    values = {"case_id": case_id, "kind": kind, "mention_id": mention_id, "note": "", "created_at": now}
    work.execute(insert(outcome), values)
