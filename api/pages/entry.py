"""Getting in and out: sign-in, the one-time link, light and dark."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api import auth
from api.pages.here import Acting, go
from api.pages.rendering import THEME_COOKIE, THEMES, render
from api.passwords import SHORTEST, TooManyTries
from monitor.domain.errors import BadInput

router = APIRouter()
_YEAR = 365 * 24 * 3600

Words = Annotated[str, Form()]


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 - the name in the address
    """Ask who is there."""
    return render(request, "sign_in.html", to=auth.safe_next(next), email="", problem="")


@router.post("/sign-in")
def sign_in(request: Request, email: Words = "", password: Words = "", to: Words = "/") -> Response:
    """Sign in, or say why not."""
    try:
        cookie = auth.sign_in(request, email, password)
    except (auth.NotSignedIn, TooManyTries) as error:
        status = 429 if isinstance(error, TooManyTries) else 401
        context = {"to": auth.safe_next(to), "email": email, "problem": str(error)}
        return render(request, "sign_in.html", status=status, **context)
    response = go(auth.safe_next(to))
    auth.set_cookie(request, response, cookie)
    return response


@router.post("/sign-out")
def sign_out(at: Acting) -> Response:
    """Sign out."""
    auth.sign_out(at.request)
    response = go("/sign-in")
    auth.clear_cookie(at.request, response)
    return response


@router.get("/welcome/{secret}")
def welcome_page(request: Request, secret: str) -> HTMLResponse:
    """Ask a newcomer for their name and a password."""
    role = auth.invited_as(request.app.state.store, secret, request.app.state.clock())
    return _welcome(request, secret, role)


def _welcome(request: Request, secret: str, role: str, *, status: int = 200, **given: str) -> HTMLResponse:
    context = {"secret": secret, "given_role": role, "shortest": SHORTEST}
    context |= {"email": "", "name": "", "problem": "", "where": "", **given}
    return render(request, "welcome.html", status=status, **context)


@router.post("/welcome/{secret}")
def welcome(request: Request, secret: str, email: Words = "", name: Words = "", password: Words = "") -> Response:
    """Let a newcomer in. The one-time link itself is the secret that this form carries."""
    state = request.app.state
    role = auth.invited_as(state.store, secret, state.clock())
    days = state.settings.session_days
    try:
        cookie = auth.accept(state.store, secret, email, name, password, state.clock(), days=days)
    except BadInput as error:
        problem = {"problem": str(error), "where": error.where}
        return _welcome(request, secret, role, status=422, email=email, name=name, **problem)
    response = go("/")
    auth.set_cookie(request, response, cookie)
    return response


@router.post("/theme")
def theme(at: Acting, theme: Words = "auto", back: Words = "/") -> Response:
    """Remember light or dark in this browser."""
    response = go(auth.safe_next(back))
    chosen = theme if theme in THEMES else "auto"
    secure = auth.is_https(at.request.app.state.settings)
    response.set_cookie(THEME_COOKIE, chosen, max_age=_YEAR, path="/", secure=secure, httponly=True, samesite="lax")
    return response
