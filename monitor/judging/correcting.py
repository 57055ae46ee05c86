"""Use case: take a person's word on a post beside the judge's. It counts for that brand alone, and can be taken back.

How strongly a post is put and what it is about weigh in its case at once, and the case of a question becomes a
complaint's where a person says so. That it is none moves nothing: the case stays where it is until a person decides.
A word on what its author has changed since counts no more. The brand's layer learns from many (`monitor.judging.teaching`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Required, TypedDict, Unpack

from monitor import assessment, weighing
from monitor.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from monitor.domain.lexicon import TOPICS
from monitor.domain.lifecycle import Action, Actor, By, may
from monitor.domain.records import Kind, Severity
from monitor.store import cases, corrections, events, mentions, rechecks, samples
from monitor.store.cases import CaseRow
from monitor.store.corrections import CorrectionRow
from monitor.store.engine import Store, Work
from monitor.store.mentions import MentionRow

TOPIC_NAMES = (*TOPICS, "other")
GIVEN_IN = ("queue", "case", "check", "api")

_Word = tuple[bool | None, int | None, tuple[str, ...] | None]
_SAID = ("is_complaint", "severity", "topics")
_NOTHING: _Word = (None, None, None)


class Said(TypedDict, total=False):
    """What a person says of a post, and where. What is left out stays as it was said before."""

    is_complaint: bool | None
    severity: int | None
    topics: Sequence[str] | None
    given_in: Required[str]


def correct(store: Store, actor: Actor, mention_id: int, now: datetime, **told: Unpack[Said]) -> int:
    """Take down what a person says of a post and return the correction's id: see `say`."""
    with store.unit_of_work(durable=True) as work:
        return say(work, actor, mention_id, now, **told)


def this_is_one(store: Store, actor: Actor, mention_id: int, now: datetime, *, given_in: str) -> int:
    """Take a person's word that a post set aside is a complaint, open its case, and return the case's id: both or none.

    Raises as `say`, and `Conflict` when a case has the post already.
    """
    with store.unit_of_work(durable=True) as work:
        say(work, actor, mention_id, now, is_complaint=True, given_in=given_in)
        return assessment.open_found(work, actor, mention_id, now)


def say(work: Work, actor: Actor, mention_id: int, now: datetime, **told: Unpack[Said]) -> int:
    """Take down what a person says of a post, in the transaction of `work`, and return the correction's id.

    Saying the same again changes nothing. Raises `NotFound` for a post that is gone, `NotAllowed` for an observer or a
    worker, and `BadInput` naming the field that cannot be.
    """
    needs_hands(actor)
    said = told.get("is_complaint"), told.get("severity"), _topics(told.get("topics"))
    if said == _NOTHING:
        message = "Say what is wrong: whether it is a complaint, how strongly it is put, or what it is about."
        raise BadInput(message, where="is_complaint")
    if told["given_in"] not in GIVEN_IN:
        message = f"A correction is given in one of {', '.join(GIVEN_IN)}."
        raise BadInput(message, where="given_in")
    case, row = _held(work, mention_id), _post(work, mention_id)
    standing, verdict = corrections.standing_of(work, mention_id), mentions.latest_verdict(work, mention_id)
    word = _whole(said, standing, judged=bool(verdict and verdict.is_complaint))
    samples.answered(work, [mention_id] if word[0] is not None else [], now)
    if standing is not None and standing.word == word:
        return standing.id
    values: dict[str, Any] = dict(zip(_SAID, word, strict=True))
    by = {"user_id": actor.user_id, "judged_by": verdict.version if verdict else "", "given_in": told["given_in"]}
    made = corrections.add(work, row.brand_id, mention_id, now, **values | by)
    _weigh(work, case, standing, word, now)
    data = {"mention": mention_id, "correction": made, **values}
    events.record(work, "correction", row.brand_id, actor, now, case_id=case.id if case else None, data=data)
    return made


def undo(store: Store, actor: Actor, correction_id: int, now: datetime) -> None:
    """Take a correction back, one's own or a colleague's; the one before it counts again, and a check waits again.

    Raises `NotFound`, `NotAllowed`, and `Conflict` when it was taken back already.
    """
    needs_hands(actor)
    with store.unit_of_work(durable=True) as work:
        row = corrections.get(work, correction_id)
        if row is None:
            message = f"There is no correction number {correction_id}."
            raise NotFound(message)
        case, before = _held(work, row.mention_id), corrections.standing_of(work, row.mention_id)
        if not corrections.undo(work, correction_id, now):
            message = "This correction was taken back already. Nothing was changed."
            raise Conflict(message)
        after = corrections.standing_of(work, row.mention_id)
        if after is None or after.is_complaint is None:
            samples.ask_again(work, row.mention_id)
        _weigh(work, case, before, after.word if after else _NOTHING, now)
        told = {"mention": row.mention_id, "correction": row.id}
        case_id = case.id if case else None
        events.record(work, "correction_undone", row.brand_id, actor, now, case_id=case_id, data=told)


def _held(work: Work, mention_id: int) -> CaseRow | None:
    """Return a post's case. Both are kept from all others until this transaction ends, the post first as everywhere."""
    rechecks.words_of(work, [mention_id])
    case_id = mentions.case_of(work, mention_id)
    return cases.get(work, case_id, lock=True) if case_id is not None else None


def _weigh(work: Work, case: CaseRow | None, before: CorrectionRow | None, word: _Word, now: datetime) -> None:
    """Let a word weigh in the post's case, where it says something new of what the case's place follows from."""
    put_anew = word[1:] != (before.word if before else _NOTHING)[1:]
    if case is not None and (put_anew or (word[0] and case.kind is not Kind.COMPLAINT)):
        weighing.weigh_word(work, case.id, now)


def needs_hands(actor: Actor) -> None:
    """Let a person through who may decide about cases. Raises `NotAllowed`."""
    if actor.by is not By.PERSON or not may(actor, Action.DISMISS):
        message = f"A {str(actor.role or actor.by).replace('_', ' ')} corrects nothing."
        raise NotAllowed(message)


def _post(work: Work, mention_id: int) -> MentionRow:
    rows = mentions.get_many(work, [mention_id])
    if not rows or rows[0].text is None:
        message = f"There is no mention number {mention_id}, or its author deleted it."
        raise NotFound(message)
    return rows[0]


def _topics(named: Sequence[str] | None) -> tuple[str, ...] | None:
    if named is None:
        return None
    unknown = [name for name in named if name not in TOPIC_NAMES]
    if unknown or not named:
        message = f"A post is about one or more of {', '.join(TOPIC_NAMES)}."
        raise BadInput(message, where="topics")
    return tuple(name for name in TOPIC_NAMES if name in named and (name != "other" or len(set(named)) == 1))


def _whole(said: _Word, standing: CorrectionRow | None, *, judged: bool) -> _Word:
    """Return all that is said of a post by now. How strongly a complaint is put is nothing to say of other posts."""
    before = standing.word if standing else _NOTHING
    is_complaint = before[0] if said[0] is None else said[0]
    severity = before[1] if said[1] is None else said[1]
    topics = before[2] if said[2] is None else said[2]
    unhappy = judged if is_complaint is None else is_complaint
    if said[1] is not None and (not unhappy or said[1] not in set(Severity)):
        message = "How strongly it is put (0 to 3) is said of complaints only: say first that it is one."
        raise BadInput(message, where="severity")
    return is_complaint, severity if unhappy else None, topics
