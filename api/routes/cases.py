"""Cases: the queue, one case whole, and every decision about it."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from api.auth import at_the_desk
from api.routes.base import (
    ApiRoute,
    Brand,
    Given,
    Here,
    Id,
    Limit,
    Page,
    Who,
    Writer,
    brand_called,
    may_fail,
    paged,
    write_may_fail,
)
from api.routes.shapes import CaseLine, CaseOut, CaseWhole, FindingOut
from monitor.domain.errors import Conflict
from monitor.store import cases
from monitor.store.cases import CaseRow
from responders import replying, reviewing
from responders.case_view import CaseView
from responders.ports import Finding

router = APIRouter(prefix="/cases", tags=["cases"], route_class=ApiRoute)
WRITES = write_may_fail(404)


class Tab(StrEnum):
    """Which part of the desk."""

    COMPLAINTS = "complaints"
    OTHERS = "others"
    ESCALATED = "escalated"


class Text(Given):
    """A reply as written so far."""

    text: str = Field(
        max_length=50_000, description="The reply.", examples=["Maria, we lost your parcel. We are sorry."]
    )


class Saved(Text):
    """A reply to keep as a new revision."""

    based_on: int = Field(ge=0, description="The revision it was edited from; 0 when there was none.")


class Approval(Given):
    """Which revision is approved."""

    revision: int = Field(ge=1, description="The revision that was read.")
    overrule: str = Field("", max_length=2000, description="A lead's reason for sending it over a blocking finding.")


class Reason(Given):
    """Why."""

    reason: str = Field(max_length=2000, description="In a sentence.", examples=["Solved by phone."])


class Question(Given):
    """A "?" to whoever is responsible."""

    question: str = Field(max_length=2000, examples=["What happened to the parcels of 3 March?"])


class Answer(Given):
    """What went wrong, and what is being done."""

    answer: str = Field(max_length=2000)


class Link(Given):
    """Where the answer can be seen."""

    link: str = Field(max_length=2000, examples=["https://social.example/@acme/1"])


class Outcome(Given):
    """How it ended."""

    outcome: str = Field(max_length=40, description="recovered, still_unhappy, silent, deleted or private.")


@router.get("", response_model=Page[CaseLine], responses=may_fail(404), summary="The queue")
def queue(
    here: Here,
    _who: Who,
    tab: Tab = Tab.COMPLAINTS,
    brand: Brand = None,
    after: Annotated[str, Query(pattern=r"^(\d{1,40}-\d{1,18})?$", description="`next` of the page before.")] = "",
    limit: Limit = 50,
) -> Any:
    """Return cases in the order they are due: earliest reply-by first."""
    with here.store.reading() as work:
        one = brand_called(work, brand)
        rows = cases.desk(work, tab, brand_id=one.id if one else None, after=after, limit=limit + 1)
    return paged(rows, limit, lambda row: str(row.cursor))


@router.get("/{case_id}", response_model=CaseWhole, responses=may_fail(404), summary="One case, whole")
def whole(here: Here, who: Who, case_id: Id) -> CaseView:
    """Return everything a person needs to see to decide about a case."""
    return reviewing.case_view(here.store, who.actor, case_id, here.now)


@router.post("/{case_id}/check", responses=WRITES, summary="Check a text")
def check(here: Here, _who: Writer, case_id: Id, body: Text) -> list[FindingOut]:
    """Hold a text against the bar. Nothing is written."""
    return [_found(one) for one in reviewing.check_text(here.store, case_id, body.text, here.now)]


def _found(one: Finding) -> FindingOut:
    start, end = one.span or (None, None)
    return FindingOut(rule=one.rule, level=one.level, start=start, end=end, why=one.why, fix=one.fix)


@router.post("/{case_id}/save", response_model=CaseOut, responses=WRITES, summary="Save a reply")
def save(here: Here, who: Writer, case_id: Id, body: Saved) -> CaseRow:
    """Keep a text as a new revision; 409 when a colleague saved one meanwhile."""
    return reviewing.save(here.store, who.actor, case_id, body.text, based_on=body.based_on, now=here.now)


@router.post("/{case_id}/approve", response_model=CaseOut, responses=WRITES, summary="Approve a revision")
def approve(here: Here, who: Writer, case_id: Id, body: Approval) -> CaseRow:
    """Approve exactly this revision. Only a person at a browser can: an API token gets 403."""
    actor = at_the_desk(who).actor
    return reviewing.approve(here.store, actor, case_id, body.revision, here.now, overrule=body.overrule)


@router.post("/{case_id}/undo", response_model=CaseOut, responses=WRITES, summary="Undo an approval")
def undo(here: Here, who: Writer, case_id: Id) -> CaseRow:
    """Take an approval back before the reply is sent."""
    return reviewing.undo(here.store, who.actor, case_id, here.now)


@router.post("/{case_id}/reject", response_model=CaseOut, responses=WRITES, summary="Ask for another draft")
def reject(here: Here, who: Writer, case_id: Id, body: Reason) -> CaseRow:
    """Send a draft back, saying what should be different. A review like an approval: an API token gets 403."""
    return reviewing.reject(here.store, at_the_desk(who).actor, case_id, body.reason, here.now)


@router.post("/{case_id}/dismiss", response_model=CaseOut, responses=WRITES, summary="Close without a reply")
def dismiss(here: Here, who: Writer, case_id: Id, body: Reason) -> CaseRow:
    """Close a case that needs no reply, with the reason."""
    return reviewing.dismiss(here.store, who.actor, case_id, body.reason, here.now)


@router.post("/{case_id}/opt-out", response_model=CaseOut, responses=WRITES, summary="Do not answer this person")
def opt_out(here: Here, who: Writer, case_id: Id, body: Reason) -> CaseRow:
    """Write down that the customer wants no answer from this brand: nothing more is drafted for or sent to them."""
    return replying.opt_out(here.store, who.actor, case_id, body.reason, here.now)


@router.post("/{case_id}/escalate", response_model=CaseOut, responses=WRITES, summary="Ask the owner")
def escalate(here: Here, who: Writer, case_id: Id, body: Question) -> CaseRow:
    """Send a "?" to whoever must say what went wrong. The reply-by stays."""
    return reviewing.escalate(here.store, who.actor, case_id, body.question, here.now)


@router.post("/{case_id}/take-back", response_model=CaseOut, responses=WRITES, summary="Take an escalated case back")
def take_back(here: Here, who: Writer, case_id: Id) -> CaseRow:
    """Go on without the owner's answer."""
    return reviewing.take_back(here.store, who.actor, case_id, here.now)


