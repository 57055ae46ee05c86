"""Removing a demo brand with all that came of it. A real brand stays: its history is the audit trail."""

from collections.abc import Sequence

from sqlalchemy import Select, Table, delete, exists, select, update

from monitor.domain.errors import NotAllowed
from monitor.store import brands
from monitor.store.engine import Work
from monitor.store.tables import (
    account,
    alert,
    assessment,
    author,
    brand,
    case,
    case_mention,
    connecting,
    correction,
    delivery,
    draft,
    event,
    finding,
    gap,
    import_run,
    layer,
    mention,
    opt_out,
    outcome,
    owner_question,
    page,
    publication,
    reach,
    review,
    route,
    sampled,
    spend,
    thread,
    trial_verdict,
    watch,
)

_CHUNK = 500  # ids in one statement


def remove_brand(work: Work, brand_id: int) -> None:
    """Delete a demo brand and every row that came of it. Raises `NotAllowed` for a real one."""
    row = brands.get(work, brand_id)
    if not row.is_demo:
        message = f"{row.name} is not a demo. Nothing was removed: what customers said and were told is kept."
        raise NotAllowed(message)
    authors = list(work.execute(select(mention.c.author_id).where(mention.c.brand_id == brand_id).distinct()).scalars())
    _keep_the_newest_number(work, brand_id)
    for table, column, owners in _in_order(brand_id):
        work.execute(delete(table).where(table.c[column].in_(owners)))
    for table in (page, route, event, case, layer, mention, thread, import_run, watch, opt_out, connecting, account):
        work.execute(delete(table).where(table.c.brand_id == brand_id))
    work.execute(delete(brand).where(brand.c.id == brand_id))
    _forget_authors(work, authors)


def _in_order(brand_id: int) -> list[tuple[Table, str, Select[tuple[int]]]]:
    """Return the tables that point at a brand's rows: who points goes first, as foreign keys and triggers demand."""
    pages, cases, mentions = (select(t.c.id).where(t.c.brand_id == brand_id) for t in (page, case, mention))
    drafts = select(draft.c.id).where(draft.c.case_id.in_(cases))
    pulled, logins = (select(t.c.id).where(t.c.brand_id == brand_id) for t in (watch, account))
    of_cases = [(table, "case_id", cases) for table in (alert, outcome, owner_question, publication, review)]
    return [
        (delivery, "page_id", pages),
        *of_cases,
        (alert, "watch_id", pulled),
        (gap, "watch_id", pulled),
        (spend, "account_id", logins),
        (finding, "draft_id", drafts),
        (draft, "case_id", cases),
        (case_mention, "case_id", cases),
        (trial_verdict, "mention_id", mentions),
        *((table, "mention_id", mentions) for table in (assessment, correction, reach, sampled)),
    ]


def _keep_the_newest_number(work: Work, brand_id: int) -> None:
    """Leave the event with the highest number standing, emptied, under another brand.

    Open pages wait for a higher number: were it given out again, they would miss what happens next.
    """
    newest = select(event.c.id).where(event.c.seq.is_not(None)).order_by(event.c.seq.desc()).limit(1)
    heir = work.execute(select(brand.c.id).where(brand.c.id != brand_id).order_by(brand.c.id).limit(1)).scalar()
    if heir is None:
        return
    bare = {"brand_id": heir, "kind": "removed", "case_id": None, "user_id": None, "data": {}}
    bare |= {"action": None, "from_state": None, "to_state": None}
    mine = update(event).where(event.c.id == newest.scalar_subquery(), event.c.brand_id == brand_id)
    work.execute(mine.values(**bare))


def _forget_authors(work: Work, authors: Sequence[int]) -> None:
    """Delete the authors that nothing else speaks of."""
    said = exists().where(mention.c.author_id == author.c.id)
    known = exists().where(case.c.author_id == author.c.id) | exists().where(opt_out.c.author_id == author.c.id)
    for start in range(0, len(authors), _CHUNK):
        chunk = authors[start : start + _CHUNK]
        work.execute(delete(author).where(author.c.id.in_(chunk), ~said, ~known))
