"""The ledger: every mention in exactly one ending. And the one function that purges."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, true, update
from sqlalchemy import case as when_

from monitor.domain.lifecycle import CaseState
from monitor.store import drafts
from monitor.store.engine import Work
from monitor.store.tables import assessment, case, case_mention, mention, publication, trial_verdict, written_once

_OPEN = ("open", "in_review", "approved", "publishing", "uncertain", "failed", "escalated")
_SHOWN = 100
ENDINGS = ("waiting", "history", "not_a_complaint", "open", "answered", "closed", "gone", "unaccounted")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts of mentions by ending. Balanced when nothing is unaccounted for."""

    mentions: int
    waiting: int
    history: int
    not_a_complaint: int
    open: int
    answered: int
    closed: int
    gone: int
    unaccounted: int
    unaccounted_ids: tuple[int, ...] = ()

    @property
    def balanced(self) -> bool:
        """Tell whether every mention has an ending, or is on its way to one."""
        ends = self.waiting + self.history + self.not_a_complaint + self.open + self.answered + self.closed
        return self.unaccounted == 0 and ends + self.gone == self.mentions

    def figures(self) -> dict[str, object]:
        """Return the counts as `amends ledger --json` prints them."""
        plain = asdict(self)
        ids = plain.pop("unaccounted_ids")
        return {**plain, "balanced": self.balanced, **({"unaccounted_ids": list(ids)} if ids else {})}


def _answered() -> ColumnElement[bool]:
    sent = exists().where(publication.c.case_id == case.c.id, publication.c.state == "sent")
    return sent | (case.c.answer_url != "")


def ending_of() -> ColumnElement[str]:
    """Say where a mention stands; the first that is true counts."""
    judged = exists().where(assessment.c.mention_id == mention.c.id)
    return when_(
        (mention.c.gone_at.is_not(None), "gone"),
        # Old when it arrived, and nobody opened a case for it.
        (
            mention.c.is_history & case.c.id.is_(None) & (mention.c.aside.is_(None) | (mention.c.aside != "parked")),
            "history",
        ),
        (mention.c.judged_at.is_(None), "waiting"),
        (case.c.state.in_(_OPEN), "open"),
        (case.c.state == CaseState.REPLIED, "answered"),
        ((case.c.state == CaseState.CLOSED) & _answered(), "answered"),
        (case.c.state.in_((CaseState.CLOSED, CaseState.DISMISSED)), "closed"),
        # What the judge gave up on waits for a person: it is in no ending yet.
        (mention.c.aside == "parked", "waiting"),
        ((mention.c.aside == "not_complaint") & judged, "not_a_complaint"),
        else_="unaccounted",
    )


def take_stock(work: Work, brand_id: int | None = None) -> Ledger:
    """Count every mention once."""
    place = ending_of()
    source = mention.outerjoin(case_mention, case_mention.c.mention_id == mention.c.id)
    source = source.outerjoin(case, case.c.id == case_mention.c.case_id)
    chosen = true() if brand_id is None else mention.c.brand_id == brand_id
    rows = work.execute(select(place, func.count()).select_from(source).where(chosen).group_by(place))
    counts = {row[0]: int(row[1]) for row in rows}
    lost = select(mention.c.id).select_from(source).where(chosen, place == "unaccounted").order_by(mention.c.id)
    ids = tuple(work.execute(lost.limit(_SHOWN)).scalars()) if counts.get("unaccounted") else ()
    every = int(work.execute(select(func.count()).select_from(mention).where(chosen)).scalar_one())
    return Ledger(mentions=every, **{name: counts.get(name, 0) for name in ENDINGS}, unaccounted_ids=ids)


def purge(work: Work, mention_id: int, now: datetime) -> None:
    """Forget the words of a mention everywhere, leaving a tombstone: ids, digests and what was decided.

    Drafts and revisions of its case may quote it, so their texts go too, with what a drafter and the bar said of
    them. What a person wrote in their own name stays: questions to an owner, answers, reasons. On SQLite
    `secure_delete` overwrites the pages; the caller checkpoints the write-ahead log (`engine.checkpoint`).
    """
    emptied: dict[str, Any] = {"text": None, "url": "", "extra": {}, "parked": "", "gone_at": now}
    settled = {"judged_at": func.coalesce(mention.c.judged_at, now), "claimed_until": None, "check_at": None}
    work.execute(update(mention).where(mention.c.id == mention_id).values(**emptied, **settled))
    drafts.purge(work, drafts.quoting(work, mention_id))
    work.execute(delete(trial_verdict).where(trial_verdict.c.mention_id == mention_id))
    # The address of our reply may hold the title of what it answers.
    mine = select(case_mention.c.case_id).where(case_mention.c.mention_id == mention_id)
    work.execute(update(publication).where(publication.c.case_id.in_(mine)).values(url=""))
    # Answers kept for repeating that hold findings, which quote: whoever repeats the key is told to look.
    quoting = or_(written_once.c.body.contains('"why":'), written_once.c.body.contains("Not approved."))
    work.execute(update(written_once).where(quoting).values(status=0, body=""))


def cases_by_state(work: Work) -> dict[str, int]:
    """Return how many cases stand in each state, for `/metrics`."""
    rows = work.execute(select(case.c.state, func.count()).group_by(case.c.state))
    return {row[0]: int(row[1]) for row in rows}
