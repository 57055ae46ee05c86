"""A case: the customer, the conversation, the reply; and every decision a person makes about it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.pages import casework
from api.pages.casework import Typed, plain
from api.pages.here import Acting, Here, Reading, go, status_of
from monitor.domain.errors import AppError
from monitor.domain.lifecycle import OVERRULERS
from monitor.store.cases import CaseRow
from responders import replying, reviewing

router = APIRouter(prefix="/cases/{case_id}")

Words = Annotated[str, Form()]
Number = Annotated[int, Form()]
Read = Annotated[int | None, Form()]  # which posts of the customer the page showed


def _shown(at: Here, case_id: int, typed: Typed, status: int = 200) -> HTMLResponse:
    view = reviewing.case_view(at.store, at.actor, case_id, at.now)
    return at.page("case.html", status=status, **casework.context(at, view, typed))


def _decide(at: Here, case_id: int, doing: Callable[[], object], typed: str = "") -> Response:
    """Carry out a decision and go on; where it cannot be, show the case with what was typed and why not."""
    try:
        doing()
    except AppError as error:
        return _shown(at, case_id, Typed(typed or None, str(error)), status_of(error))
    return go(f"/cases/{case_id}")


@router.get("")
def case(at: Reading, case_id: int) -> HTMLResponse:
    """Show a case."""
    return _shown(at, case_id, Typed())


@router.get("/panel")
def panel(at: Reading, case_id: int) -> Response:
    """Return the reply column; once the case is no longer on its way, have the browser load the page anew."""
    view = reviewing.case_view(at.store, at.actor, case_id, at.now)
    if view.case.state not in casework.ON_ITS_WAY:
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return at.part("_reply.html", **casework.context(at, view, Typed()))


@router.get("/news")
def news(at: Reading, case_id: int, state: str, revision: int, latest: int, posts: int | None = None) -> HTMLResponse:
    """Say what happened to a case since the page was loaded, in one quiet line."""
    view = reviewing.case_view(at.store, at.actor, case_id, at.now)
    moved, taken = casework.news(view, state, revision, latest, posts), casework.taken(view)
    return at.part("_news.html", lines=[*moved, *taken], moved=bool(moved), case_id=case_id)


@router.post("/check")
def check(at: Acting, case_id: int, text: Words = "", overrule: Words = "") -> HTMLResponse:
    """Check a text while it is typed: its length and what the bar finds. Nothing is written."""
    text = text.replace("\r\n", "\n")
    found = reviewing.check_text(at.store, case_id, text, at.now)
    overrules = at.me.user.role in OVERRULERS
    says = casework.bar(text, found, casework.platform_of(at, case_id), may_overrule=overrules)
    return at.part("_bar.html", bar=says, overrule=overrule, by_hand=casework.by_hand(at, case_id))


@router.post("/approve")
def approve(
    at: Acting, case_id: int, revision: Number, text: Words = "", overrule: Words = "", posts: Read = None
) -> Response:
    """Approve what stands in the box: a changed text becomes a revision first, and exactly that one is approved."""

    def doing() -> None:
        read = revision
        if casework.changed(at, case_id, revision, plain(text)):
            read = _save(at, case_id, revision, text, posts).revision
        reviewing.approve(at.store, at.actor, case_id, read, at.now, overrule=overrule)

    return _decide(at, case_id, doing, plain(text))


@router.post("/save")
def save(at: Acting, case_id: int, revision: Number, text: Words = "", posts: Read = None) -> Response:
    """Keep what stands in the box as a new revision."""

    def doing() -> None:
        if not plain(text) or casework.changed(at, case_id, revision, plain(text)):
            _save(at, case_id, revision, text, posts)

    return _decide(at, case_id, doing, plain(text))


def _save(at: Here, case_id: int, revision: int, text: str, posts: int | None) -> CaseRow:
    return reviewing.save(at.store, at.actor, case_id, plain(text), based_on=revision, now=at.now, posts_read=posts)


@router.post("/undo")
def undo(at: Acting, case_id: int) -> Response:
    """Take an approval back before it is sent."""
    return _decide(at, case_id, lambda: reviewing.undo(at.store, at.actor, case_id, at.now))


@router.post("/ask-again")
def ask_again(at: Acting, case_id: int, reason: Words = "", other: Words = "", text: Words = "") -> Response:
    """Have another draft written, with a reason."""
    why = other.strip() or reason
    return _decide(at, case_id, lambda: reviewing.reject(at.store, at.actor, case_id, why, at.now), text)


@router.post("/dismiss")
def dismiss(at: Acting, case_id: int, reason: Words = "", other: Words = "", text: Words = "") -> Response:
    """Close a case without an answer, with a reason."""
    why = other.strip() or reason
    return _decide(at, case_id, lambda: reviewing.dismiss(at.store, at.actor, case_id, why, at.now), text)


@router.post("/opt-out")
def opt_out(at: Acting, case_id: int, reason: Words = "", other: Words = "", text: Words = "") -> Response:
    """Write down that this person is not to be answered, with a reason."""
    why = other.strip() or reason
    return _decide(at, case_id, lambda: replying.opt_out(at.store, at.actor, case_id, why, at.now), text)


@router.post("/escalate")
def escalate(at: Acting, case_id: int, question: Words = "", text: Words = "") -> Response:
    """Ask the owner what went wrong and what is being fixed."""
    return _decide(at, case_id, lambda: reviewing.escalate(at.store, at.actor, case_id, question, at.now), text)


@router.post("/take-back")
def take_back(at: Acting, case_id: int) -> Response:
    """Take an escalated case back."""
    return _decide(at, case_id, lambda: reviewing.take_back(at.store, at.actor, case_id, at.now))


@router.post("/owner-answer")
def owner_answer(at: Acting, case_id: int, answer: Words = "") -> Response:
    """Give the owner's answer; a new draft is written with it."""
    return _decide(at, case_id, lambda: reviewing.owner_answer(at.store, at.actor, case_id, answer, at.now), answer)


@router.post("/by-hand")
def by_hand(at: Acting, case_id: int, link: Words = "", text: Words = "") -> Response:
    """Record that a person answered on the platform themselves."""
    return _decide(at, case_id, lambda: reviewing.answered_by_hand(at.store, at.actor, case_id, link, at.now), text)


@router.post("/back-to-review")
def back_to_review(at: Acting, case_id: int) -> Response:
    """Look again at a reply that was not sent."""
    return _decide(at, case_id, lambda: reviewing.back_to_review(at.store, at.actor, case_id, at.now))


@router.post("/correct")
def correct(at: Acting, case_id: int) -> Response:
    """Begin a correction of what was sent."""
    return _decide(at, case_id, lambda: reviewing.correct(at.store, at.actor, case_id, at.now))


@router.post("/withdraw")
def withdraw(at: Acting, case_id: int, reason: Words = "") -> Response:
    """Begin to withdraw what was sent."""
    return _decide(at, case_id, lambda: reviewing.withdraw(at.store, at.actor, case_id, reason, at.now))


@router.post("/resolve")
def resolve(at: Acting, case_id: int, outcome: Words = "") -> Response:
    """Close a case with what became of the customer."""
    return _decide(at, case_id, lambda: reviewing.resolve(at.store, at.actor, case_id, outcome, at.now))
