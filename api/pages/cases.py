"""A case: the customer, the conversation, the reply; and every decision a person makes about it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from api.pages import casework
from api.pages.casework import Typed
from api.pages.here import Acting, Here, Reading, go, status_of
from monitor.domain.errors import AppError
from monitor.domain.lifecycle import OVERRULERS
from responders import reviewing
from responders.bar import length
from responders.ports import Finding

router = APIRouter(prefix="/cases/{case_id}")

Text = Annotated[str, Form()]
Number = Annotated[int, Form()]


def _shown(at: Here, case_id: int, typed: Typed | None = None, status: int = 200) -> HTMLResponse:
    view = reviewing.case_view(at.store, at.actor, case_id, at.now)
    more = casework.context(at, view, typed or Typed())
    return at.page("case.html", status=status, **more)


def _decide(at: Here, case_id: int, doing: Callable[[], object], typed: str | None = None) -> Response:
    """Carry out a decision and go on; where it cannot be, show the case with what was typed and why not."""
    try:
        doing()
    except AppError as error:
        return _shown(at, case_id, Typed(typed, str(error)), status_of(error))
    return go(f"/cases/{case_id}")


@router.get("")
def case(at: Reading, case_id: int) -> HTMLResponse:
    """Show a case."""
    return _shown(at, case_id)


@router.get("/panel")
def panel(at: Reading, case_id: int) -> Response:
    """Return the reply column; once the case is no longer on its way, tell the page to load anew."""
    view = reviewing.case_view(at.store, at.actor, case_id, at.now)
    if view.case.state not in casework.ON_ITS_WAY:
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return at.part("_reply.html", **casework.context(at, view, Typed()))


@router.get("/news")
def news(
    at: Reading, case_id: int, state: str, revision: int, latest: Annotated[int, Query()] = 0
) -> HTMLResponse:
    """Say what happened to a case since the page was loaded, in one quiet line."""
    view = reviewing.case_view(at.store, at.actor, case_id, at.now)
    return at.part("_news.html", lines=casework.news(view, state, revision, latest), case_id=case_id)


@router.post("/check")
def check(at: Acting, case_id: int, text: Text = "", overrule: Text = "") -> HTMLResponse:
    """Check a text while it is typed: its length and what the bar finds. Nothing is written."""
    plain = casework.lines(text)
    found = reviewing.check_text(at.store, case_id, plain)
    bar = casework.bar(plain, found, _limit(at, case_id), may_overrule=at.me.user.role in OVERRULERS)
    return at.part("_bar.html", bar=bar, overrule=overrule)


def _limit(at: Here, case_id: int) -> tuple[str, int]:
    view_platform = casework.platform_of(at, case_id)
    return view_platform, length.limit_for(view_platform)


@router.post("/approve")
def approve(at: Acting, case_id: int, revision: Number, text: Text = "", overrule: Text = "") -> Response:
    """Approve what stands in the box: a text that was changed becomes a revision first, and that one is approved."""
    plain = casework.lines(text)

    def doing() -> None:
        approved = revision
        if casework.changed(at, case_id, revision, plain):
            approved = reviewing.save(at.store, at.actor, case_id, plain, based_on=revision, now=at.now).revision
        reviewing.approve(at.store, at.actor, case_id, approved, at.now, overrule=overrule.strip())

    return _decide(at, case_id, doing, plain)


@router.post("/save")
def save(at: Acting, case_id: int, revision: Number, text: Text = "") -> Response:
    """Keep what stands in the box as a new revision."""
    plain = casework.lines(text)
    return _decide(
        at, case_id, lambda: reviewing.save(at.store, at.actor, case_id, plain, based_on=revision, now=at.now), plain
    )


@router.post("/undo")
def undo(at: Acting, case_id: int) -> Response:
    """Take an approval back before it is sent."""
    return _decide(at, case_id, lambda: reviewing.undo(at.store, at.actor, case_id, now=at.now))


@router.post("/ask-again")
def ask_again(at: Acting, case_id: int, reason: Text = "", other: Text = "", text: Text = "") -> Response:
    """Have another draft written, with a reason."""
    why = other.strip() or reason
    return _decide(
        at, case_id, lambda: reviewing.reject(at.store, at.actor, case_id, reason=why, now=at.now), text or None
    )


@router.post("/dismiss")
def dismiss(at: Acting, case_id: int, reason: Text = "", other: Text = "", text: Text = "") -> Response:
    """Close a case without an answer, with a reason."""
    why = other.strip() or reason
    return _decide(
        at, case_id, lambda: reviewing.dismiss(at.store, at.actor, case_id, reason=why, now=at.now), text or None
    )


@router.post("/escalate")
def escalate(at: Acting, case_id: int, question: Text = "", text: Text = "") -> Response:
    """Ask the owner what went wrong and what is being fixed."""
    return _decide(
        at,
        case_id,
        lambda: reviewing.escalate(at.store, at.actor, case_id, question=question, now=at.now),
        text or None,
    )


@router.post("/take-back")
def take_back(at: Acting, case_id: int) -> Response:
    """Take an escalated case back."""
    return _decide(at, case_id, lambda: reviewing.take_back(at.store, at.actor, case_id, now=at.now))


@router.post("/owner-answer")
def owner_answer(at: Acting, case_id: int, answer: Text = "") -> Response:
    """Give the owner's answer; a new draft is written with it."""
    return _decide(
        at, case_id, lambda: reviewing.owner_answer(at.store, at.actor, case_id, answer=answer, now=at.now), answer
    )


@router.post("/by-hand")
def by_hand(at: Acting, case_id: int, link: Text = "", text: Text = "") -> Response:
    """Record that a person answered on the platform themselves."""
    return _decide(
        at,
        case_id,
        lambda: reviewing.answered_by_hand(at.store, at.actor, case_id, link=link.strip(), now=at.now),
        text or None,
    )


@router.post("/back-to-review")
def back_to_review(at: Acting, case_id: int) -> Response:
    """Look again at a reply that was not sent."""
    return _decide(at, case_id, lambda: reviewing.back_to_review(at.store, at.actor, case_id, now=at.now))


@router.post("/correct")
def correct(at: Acting, case_id: int) -> Response:
    """Begin a correction of what was sent."""
    return _decide(at, case_id, lambda: reviewing.correct(at.store, at.actor, case_id, now=at.now))


@router.post("/withdraw")
def withdraw(at: Acting, case_id: int, reason: Text = "") -> Response:
    """Begin to withdraw what was sent."""
    return _decide(at, case_id, lambda: reviewing.withdraw(at.store, at.actor, case_id, reason=reason, now=at.now))


@router.post("/resolve")
def resolve(at: Acting, case_id: int, outcome: Text = "") -> Response:
    """Close a case with what became of the customer."""
    return _decide(at, case_id, lambda: reviewing.resolve(at.store, at.actor, case_id, outcome=outcome, now=at.now))


__all__ = ["Finding", "router"]
