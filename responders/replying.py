"""Use case: whether a case may be answered from here at all, and if not, why: then a person answers by hand.

What only a platform's publisher knows is worked out where logins are, in the workers, and kept in `case.by_hand`;
what the database knows by itself (no account, an opt-out) is asked anew each time.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from monitor import forgetting
from monitor.domain.errors import AppError, BadInput, NotAllowed
from monitor.domain.lifecycle import OVERRULERS, Action, Actor, By, CaseState, may
from monitor.store import accounts, cases, events, mentions, optouts, rechecks
from monitor.store.accounts import AccountRow
from monitor.store.cases import CaseRow
from monitor.store.engine import Store, Work
from monitor.store.optouts import OptOutRow
from monitor.store.rechecks import TargetRow
from monitor.watching import platform_name
from responders.ports import CanReply, Purpose, Target

MayReply = Callable[[AccountRow, Target], CanReply]

OPTED_OUT = "This person is not to be answered. A lead can undo it in the settings of the brand."
_LONGEST = 500


def anybody_may(account: AccountRow, target: Target) -> CanReply:
    """Allow every reply: for accounts whose platform has no say."""
    del account, target
    return CanReply(allowed=True)


def why_by_hand(work: Work, case: CaseRow, purpose: Purpose = Purpose.ANSWER) -> str:
    """Return why a person must answer this one themselves, "" when it may be answered from here.

    What we said can always be taken back; whether it can be corrected was settled when it was sent.
    """
    if purpose is Purpose.WITHDRAW:
        return ""
    if optouts.out(work, case.brand_id, [case.author_id]):
        return OPTED_OUT
    if purpose is Purpose.CORRECT:
        return ""
    (newest,) = mentions.get_many(work, [case.latest_mention_id])
    if newest.gone_at is not None:
        return "The post is gone: there is nothing left to answer."
    if accounts.answering(work, case.brand_id, newest.platform) is None:
        name = platform_name(newest.platform)
        return f"No account of ours answers on {name}. Copy the reply, post it there, then mark it as answered by hand."
    return case.by_hand


# --- what publishers say --------------------------------------------------------------------------------------------


def weigh(work: Work, rows: Sequence[CaseRow], may_reply: MayReply) -> dict[int, str]:
    """Return what the publisher of each case's brand says of it, by the id of the case; no call is made."""
    targets = rechecks.targets(work, [row.latest_mention_id for row in rows])
    known: dict[tuple[int, str], AccountRow | None] = {}
    reasons = {}
    for row in rows:
        target = targets[row.latest_mention_id]
        whose = (row.brand_id, target.platform)
        if whose not in known:
            known[whose] = accounts.answering(work, *whose)
        account = known[whose]
        reasons[row.id] = _asked(account, target, may_reply) if account and target.gone_at is None else ""
    return reasons


def _asked(account: AccountRow, row: TargetRow, may_reply: MayReply) -> str:
    target = Target(row.platform, row.external_id, row.handle, row.text or "", row.reply_to, row.extra)
    try:
        said = may_reply(account, target)
    except AppError as error:  # the login cannot be opened, or nobody sends for it
        said = CanReply(allowed=False, reason=str(error))
    return "" if said.allowed else (said.reason or "The platform takes no reply from us here.")[:_LONGEST]


def weigh_again(store: Store, may_reply: MayReply, *, limit: int = 200) -> int:
    """Ask again for every case that waits for a reply: accounts and posts change. Returns how many changed."""
    changed, after = 0, 0
    while True:
        with store.reading() as work:
            rows = cases.unanswered(work, after, limit)
            reasons = weigh(work, rows, may_reply)
        others = [row.id for row in rows if reasons[row.id] != row.by_hand]
        if others:
            with store.unit_of_work() as work:
                for case_id in others:
                    cases.note(work, case_id, by_hand=reasons[case_id])
        changed += len(others)
        if len(rows) < limit:
            return changed
        after = rows[-1].id


# --- people who want no answer ----------------------------------------------------------------------------------------


def opt_out(store: Store, actor: Actor, case_id: int, why: str, now: datetime) -> CaseRow:
    """Write down that the author of a case is not to be answered, here and in all their cases with this brand."""
    why = why.strip()
    if not why or len(why) > _LONGEST:
        message = f"Say why this person is not to be answered, in at most {_LONGEST} characters."
        raise BadInput(message, where="reason")
    _works_here(actor)
    with store.unit_of_work(durable=True) as work:
        case = cases.get(work, case_id, lock=True)
        if optouts.add(work, case.brand_id, case.author_id, actor.user_id, why, now):
            data = {"author": case.author_id}
            events.record(work, "opt_out", case.brand_id, actor, now, case_id=case_id, data=data)
            for row in cases.of_author(work, case.brand_id, case.author_id):
                _hold_back(work, row, now)
        return cases.get(work, case_id)


def _hold_back(work: Work, case: CaseRow, now: datetime) -> None:
    if case.state is CaseState.APPROVED:
        forgetting.go_on(work, case, "this person is not to be answered", Actor.worker("publish"), now)
    cases.note(work, case.id, draft_wanted=False, draft_claimed_until=None)


def opt_in(store: Store, actor: Actor, brand_id: int, author_id: int, now: datetime) -> None:
    """Let a person be answered again; what of theirs is open gets a draft."""
    _works_here(actor)
    if actor.role not in OVERRULERS:
        message = "A lead lets a person be answered again who did not want to be."
        raise NotAllowed(message)
    with store.unit_of_work(durable=True) as work:
        if not optouts.remove(work, brand_id, author_id):
            return
        events.record(work, "opt_in", brand_id, actor, now, data={"author": author_id})
        for row in cases.of_author(work, brand_id, author_id):
            if row.state is CaseState.OPEN:
                cases.note(work, row.id, draft_wanted=True, draft_attempts=0, draft_claimed_until=None)


def opt_outs(store: Store, brand_id: int) -> list[OptOutRow]:
    """Return everybody whom a brand must not answer, newest first."""
    with store.reading() as work:
        return optouts.listed(work, brand_id)


def _works_here(actor: Actor) -> None:
    if actor.by is not By.PERSON or actor.user_id is None or not may(actor, Action.DISMISS):
        message = "Only people who answer customers decide who is not answered."
        raise NotAllowed(message)
