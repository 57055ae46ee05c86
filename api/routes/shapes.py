"""How the records look in the JSON API. Nothing secret has a field here."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.routes.base import Shown
from monitor.domain.lifecycle import Action, CaseState
from monitor.domain.records import Flag, Kind, Severity


class CaseLine(Shown):
    """A line of the queue."""

    id: int = Field(description="The case's number.", examples=[7])
    brand: str = Field(description="Whose customer it is.", examples=["Acme"])
    state: CaseState = Field(description="Where the case stands.")
    kind: Kind = Field(description="What the customer asks of us.")
    lang: str = Field(description="Language of the post (ISO 639-1).", examples=["el"])
    severity: Severity = Field(description="How strongly it is put, 0 to 3.")
    tier: int = Field(description="How soon it is due, 0 (a day) to 3 (at once).")
    flags: list[Flag] = Field(description="What makes it urgent whatever its tone.")
    topics: list[str] = Field(description="What it is about.")
    audience: int | None = Field(description="People likely to see it; null: not known.")
    audience_low: int | None = Field(description="They are hardly fewer than this.")
    audience_high: int | None = Field(description="They are hardly more than this.")
    rising: bool = Field(description="It is spreading quickly.")
    delicate: bool = Field(description="Two people approve the reply.")
    clock_at: datetime = Field(description="When the promise began to run.")
    reply_by: datetime | None = Field(description="When the answer is due; only complaints have it.")
    revision: int = Field(description="The newest revision of the reply; 0: none yet.")
    draft_stale: bool = Field(description="The customer wrote again after the draft.")
    platform: str = Field(examples=["mastodon"])
    handle: str = Field(description="Who wrote it.", examples=["maria"])
    text: str | None = Field(description="What the customer wrote, as they wrote it; null: deleted by its author.")
    url: str = Field(description="Where it is on the platform.")
    written_at: datetime | None
    claimed_by: str | None = Field(description="Which colleague is on it.")
    claimed_until: datetime | None = Field(description="Until when, unless they go on.")


class CaseOut(Shown):
    """A case as it stands."""

    id: int
    brand_id: int
    state: CaseState
    kind: Kind
    lang: str
    severity: Severity
    tier: int
    flags: list[Flag]
    topics: list[str]
    audience: int | None
    audience_low: int | None
    audience_high: int | None
    rising: bool
    delicate: bool
    clock_at: datetime
    reply_by: datetime | None
    revision: int
    draft_stale: bool
    send_after: datetime | None = Field(description="Until then an approval can be undone.")
    close_reason: str
    answer_url: str
    opened_at: datetime
    changed_at: datetime


class MentionOut(Shown):
    """A public post that matched."""

    id: int
    platform: str
    external_id: str
    text: str | None = Field(description="As written; null: deleted by its author.")
    url: str
    handle: str
    display_name: str
    followers: int | None
    likes: int | None
    reposts: int | None
    replies: int | None
    views: int | None
    written_at: datetime | None
    stored_at: datetime
    is_history: bool = Field(description="Already old when it arrived: never late, never paging.")
    gone_at: datetime | None
    edited_at: datetime | None = Field(description="When we saw that its author had changed it.")


class VerdictOut(Shown):
    """What the judge made of a post."""

    version: str
    lang: str
    complaint: float = Field(description="Calibrated probability.")
    kind: Kind
    negative: float
    neutral: float
    positive: float
    severity: Severity
    flags: list[tuple[str, int, int]] = Field(description="Flag, and the words that set it as [start, end).")
    topics: list[str]
    noise: str = Field(description="Why it is no complaint though it may look like one; empty: nothing to say.")


class FindingOut(Shown):
    """What the bar says of a text."""

    rule: str
    level: str = Field(description="block stops an approval, warn and advise do not.")
    start: int | None = Field(description="First code point it is about; null: the whole text.")
    end: int | None
    why: str
    fix: str


class DraftOut(Shown):
    """A revision of the reply."""

    revision: int
    purpose: str = Field(description="answer, correct or withdraw.")
    text: str | None
    lang: str
    who: str | None = Field(description="Who wrote it; null: the drafter.")
    version: str
    note: str = Field(description="What the drafter wants the reviewer to know.")
    created_at: datetime


class ReviewOut(Shown):
    """A person's decision on a revision."""

    who: str
    decision: str
    standing: bool
    reason: str
    overruled: str = Field(description="The blocking rules a lead overruled.")
    created_at: datetime


