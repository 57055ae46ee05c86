"""What people say beside the judge, and what a brand's own layer learned from it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from api.auth import WORKING, need
from api.routes.base import (
    BIGGEST_ID,
    ApiRoute,
    Brand,
    Given,
    Here,
    Id,
    Limit,
    Shown,
    Who,
    Writer,
    brand_called,
    may_fail,
    write_may_fail,
)
from monitor.domain.records import Severity
from monitor.judging import correcting, sampling, teaching
from monitor.judging.correcting import TOPIC_NAMES
from monitor.store import brands, corrections, layers
from monitor.store.corrections import CorrectionRow
from monitor.store.engine import Work
from monitor.store.layers import LayerRow
from monitor.store.samples import CheckRow

router = APIRouter(tags=["judge"], route_class=ApiRoute)

Slug = Annotated[str, Path(max_length=60, description="The brand's short name.")]
Number = Annotated[int, Path(ge=1, le=BIGGEST_ID, description="The layer's number, counted by brand.")]


class CorrectionIn(Given):
    """What is wrong with a verdict; what is left out stays as it was said before."""

    is_complaint: bool | None = Field(None, description="Whether it is a complaint.")
    severity: Annotated[int, Field(ge=0, le=3)] | None = Field(
        None, description="How strongly it is put, 0 to 3. Of complaints only."
    )
    topics: list[str] | None = Field(
        None, min_length=1, max_length=len(TOPIC_NAMES), description=f"Of {', '.join(TOPIC_NAMES)}."
    )
    given_in: Literal["queue", "case", "api"] = Field("api", description="Where the person saw the post.")


class CorrectionOut(Shown):
    """What a person said of a post, with what was said before it."""

    id: int
    mention_id: int
    who: str | None = Field(description="Who said so.")
    judged_by: str = Field(description="The judge whose verdict they saw.")
    is_complaint: bool | None
    severity: Severity | None
    topics: list[str] | None
    given_in: str
    created_at: datetime


class LayerOut(Shown):
    """What a brand taught the judge."""

    number: int
    state: Literal["candidate", "in_use", "refused", "retired"] = Field(
        description="candidate: asked for, being learned. retired: in use before."
    )
    base: str = Field(description="The judge it stands on; with another it is not heard.")
    learned_from: int = Field(description="Posts it learned from.")
    held_back: int = Field(description="Posts it was tried on.")
    scores: dict[str, Any] = Field(description="By part, before and after, on the posts held back.")
    reason: str = Field(description="Why it, or a part of it, was refused.")
    created_at: datetime
    promoted_at: datetime | None
    retired_at: datetime | None


class CheckOut(Shown):
    """A post the judge set aside, drawn by lot for a person to look at."""

    mention_id: int
    brand_id: int
    platform: str
    handle: str
    text: str
    url: str
    written_at: datetime | None
    lang: str
    complaint: float
    noise: str = Field(description="Why the judge takes it for no complaint, where it says so.")
    probability: float = Field(description="The chance it had of being drawn.")
    drawn_at: datetime


class CheckAnswer(Given):
    """What a person makes of a drawn post."""

    is_complaint: bool


@router.post(
    "/mentions/{mention_id}/corrections",
    status_code=201,
    response_model=CorrectionOut,
    responses=write_may_fail(404),
    summary="Correct a verdict",
)
def correct(here: Here, who: Writer, mention_id: Id, body: CorrectionIn) -> CorrectionRow | None:
    """Say what a post is where the judge is wrong: the brand's own layer learns from it, and it weighs in the case."""
    said: dict[str, Any] = body.model_dump(include={"is_complaint", "severity", "topics"})
    made = correcting.correct(here.store, who.actor, mention_id, here.now, given_in=body.given_in, **said)
    with here.store.reading() as work:
        return corrections.get(work, made)


@router.get(
    "/mentions/{mention_id}/correction",
    response_model=CorrectionOut | None,
    responses=may_fail(),
    summary="What was said of a post",
)
def standing(here: Here, _who: Who, mention_id: Id) -> CorrectionRow | None:
    """Return the correction that counts, null where there is none."""
    with here.store.reading() as work:
        return corrections.standing_of(work, mention_id)


@router.delete(
    "/corrections/{correction_id}", status_code=204, responses=write_may_fail(404), summary="Take a correction back"
)
def undo(here: Here, who: Writer, correction_id: Id) -> None:
    """Take a correction back; the one before it counts again."""
    correcting.undo(here.store, who.actor, correction_id, here.now)


@router.get("/brands/{slug}/layers", response_model=list[LayerOut], responses=may_fail(404), summary="Its layers")
def all_layers(here: Here, _who: Who, slug: Slug) -> list[LayerRow]:
    """Return what a brand taught the judge, newest first: in use, before, refused."""
    with here.store.reading() as work:
        return layers.all_of(work, _id(work, slug))


@router.post(
    "/brands/{slug}/layers",
    status_code=202,
    response_model=LayerOut,
    responses=write_may_fail(404),
    summary="Learn now",
)
def learn(here: Here, who: Writer, slug: Slug) -> LayerRow:
    """Have a layer learned from the corrections so far, in the background; 409 while they are too few."""
    with here.store.reading() as work:
        brand_id = _id(work, slug)
    return teaching.ask(here.store, who.actor, brand_id, here.now)


@router.post("/brands/{slug}/layers/none/use", responses=write_may_fail(404), summary="Use no layer")
def use_none(here: Here, who: Writer, slug: Slug) -> list[LayerOut]:
    """Let the judge answer alone again, exactly as before anything was learned. For leads and admins."""
    return _use(here, who, slug, None)


@router.post("/brands/{slug}/layers/{number}/use", responses=write_may_fail(404), summary="Use a layer")
def use(here: Here, who: Writer, slug: Slug, number: Number) -> list[LayerOut]:
    """Go back, or forward, to a layer that was in use before. For leads and admins."""
    return _use(here, who, slug, number)


def _use(here: Here, who: Writer, slug: str, number: int | None) -> list[LayerOut]:
    with here.store.reading() as work:
        brand_id = _id(work, slug)
    teaching.use(here.store, who.actor, brand_id, number, here.now)
    with here.store.reading() as work:
        return [LayerOut.model_validate(row) for row in layers.all_of(work, brand_id)]


def _id(work: Work, slug: str) -> int:
    return brands.by_slug(work, slug).id


@router.get("/checks", response_model=list[CheckOut], responses=may_fail(404), summary="Posts to check")
def checks(here: Here, who: Who, brand: Brand = None, limit: Limit = 50) -> list[CheckRow]:
    """Return the "not complaints" that were drawn by lot and wait for a person's yes or no, oldest first.

    Not for observers.
    """
    need(who, WORKING)
    with here.store.reading() as work:
        named = brand_called(work, brand)
        return sampling.waiting(work, named.id if named else None, here.now, limit)


@router.post(
    "/mentions/{mention_id}/check",
    status_code=201,
    response_model=CorrectionOut,
    responses=write_may_fail(404),
    summary="Answer a check",
)
def check(here: Here, who: Writer, mention_id: Id, body: CheckAnswer) -> CorrectionRow | None:
    """Say whether a drawn post is a complaint. One that is gets its case at once."""
    made = sampling.answer(here.store, who.actor, mention_id, body.is_complaint, here.now)
    with here.store.reading() as work:
        return corrections.get(work, made)
