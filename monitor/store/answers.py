"""Complaints that were answered, and how long that took."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, true

from monitor.domain.answer_times import Answer
from monitor.domain.lifecycle import CaseState
from monitor.domain.records import Kind, Severity
from monitor.store.engine import Work
from monitor.store.tables import case, event

_AT_MOST = 20_000  # newest ones: a page stays quick whatever was answered


def answered(work: Work, since: datetime, brand_id: int | None = None) -> list[Answer]:
    """Return the complaints answered since then whose answer stands, each from the start of its clock to its answer."""
    chosen = true() if brand_id is None else case.c.brand_id == brand_id
    first = func.min(event.c.created_at, type_=event.c.created_at.type).label("answered_at")
    wanted = (
        select(case.c.audience, case.c.severity, case.c.clock_at, case.c.reply_by, first)
        .join(event, event.c.case_id == case.c.id)
        .where(chosen, case.c.kind == Kind.COMPLAINT, case.c.state.in_((CaseState.REPLIED, CaseState.CLOSED)))
        .where(case.c.changed_at >= since, event.c.to_state == CaseState.REPLIED)
        .where(event.c.created_at >= case.c.clock_at)
        .group_by(case.c.id, case.c.audience, case.c.severity, case.c.clock_at, case.c.reply_by)
        .order_by(case.c.id.desc())
        .limit(_AT_MOST)
    )
    return [
        Answer(
            row.audience,
            Severity(row.severity),
            max(row.answered_at - row.clock_at, timedelta(0)),
            row.reply_by is not None and row.answered_at > row.reply_by,
        )
        for row in work.execute(wanted)
        if row.answered_at >= since
    ]
