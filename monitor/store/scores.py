"""What people decided beside what the judge said, counted by week and language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, and_, exists, func, literal, select
from sqlalchemy import case as when_

from monitor.domain.lifecycle import Action, By, CaseState
from monitor.domain.records import Kind
from monitor.store.corrections import stands_now
from monitor.store.engine import Work
from monitor.store.tables import assessment, case, case_mention, correction, event, mention, review, sampled

NO_COMPLAINT = ("not a complaint", "not about us", "spam or an insult only")  # reasons that say the judge was wrong


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """How many posts of a week and a language ended in one place: see `places`."""

    week: int
    lang: str
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class SampleRow:
    """Checked "not complaints" of a week and a language. A weight is one through the chance of being drawn."""

    week: int
    lang: str
    checked: int
    weight: float
    squares: float
    missed: float  # the weight of those that were complaints


def _spoken(brand_id: int) -> Subquery:
    """Return the newest standing correction that says whether it is a complaint, of each mention that has one."""
    newest = select(correction.c.mention_id, func.max(correction.c.id).label("id"))
    newest = newest.join(mention, correction.c.mention_id == mention.c.id)
    newest = newest.where(correction.c.brand_id == brand_id, stands_now(), correction.c.is_complaint.is_not(None))
    return newest.group_by(correction.c.mention_id).subquery("spoken")


_WORD = correction.c.is_complaint  # 1 a complaint, 0 none, NULL where nobody spoke


def _decided() -> ColumnElement[str]:
    """Say what became of a case that a complaint opened, and so of the post. What was opened by hand was a miss."""
    by_hand = exists().where(event.c.case_id == case.c.id, event.c.action == Action.OPEN, event.c.actor == By.PERSON)
    approving = review.c.standing & review.c.decision.in_(("approve", "first_approve"))  # one undone says nothing
    approved = exists().where(review.c.case_id == case.c.id, approving)
    answered = approved | (case.c.answer_url != "") | (case.c.state == CaseState.REPLIED)
    refused = (case.c.state == CaseState.DISMISSED) & case.c.close_reason.in_(NO_COMPLAINT)
    return when_(
        (and_(by_hand, sampled.c.id.is_not(None)), "passed"),
        (by_hand, "missed"),
        (_WORD == 1, "right"),
        (_WORD == 0, "wrong"),
        (answered, "right"),
        (refused, "wrong"),
        else_="undecided",
    )


def _week(starts: Sequence[datetime]) -> ColumnElement[int]:
    """Return which of the weeks, given by when each begins (oldest first), a post was judged in."""
    whens = [(mention.c.judged_at >= begins, literal(place)) for place, begins in reversed(list(enumerate(starts)))]
    return when_(*whens, else_=literal(-1))


def _newest_verdict() -> ColumnElement[bool]:
    other = assessment.alias()
    newest = select(func.max(other.c.id)).where(other.c.mention_id == mention.c.id).correlate(mention)
    return and_(assessment.c.mention_id == mention.c.id, assessment.c.id == newest.scalar_subquery())


def _judged(brand_id: int, starts: Sequence[datetime]) -> list[ColumnElement[bool]]:
    return [mention.c.brand_id == brand_id, mention.c.judged_at >= starts[0], ~mention.c.is_history]


def places(work: Work, brand_id: int, starts: Sequence[datetime]) -> Iterator[PlaceRow]:
    """Count the posts judged in these weeks by where they ended.

    right, wrong, undecided: the judge took them for complaints, and people agree, disagree, or have not said.
    passed, missed: it did not; missed are those that people found who were not asked to check them.
    Left out are history, and what joined a case: nobody decides about it alone.
    """
    spoken = _spoken(brand_id)
    found = and_(_WORD == 1, sampled.c.id.is_(None))
    aside = mention.c.aside == "not_complaint"
    passed = _counted(brand_id, starts, spoken, when_((found, "missed"), else_="passed")).where(aside)
    opening = mention.join(case_mention, case_mention.c.mention_id == mention.c.id)
    opening = opening.join(case, and_(case.c.id == case_mention.c.case_id, case.c.mention_id == mention.c.id))
    opened = _counted(brand_id, starts, spoken, _decided(), opening)
    for wanted in (passed, opened.where(case.c.kind == Kind.COMPLAINT)):
        yield from (PlaceRow(*row) for row in work.execute(wanted))


def _counted(
    brand_id: int, starts: Sequence[datetime], spoken: Subquery, place: ColumnElement[str], posts: FromClause = mention
) -> Select[Any]:
    week, place = _week(starts).label("week"), place.label("place")
    source = posts.join(assessment, _newest_verdict())
    source = source.outerjoin(spoken, spoken.c.mention_id == mention.c.id)
    source = source.outerjoin(correction, correction.c.id == spoken.c.id)
    source = source.outerjoin(sampled, sampled.c.mention_id == mention.c.id)
    counted = select(week, assessment.c.lang, place, func.count()).select_from(source)
    return counted.where(*_judged(brand_id, starts)).group_by(week, assessment.c.lang, place)


def samples(work: Work, brand_id: int, starts: Sequence[datetime]) -> Iterator[SampleRow]:
    """Return the answers about posts drawn by lot, of those judged in these weeks. An answer undone is none."""
    spoken, weight = _spoken(brand_id), 1.0 / sampled.c.probability
    source = sampled.join(mention, sampled.c.mention_id == mention.c.id).join(assessment, _newest_verdict())
    source = source.join(spoken, spoken.c.mention_id == mention.c.id).join(correction, correction.c.id == spoken.c.id)
    week = _week(starts).label("week")
    missed = func.sum(when_((_WORD == 1, weight), else_=0.0))
    sums = (func.count(), func.sum(weight), func.sum(weight * weight), missed)
    wanted = select(week, assessment.c.lang, *sums).select_from(source)
    wanted = wanted.where(*_judged(brand_id, starts), sampled.c.answered_at.is_not(None))
    return (SampleRow(*row) for row in work.execute(wanted.group_by(week, assessment.c.lang)))
