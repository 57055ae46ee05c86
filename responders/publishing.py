"""Use case: an approved reply goes out, at most once.

Claim, send, record: the first and the last are short durable transactions, and none is open while the platform is
asked. What becomes of a reply when something dies in between is drawn in docs/publishing.md.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor import logs
from monitor.domain.audience import Audience
from monitor.domain.errors import AppError, BadInput, RetryLater
from monitor.domain.lifecycle import Action, Actor, CaseState
from monitor.domain.triage import prioritise
from monitor.store import brands, cases, drafts, events, mentions, publications
from monitor.store.brands import AccountRow
from monitor.store.cases import CaseRow
from monitor.store.drafts import DraftRow, ReviewRow
from monitor.store.engine import Store, Work
from monitor.store.publications import PublicationRow
from monitor.vault import Vault
from responders.ports import PublishDeferred, Publisher, PublishRefused, PublishUncertain, Purpose, Receipt, Reply
from responders.publishers import DRY_RUN

LoadPublisher = Callable[[AccountRow], Publisher]
Result = Receipt | PublishRefused | PublishDeferred | PublishUncertain

LOOKS_S = (5.0, 15.0, 45.0)  # before the first look for an uncertain reply, before the second, before the last
MOST_TRIES = 12  # of one reply that the platform keeps putting off
_LOOK_FOR = timedelta(minutes=1)
_DUE_AGAIN_S = 60.0
_UNDER_WAY = frozenset({"sending", "uncertain"})

_PUBLISH, _RECONCILE = Actor.worker("publish"), Actor.worker("reconcile")
_NO_ANSWER = "The sending broke off without an answer: the reply may stand on the platform. It will be looked for."
_NOT_SERVED = (
    "The dry-run publisher serves demo brands and --dry-run only. Nothing was sent: give this brand an account with "
    "a real publisher, or copy the reply, post it, and mark the case as answered by hand."
)

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Sending:
    """A claimed reply. `forbidden` says why it must not be handed to the publisher; empty: it may."""

    case_id: int
    publication_id: int
    account: AccountRow
    reply: Reply
    forbidden: str


def look_after(looks: int) -> timedelta | None:
    """Return how long to wait after so many looks that found nothing, None when a person must decide."""
    return timedelta(seconds=LOOKS_S[looks]) if looks < len(LOOKS_S) else None


def due(store: Store, now: datetime) -> list[int]:
    """Return the cases whose approved reply may be sent now."""
    with store.reading() as work:
        return cases.due_to_send(work, now)


def publish_case(
    store: Store,
    case_id: int,
    load_publisher: LoadPublisher,
    now_fn: Callable[[], datetime],
    *,
    dry_run: bool = False,
    vault: Vault | None = None,
) -> str:
    """Send the approved reply of a case once, and return the state the case is in afterwards.

    Nothing happens when it is not approved, not due yet, or another worker has it. An unexpected error of the
    publisher is raised, after the case was made uncertain. `vault` opens the account's secret.
    """
    sending = _claim(store, case_id, now_fn(), dry_run=dry_run, vault=vault)
    if isinstance(sending, CaseState):
        return sending
    result: Result = PublishUncertain(_NO_ANSWER)
    try:
        result = _send(sending, load_publisher)
    finally:  # whatever happened, what is known of it is written down
        state = _record(store, sending, result, now_fn())
    return state


def _send(sending: _Sending, load_publisher: LoadPublisher) -> Result:
    if sending.forbidden:
        return PublishRefused(sending.forbidden)
    try:
        publisher = load_publisher(sending.account)
    except BadInput as error:
        return PublishRefused(f"{error} Nothing was sent.")
    try:
        return publisher.publish(sending.reply)
    except (PublishRefused, PublishDeferred, PublishUncertain) as said:
        return said


# --- claim --------------------------------------------------------------------------------------------------------


def _claim(store: Store, case_id: int, now: datetime, *, dry_run: bool, vault: Vault | None) -> _Sending | CaseState:
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
            return _stop(work, case, why, now).state
        demo = brands.get(work, case.brand_id).is_demo
        forbidden = "" if account.publisher != DRY_RUN or demo or dry_run else _NOT_SERVED
        cases.transition(work, case_id, Action.CLAIM, _PUBLISH, now, expected=CaseState.APPROVED)
        claimed = publications.claim(work, case_id, review.id, draft.id, account.id, _key(review, account), now)
        secret, locked = _secret(account, vault)
        reply = _reply(work, draft, account, publications.get(work, claimed).key, secret)
        return _Sending(case_id, claimed, account, reply, forbidden or locked)


def _key(review: ReviewRow, account: AccountRow) -> str:
    """Return the same words on every try of a review, and others for every other review anywhere."""
    named = f"{review.id}:{review.created_at.isoformat()}:{account.platform}:{account.handle}"
    return hashlib.sha256(named.encode()).hexdigest()


def _secret(account: AccountRow, vault: Vault | None) -> tuple[Mapping[str, str], str]:
    """Return an account's secret, a locked JSON object, or why it cannot be opened."""
    if account.secret is None or vault is None:
        return {}, ""
    try:
        return json.loads(vault.unlock(account.secret)), ""
    except BadInput as error:
        return {}, f"{error} Nothing was sent."


