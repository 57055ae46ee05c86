"""Publications: the one sending of a review, its attempts and its result."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, update

from monitor.domain.errors import NotFound
from monitor.store.engine import Work
from monitor.store.tables import account, author, brand, case, draft, mention, publication, review, user


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """A sending. `simulated`: only the dry-run platform has seen it."""

    id: int
    case_id: int
    review_id: int
    draft_id: int
    account_id: int
    key: str
    state: str
    attempts: int
    claimed_at: datetime
    not_before: datetime | None
    external_id: str
    url: str
    simulated: bool
    error: str
    looks: int
    look_at: datetime | None
    finished_at: datetime | None
    created_at: datetime


_COLUMNS = [publication.c[name] for name in PublicationRow.__slots__]


def claim(work: Work, case_id: int, review_id: int, draft_id: int, account_id: int, key: str, now: datetime) -> int:
    """Begin the sending of a review: a new row, or the same one again after a deferral. Returns its id.

    The schema refuses a second row for a review, a review that does not stand, and a second sending of a case.
    """
    again = (
        update(publication)
        .where(publication.c.review_id == review_id, publication.c.state == "deferred")
        .values(state="sending", account_id=account_id, attempts=publication.c.attempts + 1, claimed_at=now)
        .values(not_before=None)
        .returning(publication.c.id)
    )
    found = work.execute(again).scalar()
    if found is not None:
        return int(found)
    values = {
        "case_id": case_id,
        "review_id": review_id,
        "draft_id": draft_id,
        "account_id": account_id,
        "key": key,
        "state": "sending",
        "attempts": 1,
        "claimed_at": now,
        "created_at": now,
    }
    return int(work.execute(insert(publication).returning(publication.c.id), values).scalar_one())


def call_off(work: Work, case_id: int, now: datetime) -> None:
    """Give up a sending that the platform put off: nothing went out, and nothing will under this review."""
    put_off = update(publication).where(publication.c.case_id == case_id, publication.c.state == "deferred")
    work.execute(put_off.values(state="undone", not_before=None, finished_at=now))


def record(work: Work, publication_id: int, state: str, **values: Any) -> None:
    """Record a result on the row that was claimed."""
    work.execute(update(publication).where(publication.c.id == publication_id).values(state=state, **values))


def get(work: Work, publication_id: int) -> PublicationRow:
    """Return a publication. Raises `NotFound`."""
    row = work.execute(select(*_COLUMNS).where(publication.c.id == publication_id)).first()
    if row is None:
        message = f"There is no publication number {publication_id}."
        raise NotFound(message)
    return PublicationRow(*row)


def under_way(work: Work, case_id: int) -> PublicationRow | None:
    """Return the sending of a case that has no result yet."""
    wanted = select(*_COLUMNS).where(
        publication.c.case_id == case_id, publication.c.state.in_(("sending", "uncertain", "deferred"))
    )
    row = work.execute(wanted.order_by(publication.c.id.desc()).limit(1)).first()
    return PublicationRow(*row) if row else None


def standing(work: Work, case_id: int) -> list[PublicationRow]:
    """Return what stands on the platform in a case, oldest first: the last is what a person can change or withdraw.

    A correction takes the place of what it corrects where the platform edits in place, else it stands beneath it.
    """
    wanted = select(*_COLUMNS, draft.c.purpose).join(draft, publication.c.draft_id == draft.c.id)
    mine = (publication.c.case_id == case_id) & (publication.c.state == "sent")
    there: list[PublicationRow] = []
    for *values, purpose in work.execute(wanted.where(mine).order_by(publication.c.id)):
        row = PublicationRow(*values)
        kept = [one for one in there if one.external_id != row.external_id]
        withdrawn = kept if len(kept) < len(there) else there[:-1]
        there = withdrawn if purpose == "withdraw" else [*kept, row]
    return there


def stuck(work: Work, claimed_before: datetime, limit: int = 100) -> list[PublicationRow]:
    """Return sendings whose worker must be dead: claimed long ago, and no result."""
    wanted = select(*_COLUMNS).where(publication.c.state == "sending", publication.c.claimed_at < claimed_before)
    return [PublicationRow(*row) for row in work.execute(wanted.order_by(publication.c.id).limit(limit))]


def to_look_up(work: Work, now: datetime, limit: int = 100) -> list[PublicationRow]:
    """Return uncertain sendings that are due to be looked for on their platform."""
    wanted = select(*_COLUMNS).where(publication.c.state == "uncertain", publication.c.look_at <= now)
    return [PublicationRow(*row) for row in work.execute(wanted.order_by(publication.c.look_at).limit(limit))]


def begin_look(work: Work, publication_id: int, now: datetime, again_at: datetime) -> bool:
    """Claim one look for an uncertain sending; False when somebody else looks. A look that dies lapses `again_at`."""
    mine = (publication.c.id == publication_id) & (publication.c.state == "uncertain") & (publication.c.look_at <= now)
    return work.execute(update(publication).where(mine).values(look_at=again_at)).rowcount == 1


def look_again(work: Work, publication_id: int, look_at: datetime, looks: int, error: str) -> None:
    """Put the next look for a sending that is still uncertain off until `look_at`."""
    mine = update(publication).where(publication.c.id == publication_id, publication.c.state == "uncertain")
    work.execute(mine.values(look_at=look_at, looks=looks, error=error))


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A line of the outbox: what was said in our name."""

    id: int
    case_id: int
    brand: str
    platform: str
    handle: str
    account: str
    purpose: str
    text: str | None
    lang: str
    state: str
    attempts: int
    not_before: datetime | None
    external_id: str
    url: str
    simulated: bool
    error: str
    looks: int
    look_at: datetime | None
    approved_by: str
    approved_at: datetime
    created_at: datetime
    finished_at: datetime | None
    case_state: str


