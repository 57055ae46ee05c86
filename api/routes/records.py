"""What was said in our name, and the ledger that counts every mention."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from api.routes.base import ApiRoute, Before, Brand, Here, Limit, Page, Who, brand_called, may_fail, paged
from api.routes.shapes import BandOut, LedgerOut, PublicationOut
from monitor.domain import answer_times
from monitor.store import answers, ledger, publications

router = APIRouter(tags=["records"], route_class=ApiRoute)

State = Literal["sending", "sent", "refused", "deferred", "uncertain", "missing", "undone"]


@router.get("/outbox", response_model=Page[PublicationOut], responses=may_fail(404), summary="What went out")
def outbox(
    here: Here,
    _who: Who,
    brand: Brand = None,
    state: Annotated[State | None, Query(description="Only those that stand so.")] = None,
    before: Before = 0,
    limit: Limit = 50,
) -> Any:
    """Return replies that were sent or are on their way, newest first."""
    with here.store.reading() as work:
        one = brand_called(work, brand)
        rows = publications.outbox(
            work, brand_id=one.id if one else None, state=state or "", before=before, limit=limit + 1
        )
    return paged(rows, limit, lambda row: str(row.id))


@router.get("/ledger", response_model=LedgerOut, responses=may_fail(404), summary="The ledger")
def take_stock(here: Here, _who: Who, brand: Brand = None) -> dict[str, object]:
    """Count every mention once; `balanced` must be true."""
    with here.store.reading() as work:
        one = brand_called(work, brand)
        return ledger.take_stock(work, one.id if one else None).figures()


@router.get("/answer-times", response_model=list[BandOut], responses=may_fail(404), summary="How long customers waited")
def waits(
    here: Here,
    _who: Who,
    brand: Brand = None,
    days: Annotated[int, Query(ge=1, le=365, description="Complaints answered in so many days up to now.")] = 30,
) -> list[dict[str, object]]:
    """Return how long answers took by audience size and severity, small audiences first, so that unfairness is seen."""
    with here.store.reading() as work:
        one = brand_called(work, brand)
        given = answers.answered(work, here.now - timedelta(days=days), one.id if one else None)
    found = []
    for band in answer_times.by_band(given):
        low, high = band.people or (None, None)
        found.append({**asdict(band), "people_from": low, "people_below": high})
    return found