def _account(work: Work, case: CaseRow, draft: DraftRow) -> AccountRow | None:
    """Return the account that sends: what was sent can only be changed by the account that sent it."""
    if draft.purpose == Purpose.ANSWER:
        platform = mentions.get_many(work, [draft.mention_id])[0].platform
        return brands.account_for(work, case.brand_id, platform)
    sent = _standing_reply(work, case.id)
    return brands.get_account(work, sent.account_id) if sent else None


def _standing_reply(work: Work, case_id: int) -> PublicationRow | None:
    """Return the reply that a correction or a withdrawal replaces; None when it was withdrawn before."""
    sent = publications.last_sent(work, case_id)
    return sent if sent and drafts.by_id(work, sent.draft_id).purpose != Purpose.WITHDRAW else None


def _reply(work: Work, draft: DraftRow, account: AccountRow, key: str, secret: Mapping[str, str]) -> Reply:
    (mention,) = mentions.get_many(work, [draft.mention_id])
    replaced = _standing_reply(work, draft.case_id) if draft.purpose != Purpose.ANSWER else None
    return Reply(
        key=key,
        platform=mention.platform,
        account=account.handle,
        to_external_id=mention.external_id,
        to_handle=mention.handle,
        text=draft.text or "",
        lang=draft.lang,
        purpose=Purpose(draft.purpose),
        replaces=Receipt(replaced.external_id, replaced.url, replaced.simulated) if replaced else None,
        secret=secret,
    )


def _overtaken(work: Work, case: CaseRow, draft: DraftRow) -> str:
    """Return why what was approved must not go out any more, "" when it may."""
    if draft.purpose == Purpose.WITHDRAW:
        return ""  # taking our own words back never waits for the customer's
    (mention,) = mentions.get_many(work, [draft.mention_id])
    if mention.gone_at is not None:
        return "its author deleted the post"
    if draft.text is None:
        return "the text of the reply was deleted"
    if case.draft_stale or case.latest_mention_id != draft.mention_id or case.revision != draft.revision:
        return "the customer wrote again after it was approved"
    return ""


def _stop(work: Work, case: CaseRow, why: str, now: datetime) -> CaseRow:
    """Take an approved reply off the way: back to review, or closed when all posts of the case are gone."""
    publications.call_off(work, case.id, now)
    drafts.end_reviews(work, case.id)
    there = [one.id for one in mentions.get_many(work, cases.mentions_of(work, case.id)) if one.gone_at is None]
    if not there:
        return cases.transition(work, case.id, Action.GONE, _PUBLISH, now, close_reason=why, send_after=None)
    newest = case.latest_mention_id if case.latest_mention_id in there else max(there)
    changes: dict[str, Any] = {"send_after": None, "latest_mention_id": newest}
    return cases.transition(work, case.id, Action.UNDO, _PUBLISH, now, data={"why": why}, **changes)


