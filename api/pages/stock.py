"""The ledger page: every mention in exactly one ending, drawn as a balance, and how long customers waited."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.pages import words
from api.pages.here import BrandId, Reading
from monitor.domain import answer_times
from monitor.domain.answer_times import Waited
from monitor.domain.triage import SEVERITY_WORDS
from monitor.store import answers, ledger
from monitor.store.engine import Work

router = APIRouter()
_LATELY = timedelta(days=30)
ENDINGS = {
    "waiting": "wait to be judged",
    "open": "are open: somebody will answer",
    "answered": "were answered",
    "closed": "were closed by a person, with a reason",
    "not_a_complaint": "are not complaints",
    "history": "were old when they arrived",
    "gone": "were deleted by their authors",
    "unaccounted": "are unaccounted for",
}


@router.get("/ledger")
def balance(at: Reading, brand: BrandId = None) -> HTMLResponse:
    """Show where every mention stands."""
    with at.store.reading() as work:
        found = ledger.take_stock(work, brand)
        waited = _waited(work, at.now, brand)
    figures = found.figures()
    lines = [(name, said, figures[name]) for name, said in ENDINGS.items() if figures[name] or name != "unaccounted"]
    return at.page(
        "ledger.html", ledger=found, lines=lines, brand=brand, waited=waited, severities=SEVERITY_WORDS.values()
    )


def _waited(work: Work, now: datetime, brand: int | None) -> list[tuple[str, list[tuple[str, Waited]]]]:
    """Return how long customers waited for an answer lately, by how many people saw their post: rows of (words, figures).

    A row holds all of a size, then those of each severity.
    """
    given = answers.answered(work, now - _LATELY, brand)
    bands = [(_size(one.people), one) for one in answer_times.by_band(given)]
    rows = [*bands, ("anybody", answer_times.all_of(given))] if bands else []
    return [(size, [(_said(one), one) for one in (band.every, *band.severities)]) for size, band in rows]


def _said(one: Waited) -> str:
    return words.span(timedelta(minutes=one.minutes)) if one.minutes is not None else ""


def _size(people: tuple[int, int | None] | None) -> str:
    if people is None:
        return "not known how many"
    low, high = people
    if high is None:
        return f"{low:,} people or more"
    return f"{low:,} to {high - 1:,} people" if low else f"fewer than {high:,} people"
