"""Use case: an approved reply goes out, at most once, to a post that still says what was read.

Claim, look and send, record: the first and the last are short durable transactions, and none is open while the
platform is asked. What becomes of a reply when something dies in between is drawn in docs/publishing.md.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor import budgets, forgetting, logs, weighing
from monitor.domain.audience import Audience
from monitor.domain.errors import BadInput, Remedy, RetryLater, SourceRefused
from monitor.domain.lifecycle import Action, Actor, CaseState
from monitor.domain.rechecks import same_words
from monitor.domain.records import Login, Looked, Presence, Seen, Usage
from monitor.domain.triage import prioritise
from monitor.store import accounts, brands, cases, drafts, events, mentions, optouts, publications, rechecks
from monitor.store.accounts import AccountRow
from monitor.store.cases import CaseRow
from monitor.store.drafts import DraftRow, ReviewRow
from monitor.store.engine import Store, Work
from monitor.store.mentions import MentionRow
from monitor.store.publications import PublicationRow
from responders.costs import over_cap
from responders.ports import (
    PublishDeferred,
    Publisher,
    PublishRefused,
    PublishUncertain,
    Purpose,
    Receipt,
    Reply,
    SignInRefused,
)
from responders.publishers import DRY_RUN

LoadPublisher = Callable[[AccountRow], Publisher]
LogIn = Callable[[AccountRow, datetime], Login]
LookUp = Callable[[Login, Sequence[str]], Looked]
LoadLook = Callable[[AccountRow], LookUp | None]  # None: posts there cannot be looked at one by one

LOOK_AGAIN_S = 60.0  # until a post is looked at again that the platform said nothing about
LOOKS_S = (5.0, 15.0, 45.0)  # before the first look for an uncertain reply, before the second, before the last
MOST_TRIES = 12  # of one reply that the platform keeps putting off
_UNDER_WAY = frozenset({"sending", "uncertain"})

PUBLISHER, RECONCILER = Actor.worker("publish"), Actor.worker("reconcile")
NO_ANSWER = "The sending broke off without an answer: the reply may stand on the platform. It will be looked for."
_NOT_SERVED = (
    "The dry-run publisher serves demo brands and --dry-run only. Nothing was sent: give this brand an account with "
    "a real publisher, or copy the reply, post it, and mark the case as answered by hand."
)

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Sending:
    """A claimed reply to a post. `forbidden` says why it must not be handed to the publisher; empty: it may."""

    case_id: int
    publication_id: int
    account: AccountRow
    to: MentionRow
    reply: Reply
    forbidden: str


@dataclass(frozen=True, slots=True)
class _Overtaken:
    """Nothing was sent: the post is gone, or does not say any more what was read and approved."""

    seen: Seen


Result = Receipt | PublishRefused | PublishDeferred | PublishUncertain | _Overtaken


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a sending ended, and what it used up."""

    result: Result
    usage: tuple[Usage, ...] = ()


def no_look(account: AccountRow) -> LookUp | None:
    """Say that posts cannot be looked at before they are answered."""
    del account
    return None


def due(store: Store, now: datetime) -> list[int]:
    """Return the cases whose approved reply may be sent now."""
    with store.reading() as work:
        return cases.due_to_send(work, now)


def without_secret(account: AccountRow, now: datetime) -> Login:
    """Return an account's login for a platform that asks for no proof, such as the dry run's."""
    del now
    return Login(account.platform, account.host, account.handle, account.external_id, options=account.options)


def publish_case(
    store: Store,
    case_id: int,
    load_publisher: LoadPublisher,
    now_fn: Callable[[], datetime],
    *,
    dry_run: bool = False,
    log_in: LogIn = without_secret,
    renew: LogIn | None = None,
    load_look: LoadLook = no_look,
) -> str:
    """Send the approved reply of a case once, and return the state the case is in afterwards.

    Nothing happens when it is not approved, not due yet, or another worker has it. An unexpected error of the
    publisher is raised, after the case was made uncertain. `log_in` opens the account's login, `renew` one that the
    platform did not accept, `load_look` returns what shows whether the post is still there and says what was read.
    """
    sending = _claim(store, case_id, now_fn(), dry_run=dry_run)
    if isinstance(sending, CaseState):
        return sending
    ended = _Ended(PublishUncertain(NO_ANSWER))
    try:
        ended = _send(sending, load_publisher, log_in, renew, load_look, now_fn())
    finally:  # whatever happened, what is known of it is written down
        state = _record(store, sending, ended, now_fn())
    return state


