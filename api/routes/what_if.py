"""What if: the last weeks played again by other settings. It changes nothing."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from api.auth import need
from api.routes.base import Given, Here, SecretRoute, Shown, Who, may_fail
from api.routes.brands import PAGED, SettingsIn
from monitor.domain.points import MISS_COSTS
from monitor.domain.replay import Became
from monitor.judging import simulating
from monitor.judging.simulating import MONTH, Choice, WhatIf
from monitor.judging.simulating import Shown as Seen
from monitor.store import brands

router = APIRouter(tags=["brands"], route_class=SecretRoute)

Slug = Annotated[str, Path(min_length=1, max_length=60, description="The brand's short name.")]
BothWays = Annotated[list[int], Field(min_length=2, max_length=2, description="As it is set now, and as it would be.")]


class WhatIfIn(Given):
    """What to try, and on what."""

    settings: SettingsIn = Field(default_factory=SettingsIn, description="What is left out stays as it is set.")
    days: Literal[7, 30, 90] = Field(MONTH, description="How far to look back.")
    miss_costs: float = Field(
        MISS_COSTS, gt=0, le=1000, description="A missed complaint costs as much as so many needless looks."
    )


class ShareOut(Shown):
    """A share with its 95 % interval, from 0 to 1."""

    value: float
    low: float
    high: float


class PointOut(Shown):
    """What an operating point makes of people's decisions."""

    threshold: float | None = Field(description="null: the judge's own, or several.")
    found: float = Field(description="Complaints that are found.")
    missed: float = Field(description="Complaints that are missed.")
    needless: float = Field(description="Other posts that are raised.")
    precision: ShareOut | None
    recall: ShareOut | None = Field(description="An upper bound where `sees_misses` is false.")
    cost: float = Field(description="In needless looks.")


class ChoiceOut(Shown):
    """The operating point of one language. The points are null while too little is decided."""

    lang: str = Field(description="Empty: all languages together.", examples=["pl"])
    decisions: int
    complaints: int
    checked: int = Field(description="Of these, drawn by lot from what was set aside.")
    sees_misses: bool = Field(description="Enough was checked; otherwise no lower point is proposed.")
    now: PointOut | None
    then: PointOut | None
    cheapest: PointOut | None


class TierOut(Shown):
    """How many complaints are of each tier, 0 to 3."""

    now: list[int]
    then: list[int]


class DayOut(Shown):
    """Cases of one day."""

    day: date
    now: int
    then: int


class ExampleOut(Shown):
    """A post that would fare differently."""

    mention_id: int
    case_id: int | None
    became: Became = Field(description="What became of it.")
    complaint: float = Field(description="The judge's probability.")
    platform: str
    handle: str
    text: str | None = Field(description="null: deleted by its author.")
    written_at: datetime | None


class WhatIfOut(Shown):
    """What would have been."""

    since: datetime
    cases: int
    posts_aside: int
    missed: int = Field(description="Complaints that people answered and that would have been missed.")
    lost: dict[Became, int] = Field(description="Cases that would not be, by what became of them.")
    gained: dict[Became, int] = Field(description="Posts set aside that would become cases.")
    found: int = Field(description="Cases opened by hand that would have been found.")
    likely: float = Field(description="How many of the unseen are complaints, by the judge's probability.")
    needless_saved: int
    sooner: int
    later: int
    answered: int
    late: BothWays
    tiers: TierOut
    load: list[DayOut]
    lost_examples: list[ExampleOut]
    gained_examples: list[ExampleOut]
    points: list[ChoiceOut] = Field(description="All languages together first, then each.")


@router.post(
    "/brands/{slug}/what-if",
    responses=may_fail(400, 404, 413, 415),
    summary="Try settings on the last weeks",
)
def what_if(here: Here, who: Who, slug: Slug, body: WhatIfIn) -> WhatIfOut:
    """Play decisions again by other settings and count what would differ; nothing is changed.

    For PR leads, leads and admins.
    """
    need(who, PAGED)
    with here.store.reading() as work:
        brand = brands.by_slug(work, slug)
    changes = simulating.what_changes(brand, body.settings.model_dump(exclude_unset=True))
    operator = here.settings.threshold
    found = simulating.what_if(here.store, brand.id, changes, here.now, days=body.days, operator=operator)
    chosen = simulating.choices(
        here.store,
        brand.id,
        changes,
        here.now,
        miss_costs=body.miss_costs,
        operator=operator,
        set_model=here.settings.model,
    )
    return _out(found, (chosen.all, *chosen.languages))


def _out(found: WhatIf, points: tuple[Choice, ...]) -> WhatIfOut:
    replay = found.replay
    return WhatIfOut(
        since=found.since,
        cases=replay.cases,
        posts_aside=replay.posts_aside,
        missed=replay.missed,
        lost=dict(replay.lost),
        gained=dict(replay.gained),
        found=replay.found,
        likely=round(replay.likely, 1),
        needless_saved=replay.lost[Became.NEEDLESS],
        sooner=replay.sooner,
        later=replay.later,
        answered=replay.answered,
        late=replay.late,
        tiers=TierOut(now=replay.tiers[0], then=replay.tiers[1]),
        load=[DayOut(day=day, now=both[0], then=both[1]) for day, both in sorted(replay.load.items())],
        lost_examples=[_example(one) for one in found.lost],
        gained_examples=[_example(one) for one in found.gained],
        points=[ChoiceOut.model_validate(one) for one in points],
    )


def _example(one: Seen) -> ExampleOut:
    return ExampleOut(
        mention_id=one.mention.id,
        case_id=one.example.case_id,
        became=one.example.became,
        complaint=one.example.complaint,
        platform=one.mention.platform,
        handle=one.mention.handle,
        text=one.mention.text,
        written_at=one.mention.written_at,
    )
