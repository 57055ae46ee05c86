"""People whom a brand does not answer: taken back on the brand's settings."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.pages.here import LEADS, Acting, go
from responders import replying

router = APIRouter(prefix="/settings/brand/{brand_id}/opt-outs")


@router.post("/{author_id}/undo")
def undo(at: Acting, brand_id: int, author_id: int) -> Response:
    """Let a person be answered again."""
    at.allow(LEADS)
    replying.opt_in(at.store, at.actor, brand_id, author_id, at.now)
    return go(f"/settings/brand/{brand_id}#opt-outs")
