"""How the sources are doing, for programs: what was heard, what is missing, what is left and what it costs."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from api.auth import MANAGERS, need
from api.routes.base import ApiRoute, Brand, Here, Id, Shown, Who, Writer, brand_called, may_fail
from monitor import watching
from monitor.watching import SourceHealth, State, WatchHealth

router = APIRouter(tags=["sources"], route_class=ApiRoute)
_MICROS = "In millionths of a dollar."


class GapOut(Shown):
    """A window in which posts may have been missed."""

    id: int
    watch_id: int
    since: datetime | None = Field(description="null: not known.")
    until: datetime | None
    why: str
    created_at: datetime
    closed_at: datetime | None = Field(description="When a person took note of it.")


class QuotaOut(Shown):
    """What a platform still allows."""

    bucket: str = Field(description="What is counted.", examples=["search"])
    limit: int | None
    remaining: int
    resets_at: datetime
    read_at: datetime


class WatchHealthOut(Shown):
    """How a watch is doing."""

    id: int
    name: str = Field(examples=["acme, acme parcels"])
    state: State
    sentence: str = Field(description="What is wrong, in plain words; empty: nothing.")
    remedy: str = Field(description="What a person can do: reconnect, access, raise_cap, change_watch, wait, or empty.")
    last_good_at: datetime | None
    lag_s: float | None = Field(description="Seconds since the last good poll.")
    last_new_at: datetime | None = Field(description="When it last found a post that was new.")
    next_poll_at: datetime
    failing_since: datetime | None
    down_at: datetime | None = Field(description="When it was last down, and until when.")
    back_at: datetime | None
    gaps: list[GapOut] = Field(description="The open ones.")
    today: int = Field(description=f"What it cost today (UTC). {_MICROS}")
    month: int = Field(description=f"What it cost this month. {_MICROS}")


class SourceOut(Shown):
    """A login and the watches that read with it."""

    brand: str = Field(description="The brand's short name.", examples=["acme"])
    platform: str = Field(examples=["x"])
    account_id: int | None = Field(description="null: what is open to everybody.")
    handle: str
    error: str = Field(description="Why the account cannot be used; empty: it can.")
    watches: list[WatchHealthOut]
    quotas: list[QuotaOut]
    today: int = Field(description=_MICROS)
    month: int = Field(description=_MICROS)
    expected: int = Field(description=f"What a month costs if it goes on like the last seven days. {_MICROS}")
    cap: int | None = Field(description=f"The most it may cost in a month; null: no cap. {_MICROS}")


@router.get("/sources", responses=may_fail(404), summary="How the sources are doing")
def all_sources(here: Here, _who: Who, brand: Brand = None) -> list[SourceOut]:
    """Return every login with its watches: what was heard last, what may be missing, what is left and what it costs."""
    with here.store.reading() as work:
        one = brand_called(work, brand)
        found = watching.sources(work, here.now, one.id if one else None)
    return [_source(each) for each in found]


def _source(one: SourceHealth) -> SourceOut:
    account = one.account
    return SourceOut(
        brand=one.brand.slug,
        platform=one.platform,
        account_id=account.id if account else None,
        handle=account.handle if account else "",
        error=account.error if account else "",
        watches=[_watch(each) for each in one.watches],
        quotas=[QuotaOut.model_validate(each) for each in one.quotas],
        today=one.today,
        month=one.month,
        expected=one.expected,
        cap=one.cap,
    )


def _watch(one: WatchHealth) -> WatchHealthOut:
    row = one.row
    return WatchHealthOut(
        id=row.id,
        name=one.name,
        state=one.state,
        sentence=one.sentence,
        remedy=row.remedy,
        last_good_at=row.last_good_at,
        lag_s=one.lag_s,
        last_new_at=row.last_new_at,
        next_poll_at=row.next_poll_at,
        failing_since=row.failing_since,
        down_at=row.down_at,
        back_at=row.back_at,
        gaps=[GapOut.model_validate(each) for each in one.gaps],
        today=one.today,
        month=one.month,
    )


@router.post("/gaps/{gap_id}/close", responses=may_fail(404), summary="Take note of a gap")
def close_gap(here: Here, who: Writer, gap_id: Id) -> GapOut:
    """Say that a person knows of a gap: it is not shown any more. For leads and admins."""
    need(who, MANAGERS)
    with here.store.unit_of_work() as work:
        return GapOut.model_validate(watching.take_note(work, gap_id, who.user.id, here.now))