# --- record ---------------------------------------------------------------------------------------------------------


def _record(store: Store, sending: _Sending, result: Result, now: datetime) -> CaseState:
    with store.unit_of_work(durable=True) as work:
        case = cases.get(work, sending.case_id, lock=True)
        row = publications.get(work, sending.publication_id)
        state = _open_again(work, _settle(work, case, row, result, now), now).state
    _log.info("sending ended", case=case.id, publication=row.id, result=type(result).__name__, state=str(state))
    return state


def _settle(work: Work, case: CaseRow, row: PublicationRow, result: Result, now: datetime) -> CaseRow:
    """Write down what is known of a sending. It may come so late that others have judged it already."""
    if isinstance(result, Receipt):
        return _arrived(work, case, row, result, _PUBLISH, now)
    if row.state == "uncertain" and not isinstance(result, PublishUncertain):
        return _not_there(work, row, str(result), now)
    if row.state != "sending":
        return case
    if isinstance(result, PublishUncertain):
        first_look = now + timedelta(seconds=LOOKS_S[0])
        return _uncertain(work, row, str(result), first_look, _PUBLISH, now)
    if isinstance(result, PublishRefused) or row.attempts >= MOST_TRIES:
        publications.record(work, row.id, "refused", error=str(result), finished_at=now)
        return _moved(work, row, Action.REFUSED, _PUBLISH, now)
    again = now + timedelta(seconds=result.after)
    publications.record(work, row.id, "deferred", error=str(result), not_before=again)
    return _moved(work, row, Action.DEFERRED, _PUBLISH, now, send_after=again)


def _moved(work: Work, row: PublicationRow, action: Action, actor: Actor, now: datetime, **changes: Any) -> CaseRow:
    return cases.transition(work, row.case_id, action, actor, now, data={"publication": row.id}, **changes)


def _arrived(work: Work, case: CaseRow, row: PublicationRow, receipt: Receipt, actor: Actor, now: datetime) -> CaseRow:
    """Record that the reply stands on the platform, even when it was given up before."""
    known = {"external_id": receipt.external_id, "url": receipt.url, "simulated": receipt.simulated}
    publications.record(work, row.id, "sent", **known, error="", look_at=None, finished_at=now)
    if row.state in _UNDER_WAY:
        return _moved(work, row, Action.SENT if row.state == "sending" else Action.FOUND, actor, now)
    if case.state is CaseState.APPROVED:
        return _stop(work, case, "an earlier reply, thought lost, turned out to stand on the platform", now)
    events.record(work, "late_receipt", case.brand_id, actor, now, case_id=case.id, data={"publication": row.id})
    return case


def _uncertain(work: Work, row: PublicationRow, why: str, look_at: datetime, actor: Actor, now: datetime) -> CaseRow:
    publications.record(work, row.id, "uncertain", error=why, look_at=look_at)
    return _moved(work, row, Action.NO_ANSWER, actor, now)


def _not_there(work: Work, row: PublicationRow, why: str, now: datetime) -> CaseRow:
    """Give the decision to a person; this approval is used up and is never sent again."""
    publications.record(work, row.id, "missing", error=why, look_at=None, finished_at=now)
    return _moved(work, row, Action.NOT_FOUND, _RECONCILE, now)


