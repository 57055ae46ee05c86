"""Brands and what belongs to them: the voice, the promises, and where their people are paged."""

from datetime import time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import AfterValidator, Field, JsonValue, field_validator

from api.auth import MANAGERS, need
from api.routes.base import ApiRoute, Given, Here, Id, Shown, Who, Writer, may_fail, write_may_fail
from monitor.domain.errors import BadInput, NotFound
from monitor.domain.lifecycle import Role
from monitor.store import alerts, brands
from monitor.store.alerts import RouteRow
from monitor.store.brands import BrandRow
from responders.notifiers import apprise_notifier

router = APIRouter(tags=["brands"], route_class=ApiRoute)
PAGED = MANAGERS | {Role.PR_LEAD}
_LONGEST_PROMISE = 30 * 24 * 60

Words = Annotated[str, Field(max_length=200)]
Minutes = Annotated[int, Field(ge=1, le=_LONGEST_PROMISE)]


class BrandOut(Shown):
    """A brand and its settings."""

    id: int
    slug: str = Field(description="Its short name, as `?brand=` takes it.", examples=["acme"])
    name: str
    voice: dict[str, JsonValue] = Field(description="How it speaks.")
    settings: dict[str, JsonValue] = Field(description="What differs from the defaults.")
    is_demo: bool


class VoiceIn(Given):
    """How a brand speaks; what is left out stays."""

    brand: str = Field("", min_length=1, max_length=200, description="The name customers know.")
    signature: Words = Field("", examples=["Maria, Acme care"])
    formal: bool = Field(default=False, description="Formal address where a language distinguishes it.")
    contact: Words = Field("", description="Where a private conversation can go on.", examples=["DM"])
    thanks: bool = True


def _clock_time(value: str) -> str:
    time.fromisoformat(value)
    return value


class HoursIn(Given):
    """When the team is at the desk. No days: always."""

    zone: str = Field("UTC", max_length=60, examples=["Europe/Athens"])
    days: list[Annotated[int, Field(ge=0, le=6)]] = Field([], max_length=7, description="0 is Monday.")
    opens: Annotated[str, Field(pattern=r"^\d\d:\d\d$"), AfterValidator(_clock_time)] = "00:00"
    closes: Annotated[str, Field(pattern=r"^\d\d:\d\d$"), AfterValidator(_clock_time)] = "00:00"

    @field_validator("zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ValueError, OSError, KeyError) as error:
            message = "there is no time zone of this name; it looks like Europe/Athens"
            raise ValueError(message) from error


class SettingsIn(Given):
    """A brand's clock; what is left out stays, null goes back to the default."""

    minutes: Annotated[list[Minutes], Field(min_length=4, max_length=4)] | None = Field(
        None, description="How soon a complaint of tier 0 to 3 is answered.", examples=[[1440, 240, 60, 15]]
    )
    six_thousand: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = Field(
        None, description="From how many people a complaint is one tier higher."
    )
    hours: HoursIn | None = None
    threshold: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="A complaint from this probability."
    )
    thresholds: dict[Annotated[str, Field(pattern="^[a-z]{2,3}$")], Annotated[float, Field(ge=0, le=1)]] | None = Field(
        None,
        max_length=200,
        description="The same for single languages; it wins over `threshold`.",
        examples=[{"pl": 0.35, "fa": 0.4}],
    )
    undo_s: Annotated[int, Field(ge=0, le=3600)] | None = Field(
        None, description="How many seconds an approval can be undone."
    )
    checks_a_day: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None, description="How many posts that were set aside people are asked to check a day; 0: none."
    )

    @field_validator("minutes")
    @classmethod
    def _sooner(cls, value: list[int] | None) -> list[int] | None:
        if value and sorted(value, reverse=True) != value:
            message = "a higher tier cannot be answered later than a lower one"
            raise ValueError(message)
        return value


class BrandIn(Given):
    """What to change of a brand."""

    voice: VoiceIn | None = None
    settings: SettingsIn | None = None


@router.get("/brands", response_model=list[BrandOut], responses=may_fail(), summary="All brands")
def all_brands(here: Here, _who: Who) -> list[BrandRow]:
    """Return every brand, by name."""
    with here.store.reading() as work:
        return brands.all_brands(work)


@router.patch("/brands/{brand_id}", response_model=BrandOut, responses=write_may_fail(404), summary="Change a brand")
def change(here: Here, who: Writer, brand_id: Id, body: BrandIn) -> BrandRow:
    """Change how a brand speaks and what it promises. For leads and admins."""
    need(who, MANAGERS)
    with here.store.unit_of_work() as work:
        return brands.change(work, brand_id, voice=_given(body.voice), settings=_given(body.settings))


def _given(part: VoiceIn | SettingsIn | None) -> dict[str, Any]:
    return part.model_dump(exclude_unset=True) if part else {}


# --- where people are paged ------------------------------------------------------------------------------------------


class RouteOut(Shown):
    """Where people are paged. Its address holds secrets, so only a label of it is shown."""

    id: int
    name: str
    label: str = Field(description="What kind of address it is.", examples=["mailto at mail.example.com"])


class RouteIn(Given):
    """Where to page people."""

    name: str = Field(min_length=1, max_length=200, examples=["PR on duty"])
    url: str = Field(min_length=1, max_length=2000, description="An Apprise URL. It is never shown again.")


@router.get("/brands/{brand_id}/routes", responses=may_fail(404), summary="Its routes")
def all_routes(here: Here, _who: Who, brand_id: Id) -> list[RouteOut]:
    """Return where a brand's people are paged, without the addresses."""
    with here.store.reading() as work:
        brands.get(work, brand_id)
        rows = alerts.routes(work, brand_id)
    return [_shown(here, row) for row in rows]


def _shown(here: Here, row: RouteRow) -> RouteOut:
    try:
        label = apprise_notifier.describe(here.vault.unlock(row.url))
    except BadInput:
        label = "cannot be read: enter it again"
    return RouteOut(id=row.id, name=row.name, label=label)


@router.post(
    "/brands/{brand_id}/routes",
    status_code=201,
    responses=write_may_fail(404),
    summary="Add a route",
)
def add_route(here: Here, who: Writer, brand_id: Id, body: RouteIn) -> RouteOut:
    """Add where to page a brand's people. For PR leads, leads and admins."""
    need(who, PAGED)
    label = apprise_notifier.describe(body.url)
    with here.store.unit_of_work() as work:
        brands.get(work, brand_id)
        added = alerts.add_route(work, brand_id, body.name, here.vault.lock(body.url), here.now)
    return RouteOut(id=added, name=body.name, label=label)


@router.delete(
    "/brands/{brand_id}/routes/{route_id}", status_code=204, responses=may_fail(404), summary="Remove a route"
)
def remove_route(here: Here, who: Writer, brand_id: Id, route_id: Id) -> None:
    """Page nobody there any more. For PR leads, leads and admins."""
    need(who, PAGED)
    with here.store.unit_of_work() as work:
        known = route_id in {row.id for row in alerts.routes(work, brand_id)}
        if not known or not alerts.remove_route(work, route_id):
            message = f"This brand has no route number {route_id}."
            raise NotFound(message)
