"""Use case: what a person decides about a case. Each decision is one durable transaction.

Every function takes the store, who acts, the case and the time, and returns the case as it stands afterwards. They
raise `NotFound`, `NotAllowed` (role), `Conflict` (it moved on, or the bar blocks) and `BadInput`, and then nothing
has changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from monitor.domain.errors import BadInput, Conflict, NotAllowed
from monitor.domain.lifecycle import OVERRULERS, Action, Actor, By, CaseState, next_state
from monitor.store import accounts, brands, cases, drafts, mentions, publications
from monitor.store.cases import CaseRow
from monitor.store.drafts import DraftRow
from monitor.store.engine import Store, Work
from responders import bar, costs
from responders.case_view import CaseView, case_view, reading
from responders.drafting import brief_for, finding_rows
from responders.ports import Finding, Level, Purpose
from responders.publishers import DRY_RUN
from responders.replying import why_by_hand

__all__ = [
    "CaseView",
    "answered_by_hand",
    "approve",
    "back_to_review",
    "case_view",
    "check_text",
    "correct",
    "dismiss",
    "escalate",
    "owner_answer",
    "reject",
    "resolve",
    "save",
    "take_back",
    "undo",
    "withdraw",
]

OUTCOMES = ("recovered", "still_unhappy", "silent", "deleted", "private")
_MAX_TEXT = 20_000
_MAX_REASON = 500


@contextmanager
def _deciding(store: Store, case_id: int) -> Iterator[tuple[Work, CaseRow]]:
    with store.unit_of_work(durable=True) as work:
        yield work, cases.get(work, case_id, lock=True)


def _person(actor: Actor) -> int:
    if actor.by is not By.PERSON or actor.user_id is None:
        message = "Only a signed-in person decides what is said."
        raise NotAllowed(message)
    return actor.user_id


def _reason(words: str, what: str) -> str:
    words = words.strip()
    if not words:
        message = f"Say {what}: a sentence is enough."
        raise BadInput(message, where="reason")
    if len(words) > _MAX_REASON:
        message = f"That is {len(words):,} characters; at most {_MAX_REASON} are kept. Shorten it."
        raise BadInput(message, where="reason")
    return words


def _checked(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text:
        message = "The reply is empty. Nothing was saved."
        raise BadInput(message, where="text")
    if len(text) > _MAX_TEXT:
        message = f"The reply has {len(text):,} characters; no platform takes more than {_MAX_TEXT:,}."
        raise BadInput(message, where="text")
    return text


# --- the text -----------------------------------------------------------------------------------------------------


def check_text(store: Store, case_id: int, text: str, now: datetime | None = None) -> tuple[Finding, ...]:
    """Hold a text against the bar without saving it."""
    with store.reading() as work:
        case = cases.get(work, case_id)
        purpose = _purpose(drafts.current(work, case_id))
        return _findings(work, case, text, purpose, now or case.changed_at)


def _purpose(draft: DraftRow | None) -> Purpose:
    return Purpose(draft.purpose) if draft else Purpose.ANSWER


def _findings(work: Work, case: CaseRow, text: str, purpose: Purpose, now: datetime) -> tuple[Finding, ...]:
    """Return what the bar says; a withdrawal says nothing new, so there is nothing to check."""
    if purpose is Purpose.WITHDRAW:
        return ()
    told = drafts.told_others(work, case.brand_id, case.id)
    brief = brief_for(work, case, brands.get(work, case.brand_id), now, told=told)
    return (*bar.check(text, brief), *_price(work, case, brief.platform, text))


def _price(work: Work, case: CaseRow, platform: str, text: str) -> Iterator[Finding]:
    """Say what a reply costs before it is approved, where a link makes it dear."""
    account = accounts.answering(work, case.brand_id, platform)
    said = costs.advice(platform, text) if account and account.publisher != DRY_RUN else ""
    if said:
        yield Finding("price", Level.ADVISE, said, "Leave the link out, if the customer does not need it.")


def save(
    store: Store,
    actor: Actor,
    case_id: int,
    text: str,
    *,
    based_on: int,
    now: datetime,
    posts_read: int | None = None,
) -> CaseRow:
    """Keep a person's text as a new revision. `based_on` is the revision they had before them (0: none).

    `posts_read` is `reading` of the posts they had before them: a text answers only what its writer read.
    """
    text, user_id = _checked(text), _person(actor)
    with _deciding(store, case_id) as (work, case):
        _same_revision(case, based_on)
        _same_posts(work, case, posts_read)
        return _new_revision(work, case, actor, text, now, user_id=user_id)


def _same_posts(work: Work, case: CaseRow, posts_read: int | None) -> None:
    if posts_read is None:
        return
    if posts_read != reading(mentions.get_many(work, cases.mentions_of(work, case.id))):
        message = (
            "The customer wrote again, or changed a post, after you opened this. Your text was not saved: read it."
        )
        raise Conflict(message)


def _same_revision(case: CaseRow, based_on: int) -> None:
    if case.revision != based_on:
        message = (
            f"There is a newer revision ({case.revision}) than the one you read ({based_on}). "
            "Your text was not saved: compare, then save again."
        )
        raise Conflict(message)


def _new_revision(
    work: Work, case: CaseRow, actor: Actor, text: str, now: datetime, *, user_id: int, note: str = ""
) -> CaseRow:
    action = Action.WRITE if case.state is CaseState.OPEN else Action.EDIT
    purpose = _purpose(drafts.current(work, case.id)) if action is Action.EDIT else Purpose.ANSWER
    changes = _revise(work, case, text, purpose, now, user_id=user_id, note=note)
    return cases.transition(work, case.id, action, actor, now, **changes)


def _revise(
    work: Work, case: CaseRow, text: str, purpose: Purpose, now: datetime, *, user_id: int, note: str = ""
) -> dict[str, Any]:
    """Append a revision with its findings and return what changes on the case."""
    number = case.revision + 1
    draft_id = drafts.add(
        work,
        case.id,
        revision=number,
        purpose=purpose,
        mention_id=case.latest_mention_id,
        text=text,
        lang=case.lang,
        now=now,
        user_id=user_id,
        note=note,
    )
    drafts.add_findings(work, draft_id, finding_rows(_findings(work, case, text, purpose, now)))
    return {"revision": number, "draft_stale": False, "draft_wanted": False, "draft_claimed_until": None}


# --- the decision ---------------------------------------------------------------------------------------------------


def approve(store: Store, actor: Actor, case_id: int, revision: int, now: datetime, *, overrule: str = "") -> CaseRow:
    """Approve exactly the revision that was read; it is sent when the undo window has passed.

    A delicate case takes two people: the first approval waits for the second. A blocking finding raises `Conflict`
    unless a lead overrules it with a reason.
    """
    user_id = _person(actor)
    with _deciding(store, case_id) as (work, case):
        next_state(case.state, Action.APPROVE, actor)
        draft = _read_revision(work, case, revision)
        by_hand = why_by_hand(work, case, Purpose(draft.purpose))
        if by_hand:  # a lead overrules the bar, nobody a platform or a person who wants no answer
            message = f"Not approved. {by_hand}"
            raise Conflict(message)
        overruled = _over_the_bar(work, case, draft, actor, overrule, now)
        reviews = drafts.standing_reviews(work, draft.id)
        others = {one.user_id for one in reviews if one.decision == "first_approve"}
        decision = "approve" if not case.delicate or others - {user_id} else "first_approve"
        if decision == "first_approve" and user_id in others:
            message = "You have approved this one. It is delicate: another person must approve it too."
            raise Conflict(message)
        drafts.add_review(work, draft, user_id, decision, now, reason=overrule.strip(), overruled=overruled)
        if decision == "first_approve":
            return cases.transition(work, case_id, Action.FIRST_APPROVE, actor, now, data={"revision": revision})
        undo = brands.get(work, case.brand_id).undo
        return cases.transition(
            work,
            case_id,
            Action.APPROVE,
            actor,
            now,
            data={"revision": revision},
            send_after=now + undo,
            claimed_by=None,
            claimed_until=None,
        )


def _read_revision(work: Work, case: CaseRow, revision: int) -> DraftRow:
    draft = drafts.current(work, case.id)
    if draft is None or draft.text is None:
        message = "There is no text to approve: write the reply first."
        raise Conflict(message)
    if draft.revision != revision:
        message = (
            f"Revision {draft.revision} is newer than the one you read ({revision}). Nothing was approved: read it."
        )
        raise Conflict(message)
    if case.draft_stale or draft.mention_id != case.latest_mention_id:
        message = "The customer wrote again after this was drafted. Read it, then save the reply anew."
        raise Conflict(message)
    return draft


def _over_the_bar(work: Work, case: CaseRow, draft: DraftRow, actor: Actor, overrule: str, now: datetime) -> str:
    """Return the blocking rules a lead overrules, "" when there are none; raises `Conflict` when they stop it."""
    found = _findings(work, case, draft.text or "", Purpose(draft.purpose), now)
    blocking = [one for one in found if one.level is Level.BLOCK]
    if not blocking:
        return ""
    if actor.role in OVERRULERS and overrule.strip():
        return ", ".join(dict.fromkeys(one.rule for one in blocking))
    told = " ".join(one.why for one in blocking)
    way = "Change the text, or say why it must go out all the same." if actor.role in OVERRULERS else "Change the text."
    message = f"Not approved. {told} {way}"
    raise Conflict(message)


def undo(store: Store, actor: Actor, case_id: int, now: datetime) -> CaseRow:
    """Take an approval back before it is sent."""
    _person(actor)
    with _deciding(store, case_id) as (work, _case):
        moved = cases.transition(work, case_id, Action.UNDO, actor, now, send_after=None)
        publications.call_off(work, case_id, now)
        drafts.end_reviews(work, case_id)
        return moved


def reject(store: Store, actor: Actor, case_id: int, reason: str, now: datetime) -> CaseRow:
    """Send a draft back and ask for another one, saying what should be different."""
    reason, user_id = _reason(reason, "what should be different"), _person(actor)
    with _deciding(store, case_id) as (work, case):
        next_state(case.state, Action.REJECT, actor)
        draft = drafts.current(work, case_id)
        if draft is not None and draft.purpose != Purpose.ANSWER:  # a new draft would be a second answer beside it
            message = (
                "Only an answer is drafted again. Change this one yourself, or dismiss it: what was sent then stays."
            )
            raise Conflict(message)
        if draft is not None:
            drafts.end_reviews(work, case_id)
            drafts.add_review(work, draft, user_id, "reject", now, reason=reason)
        fresh: dict[str, Any] = {"draft_wanted": True, "draft_attempts": 0, "draft_claimed_until": None}
        return cases.transition(work, case_id, Action.REJECT, actor, now, **fresh)


def dismiss(store: Store, actor: Actor, case_id: int, reason: str, now: datetime) -> CaseRow:
    """Close a case without a reply, with a reason."""
    reason = _reason(reason, "why nobody needs to answer")
    _person(actor)
    with _deciding(store, case_id) as (work, _case):
        ended: dict[str, Any] = {"close_reason": reason, "send_after": None, "draft_wanted": False}
        moved = cases.transition(work, case_id, Action.DISMISS, actor, now, **ended)
        publications.call_off(work, case_id, now)
        drafts.end_reviews(work, case_id)
        return moved


def escalate(store: Store, actor: Actor, case_id: int, question: str, now: datetime) -> CaseRow:
    """Ask the owner of the cause what went wrong ("?"). The reply-by stays."""
    question, user_id = question.strip()[:_MAX_REASON] or "?", _person(actor)
    with _deciding(store, case_id) as (work, _case):
        cases.ask_owner(work, case_id, question, user_id, now)
        return cases.transition(work, case_id, Action.ESCALATE, actor, now, draft_wanted=False)


def take_back(store: Store, actor: Actor, case_id: int, now: datetime) -> CaseRow:
    """Take an escalated case back to the desk."""
    _person(actor)
    with _deciding(store, case_id) as (work, case):
        return _reopen(work, case, Action.TAKE_BACK, actor, now)


def owner_answer(store: Store, actor: Actor, case_id: int, answer: str, now: datetime) -> CaseRow:
    """Keep what the owner said and draft again with it."""
    answer, user_id = _reason(answer, "what the owner found out"), _person(actor)
    with _deciding(store, case_id) as (work, case):
        cases.answer_owner(work, case_id, answer, user_id, now)
        return _reopen(work, case, Action.OWNER_ANSWER, actor, now)


def _reopen(work: Work, case: CaseRow, action: Action, actor: Actor, now: datetime) -> CaseRow:
    fresh: dict[str, Any] = {"draft_wanted": True, "draft_attempts": 0, "draft_claimed_until": None}
    return cases.transition(work, case.id, action, actor, now, **fresh)


def answered_by_hand(store: Store, actor: Actor, case_id: int, link: str, now: datetime) -> CaseRow:
    """Record that a person answered on the platform itself, with the link to their answer."""
    link = link.strip()
    if not _is_web_address(link) or len(link) > 2000:
        message = "Give the link to the answer, beginning with https://."
        raise BadInput(message, where="link")
    _person(actor)
    with _deciding(store, case_id) as (work, _case):
        ended: dict[str, Any] = {"answer_url": link, "draft_wanted": False, "draft_claimed_until": None}
        return cases.transition(work, case_id, Action.ANSWER_BY_HAND, actor, now, **ended)


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:  # half an IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def back_to_review(store: Store, actor: Actor, case_id: int, now: datetime) -> CaseRow:
    """Take a reply that the platform refused back to the desk."""
    _person(actor)
    with _deciding(store, case_id) as (work, _case):
        return cases.transition(work, case_id, Action.BACK_TO_REVIEW, actor, now)


# --- after it was sent ------------------------------------------------------------------------------------------------


def correct(store: Store, actor: Actor, case_id: int, now: datetime) -> CaseRow:
    """Open a correction of what was sent: the same text as a new revision, to be edited and reviewed."""
    return _after_sent(store, actor, case_id, Action.CORRECT, Purpose.CORRECT, now)


def withdraw(store: Store, actor: Actor, case_id: int, reason: str, now: datetime) -> CaseRow:
    """Ask for a sent reply to be taken down; reviewed like a reply."""
    reason = _reason(reason, "why it must be taken down")
    return _after_sent(store, actor, case_id, Action.WITHDRAW, Purpose.WITHDRAW, now, note=reason)


def _after_sent(
    store: Store, actor: Actor, case_id: int, action: Action, purpose: Purpose, now: datetime, note: str = ""
) -> CaseRow:
    user_id = _person(actor)
    with _deciding(store, case_id) as (work, case):
        next_state(case.state, action, actor)
        there = publications.standing(work, case_id)
        if not there:
            by_hand = "This case was answered by hand: change it on the platform itself."
            message = (
                by_hand if case.answer_url else "The reply was taken down already: there is nothing left to change."
            )
            raise Conflict(message)
        said = drafts.by_id(work, there[-1].draft_id)
        changes = _revise(work, case, said.text or "", purpose, now, user_id=user_id, note=note)
        return cases.transition(work, case_id, action, actor, now, **changes)


def resolve(store: Store, actor: Actor, case_id: int, outcome: str, now: datetime) -> CaseRow:
    """Close a case that was answered, with what became of it."""
    if outcome not in OUTCOMES:
        message = f"An outcome is one of: {', '.join(OUTCOMES)}."
        raise BadInput(message, where="outcome")
    _person(actor)
    with _deciding(store, case_id) as (work, _case):
        cases.add_outcome(work, case_id, outcome, now)
        return cases.transition(work, case_id, Action.RESOLVE, actor, now)
