"""The outbox: what was said in our name, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.pages import words
from api.pages.here import Before, BrandId, Here, PersonId, Reading
from monitor.domain.lifecycle import CaseState
from monitor.store import publications, users
from monitor.store.publications import OutboxRow

router = APIRouter()
PAGE = 50
STATES = {
    "sending": "being sent",
    "sent": "sent",
    "deferred": "put off",
    "uncertain": "unclear, being looked up",
    "refused": "refused",
    "missing": "not found after looking",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A line of the outbox. `tone` is "blocked", "unclear" or ""."""

    row: OutboxRow
    state: str
    detail: str
    tone: str

    @property
    def can_change(self) -> bool:
        """Tell whether it stands and the case is not under way with something else already."""
        row = self.row
        return (
            row.state == "sent"
            and row.purpose != "withdraw"
            and row.case_state == CaseState.REPLIED
            and row.text is not None
        )


def sent(row: OutboxRow, now: datetime) -> Sent:
    """Say what became of a sending, and what happens next."""
    where = words.platform(row.platform)
    if row.state == "sent":
        return Sent(row, _done(row), "Only the dry-run platform has it." if row.simulated else "", "")
    if row.state == "refused":
        return Sent(row, "refused", f"{row.error} The case waits in the queue.".strip(), "blocked")
    if row.state == "deferred":
        return Sent(row, "put off", f"{row.error} Tried again {words.ago(row.not_before, now)}.".strip(), "")
    if row.state == "uncertain":
        looks = f"looked {row.looks} {'time' if row.looks == 1 else 'times'} so far" if row.looks else "not looked yet"
        detail = f"{where} did not say whether it arrived. It is looked for there ({looks}) and never sent twice."
        return Sent(row, "unclear", detail, "unclear")
    if row.state == "missing":
        return Sent(row, "not found", f"It is not on {where}. A person decides whether to send it again.", "blocked")
    return Sent(row, "being sent", "", "")


def _done(row: OutboxRow) -> str:
    done = "taken down" if row.purpose == "withdraw" else "sent"
    return f"not really {done}" if row.simulated else done


@router.get("/outbox")
def outbox(
    at: Reading, brand: BrandId = None, person: PersonId = None, state: str = "", before: Before = 0
) -> HTMLResponse:
    """Show what went out, newest first."""
    rows, more = _rows(at, brand, person, state, before)
    with at.store.reading() as work:
        people = users.everyone(work)
    chosen: dict[str, Any] = {"brand": brand, "person": person, "state": state, "before": before}
    return at.page("outbox.html", rows=rows, more=more, people=people, states=STATES, **chosen)


@router.get("/outbox/rows")
def more_rows(
    at: Reading, before: Before, brand: BrandId = None, person: PersonId = None, state: str = ""
) -> HTMLResponse:
    """Return the next page of the outbox, without the frame."""
    rows, more = _rows(at, brand, person, state, before)
    return at.part("_outbox_rows.html", rows=rows, more=more, brand=brand, person=person, state=state)


def _rows(at: Here, brand: int | None, person: int | None, state: str, before: int) -> tuple[list[Sent], int]:
    wanted = state if state in STATES else ""
    with at.store.reading() as work:
        found = publications.outbox(work, brand_id=brand, user_id=person, state=wanted, before=before, limit=PAGE + 1)
    more = found[PAGE - 1].id if len(found) > PAGE else 0
    return [sent(row, at.now) for row in found[:PAGE]], more