def _open_again(work: Work, case: CaseRow, now: datetime) -> CaseRow:
    """Let in what the customer wrote while the reply was on its way."""
    if not case.opens_again or case.state in {CaseState.PUBLISHING, CaseState.UNCERTAIN}:
        return case
    changes: dict[str, Any] = {"opens_again": False, "draft_stale": True}
    if case.state is CaseState.APPROVED:
        publications.call_off(work, case.id, now)
        drafts.end_reviews(work, case.id)
        changes |= {"send_after": None}
    elif case.state is CaseState.REPLIED:
        changes |= {"draft_stale": False, "draft_wanted": True, "draft_attempts": 0, "draft_claimed_until": None}
        changes |= _new_clock(work, case)
    return cases.transition(work, case.id, Action.NEW_MENTION, _PUBLISH, now, **changes)


def _new_clock(work: Work, case: CaseRow) -> dict[str, object]:
    """Return the promise for what was written after our reply: it runs from that post."""
    (newest,) = mentions.get_many(work, [case.latest_mention_id])
    audience = Audience(case.audience, case.rising)
    promises = brands.get(work, case.brand_id).promises
    place = prioritise(case.kind, case.severity, frozenset(case.flags), audience, newest.clock_at, promises)
    return {"clock_at": newest.clock_at, "reply_by": place.reply_by, "tier": place.tier, "delicate": place.delicate}


# --- reconcile --------------------------------------------------------------------------------------------------------


def reconcile(
    store: Store,
    load_publisher: LoadPublisher,
    now: datetime,
    *,
    time_limit: timedelta,
    vault: Vault | None = None,
) -> int:
    """Find out what became of replies without a result; returns how many cases moved on.

    A sending claimed more than twice `time_limit` ago becomes uncertain: its worker is dead. An uncertain one is
    looked for on its platform a few times; when it is not there, a person decides. Nothing is ever sent from here.
    """
    with store.reading() as work:
        stuck = publications.stuck(work, now - 2 * time_limit)
    moved = sum(_doubt(store, row, now) for row in stuck)
    with store.reading() as work:
        unclear = publications.to_look_up(work, now)
    return moved + sum(_look(store, load_publisher, row, now, vault) for row in unclear)


def _doubt(store: Store, stuck: PublicationRow, now: datetime) -> bool:
    with store.unit_of_work(durable=True) as work:
        cases.get(work, stuck.case_id, lock=True)
        row = publications.get(work, stuck.id)
        if row.state != "sending" or row.claimed_at != stuck.claimed_at:
            return False
        _uncertain(work, row, _NO_ANSWER, now, _RECONCILE, now)
    return True


def _look(store: Store, load_publisher: LoadPublisher, row: PublicationRow, now: datetime, vault: Vault | None) -> bool:
    """Ask the platform for one reply and record what it says."""
    with store.unit_of_work() as work:
        if not publications.begin_look(work, row.id, now, now + _LOOK_FOR):
            return False
        account = brands.get_account(work, row.account_id)
        reply = _reply(work, drafts.by_id(work, row.draft_id), account, row.key, _secret(account, vault)[0])
    try:
        found = load_publisher(account).find(reply)
    except AppError as error:
        after = error.after if isinstance(error, RetryLater) else _DUE_AGAIN_S
        with store.unit_of_work() as work:
            publications.look_again(work, row.id, now + timedelta(seconds=after), row.looks, str(error))
        return False
    return _looked(store, row, found, now)


def _looked(store: Store, looked_for: PublicationRow, found: Receipt | None, now: datetime) -> bool:
    with store.unit_of_work(durable=True) as work:
        case = cases.get(work, looked_for.case_id, lock=True)
        row = publications.get(work, looked_for.id)
        if row.state != "uncertain":
            return False
        looks, wait = row.looks + 1, look_after(row.looks + 1)
        if found is not None:
            moved = _arrived(work, case, row, found, _RECONCILE, now)
        elif wait is not None:
            publications.look_again(work, row.id, now + wait, looks, row.error)
            return False
        else:
            why = f"Looked {looks} times and did not find it. Look at the platform yourself before approving again."
            moved = _not_there(work, row, why, now)
        _open_again(work, moved, now)
    return True
