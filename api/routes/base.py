"""What every route of the JSON API shares: who calls, pages of results, and writes that happen once."""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Path, Query, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api import errors
from api.auth import SAFE_METHODS, Caller, caller, writer
from api.errors import Problem
from monitor.domain.errors import BadInput, Conflict
from monitor.store import brands, users
from monitor.store.brands import BrandRow
from monitor.store.engine import Store, Work
from monitor.vault import Vault

BIGGEST_ID = 2**63 - 1
LONGEST_KEY = 200

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Item = TypeVar("Item")


class Shown(BaseModel):
    """A record as the API shows it."""

    model_config = ConfigDict(from_attributes=True)


class Given(BaseModel):
    """A record as a caller gives it: a field we do not know is a mistake worth hearing of."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Page(Shown, Generic[Item]):
    """A page of results."""

    items: list[Item]
    next: str | None = Field(None, description="Pass this on to get the next page; null: this was the last.")


def paged(rows: list[Any], limit: int, cursor: Callable[[Any], str]) -> dict[str, Any]:
    """Return a page from rows that were read one further than `limit`."""
    return {"items": rows[:limit], "next": cursor(rows[limit - 1]) if len(rows) > limit else None}


class At:
    """The request's surroundings."""

    def __init__(self, request: Request) -> None:
        state = request.app.state
        self.store: Store = state.store
        self.vault: Vault = state.vault
        self.now: datetime = state.clock()
        self.settings = state.settings


def brand_called(work: Work, slug: str | None) -> BrandRow | None:
    """Return the brand with this short name, None when none is named. Raises `NotFound`."""
    return brands.by_slug(work, slug) if slug else None


Here = Annotated[At, Depends(At)]
Who = Annotated[Caller, Depends(caller)]
Writer = Annotated[Caller, Depends(writer)]
Id = Annotated[int, Path(ge=1, le=BIGGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Brand = Annotated[str | None, Query(max_length=60, description="A brand's short name; all brands when left out.")]
Before = Annotated[int, Query(ge=0, le=BIGGEST_ID, description="`next` of the page before.")]


def may_fail(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the errors of a route, with those that every route has."""
    words = {
        400: "The body is not JSON, or the host is not ours.",
        401: "Nobody is signed in, or the token is not known.",
        403: "This role, or a token, may not do that.",
        404: "There is no such thing.",
        409: "It moved on since it was read, or the bar blocks it. Nothing was done.",
        413: "The body is over 5 MB.",
        415: "The body is not application/json.",
        424: "The platform refuses: a person has to change something first.",
        503: "The platform cannot be asked now. Try again after `Retry-After` seconds.",
        422: "Something in the request cannot be used; `errors` names it.",
    }
    return {status: {"model": Problem, "description": words[status]} for status in (401, 403, 422, *statuses)}


def write_may_fail(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the errors of a route that takes a body."""
    return may_fail(400, 409, 413, 415, *statuses)


# --- writes that happen once ------------------------------------------------------------------------------------


class ApiRoute(APIRoute):
    """Takes JSON only, and gives the same answer to the same `Idempotency-Key`."""

    def get_route_handler(self) -> Handler:
        """Return FastAPI's handler, wrapped."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if request.method in SAFE_METHODS:
                return await handle(request)
            body = await request.body()
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if body and kind != "application/json":
                raise HTTPException(415, "Send the body as application/json.")
            key = request.headers.get("idempotency-key")
            return await handle(request) if key is None else await _once(handle, request, body, key)

        return handler


class SecretRoute(ApiRoute):
    """For answers with a secret, shown this once, or with words of posts: kept nowhere, so no key can repeat them."""

    def get_route_handler(self) -> Handler:
        """Return the handler, refusing a key that could not be honoured."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if "idempotency-key" in request.headers:
                message = "This answer is kept nowhere, so that no key can repeat it: send no Idempotency-Key."
                raise BadInput(message, where="Idempotency-Key")
            return await handle(request)

        return handler


async def _once(handle: Handler, request: Request, body: bytes, key: str) -> Response:
    if not 1 <= len(key) <= LONGEST_KEY:
        message = f"An Idempotency-Key has 1 to {LONGEST_KEY} characters."
        raise BadInput(message, where="Idempotency-Key")
    who = await run_in_threadpool(caller, request)
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    digest = hashlib.sha256(asked).hexdigest()
    before = await run_in_threadpool(_reserve, request, who.user.id, key, digest)
    if before is not None:
        return _again(before, digest)
    try:
        response = await handle(request)
    except Exception as error:  # noqa: BLE001 - whatever came of it is the answer to this key
        response = errors.answer(request, error)
    await run_in_threadpool(_keep, request, who.user.id, key, response)
    return response


def _reserve(request: Request, user_id: int, key: str, digest: str) -> tuple[str, int, str] | None:
    at = At(request)
    with at.store.unit_of_work(durable=True) as work:
        return users.first_time(work, user_id, key, digest, at.now)


def _keep(request: Request, user_id: int, key: str, response: Response) -> None:
    with At(request).store.unit_of_work() as work:
        users.answered(work, user_id, key, response.status_code, bytes(response.body).decode())


def _again(before: tuple[str, int, str], digest: str) -> Response:
    first, status, body = before
    if first != digest:
        message = "This Idempotency-Key was used for another request. Nothing was done: use a new key."
        raise BadInput(message, where="Idempotency-Key")
    if not status:
        message = (
            "The first request with this key has no answer yet, or was cut off. Nothing more was done: "
            "look whether it took effect; if it did not, use a new key."
        )
        raise Conflict(message)
    kind = errors.PROBLEM if status >= 400 else "application/json"
    return Response(body, status, {"Idempotency-Replayed": "true"}, kind)
