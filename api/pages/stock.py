"""The ledger page: every mention in exactly one ending, drawn as a balance."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.pages.here import BrandId, Reading
from monitor.store import ledger

router = APIRouter()
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
    figures = found.figures()
    lines = [(name, said, figures[name]) for name, said in ENDINGS.items() if figures[name] or name != "unaccounted"]
    return at.page("ledger.html", ledger=found, lines=lines, brand=brand)
