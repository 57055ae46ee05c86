"""Watches: what is pulled on a schedule. One can be tried before it starts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, JsonValue

from api.auth import MANAGERS, need
from api.platforms import Platforms
from api.routes.base import (
    ApiRoute,
    Brand,
    Given,
    Here,
    Id,
    SecretRoute,
    Shown,
    Who,
    Writer,
    brand_called,
    may_fail,
    write_may_fail,
)
from monitor import arranging, previewing, sources
from monitor.arranging import Wanted
from monitor.domain.errors import BadInput
from monitor.domain.query import KINDS
from monitor.store import watches
from monitor.store.watches import WatchRow

router = APIRouter(tags=["watches"], route_class=ApiRoute)
looking_router = APIRouter(tags=["watches"], route_class=SecretRoute)  # nothing of a look is kept, nor its answer
_FILE_SOURCES = frozenset({"replay"})  # read files of the server: which ones, the operator says there


class KindOut(Shown):
    """A kind of watch. `words` and `places`: no, may or must be given."""

    source: str
    kind: str
    label: str
    words: str
    places: str
    place: str = Field(description="What a place is.", examples=["subreddit"])
    account: bool = Field(description="Whether an account must be connected first.")
    note: str


class WatchOut(Shown):
    """A query that is pulled on a schedule, and how it is doing."""

    id: int
    brand_id: int
    source: str
    name: str
    query: dict[str, JsonValue]
    account_id: int | None = Field(description="Whose login it reads with; null: what is open to everybody.")
    every_s: int
    paused: bool
    next_poll_at: datetime
    last_good_at: datetime | None
    last_error: str
    remedy: str = Field(description="What a person can do about the error.", examples=["reconnect"])


class QueryIn(Given):
    """A query to try."""

    brand_id: int = Field(ge=1)
    source: str = Field(max_length=40, description="A source this Amends has.", examples=["mastodon"])
    query: dict[str, JsonValue] = Field(
        description="What that source needs: its kind, and lists of words, places, langs, without, without_authors.",
        examples=[{"kind": "hashtag", "places": ["acme"]}],
    )
    account_id: Annotated[int, Field(ge=1)] | None = Field(None, description="The account to read with.")


class WatchIn(QueryIn):
    """A query to pull."""

    every_s: int = Field(30, ge=5, le=86_400, description="Seconds between two pulls.")
    name: str = Field("", max_length=200, description="How the team calls it.")


class ChangeIn(Given):
    """What to change; what is left out stays. A watch that looks for something else starts anew."""

    query: dict[str, JsonValue] | None = None
    account_id: Annotated[int, Field(ge=1)] | None = None
    every_s: int | None = Field(None, ge=5, le=86_400)
    name: str | None = Field(None, max_length=200)
    paused: bool | None = None


class FoundOut(Shown):
    """A post that the watch would find."""

    author: str
    text: str
    lang: str
    url: str
    written_at: datetime | None


class PreviewOut(Shown):
    """What one look found. Nothing of it was stored."""

    count: int
    more: bool
    langs: dict[str, int]
    dropped: int | None = Field(description="What was read and left out; null: its platform does not count.")
    cost: int = Field(description="Of this look, in millionths of a dollar.")
    a_day: float | None = Field(description="Posts a day at this pace; null: too few to tell.")
    a_month: int | None = Field(description="Millionths of a dollar a month at this pace.")
    posts: list[FoundOut] = Field(description="The newest.")


@router.get("/watches/kinds", responses=may_fail(), summary="What can be watched")
def kinds(_who: Who) -> list[KindOut]:
    """Return the kinds of watches of every source."""
    return [
        KindOut(
            source=source,
            kind=name,
            label=one.label,
            words=one.words,
            places=one.places,
            place=one.place,
            account=one.account,
            note=one.note,
        )
        for source, those in KINDS.items()
        for name, one in those.items()
    ]


@router.get("/watches", response_model=list[WatchOut], responses=may_fail(404), summary="All watches")
def all_watches(here: Here, _who: Who, brand: Brand = None) -> list[WatchRow]:
    """Return what is watched, and when it last went well."""
    with here.store.reading() as work:
        one = brand_called(work, brand)
        return watches.listed(work, one.id if one else None)


def _wanted(body: QueryIn) -> Wanted:
    sources.load(body.source)
    _only_the_demo(body.source, body.query)
    return Wanted(body.brand_id, body.source, body.query, body.account_id)


def _only_the_demo(source: str, query: Mapping[str, Any]) -> None:
    if source in _FILE_SOURCES and query.get("path") != "demo":
        message = "Which files of the server are read, its operator says there: amends watch. Here only demo is played."
        raise BadInput(message, where="query.path")


@router.post("/watches", response_model=WatchOut, status_code=201, responses=write_may_fail(404), summary="Add a watch")
def add_watch(here: Here, who: Writer, body: WatchIn) -> WatchRow:
    """Begin to pull a query. For leads and admins."""
    need(who, MANAGERS)
    made = arranging.add(here.store, _wanted(body), every_s=body.every_s, name=body.name, now=here.now)
    return _row(here, made)


def _row(here: Here, watch_id: int) -> WatchRow:
    with here.store.reading() as work:
        return arranging.found(work, watch_id)


@looking_router.post(
    "/watches/preview", response_model=PreviewOut, responses=write_may_fail(404, 424, 503), summary="Try a watch"
)
def preview(here: Here, who: Writer, body: QueryIn) -> dict[str, object]:
    """Ask the platform once and return what a watch would find. Nothing is stored. For leads and admins."""
    need(who, MANAGERS)
    speaking = Platforms(here.settings, here.store, here.vault)
    told = previewing.preview(here.store, _wanted(body), speaking.source, speaking.log_in, here.now)
    return previewing.as_json(told)


@router.patch("/watches/{watch_id}", response_model=WatchOut, responses=write_may_fail(404), summary="Change a watch")
def change_watch(here: Here, who: Writer, watch_id: Id, body: ChangeIn) -> WatchRow:
    """Change what a watch looks for, or pause it. For leads and admins."""
    need(who, MANAGERS)
    row = _row(here, watch_id)
    query = row.query if body.query is None else body.query
    if body.query is not None:
        _only_the_demo(row.source, body.query)
    account = body.account_id if "account_id" in body.model_fields_set else row.account_id
    every = row.every_s if body.every_s is None else body.every_s
    name = row.name if body.name is None else body.name
    if body.model_fields_set - {"paused"}:
        wanted = Wanted(row.brand_id, row.source, query, account)
        arranging.change(here.store, watch_id, wanted, every_s=every, name=name, now=here.now)
    if body.paused is not None:
        with here.store.unit_of_work() as work:
            watches.pause(work, watch_id, here.now, paused=body.paused)
    return _row(here, watch_id)


@router.delete("/watches/{watch_id}", status_code=204, responses=may_fail(404), summary="Remove a watch")
def remove_watch(here: Here, who: Writer, watch_id: Id) -> None:
    """Stop watching; what was found stays. For leads and admins."""
    need(who, MANAGERS)
    with here.store.unit_of_work() as work:
        watches.remove(work, watch_id, here.now)
