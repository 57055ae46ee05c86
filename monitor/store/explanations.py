"""Why the judge said what it said: the words that moved it, kept beside the verdict as offsets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from monitor.domain.records import Span
from monitor.store.engine import Work
from monitor.store.tables import assessment, mention


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A verdict whose reasons somebody asked for, and the text it is about."""

    assessment_id: int
    version: str  # of the judge that gave it
    layer_id: int | None
    text: str


def ask(work: Work, assessment_id: int, now: datetime) -> None:
    """Note that somebody waits for the reasons of a verdict."""
    work.execute(update(assessment).where(assessment.c.id == assessment_id).values(why_asked_at=now))


def waiting(work: Work) -> bool:
    """Tell whether anybody waits for reasons."""
    return (
        work.execute(select(assessment.c.id).where(assessment.c.why_asked_at.is_not(None)).limit(1)).first() is not None
    )


def take(work: Work) -> AskedRow | None:
    """Take the question that waits longest: nobody else works on it, and it is not asked again by itself."""
    oldest = (
        select(assessment.c.id)
        .where(assessment.c.why_asked_at.is_not(None))
        .order_by(assessment.c.why_asked_at, assessment.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    mine = update(assessment).where(assessment.c.id == oldest.scalar_subquery()).values(why_asked_at=None)
    columns = [assessment.c[name] for name in ("id", "version", "layer_id", "mention_id")]
    taken = work.execute(mine.returning(*columns)).first()
    if taken is None:
        return None
    text = work.execute(select(mention.c.text).where(mention.c.id == taken.mention_id)).scalar_one()
    return AskedRow(taken.id, taken.version, taken.layer_id, text or "")


def answer(work: Work, assessment_id: int, words: Sequence[Span]) -> None:
    """Keep the words that moved a verdict. A post edited meanwhile has a verdict of its own to ask about."""
    kept = {"words": [[one.start, one.end, round(one.weight, 3)] for one in words]}
    work.execute(update(assessment).where(assessment.c.id == assessment_id).values(why=kept))


def give_up(work: Work, assessment_id: int) -> None:
    """Note that the judge that gave a verdict is not the one that could be asked."""
    work.execute(update(assessment).where(assessment.c.id == assessment_id).values(why={"another_judge": True}))