def _outbox() -> Select[Any]:
    own = ("id", "case_id", "state", "attempts", "not_before", "external_id", "url", "simulated", "error", "looks")
    columns: dict[str, Any] = {name: publication.c[name] for name in own}
    columns |= {name: publication.c[name] for name in ("look_at", "created_at", "finished_at")}
    columns |= {"brand": brand.c.name, "platform": mention.c.platform, "handle": author.c.handle}
    columns |= {"account": account.c.handle, "purpose": draft.c.purpose, "text": draft.c.text, "lang": draft.c.lang}
    columns |= {"approved_by": user.c.name, "approved_at": review.c.created_at, "case_state": case.c.state}
    joined = (
        publication.join(review, publication.c.review_id == review.c.id)
        .join(user, review.c.user_id == user.c.id)
        .join(draft, publication.c.draft_id == draft.c.id)
        .join(mention, draft.c.mention_id == mention.c.id)
        .join(author, mention.c.author_id == author.c.id)
        .join(case, publication.c.case_id == case.c.id)
        .join(brand, case.c.brand_id == brand.c.id)
        .join(account, publication.c.account_id == account.c.id)
    )
    return select(*(columns[name] for name in OutboxRow.__slots__)).select_from(joined)


def outbox(
    work: Work,
    *,
    brand_id: int | None = None,
    user_id: int | None = None,
    state: str = "",
    case_id: int | None = None,
    before: int = 0,
    limit: int = 50,
) -> list[OutboxRow]:
    """Return a page of what went out, newest first. `before` is the id of the last row seen."""
    wanted = _outbox()
    if brand_id is not None:
        wanted = wanted.where(case.c.brand_id == brand_id)
    if user_id is not None:
        wanted = wanted.where(review.c.user_id == user_id)
    if state:
        wanted = wanted.where(publication.c.state == state)
    if case_id is not None:
        wanted = wanted.where(publication.c.case_id == case_id)
    if before:
        wanted = wanted.where(publication.c.id < before)
    return [OutboxRow(*row) for row in work.execute(wanted.order_by(publication.c.id.desc()).limit(limit))]


def count_by_state(work: Work) -> dict[str, int]:
    """Return how many publications stand in each state, for `/metrics`."""
    rows = work.execute(select(publication.c.state, func.count()).group_by(publication.c.state))
    return {row[0]: int(row[1]) for row in rows}
