"""How often the judge is right for a brand."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.auth import WORKING, need
from api.routes.base import ApiRoute, Here, Shown, Who, may_fail
from monitor.judging import scores
from monitor.judging.scores import WEEKS, Counts
from monitor.store import brands

router = APIRouter(tags=["judge"], route_class=ApiRoute)
Slug = Annotated[str, Path(max_length=60, description="The brand's short name.")]
Weeks = Annotated[int, Query(ge=1, le=52, description="How many weeks, this one included.")]


class RateOut(Shown):
    """A share and the interval it lies in, 95 times in 100."""

    value: float
    low: float
    high: float


class ScoreOut(Shown):
    """What people decided beside what the judge said."""

    right: int = Field(description="Posts it took for complaints, and people agree.")
    wrong: int = Field(description="Posts it took for complaints, and people do not.")
    decided: int = Field(description="Both together.")
    undecided: int = Field(description="Posts it took for complaints that nobody decided about.")
    passed: int = Field(description="Posts it laid aside as no complaints.")
    by_hand: int = Field(description="Of those, complaints that people found who were not asked to check.")
    checked: int = Field(description="Of those, drawn by lot and checked.")
    precision: RateOut | None = Field(description="Of what it took for complaints, how many were; null: not known.")
    recall: RateOut | None = Field(description="Of the complaints, how many it found; null: nothing was checked.")


class OfLanguage(ScoreOut):
    """The figures of a language."""

    lang: str = Field(examples=["el"])


class OfWeek(ScoreOut):
    """The figures of a week."""

    week: datetime = Field(description="The Monday it begins with.")


class OfBoth(ScoreOut):
    """The figures of a language in a week."""

    lang: str
    week: datetime


class ScoresOut(Shown):
    """How often the judge was right in the last weeks."""

    all: ScoreOut
    by_language: list[OfLanguage]
    by_week: list[OfWeek]
    by_both: list[OfBoth]


def _figures(counts: Counts) -> dict[str, object]:
    return ScoreOut.model_validate(counts).model_dump()


@router.get("/brands/{slug}/judge", responses=may_fail(404), summary="How often the judge is right")
def judge(here: Here, who: Who, slug: Slug, weeks: Weeks = WEEKS) -> ScoresOut:
    """Return precision and recall of complaints with 95 % intervals, by language and week.

    Precision is counted from decisions and corrections; recall is estimated from posts that the judge laid aside and
    people checked, each weighed by the chance it had of being drawn. Not for observers.
    """
    need(who, WORKING)
    with here.store.reading() as work:
        found = scores.score(work, brands.by_slug(work, slug).id, here.now, weeks)
    return ScoresOut(
        all=ScoreOut.model_validate(found.of()),
        by_language=[OfLanguage(lang=one, **_figures(found.of(lang=one))) for one in found.langs],
        by_week=[OfWeek(week=one, **_figures(found.of(week=one))) for one in found.weeks],
        by_both=[OfBoth(lang=one.lang, week=one.week, **_figures(one.counts)) for one in found.cells],
    )
