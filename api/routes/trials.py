"""Trials: another judge reads old posts beside the one in use, and takes over when a person says so."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from api.auth import MANAGERS, need
from api.routes.base import (
    ApiRoute,
    Before,
    Given,
    Here,
    Id,
    Page,
    Shown,
    Who,
    Writer,
    may_fail,
    paged,
    write_may_fail,
)
from monitor.judging import comparing, trying
from monitor.judging.comparing import Change
from monitor.store import trials
from monitor.store.trials import ExampleRow, TrialRow

router = APIRouter(tags=["trials"], route_class=ApiRoute)

Changed = Annotated[Change | None, Query(description="Only posts that change in this; all when left out.")]


class TrialOut(Shown):
    """A trial of another judge."""

    id: int
    model: str = Field(examples=["owner/name"])
    version: str = Field(description="As it stands on verdicts; empty until the model was loaded.")
    state: Literal["running", "ready", "taken_over", "dropped", "failed"]
    since: datetime = Field(description="Posts stored from here on are read.")
    total: int
    done: int
    changed: int = Field(description="Verdicts that would change.")
    error: str = Field(description="Why it failed; empty otherwise.")
    started_at: datetime
    finished_at: datetime | None
    taken_at: datetime | None = Field(description="When it took over.")
    copied_at: datetime | None = Field(description="When all of history had its verdicts.")


class TrialIn(Given):
    """A judge to try."""

    model: str = Field(
        min_length=1,
        max_length=1000,
        description="shipped, rules, a Hugging Face hub id, or several with commas (a:2,b: a counts twice).",
        examples=["owner/name"],
    )
    days: int = Field(30, ge=1, le=3650, description="How far back to read.")


class JudgeOut(Shown):
    """Who judges."""

    model: str
    chosen_by: Literal["settings", "trial", "default"] = Field(description="settings: AMENDS_MODEL names it, and wins.")
    trial_id: int | None


class RateOut(Shown):
    """A share between 0 and 1 with its 95 % interval."""

    value: float
    low: float
    high: float


class AgreementOut(Shown):
    """How both judges fare on the posts that people said something of. Shares are null where there are no posts."""

    posts: int
    old: RateOut | None = Field(description="Share that the judge in use has right.")
    new: RateOut | None
    only_old: int = Field(description="Posts that only the judge in use has right.")
    only_new: int
    complaints: int
    old_found: RateOut | None = Field(description="Share of the complaints that it finds.")
    new_found: RateOut | None
    others: int
    old_raised: RateOut | None = Field(description="Share of the others that it takes for complaints.")
    new_raised: RateOut | None


class DiffOut(Shown):
    """What would change."""

    changed: int
    by_kind: dict[Change, int] = Field(description="A post may change in several ways.")
    agreement: AgreementOut


class SideOut(Shown):
    """A verdict, as one judge gives it. `is_complaint` is at the brand's own thresholds."""

    version: str
    is_complaint: bool
    complaint: float
    severity: int
    lang: str
    flags: list[str]


class ExampleOut(Shown):
    """A post that would be judged differently."""

    mention_id: int
    brand: str
    platform: str
    handle: str
    text: str | None
    url: str
    changes: list[Change]
    old: SideOut
    new: SideOut
    case_id: int | None
    case_state: str | None
    decided: bool | None = Field(description="What people said: a complaint, none, or null: nothing.")


@router.get("/judge", responses=may_fail(), summary="Who judges")
def judge(here: Here, _who: Who) -> JudgeOut:
    """Return the judge in use, and who chose it."""
    with here.store.reading() as work:
        model = trying.judge_in_use(work, here.settings.model)
        taken = trials.in_state(work, "taken_over")
    if trying.chosen_by_settings(here.settings.model):
        return JudgeOut(model=model, chosen_by="settings", trial_id=None)
    return JudgeOut(model=model, chosen_by="trial" if taken else "default", trial_id=taken.id if taken else None)


@router.get("/trials", response_model=list[TrialOut], responses=may_fail(), summary="All trials")
def every(here: Here, _who: Who) -> list[TrialRow]:
    """Return the newest fifty trials, newest first."""
    with here.store.reading() as work:
        return trials.all_of(work)


