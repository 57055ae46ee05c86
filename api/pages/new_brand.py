"""A new brand, for a lead: its name is all it takes to begin."""

import re
import unicodedata
from typing import Annotated, Final

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.pages.here import LEADS, Acting, Here, Reading, go, status_of
from monitor.domain.errors import AppError, BadInput
from monitor.store import brands

router = APIRouter(prefix="/brands")
NEW: Final = "/brands/new"
_LONGEST, _SHORT = 200, 40


def _form(at: Here, name: str = "", error: AppError | None = None) -> HTMLResponse:
    at.allow(LEADS)
    status = status_of(error) if error else 200
    return at.page("brand_new.html", status=status, name=name, problem=str(error) if error else "")


@router.get("/new")
def new(at: Reading) -> HTMLResponse:
    """Ask what the brand is called."""
    return _form(at)


@router.post("")
def add(at: Acting, name: Annotated[str, Form()] = "") -> Response:
    """Add it, and go on to its first account."""
    at.allow(LEADS)
    name = " ".join(name.split())[:_LONGEST]
    try:
        if not name:
            message = "Say what the brand is called."
            raise BadInput(message, where="name")
        with at.store.unit_of_work() as work:
            made = brands.create(work, _short(name), name, at.now)
    except AppError as error:
        return _form(at, name, error)
    return go(f"/accounts/connect?brand={made}")


def _short(name: str) -> str:
    """Return the short name that commands and the JSON API use: "Café Noir" is cafe-noir."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_SHORT].strip("-") or "brand"
