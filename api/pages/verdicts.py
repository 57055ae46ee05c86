"""One post and what the judge made of it: which words moved it, and a person's word against it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from api import auth
from api.pages.here import WORKING, Acting, Here, Reading, go, status_of
from api.pages.judged import TOPIC_WORDS, Judged, judged
from monitor.domain.errors import AppError, NotFound
from monitor.domain.lifecycle import TRANSITIONS, Action
from monitor.domain.triage import SEVERITY_WORDS
from monitor.judging import correcting, explaining
from monitor.store import cases, mentions
from monitor.store.cases import CaseRow
from monitor.store.corrections import NOT_A_COMPLAINT
from monitor.store.engine import Work
from responders import reviewing

router = APIRouter()
Tries = Annotated[int, Query(ge=0, le=100)]
Words = Annotated[str, Form()]
Number = Annotated[int | None, Form()]
Names = Annotated[Sequence[str], Form()]


def _post(work: Work, mention_id: int) -> Judged:
    rows = mentions.get_many(work, [mention_id])
    if not rows:
        message = f"There is no mention number {mention_id}."
        raise NotFound(message)
    return judged(work, rows[0])


# --- a person's word ----------------------------------------------------------------------------------------------


def _context(at: Here, mention_id: int, back: str) -> dict[str, Any]:
    with at.store.reading() as work:
        one, case_id = _post(work, mention_id), mentions.case_of(work, mention_id)
        case = cases.get(work, case_id) if case_id is not None else None
    return {
        "one": one,
        "case": case,
        "lang": one.verdict.lang if one.verdict else "",
        "newest": True,
        "dismissable": _dismissable(case, mention_id),
        "severities": SEVERITY_WORDS,
        "topics": TOPIC_WORDS,
        "back": auth.safe_next(back) if back else "",
    }


def _dismissable(case: CaseRow | None, mention_id: int) -> bool:
    """Tell whether the case stands and falls with this post: a customer may have written others."""
    return case is not None and case.latest_mention_id == mention_id and Action.DISMISS in TRANSITIONS[case.state]


@router.get("/mentions/{mention_id}")
def mention(at: Reading, mention_id: int, back: str = "") -> HTMLResponse:
    """Show a post with what was made of it, and where to disagree. A script gets the form alone."""
    context = _context(at, mention_id, back)
    if "hx-request" in at.request.headers:
        return at.part("_correct.html", **context)
    return at.page("mention.html", problem="", **context)


@router.post("/mentions/{mention_id}/correct")
def correct(
    at: Acting,
    mention_id: int,
    said: Words = "",
    severity: Number = None,
    topics: Names = (),
    back: Words = "",
) -> Response:
    """Take a person's word: one (a complaint), none, dismiss (none, and its case with it), or details."""
    context = _context(at, mention_id, back)
    try:
        to = _corrected(at, context["one"], context["case"], said, severity, topics, context["back"])
    except AppError as error:
        return at.page("mention.html", status=status_of(error), problem=str(error), **_context(at, mention_id, back))
    return go(to)


def _corrected(
    at: Here, one: Judged, case: CaseRow | None, said: str, severity: int | None, topics: Sequence[str], back: str
) -> str:
    """Carry it out and return where to go on."""
    number, where = one.mention.id, "case" if back.startswith("/cases/") else "queue"
    if said == "one" and case is None:
        return f"/cases/{correcting.this_is_one(at.store, at.actor, number, at.now, given_in=where)}"
    told: dict[str, Any] = {"is_complaint": {"one": True, "none": False, "dismiss": False}.get(said)}
    if said == "details":  # what is as it was is not said
        told["severity"] = severity if severity != one.severity else None
        told["topics"] = topics if set(topics) != TOPIC_WORDS.keys() & set(one.topics) else None
    correcting.correct(at.store, at.actor, number, at.now, given_in=where, **told)
    if said == "dismiss" and case is not None:
        reviewing.dismiss(at.store, at.actor, case.id, NOT_A_COMPLAINT, at.now)
    return back or f"/mentions/{number}"


@router.post("/corrections/{correction_id}/undo")
def undo(at: Acting, correction_id: int, back: Words = "") -> Response:
    """Take a correction back."""
    at.allow(WORKING)
    correcting.undo(at.store, at.actor, correction_id, at.now)
    return go(auth.safe_next(back))


# --- why ----------------------------------------------------------------------------------------------------------


@router.post("/mentions/{mention_id}/why")
def ask_why(at: Acting, mention_id: int, *, newest: bool = False) -> Response:
    """Ask which words moved the judge. A script gets the line that waits for them, a form goes back to the post."""
    at.allow(WORKING)
    explaining.ask(at.store, at.actor, mention_id, at.now)
    if "hx-request" in at.request.headers:
        return _why(at, mention_id, 1, newest=newest)
    with at.store.reading() as work:
        case_id = mentions.case_of(work, mention_id)
    return go(f"/cases/{case_id}" if case_id else f"/mentions/{mention_id}")


@router.get("/mentions/{mention_id}/why")
def why(at: Reading, mention_id: int, tries: Tries = 0, *, newest: bool = False) -> Response:
    """Return the post with the words marked once they are known, before that the line that waits for them."""
    return _why(at, mention_id, tries, newest=newest)


def _why(at: Here, mention_id: int, tries: int, *, newest: bool) -> HTMLResponse:
    with at.store.reading() as work:
        one, case_id = _post(work, mention_id), mentions.case_of(work, mention_id)
    known = one.moved is not None or one.verdict is None or (one.lost and not one.asked)
    context = {"lang": one.verdict.lang if one.verdict else "", "back": f"/cases/{case_id}" if case_id else ""}
    shown = at.part("_post.html" if known else "_why.html", one=one, newest=newest, tries=tries, **context)
    if known:
        shown.headers["HX-Retarget"] = f"#post-{mention_id}"
    return shown
