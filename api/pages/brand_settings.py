"""A brand's settings, for a lead: how it speaks, what it promises, who is paged."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.pages.here import LEADS, PAGED, Acting, Here, Reading, go, status_of
from monitor.domain.errors import AppError, BadInput, NotFound
from monitor.domain.thresholds import thresholds_of
from monitor.domain.triage import Promises
from monitor.store import accounts, alerts, brands, optouts, watches
from responders import notifiers
from responders.notifiers.apprise_notifier import describe
from responders.ports import Alert

router = APIRouter(prefix="/settings/brand/{brand_id}")
_LONGEST_PROMISE, _LONGEST_UNDO = 30 * 24 * 60, 600

Words = Annotated[str, Form()]


def _shown(at: Here, brand_id: int, *, problem: str = "", said: str = "", status: int = 200) -> HTMLResponse:
    at.allow(PAGED)
    with at.store.reading() as work:
        brand = brands.get(work, brand_id)
        context = {
            "brand": brand,
            "routes": alerts.routes(work, brand_id),
            "accounts": accounts.of_brand(work, brand_id),
            "watches": watches.listed(work, brand_id),
            "thresholds": thresholds_of(brand.settings, at.request.app.state.settings.threshold),
            "opt_outs": optouts.listed(work, brand_id),
        }
    context |= {"undo": int(brand.undo.total_seconds()), "problem": problem, "said": said}
    return at.page("settings.html", status=status, may_change=at.me.user.role in LEADS, **context)


def _doing(at: Here, brand_id: int, doing: Callable[[], None], said: str = "") -> Response:
    try:
        doing()
    except AppError as error:
        return _shown(at, brand_id, problem=str(error), status=status_of(error))
    return _shown(at, brand_id, said=said) if said else go(f"/settings/brand/{brand_id}")


@router.get("")
def settings(at: Reading, brand_id: int) -> HTMLResponse:
    """Show a brand's settings."""
    return _shown(at, brand_id)


@router.post("/voice")
def voice(
    at: Acting, brand_id: int, signature: Words = "", contact: Words = "", formal: Words = "", thanks: Words = ""
) -> Response:
    """Change how the brand speaks."""
    at.allow(LEADS)
    given = {"signature": signature.strip()[:100], "contact": contact.strip()[:200]}

    def doing() -> None:
        with at.store.unit_of_work() as work:
            brands.change(work, brand_id, voice={**given, "formal": bool(formal), "thanks": bool(thanks)})

    return _doing(at, brand_id, doing)


@router.post("/promise")
def promise(
    at: Acting,
    brand_id: int,
    minutes: Annotated[list[str], Form()],
    six_thousand: Words = "",
    undo_s: Words = "",
) -> Response:
    """Change how soon the brand answers. An empty field goes back to the default."""
    at.allow(LEADS)

    def doing() -> None:
        changed = {
            "minutes": _minutes(minutes),
            "six_thousand": _number(six_thousand, "The line of many people", 1, 10**9),
            "undo_s": _number(undo_s, "The time to undo", 0, _LONGEST_UNDO),
        }
        with at.store.unit_of_work() as work:
            brands.change(work, brand_id, settings=changed)

    return _doing(at, brand_id, doing)


def _minutes(given: list[str]) -> list[int] | None:
    plain = Promises().minutes
    if len(given) != len(plain):
        message = f"There are {len(plain)} promises, one for each tier. Nothing was changed."
        raise BadInput(message, where="minutes")
    read = [_number(one, "A promise", 1, _LONGEST_PROMISE) for one in given]
    filled = [one if one is not None else default for one, default in zip(read, plain, strict=True)]
    if sorted(filled, reverse=True) != filled:
        message = "A more urgent complaint cannot wait longer than a less urgent one. Nothing was changed."
        raise BadInput(message, where="minutes")
    return None if filled == list(plain) else filled


def _number(given: str, what: str, least: int, most: int) -> int | None:
    given = given.strip()
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or not least <= int(given[:12]) <= most:
        message = f"{what} is a whole number from {least:,} to {most:,}. Nothing was changed."
        raise BadInput(message)
    return int(given)


@router.post("/routes")
def add_route(at: Acting, brand_id: int, url: Words = "", name: Words = "") -> Response:
    """Add a way to page people. The address is encrypted and never shown again."""
    at.allow(PAGED)

    def doing() -> None:
        service = describe(url.strip())
        label = name.strip()[:100] or service
        with at.store.unit_of_work() as work:
            brands.get(work, brand_id)
            alerts.add_route(work, brand_id, label, at.request.app.state.vault.lock(url.strip()), at.now)

    return _doing(at, brand_id, doing)


@router.post("/routes/{route_id}/remove")
def remove_route(at: Acting, brand_id: int, route_id: int) -> Response:
    """Remove a way to page people."""
    at.allow(PAGED)

    def doing() -> None:
        _url_of(at, brand_id, route_id)
        with at.store.unit_of_work() as work:
            alerts.remove_route(work, route_id)

    return _doing(at, brand_id, doing)


@router.post("/routes/{route_id}/test")
def test_route(at: Acting, brand_id: int, route_id: int) -> Response:
    """Send a test page, so that the real one is not the first."""
    at.allow(PAGED)

    def doing() -> None:
        trial = Alert(
            "A test from Amends", "Urgent complaints would reach you here. Nothing has happened.", "", urgent=False
        )
        notifiers.load("apprise").notify(trial, [_url_of(at, brand_id, route_id)])

    return _doing(at, brand_id, doing, "The test page got through. Ask whoever should have it whether they saw it.")


def _url_of(at: Here, brand_id: int, route_id: int) -> str:
    with at.store.reading() as work:
        found = next((one for one in alerts.routes(work, brand_id) if one.id == route_id), None)
    if found is None:
        message = "This route was removed meanwhile."
        raise NotFound(message)
    url: str = at.request.app.state.vault.unlock(found.url)
    return url
