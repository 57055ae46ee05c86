"""A few "not complaints" a day, drawn by lot, for a person to check: what the judge misses is seen too."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.pages.here import LONGEST, WORKING, Acting, BrandId, Here, Reading, go, status_of
from monitor.domain.errors import AppError
from monitor.judging import sampling
from monitor.store import corrections, mentions
from monitor.store.corrections import CorrectionRow
from monitor.store.samples import CheckRow

router = APIRouter(prefix="/checks")
_SKIPPED = 50  # numbers that an address carries
_MOST = 200
Word = Annotated[str, Form()]


def _skipped(given: str) -> list[int]:
    return [int(one) for one in given.split(",") if one.isdecimal() and len(one) <= LONGEST][-_SKIPPED:]


def _listed(numbers: list[int]) -> str:
    return ",".join(map(str, numbers))


def _page(
    at: Here, skip: str, brand: int | None, done: int | None, problem: str = "", status: int = 200
) -> HTMLResponse:
    skipped = _skipped(skip)
    with at.store.reading() as work:
        waiting = sampling.waiting(work, brand, at.now, _MOST)
        before: CorrectionRow | None = corrections.get(work, done) if done else None
        case_id = mentions.case_of(work, before.mention_id) if before else None
    left = [one for one in waiting if one.mention_id not in skipped]
    one: CheckRow | None = left[0] if left else None
    return at.page(
        "checks.html",
        status=status,
        one=one,
        left=len(left),
        skipped=len(waiting) - len(left),
        skip=_listed(skipped),
        skip_next=_listed([*skipped, one.mention_id] if one else skipped),
        before=before if before and before.undone_at is None else None,
        case_id=case_id,
        brand=brand,
        problem=problem,
    )


@router.get("")
def checks(at: Reading, skip: str = "", brand: BrandId = None, done: int | None = None) -> HTMLResponse:
    """Show the next post to check. What the judge made of it stays unsaid, so that it does not lead."""
    at.allow(WORKING)
    return _page(at, skip, brand, done)


@router.post("/{mention_id}")
def answer(
    at: Acting, mention_id: int, said: Word, skip: Word = "", brand: Annotated[int | None, Form()] = None
) -> Response:
    """Take a yes or a no, and go on to the next."""
    at.allow(WORKING)
    try:
        done = sampling.answer(at.store, at.actor, mention_id, said == "yes", at.now)
    except AppError as error:
        return _page(at, skip, brand, None, str(error), status_of(error))
    which = f"&brand={brand}" if brand else ""
    return go(f"/checks?done={done}&skip={_listed(_skipped(skip))}{which}")