def _send(
    sending: _Sending,
    load_publisher: LoadPublisher,
    log_in: LogIn,
    renew: LogIn | None,
    load_look: LoadLook,
    at: datetime,
) -> _Ended:
    if sending.forbidden:
        return _Ended(PublishRefused(sending.forbidden))
    ended = _try(sending, load_publisher, log_in, load_look, at)
    if not isinstance(ended.result, SignInRefused):
        return ended
    if renew is not None:  # nothing was sent: with fresh tokens it is still the first time
        again = _try(sending, load_publisher, renew, load_look, at)
        ended = _Ended(again.result, (*ended.usage, *again.usage))
    if isinstance(ended.result, SignInRefused):
        message = f"{ended.result} Nothing was sent: connect the account again, then send this back to review."
        return _Ended(PublishRefused(message), ended.usage)
    return ended


def _try(sending: _Sending, load_publisher: LoadPublisher, log_in: LogIn, load_look: LoadLook, at: datetime) -> _Ended:
    try:
        publisher = load_publisher(sending.account)
        login = log_in(sending.account, at)
        looked = _look(sending, load_look, login)
    except RetryLater as passing:
        return _Ended(PublishDeferred(f"{passing} Nothing was sent.", after=passing.after))
    except (BadInput, SourceRefused) as error:
        expired = isinstance(error, SourceRefused) and error.remedy is Remedy.RECONNECT
        return _Ended(SignInRefused(str(error)) if expired else PublishRefused(f"{error} Nothing was sent."))
    in_the_way = _in_the_way(sending, looked) if looked else None
    used = (looked.usage,) if looked else ()
    if in_the_way is not None:
        return _Ended(in_the_way, used)
    try:
        receipt = publisher.publish(replace(sending.reply, login=login))
    except (PublishRefused, PublishDeferred, PublishUncertain) as said:
        return _Ended(said, used)
    return _Ended(receipt, (*used, receipt.usage))


def _look(sending: _Sending, load_look: LoadLook, login: Login) -> Looked | None:
    """Look at the post once more. Taking our own words back never waits for it."""
    look_up = load_look(sending.account) if sending.reply.purpose is not Purpose.WITHDRAW else None
    return look_up(login, [sending.to.external_id]) if look_up else None


def _in_the_way(sending: _Sending, looked: Looked) -> Result | None:
    """Return what keeps a reply from being sent to a post as it is now; None: nothing."""
    seen = next((one for one in looked.seen if one.external_id == sending.to.external_id), None)
    if seen is None or seen.presence is Presence.UNKNOWN:
        message = "The platform did not say whether the post is still there. Nothing was sent."
        return PublishDeferred(message, after=LOOK_AGAIN_S)
    changed = seen.post is not None and not same_words(sending.to.text or "", seen.post.text)
    return _Overtaken(seen) if seen.presence is not Presence.THERE or changed else None


# --- claim --------------------------------------------------------------------------------------------------------


def _claim(store: Store, case_id: int, now: datetime, *, dry_run: bool) -> _Sending | CaseState:
    """Take an approved reply for sending; a state is returned where there is nothing to send."""
    with store.unit_of_work(durable=True) as work:
        case = cases.get(work, case_id, lock=True)
        if case.state is not CaseState.APPROVED or case.send_after is None or case.send_after > now:
            return case.state
        review = drafts.approval(work, case_id)
        draft = drafts.by_id(work, review.draft_id)
        account = _account(work, case, draft)
        why = _overtaken(work, case, draft) or ("" if account else "no account of this brand can send it any more")
        if why or account is None:
            return forgetting.go_on(work, case, why, PUBLISHER, now).state
        demo = brands.get(work, case.brand_id).is_demo
        served = account.publisher != DRY_RUN or demo or dry_run
        forbidden = over_cap(work, account, draft, now) if served else _NOT_SERVED
        cases.transition(work, case_id, Action.CLAIM, PUBLISHER, now, expected=CaseState.APPROVED)
        claimed = publications.claim(work, case_id, review.id, draft.id, account.id, _key(review, account), now)
        reply = reply_of(work, draft, account, publications.get(work, claimed))
        (to,) = mentions.get_many(work, [draft.mention_id])
        return _Sending(case_id, claimed, account, to, reply, forbidden)


