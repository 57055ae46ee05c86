"""What every page route needs: who asks, when, and the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BeforeValidator, Field

from api.auth import SignedIn, check_csrf, signed_in
from api.pages.rendering import render
from monitor.domain.errors import AppError, BadInput, NotAllowed, NotFound
from monitor.domain.lifecycle import Actor, Role
from monitor.store import brands, cases
from monitor.store.brands import BrandRow
from monitor.store.engine import Store

LEADS = frozenset({Role.LEAD, Role.ADMIN})
PAGED = LEADS | {Role.PR_LEAD}  # who says who is paged
BIGGEST = 10**18 - 1  # no number of the database is longer
LONGEST = len(str(BIGGEST))
WORKING = PAGED | {Role.AGENT}  # who works on cases
_STATUS: tuple[tuple[type[AppError], int], ...] = ((NotFound, 404), (NotAllowed, 403), (BadInput, 422))


@dataclass(frozen=True, slots=True)
class Nav:
    """What the frame of every page shows."""

    waiting: int
    brands: list[BrandRow]
    settings: bool
    admin: bool


@dataclass(frozen=True, slots=True)
class Here:
    """A signed-in person at a page."""

    request: Request
    me: SignedIn
    now: datetime

    @property
    def store(self) -> Store:
        """Return the database."""
        store: Store = self.request.app.state.store
        return store

    @property
    def actor(self) -> Actor:
        """Return who decides."""
        return self.me.actor

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a page in the full frame."""
        return render(self.request, template, status=status, me=self.me, nav=self._nav(), now=self.now, **context)

    def part(self, template: str, **context: Any) -> HTMLResponse:
        """Render a part of a page."""
        return render(self.request, template, me=self.me, now=self.now, **context)

    @property
    def has_brand(self) -> bool:
        """Tell whether there is a brand yet."""
        with self.store.reading() as work:
            return bool(brands.all_brands(work))

    def allow(self, roles: frozenset[Role]) -> None:
        """Go on only for these roles. Raises `NotAllowed`."""
        if self.me.user.role not in roles:
            names = " or ".join(sorted(role.replace("_", " ") for role in roles))
            message = f"This page is for the role {names}. Ask an admin if it should be yours."
            raise NotAllowed(message)

    def _nav(self) -> Nav:
        with self.store.reading() as work:
            waiting = cases.desk_count(work, "complaints")
            every = brands.all_brands(work)
        role = self.me.user.role
        return Nav(waiting, every, role in PAGED, role is Role.ADMIN)


def here(request: Request, me: Annotated[SignedIn, Depends(signed_in)]) -> Here:
    """Return who is here, for reading. Raises `NotFound` for a number that nothing can have."""
    if any(part.isdecimal() and len(part) > LONGEST for part in request.url.path.split("/")):
        message = "There is nothing under that number."
        raise NotFound(message)
    return Here(request, me, request.app.state.clock())


def acting(at: Annotated[Here, Depends(here)], _csrf: Annotated[None, Depends(check_csrf)]) -> Here:
    """Return who is here, for a form that carries the CSRF secret."""
    return at


Reading = Annotated[Here, Depends(here)]
Acting = Annotated[Here, Depends(acting)]

# A filter's "all" arrives as an empty word.
_OrAll = BeforeValidator(lambda given: given or None)
_Number = Annotated[int, Field(le=BIGGEST)]
BrandId = Annotated[_Number | None, _OrAll, Query(alias="brand")]
PersonId = Annotated[_Number | None, _OrAll, Query(alias="person")]
Before = Annotated[int, Query(ge=0, le=BIGGEST)]
After = Annotated[str, Query(pattern=r"^(\d{1,40}-\d{1,18})?$")]


def status_of(error: AppError) -> int:
    """Return the HTTP status of an error that a page shows."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 409)


def go(to: str) -> RedirectResponse:
    """Send the browser to a page after a form, so that reloading does not post again."""
    return RedirectResponse(to, 303)
