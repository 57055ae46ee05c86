"""Use case: follow what authors do with their posts. A post that is gone is forgotten; an edited one is read anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from monitor.domain.lifecycle import LIVE, TRANSITIONS, Action, Actor, CaseState
from monitor.domain.rechecks import same_words
from monitor.domain.records import Post
from monitor.store import cases, drafts, events, ledger, mentions, publications, rechecks
from monitor.store.cases import CaseRow
from monitor.store.engine import Work
from monitor.store.mentions import MentionRow

_FOLLOWS = Actor.worker("follow")
UNDER_WAY = frozenset({CaseState.PUBLISHING, CaseState.UNCERTAIN})
DELETED = "its author deleted the post"
HIDDEN = "the post is no longer public"


def forget(
    work: Work, brand_id: int, platform: str, external_ids: Sequence[str], now: datetime, why: str = DELETED
) -> int:
    """Purge the posts of these ids that are stored and still there, and let their cases go on; returns how many.

    A tombstone of ids and digests stays, so that a post that arrives again is known for gone.
    """
    ids = rechecks.hold(work, brand_id, platform, external_ids)
    for mention_id in ids:
        ledger.purge(work, mention_id, now)
        case = _case_of(work, mention_id)
        told: dict[str, Any] = {"case_id": case.id if case else None, "data": {"mention": mention_id}}
        events.record(work, "gone", brand_id, _FOLLOWS, now, **told)
        if case is not None:
            go_on(work, case, why, _FOLLOWS, now)
    return len(ids)


def _case_of(work: Work, mention_id: int) -> CaseRow | None:
    """Return the case of a mention, locked before anything that refers to it is written."""
    case_id = mentions.case_of(work, mention_id)
    return cases.get(work, case_id, lock=True) if case_id is not None else None


def go_on(work: Work, case: CaseRow, why: str, actor: Actor, now: datetime) -> CaseRow:
    """Let a case go on with the posts that are still there: the newest of them is the one to answer.

    An approved reply is taken off the way; with no post left the case ends, with `why`. A reply that is on its way
    ends first: whoever records its end calls this again.
    """
    newest = _newest(work, case)
    if newest is None:
        return _end(work, case, why, actor, now)
    draft = drafts.current(work, case.id)
    stale = draft is not None and (draft.text is None or draft.mention_id != newest.id)
    changes: dict[str, Any] = {"latest_mention_id": newest.id}
    if case.state is CaseState.APPROVED:
        changes |= _halted(work, case, now) | {"draft_stale": stale or case.draft_stale}
        return cases.transition(work, case.id, Action.UNDO, actor, now, data={"why": why}, **changes)
    if case.state in UNDER_WAY:
        changes |= {"opens_again": case.opens_again and (draft is None or newest.id != draft.mention_id)}
    elif case.state in LIVE:
        changes |= {"draft_stale": stale or case.draft_stale}
    if case.state is CaseState.OPEN:
        changes |= _drafted_anew()
    return cases.weigh(work, case, now, **changes)


def _newest(work: Work, case: CaseRow) -> MentionRow | None:
    """Return the post to answer: the one chosen before while it is there, else the newest."""
    there = [one for one in mentions.get_many(work, cases.mentions_of(work, case.id)) if one.gone_at is None]
    chosen = next((one for one in there if one.id == case.latest_mention_id), None)
    return chosen or max(there, key=lambda one: (one.written_at or one.stored_at, one.id), default=None)


def _end(work: Work, case: CaseRow, why: str, actor: Actor, now: datetime) -> CaseRow:
    if case.state in UNDER_WAY:
        return cases.weigh(work, case, now, opens_again=False)
    if case.state in LIVE:
        ended = _halted(work, case, now) | {"close_reason": why, "draft_wanted": False, "draft_claimed_until": None}
        return cases.transition(work, case.id, Action.GONE, actor, now, **ended)
    if case.state is CaseState.REPLIED:
        cases.add_outcome(work, case.id, "deleted", now)
    return case


def _halted(work: Work, case: CaseRow, now: datetime) -> dict[str, Any]:
    """End the approvals of a case and a sending that was put off; returns what changes in its row."""
    publications.call_off(work, case.id, now)
    drafts.end_reviews(work, case.id)
    return {"send_after": None}


def _drafted_anew() -> dict[str, Any]:
    return {"draft_wanted": True, "draft_attempts": 0, "draft_claimed_until": None}


def edited(work: Work, mention_id: int, post: Post, now: datetime) -> bool:
    """Put the new words of a post in the place of the old ones, to be judged and read anew. False: they say the same.

    Drafts keep their words, marked as answering what was there before: a colleague's work is not thrown away for a
    corrected typing error.
    """
    before = rechecks.words_of(work, [mention_id]).get(mention_id)
    if before is None or same_words(before, post.text):
        return False
    rechecks.rewrite(work, mention_id, post, now)
    (row,) = mentions.get_many(work, [mention_id])
    case = _case_of(work, mention_id)
    told: dict[str, Any] = {"case_id": case.id if case else None, "data": {"mention": mention_id}}
    events.record(work, "edited", row.brand_id, _FOLLOWS, now, **told)
    if case is not None:
        _read_anew(work, case, mention_id, now)
    return True


def _read_anew(work: Work, case: CaseRow, mention_id: int, now: datetime) -> None:
    """Let a case know that a post in it changed; one that is settled stays so."""
    if Action.POST_EDITED not in TRANSITIONS[case.state]:
        return
    changes: dict[str, Any] = {"opens_again": True} if case.state in UNDER_WAY else {"draft_stale": case.revision > 0}
    if case.state is CaseState.APPROVED:
        changes |= _halted(work, case, now)
    if case.state is CaseState.OPEN:
        changes |= _drafted_anew()
    cases.transition(work, case.id, Action.POST_EDITED, _FOLLOWS, now, data={"mention": mention_id}, **changes)