def _key(review: ReviewRow, account: AccountRow) -> str:
    """Return the same words on every try of a review, and others for every other review anywhere."""
    named = f"{review.id}:{review.created_at.isoformat()}:{account.platform}:{account.handle}"
    return hashlib.sha256(named.encode()).hexdigest()


def _account(work: Work, case: CaseRow, draft: DraftRow) -> AccountRow | None:
    """Return the account that sends: what was sent can only be changed by the account that sent it."""
    if draft.purpose == Purpose.ANSWER:
        platform = mentions.get_many(work, [draft.mention_id])[0].platform
        return accounts.answering(work, case.brand_id, platform)
    sent = _standing_reply(work, case.id)
    return accounts.get(work, sent.account_id) if sent else None


def _standing_reply(work: Work, case_id: int) -> PublicationRow | None:
    """Return the reply that a correction or a withdrawal is about; None when all was withdrawn before."""
    return next(reversed(publications.standing(work, case_id)), None)


def reply_of(work: Work, draft: DraftRow, account: AccountRow, row: PublicationRow) -> Reply:
    """Return what is to be sent, or looked for, without the secrets of its login."""
    (mention,) = mentions.get_many(work, [draft.mention_id])
    replaced = _standing_reply(work, draft.case_id) if draft.purpose != Purpose.ANSWER else None
    return Reply(
        key=row.key,
        login=without_secret(account, row.created_at),
        to_external_id=mention.external_id,
        to_handle=mention.handle,
        text=draft.text or "",
        lang=draft.lang,
        at=row.created_at,
        purpose=Purpose(draft.purpose),
        replaces=Receipt(replaced.external_id, replaced.url, replaced.simulated) if replaced else None,
        tried_at=row.claimed_at,
    )


def _overtaken(work: Work, case: CaseRow, draft: DraftRow) -> str:
    """Return why what was approved must not go out any more, "" when it may."""
    if draft.purpose == Purpose.WITHDRAW:
        return ""  # taking our own words back never waits for the customer's
    (mention,) = mentions.get_many(work, [draft.mention_id])
    if mention.gone_at is not None:
        return forgetting.DELETED
    if optouts.out(work, case.brand_id, [mention.author_id]):
        return "this person is not to be answered"
    if draft.text is None:
        return "the text of the reply was deleted"
    if case.draft_stale or case.latest_mention_id != draft.mention_id or case.revision != draft.revision:
        return "the customer wrote again after it was approved"
    alone = len({one.user_id for one in drafts.standing_reviews(work, draft.id)}) < 2
    return weighing.DELICATE if case.delicate and alone else ""


# --- record ---------------------------------------------------------------------------------------------------------


def _record(store: Store, sending: _Sending, ended: _Ended, now: datetime) -> CaseState:
    to = sending.to
    with store.unit_of_work(durable=True) as work:
        rechecks.hold(work, to.brand_id, to.platform, [to.external_id])  # before its case: see there
        case = cases.get(work, sending.case_id, lock=True)
        row = publications.get(work, sending.publication_id)
        settled = _settle(work, case, row, ended.result, now)
        if isinstance(ended.result, _Overtaken):
            settled = _follow(work, sending, ended.result.seen, now)
        state = open_again(work, settled, now).state
        for usage in ended.usage:
            budgets.book(work, sending.account, "reply", usage, now, platform=to.platform)
    _log.info("sending ended", case=case.id, publication=row.id, result=type(ended.result).__name__, state=str(state))
    return state


def _follow(work: Work, sending: _Sending, seen: Seen, now: datetime) -> CaseRow:
    """Do with the post what its author did."""
    to = sending.to
    if seen.presence is Presence.THERE and seen.post is not None:
        forgetting.edited(work, to.id, seen.post, now)
    else:
        why = forgetting.HIDDEN if seen.presence is Presence.HIDDEN else forgetting.DELETED
        forgetting.forget(work, to.brand_id, to.platform, [to.external_id], now, why)
    return cases.get(work, sending.case_id)