@router.post("/{case_id}/owner-answer", response_model=CaseOut, responses=WRITES, summary="Record the owner's answer")
def owner_answer(here: Here, who: Writer, case_id: Id, body: Answer) -> CaseRow:
    """Keep what the owner said; a new draft is made with it."""
    return reviewing.owner_answer(here.store, who.actor, case_id, body.answer, here.now)


@router.post("/{case_id}/answered-by-hand", response_model=CaseOut, responses=WRITES, summary="Answered elsewhere")
def answered_by_hand(here: Here, who: Writer, case_id: Id, body: Link) -> CaseRow:
    """Record that a person answered on the platform itself."""
    return reviewing.answered_by_hand(here.store, who.actor, case_id, body.link, here.now)


@router.post("/{case_id}/back-to-review", response_model=CaseOut, responses=WRITES, summary="Review again")
def back_to_review(here: Here, who: Writer, case_id: Id) -> CaseRow:
    """Take a case whose sending failed back to review."""
    return reviewing.back_to_review(here.store, who.actor, case_id, here.now)


@router.post("/{case_id}/correct", response_model=CaseOut, responses=WRITES, summary="Correct what was sent")
def correct(here: Here, who: Writer, case_id: Id) -> CaseRow:
    """Open a correction of a reply that is out, for review."""
    return reviewing.correct(here.store, who.actor, case_id, here.now)


@router.post("/{case_id}/withdraw", response_model=CaseOut, responses=WRITES, summary="Withdraw what was sent")
def withdraw(here: Here, who: Writer, case_id: Id, body: Reason) -> CaseRow:
    """Open the withdrawal of a reply that is out, for review."""
    return reviewing.withdraw(here.store, who.actor, case_id, body.reason, here.now)


@router.post("/{case_id}/resolve", response_model=CaseOut, responses=WRITES, summary="Close with an outcome")
def resolve(here: Here, who: Writer, case_id: Id, body: Outcome) -> CaseRow:
    """Close a case that was answered, saying how it ended."""
    return reviewing.resolve(here.store, who.actor, case_id, body.outcome, here.now)


@router.post("/{case_id}/claim", response_model=CaseOut, responses=WRITES, summary="I am on it")
def claim(here: Here, who: Writer, case_id: Id) -> CaseRow:
    """Tell colleagues that you are on it, for ten minutes; 409 while one of them is."""
    with here.store.unit_of_work() as work:
        cases.get(work, case_id)
        if not cases.take(work, case_id, who.user.id, here.now):
            message = "A colleague is on this case. Nothing was changed."
            raise Conflict(message)
        return cases.get(work, case_id)


@router.post("/{case_id}/release", response_model=CaseOut, responses=WRITES, summary="I am no longer on it")
def release(here: Here, who: Writer, case_id: Id) -> CaseRow:
    """Give a claim back; another's claim stays."""
    with here.store.unit_of_work() as work:
        cases.let_go(work, case_id, who.user.id)
        return cases.get(work, case_id)
