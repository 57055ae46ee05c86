"""Mentions: what others send in, and what lies aside."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from api.errors import BadBatch
from api.routes.base import (
    ApiRoute,
    Before,
    Brand,
    Here,
    Id,
    Limit,
    Page,
    Shown,
    Who,
    Writer,
    brand_called,
    may_fail,
    paged,
    write_may_fail,
)
from api.routes.shapes import AsideOut
from monitor import assessment, intake
from monitor.domain.errors import BadInput
from monitor.domain.records import Post
from monitor.domain.rows import RowRefused, to_post
from monitor.store import brands, mentions

router = APIRouter(prefix="/mentions", tags=["mentions"], route_class=ApiRoute)
AT_MOST = 1000  # mentions in a call
_TOLD = 100  # refused rows that are named


class MentionIn(BaseModel):
    """A post. Only `text` is needed; usual names of other fields are understood, unknown fields are kept."""

    model_config = ConfigDict(extra="allow")

    text: str = Field(description="What was written.", examples=["My parcel is lost and nobody answers."])
    id: str | None = Field(None, description="The platform's id; without it, one is made of what the post says.")
    platform: str | None = Field(None, examples=["mastodon"])
    author: str | None = Field(None, description="The handle.", examples=["maria"])
    author_name: str | None = None
    followers: int | None = None
    created_at: str | None = Field(
        None, description="ISO 8601, or seconds since 1970.", examples=["2026-03-02T09:00:00Z"]
    )
    url: str | None = None
    lang: str | None = Field(None, examples=["en"])
    thread: str | None = Field(None, description="The platform's conversation id.")
    reply_to: str | None = Field(None, description="The id of the post it answers.")
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    views: int | None = None


_ONE = {"$ref": "#/components/schemas/MentionIn"}
_MANY = {"type": "array", "maxItems": AT_MOST, "items": _ONE}
_BODY = {"anyOf": [_ONE, _MANY, {"type": "object", "properties": {"mentions": _MANY}, "required": ["mentions"]}]}
_DESCRIBED = {"requestBody": {"content": {"application/json": {"schema": _BODY}}}}


class Taken(Shown):
    """What became of a batch."""

    new: int = Field(description="Stored now.")
    known: int = Field(description="Stored before; only their figures were refreshed.")
    ids: list[int] = Field(description="The numbers of the new ones.")


class Opened(Shown):
    """The case a mention is in."""

    case_id: int


@router.post(
    "",
    status_code=201,
    responses=write_may_fail(404),
    summary="Send mentions in",
    openapi_extra=_DESCRIBED,
)
def take_in(
    here: Here,
    _who: Writer,
    body: Annotated[Any, Body()],
    brand: Annotated[str | None, Query(max_length=60, description="Whose customers these are: its short name.")] = None,
    *,
    as_live: Annotated[bool, Query(description="Treat old posts as just written.")] = False,
) -> Taken:
    """Store one post, a list, or `{"mentions": [...]}`: all of them, or none when one cannot be used.

    Without `brand` they belong to the only brand there is, or to a new one called `default`.
    """
    posts = _posts(body)
    brand_id = _brand_id(here, brand)
    stored = intake.add_posts(
        here.store, brand_id, posts, here.now, as_live=as_live, history_after=here.settings.history_after
    )
    return Taken(new=len(stored.new), known=stored.known, ids=list(stored.new))


def _posts(body: object) -> list[Post]:
    rows = _rows(body)
    posts, refused = [], []
    for line, row in enumerate(rows, 1):
        try:
            posts.append(to_post(_object(row, line), line=line))
        except RowRefused as error:
            refused.append(error)
    if refused:
        more = f" The first {_TOLD} are named." if len(refused) > _TOLD else ""
        message = f"{len(refused)} of {len(rows)} cannot be used, so nothing was stored.{more}"
        raise BadBatch(message, refused[:_TOLD])
    return posts


def _rows(body: object) -> list[object]:
    inner = body["mentions"] if isinstance(body, dict) and isinstance(body.get("mentions"), list) else body
    rows = inner if isinstance(inner, list) else [inner]
    if not 1 <= len(rows) <= AT_MOST:
        message = f"Send 1 to {AT_MOST} mentions in a call; these are {len(rows)}. Nothing was stored."
        raise BadInput(message, where="mentions")
    return rows


def _object(row: object, line: int) -> Mapping[str, object]:
    if not isinstance(row, dict):
        message = "a mention is an object with at least a text"
        raise RowRefused(message, line=line)
    return row


def _brand_id(here: Here, slug: str | None) -> int:
    with here.store.unit_of_work() as work:
        named = brand_called(work, slug)
        if named:
            return named.id
        every = brands.all_brands(work)
        if len(every) > 1:
            names = ", ".join(one.slug for one in every)
            message = f"Say whose customers these are: ?brand=... Known: {names}. Nothing was stored."
            raise BadInput(message, where="brand")
        return every[0].id if every else brands.create(work, "default", "default", here.now)


@router.get("", response_model=Page[AsideOut], responses=may_fail(404), summary="What lies aside")
def aside(
    here: Here,
    _who: Who,
    place: Annotated[Literal["not_complaint", "history", "parked"] | None, Query(description="Where.")] = None,
    brand: Brand = None,
    search: Annotated[str, Query(max_length=200, description="Looked for in text and handle.")] = "",
    before: Before = 0,
    limit: Limit = 50,
) -> Any:
    """Return mentions that no case took, newest first: nothing is hidden, anything can be opened by hand."""
    with here.store.reading() as work:
        one = brand_called(work, brand)
        rows = mentions.set_aside(
            work, brand_id=one.id if one else None, place=place, search=search, before=before, limit=limit + 1
        )
    return paged(rows, limit, lambda row: str(row.id))


@router.post("/{mention_id}/this-is-one", responses=write_may_fail(404), summary="This is one")
def this_is_one(here: Here, who: Writer, mention_id: Id) -> Opened:
    """Open a case for a mention the judge set aside."""
    return Opened(case_id=assessment.open_by_hand(here.store, who.actor, mention_id, here.now))
