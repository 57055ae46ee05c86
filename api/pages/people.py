"""Who works here, for an admin: invite, change the role, let go."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api import auth
from api.pages.here import Acting, Here, Reading, go, status_of
from monitor.domain.errors import AppError, BadInput, Conflict
from monitor.domain.lifecycle import Role
from monitor.store import users

router = APIRouter(prefix="/people")
_ADMINS = frozenset({Role.ADMIN})


def _shown(at: Here, *, link: str = "", problem: str = "", status: int = 200) -> HTMLResponse:
    at.allow(_ADMINS)
    with at.store.reading() as work:
        people = users.everyone(work)
    return at.page("people.html", status=status, people=people, roles=list(Role), link=link, problem=problem)


@router.get("")
def people(at: Reading) -> HTMLResponse:
    """List the people."""
    return _shown(at)


@router.post("/invite")
def invite(at: Acting, role: Annotated[str, Form()]) -> HTMLResponse:
    """Make a one-time link. It is shown once, in this answer, and kept nowhere."""
    at.allow(_ADMINS)
    base = at.request.app.state.settings.public_url or str(at.request.base_url).rstrip("/")
    return _shown(at, link=base + auth.invite(at.store, _role(role), at.now))


@router.post("/{user_id}/role")
def change_role(at: Acting, user_id: int, role: Annotated[str, Form()]) -> Response:
    """Change what a person may do; their sessions end."""
    return _change(at, user_id, role=_role(role))


@router.post("/{user_id}/active")
def change_active(at: Acting, user_id: int, active: Annotated[bool, Form()]) -> Response:
    """Let a person in again, or no longer."""
    return _change(at, user_id, active=active)


def _change(at: Here, user_id: int, **values: object) -> Response:
    at.allow(_ADMINS)
    try:
        with at.store.unit_of_work() as work:
            users.get(work, user_id)
            keeps = values.get("role") is Role.ADMIN or values.get("active") is True
            if not keeps and auth.last_admin(work, user_id):
                message = "This is the only admin. Make somebody else one first: nothing was changed."
                raise Conflict(message)
            users.change(work, user_id, **values)
    except AppError as error:
        return _shown(at, problem=str(error), status=status_of(error))
    return go("/people")


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        message = f"There is no role called {name}."
        raise BadInput(message, where="role") from None