def _settle(work: Work, case: CaseRow, row: PublicationRow, result: Result, now: datetime) -> CaseRow:
    """Write down what is known of a sending. It may come so late that others have judged it already."""
    if isinstance(result, Receipt):
        return arrived(work, case, row, result, PUBLISHER, now)
    if row.state not in _UNDER_WAY:
        return case
    if row.state == "uncertain":
        return case if isinstance(result, PublishUncertain) else not_there(work, row, _said(result), now)
    if isinstance(result, PublishUncertain):
        first_look = now + timedelta(seconds=LOOKS_S[0])
        return uncertain(work, row, str(result), first_look, PUBLISHER, now)
    if isinstance(result, PublishRefused) or row.attempts >= MOST_TRIES:
        publications.record(work, row.id, "refused", error=_said(result), finished_at=now)
        return _moved(work, row, Action.REFUSED, PUBLISHER, now)
    again = now + timedelta(seconds=result.after if isinstance(result, PublishDeferred) else 0)
    publications.record(work, row.id, "deferred", error=_said(result), not_before=again)
    return _moved(work, row, Action.DEFERRED, PUBLISHER, now, send_after=again)


def _said(result: Result) -> str:
    """Return a result in words."""
    if isinstance(result, _Overtaken):
        return "The post was deleted or changed by its author before it could be answered. Nothing was sent."
    return str(result)


def _moved(work: Work, row: PublicationRow, action: Action, actor: Actor, now: datetime, **changes: Any) -> CaseRow:
    return cases.transition(work, row.case_id, action, actor, now, data={"publication": row.id}, **changes)


def arrived(work: Work, case: CaseRow, row: PublicationRow, receipt: Receipt, actor: Actor, now: datetime) -> CaseRow:
    """Record that the reply stands on the platform, even when it was given up before."""
    known = {"external_id": receipt.external_id, "url": receipt.url, "simulated": receipt.simulated}
    publications.record(work, row.id, "sent", **known, error="", look_at=None, finished_at=now)
    if row.state in _UNDER_WAY:
        return _moved(work, row, Action.SENT if row.state == "sending" else Action.FOUND, actor, now)
    if case.state is CaseState.APPROVED:
        why = "an earlier reply, thought lost, turned out to stand on the platform"
        return forgetting.go_on(work, case, why, PUBLISHER, now)
    events.record(work, "late_receipt", case.brand_id, actor, now, case_id=case.id, data={"publication": row.id})
    return case


def uncertain(work: Work, row: PublicationRow, why: str, look_at: datetime, actor: Actor, now: datetime) -> CaseRow:
    """Record that a reply may stand on the platform: it is looked for from `look_at` on."""
    publications.record(work, row.id, "uncertain", error=why, look_at=look_at)
    return _moved(work, row, Action.NO_ANSWER, actor, now)


def not_there(work: Work, row: PublicationRow, why: str, now: datetime) -> CaseRow:
    """Give the decision to a person; this approval is used up and is never sent again."""
    publications.record(work, row.id, "missing", error=why, look_at=None, finished_at=now)
    return _moved(work, row, Action.NOT_FOUND, RECONCILER, now)


def open_again(work: Work, case: CaseRow, now: datetime) -> CaseRow:
    """Let in what the customer wrote, or deleted, while the reply was on its way."""
    if case.state in forgetting.UNDER_WAY:
        return case
    (newest,) = mentions.get_many(work, [case.latest_mention_id])
    if newest.gone_at is not None:
        return forgetting.go_on(work, case, "the post is gone", PUBLISHER, now)
    if not case.opens_again:
        return case
    changes: dict[str, Any] = {"opens_again": False, "draft_stale": True}
    if case.state is CaseState.APPROVED:
        publications.call_off(work, case.id, now)
        drafts.end_reviews(work, case.id)
        changes |= {"send_after": None}
    elif case.state is CaseState.REPLIED:
        changes |= {"draft_stale": False, "draft_wanted": True, "draft_attempts": 0, "draft_claimed_until": None}
        changes |= _new_clock(work, case)
    return cases.transition(work, case.id, Action.NEW_MENTION, PUBLISHER, now, **changes)


def _new_clock(work: Work, case: CaseRow) -> dict[str, object]:
    """Return the promise for what was written after our reply: it runs from that post."""
    (newest,) = mentions.get_many(work, [case.latest_mention_id])
    audience = Audience(case.audience, case.rising)
    promises = brands.get(work, case.brand_id).promises
    place = prioritise(case.kind, case.severity, frozenset(case.flags), audience, newest.clock_at, promises)
    delicate = case.delicate or place.delicate  # nobody judged the case anew: it stays with those who had it
    return {"clock_at": newest.clock_at, "reply_by": place.reply_by, "tier": place.tier, "delicate": delicate}