class PublicationOut(Shown):
    """A reply on its way, or sent."""

    id: int
    case_id: int
    brand: str
    platform: str
    handle: str = Field(description="Whom it answers.")
    account: str = Field(description="In whose name.")
    purpose: str
    text: str | None
    lang: str
    state: str
    attempts: int
    not_before: datetime | None
    external_id: str
    url: str
    simulated: bool = Field(description="Only the dry-run platform has seen it.")
    error: str
    looks: int
    look_at: datetime | None
    approved_by: str
    approved_at: datetime
    created_at: datetime
    finished_at: datetime | None


class AlertOut(Shown):
    """An alert on a case and what became of its page."""

    reason: str
    created_at: datetime
    state: str
    sent_at: datetime | None
    error: str


class EventOut(Shown):
    """Something that happened to a case."""

    seq: int
    action: str
    from_state: str
    to_state: str
    who: str
    data: dict[str, Any]
    created_at: datetime


class AccountOut(Shown):
    """The login that answers on this platform."""

    platform: str
    handle: str
    publisher: str


class CaseWhole(Shown):
    """Everything a person needs to see to decide."""

    case: CaseOut
    why: str = Field(description="Why it stands where it does, in words.")
    mentions: list[MentionOut] = Field(description="The customer's posts, oldest first.")
    verdict: VerdictOut | None
    draft: DraftOut | None
    findings: list[FindingOut]
    length: int = Field(description="Length of the draft as the platform counts it.")
    limit: int = Field(description="How long it may be there.")
    reviews: list[ReviewOut]
    publications: list[PublicationOut]
    alert: AlertOut | None
    events: list[EventOut]
    earlier: int = Field(description="Other cases of this author with this brand.")
    actions: list[Action] = Field(description="What the caller may do now.")
    account: AccountOut | None = Field(description="Null: nobody answers there.")
    by_hand: str = Field(description="Why a person must answer this on the platform itself; empty: it goes from here.")
    opted_out: bool = Field(description="The customer is not to be answered.")
    standing: int = Field(description="Replies of ours that stand on the platform.")
    claimed_by_other: str
    needs_second: bool = Field(description="It waits for another person's approval.")
    first_approver: str


class AsideOut(Shown):
    """A post that no case took."""

    id: int
    brand_id: int
    platform: str
    handle: str
    text: str | None
    url: str
    written_at: datetime | None
    stored_at: datetime
    aside: str = Field(description="not_complaint, history or parked.")
    parked: str = Field(description="Why judging gave up.")
    lang: str | None
    complaint: float | None
    kind: str | None
    noise: str | None = Field(description="Why it is no complaint though it may look like one; empty: nothing to say.")


class WaitOut(Shown):
    """How long so many customers waited for their answer."""

    count: int = Field(description="How many complaints were answered.")
    minutes: float | None = Field(description="Half of them waited no longer; null: there were none.")
    late: int = Field(description="How many were answered after their time.")


class BandOut(Shown):
    """The waits of those whose posts were seen by so many."""

    people_from: int | None = Field(description="The least people of this size; null: not known how many.")
    people_below: int | None = Field(description="Fewer than this; null: no end.")
    every: WaitOut
    severities: list[WaitOut] = Field(description="By severity, 0 to 3.")


class LedgerOut(Shown):
    """Every mention counted once, by where it ended."""

    mentions: int
    waiting: int
    history: int
    not_a_complaint: int
    open: int
    answered: int
    closed: int
    gone: int
    unaccounted: int
    balanced: bool