@router.post("/trials", status_code=202, response_model=TrialOut, responses=write_may_fail(), summary="Try a judge")
def start(here: Here, who: Writer, body: TrialIn) -> TrialRow:
    """Let another judge read old posts beside the one in use. It does so when nothing waits to be judged.

    One at a time. For leads and admins. A folder on the server is tried with the command `amends trial start`.
    """
    need(who, MANAGERS)
    since = here.now - timedelta(days=body.days)
    return trying.start(here.store, who.actor, body.model, since, here.now, set_model=here.settings.model)


@router.get("/trials/{trial_id}", response_model=TrialOut, responses=may_fail(404), summary="One trial")
def one(here: Here, _who: Who, trial_id: Id) -> TrialRow:
    """Return how far a trial is."""
    with here.store.reading() as work:
        return trials.get(work, trial_id)


@router.get("/trials/{trial_id}/diff", responses=may_fail(404), summary="What would change")
def diff(here: Here, _who: Who, trial_id: Id) -> DiffOut:
    """Compare the trial's verdicts with those in use when it read the posts, and both with what people decided."""
    with here.store.reading() as work:
        trials.get(work, trial_id)
        return DiffOut.model_validate(comparing.diff(work, trial_id))


@router.get("/trials/{trial_id}/examples", responses=may_fail(404), summary="Posts that would change")
def examples(
    here: Here,
    _who: Who,
    trial_id: Id,
    kind: Changed = None,
    before: Before = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = comparing.EXAMPLES,
) -> Page[ExampleOut]:
    """Return posts that would be judged differently, newest first. Without `kind` there is one page: the weightiest."""
    with here.store.reading() as work:
        row = trials.get(work, trial_id)
        found = comparing.examples(work, row, kind or "", limit=limit + (kind is not None), before=before)
    shown = paged([_example(each) for each in found], limit, lambda each: str(each.mention_id))
    return Page[ExampleOut].model_validate(shown)


@router.post(
    "/trials/{trial_id}/take-over", response_model=TrialOut, responses=write_may_fail(404), summary="Let it take over"
)
def take_over(here: Here, who: Writer, trial_id: Id) -> TrialRow:
    """Let the trial's judge judge from now on, and history say what it says. No case changes. For leads and admins."""
    need(who, MANAGERS)
    return trying.take_over(here.store, who.actor, trial_id, here.now, set_model=here.settings.model)


@router.post("/trials/{trial_id}/drop", response_model=TrialOut, responses=write_may_fail(404), summary="Drop a trial")
def drop(here: Here, who: Writer, trial_id: Id) -> TrialRow:
    """End a trial and delete its verdicts. For leads and admins."""
    need(who, MANAGERS)
    return trying.drop(here.store, who.actor, trial_id, here.now)


@router.post("/judge/back", responses=write_may_fail(), summary="Go back to the judge before")
def go_back(here: Here, who: Writer) -> JudgeOut:
    """Put the judge that was in use before in its place again, in history too. For leads and admins."""
    need(who, MANAGERS)
    trying.go_back(here.store, who.actor, here.now)
    return judge(here, who)


def _example(row: ExampleRow) -> ExampleOut:
    old = SideOut(
        version=row.old_version,
        is_complaint=row.old_is_complaint,
        complaint=row.old_complaint,
        severity=row.old_severity,
        lang=row.old_lang,
        flags=list(row.old_flags),
    )
    new = SideOut(
        version=row.new.version,
        is_complaint=row.is_complaint,
        complaint=row.new.complaint,
        severity=int(row.new.severity),
        lang=row.new.lang,
        flags=[str(hit.flag) for hit in row.new.flags],
    )
    return ExampleOut(
        mention_id=row.mention_id,
        brand=row.brand,
        platform=row.platform,
        handle=row.handle,
        text=row.text,
        url=row.url,
        changes=[name for name, bit in comparing.KINDS.items() if row.changed & bit],
        old=old,
        new=new,
        case_id=row.case_id,
        case_state=row.case_state,
        decided=row.decided,
    )
