"""Every error as one shape: RFC 9457 problem details for programs, a page for people."""

import http
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from api.auth import NotSignedIn
from api.pages import rendering
from api.passwords import TooManyTries
from monitor import logs
from monitor.domain.errors import AppError, BadInput, Conflict, NotAllowed, NotFound, RetryLater, SourceRefused
from monitor.domain.rows import RowRefused

PROBLEM = "application/problem+json"
_URN = "urn:amends:problem:"
_STATUS: tuple[tuple[type[AppError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (NotAllowed, 403),
    (NotSignedIn, 401),
    (TooManyTries, 429),
    (BadInput, 422),
    (SourceRefused, 424),
    (RetryLater, 503),
)
_TITLES = {
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    409: "It changed meanwhile",
    413: "Too much at once",
    422: "This cannot be used",
    424: "The platform refuses",
    429: "Too many tries",
    500: "Something went wrong here",
    503: "Not now",
}

_CASE = re.compile(r"/cases/\d+")

_log = logs.get("api")


class Trouble(BaseModel):
    """One thing that is wrong with what was sent."""

    field: str = Field("", description="Which field, as the request calls it.", examples=["created_at"])
    line: int | None = Field(None, description="Which object of a list, counted from 1.", examples=[3])
    message: str = Field(description="What is wrong with it.", examples=["the text is blank"])


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Names the kind of problem.", examples=["urn:amends:problem:conflict"])
    title: str = Field(description="The kind in words.", examples=["It changed meanwhile"])
    status: int = Field(description="The HTTP status.", examples=[409])
    detail: str = Field(description="What happened, what was kept, what to do.")
    instance: str = Field(description="The path that was asked for.", examples=["/api/v1/cases/7/approve"])
    errors: list[Trouble] = Field(default=[], description="Each thing that is wrong, where there are several.")


class BadBatch(BadInput):
    """Rows of a batch that cannot be used; nothing of it was stored."""

    def __init__(self, message: str, refused: Sequence[RowRefused]) -> None:
        super().__init__(message)
        self.refused = refused


def status_of(error: AppError) -> int:
    """Return the HTTP status that says what kind of error this is."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def install(app: FastAPI) -> None:
    """Answer every error that leaves a route."""
    for kind in (AppError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _handler)


async def _handler(request: Request, error: Exception) -> Response:
    return answer(request, error)


def answer(request: Request, error: Exception) -> Response:
    """Return the response for an error: what it says when it is ours, and no inner detail when it is not."""
    if isinstance(error, NotSignedIn) and _wants_page(request) and request.url.path != "/sign-in":
        return _to_sign_in(request)
    if isinstance(error, AppError):
        status = status_of(error)
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("failed", code=error.code, why=str(error))
        return respond(request, status, error.code, str(error), _troubles(error), _headers(error))
    if isinstance(error, RequestValidationError):
        return _invalid(request, error)
    if isinstance(error, HTTPException):
        return respond(request, error.status_code, "", _words(request, error), headers=error.headers)
    _note(error)
    detail = "This is our fault. It was noted; your work up to here is kept. Try again, or tell the operator."
    return respond(request, 500, "", detail)


def _note(error: Exception) -> None:
    """Log a fault of ours. What did not fit a shape is named by its place: its value may be a customer's words."""
    if isinstance(error, ResponseValidationError | ValidationError):
        places = [".".join(str(part) for part in one["loc"]) for one in error.errors()]
        _log.error("failed", error=type(error).__name__, fields=places)
    else:
        _log.error("failed", exc_info=error)


def respond(
    request: Request,
    status: int,
    code: str,
    detail: str,
    errors: Sequence[Trouble] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem as JSON, or as a page when a browser asked for one."""
    title = _TITLES.get(status, http.HTTPStatus(status).phrase)
    if _wants_page(request):
        page = rendering.render(request, "error.html", status=status, title=title, detail=detail)
        page.headers.update(headers or {})
        return page
    problem: dict[str, Any] = {
        "type": f"{_URN}{code}" if code else "about:blank",
        "title": title if code else http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **({"errors": [one.model_dump(exclude_defaults=True) for one in errors]} if errors else {}),
    }
    # A field's name may hold half a character, which no encoding takes.
    body = json.dumps(problem, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status, dict(headers or {}), PROBLEM)


def _wants_page(request: Request) -> bool:
    programs = request.url.path.startswith(("/api/", "/live", "/healthz", "/readyz", "/metrics", "/static/"))
    return not programs and "text/html" in request.headers.get("accept", "")


def _to_sign_in(request: Request) -> Response:
    here = request.url.path
    if request.method == "GET":
        here += f"?{request.url.query}" if request.url.query else ""
    else:  # a form cannot be asked for: its case can
        found = _CASE.match(here)
        here = found[0] if found else "/"
    to = f"/sign-in?next={quote(here, safe='')}"
    if "hx-request" in request.headers:  # a part of a page: the whole page must go there
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse(to, 303)


def _headers(error: AppError) -> dict[str, str]:
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": "Bearer"}
    after = error.after if isinstance(error, TooManyTries | RetryLater) else None
    return {"Retry-After": str(int(after) + 1)} if after is not None else {}


def _troubles(error: AppError) -> list[Trouble]:
    if isinstance(error, BadBatch):
        return [Trouble(field=one.field, line=one.line, message=one.reason) for one in error.refused]
    if isinstance(error, BadInput) and error.where:
        return [Trouble(field=error.where, message=str(error))]
    return []


def _invalid(request: Request, error: RequestValidationError) -> Response:
    """Name the fields, never the values: they may be secret."""
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        detail = "The body is not JSON. Nothing was done."
        place = found[0]["loc"][-1]
        why = found[0].get("ctx", {}).get("error", "")
        return respond(request, 400, "not_json", detail, [Trouble(message=f"at character {place}: {why}")])
    errors = [
        Trouble(field=".".join(str(part) for part in one["loc"]), message=one["msg"].removeprefix("Value error, "))
        for one in found
    ]
    return respond(request, 422, "bad_input", "The request cannot be used as it is. Nothing was done.", errors)


def _words(request: Request, error: HTTPException) -> str:
    if error.status_code == http.HTTPStatus.NOT_FOUND:
        return "There is nothing here."
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} cannot be used here."
    if error.status_code == http.HTTPStatus.BAD_REQUEST:  # the framework's, of a body that no decoder takes
        return "The body is not JSON in UTF-8, or is nested too deep. Nothing was done."
    return str(error.detail)
