"""Posts the judge set aside, drawn by lot to be checked by a person, with the chance each had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from monitor.store import corrections
from monitor.store.engine import Work, insert_new
from monitor.store.tables import assessment, author, case_mention, correction, mention, sampled


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A post the judge set aside, which waits for a person's yes or no."""

    mention_id: int
    brand_id: int
    platform: str
    handle: str
    text: str
    url: str
    written_at: datetime | None
    stored_at: datetime
    lang: str
    complaint: float
    noise: str
    probability: float
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A post that could be drawn."""

    id: int
    platform: str
    handle: str
    complaint: float


def last_drawn(work: Work) -> dict[int, datetime]:
    """Return when checks were last drawn, by brand."""
    rows = work.execute(select(sampled.c.brand_id, func.max(sampled.c.drawn_at)).group_by(sampled.c.brand_id))
    return {row[0]: row[1] for row in rows}


def set_aside(work: Work, brand_id: int, since: datetime, until: datetime) -> list[AsideRow]:
    """Return what the judge set aside as no complaint in a span of time, and nobody has spoken of since."""
    newest = select(func.max(assessment.c.id)).where(assessment.c.mention_id == mention.c.id).correlate(mention)
    joined = mention.join(author, mention.c.author_id == author.c.id)
    joined = joined.join(assessment, assessment.c.id == newest.scalar_subquery())
    wanted = select(mention.c.id, mention.c.platform, author.c.handle, assessment.c.complaint).select_from(joined)
    wanted = wanted.where(
        mention.c.brand_id == brand_id, mention.c.aside == "not_complaint", mention.c.gone_at.is_(None)
    )
    wanted = wanted.where(mention.c.judged_at > since, mention.c.judged_at <= until)
    drawn = select(sampled.c.id).where(sampled.c.mention_id == mention.c.id).exists()
    wanted = wanted.where(~_spoken_of(), ~drawn)
    return [AsideRow(*row) for row in work.execute(wanted.order_by(mention.c.id))]


def _spoken_of() -> Any:
    return select(correction.c.id).where(correction.c.mention_id == mention.c.id, corrections.stands_now()).exists()


def add(work: Work, brand_id: int, chances: Mapping[int, float], now: datetime) -> int:
    """Keep what was drawn, by mention with the chance it had; returns how many are new."""
    rows = [
        {"brand_id": brand_id, "mention_id": mention_id, "probability": chance, "drawn_at": now}
        for mention_id, chance in chances.items()
    ]
    return len(insert_new(work, sampled, rows))


def waiting(work: Work, brand_id: int | None, since: datetime, limit: int) -> list[CheckRow]:
    """Return the checks that wait and were drawn after a moment, oldest first.

    The few that were drawn are looked up before anything else is: every view of the queue asks.
    """
    drawn = select(sampled.c.mention_id).where(sampled.c.answered_at.is_(None), sampled.c.drawn_at > since)
    ids = list(work.execute(drawn if brand_id is None else drawn.where(sampled.c.brand_id == brand_id)).scalars())
    if not ids:
        return []
    newest = select(func.max(assessment.c.id)).where(assessment.c.mention_id == mention.c.id).correlate(mention)
    joined = sampled.join(mention, sampled.c.mention_id == mention.c.id)
    joined = joined.join(author, mention.c.author_id == author.c.id)
    joined = joined.join(assessment, assessment.c.id == newest.scalar_subquery())
    of_mention = [mention.c[name] for name in ("text", "url", "written_at", "stored_at")]
    of_verdict = [assessment.c[name] for name in ("lang", "complaint", "noise")]
    first = [mention.c.id, mention.c.brand_id, mention.c.platform, author.c.handle]
    wanted = select(*first, *of_mention, *of_verdict, sampled.c.probability, sampled.c.drawn_at).select_from(joined)
    wanted = wanted.where(sampled.c.mention_id.in_(ids), mention.c.text.is_not(None))
    in_case = select(case_mention.c.case_id).where(case_mention.c.mention_id == mention.c.id).exists()
    wanted = wanted.where(~_spoken_of(), ~in_case)
    return [CheckRow(*tuple(row)) for row in work.execute(wanted.order_by(sampled.c.id).limit(limit))]


def is_drawn(work: Work, mention_id: int) -> bool:
    """Tell whether a mention was drawn to be checked."""
    return work.execute(select(sampled.c.id).where(sampled.c.mention_id == mention_id)).first() is not None


def answered(work: Work, mention_ids: Sequence[int], now: datetime) -> None:
    """Mark checks as answered; the first answer's time stays."""
    mine = update(sampled).where(sampled.c.mention_id.in_(mention_ids), sampled.c.answered_at.is_(None))
    work.execute(mine.values(answered_at=now))


def ask_again(work: Work, mention_id: int) -> None:
    """Take the answer of a check back: it waits again."""
    work.execute(update(sampled).where(sampled.c.mention_id == mention_id).values(answered_at=None))
