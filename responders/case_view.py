"""Everything a person needs to see to decide about a case, read from one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.domain.lifecycle import Action, Actor, CaseState, actions
from monitor.domain.triage import why_here
from monitor.store import accounts, alerts, brands, cases, drafts, events, mentions, optouts, publications, reach, users
from monitor.store.accounts import AccountRow
from monitor.store.alerts import AlertRow
from monitor.store.brands import BrandRow
from monitor.store.cases import CaseRow
from monitor.store.drafts import DraftRow, FindingRow, ReviewRow
from monitor.store.engine import Store, Work
from monitor.store.events import EventRow
from monitor.store.mentions import MentionRow
from monitor.store.publications import OutboxRow
from responders.bar.length import length, limit_for
from responders.ports import Purpose
from responders.replying import why_by_hand


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case, whole. `verdict` is the newest assessment row of the mention it opened with."""

    case: CaseRow
    brand: BrandRow
    mentions: list[MentionRow]  # oldest first
    verdict: Any | None
    draft: DraftRow | None
    findings: list[FindingRow]
    reviews: list[ReviewRow]
    publications: list[OutboxRow]
    alert: AlertRow | None
    events: list[EventRow]
    owner: list[tuple[str, str]]  # questions and answers, newest first
    earlier: int  # other cases of this author with this brand
    why: str
    length: int
    limit: int
    actions: frozenset[Action]
    account: AccountRow | None  # None: nobody answers there
    by_hand: str  # why it cannot be answered from here, "" when it can
    opted_out: bool
    standing: int  # replies of ours that stand on the platform
    claimed_by_other: str
    needs_second: bool
    first_approver: str

    @property
    def read(self) -> int:
        """Return what `reading` says of the posts."""
        return reading(self.mentions)

    @property
    def latest(self) -> MentionRow:
        """Return the post a reply answers."""
        return next(row for row in self.mentions if row.id == self.case.latest_mention_id)


def reading(rows: Sequence[MentionRow]) -> int:
    """Return a number that stays the same until a post is added to these, changed or deleted."""
    changes = (when for row in rows for when in (row.edited_at, row.gone_at) if when)
    return len(rows) + sum(int(when.timestamp() * 1000) for when in changes)


def case_view(store: Store, actor: Actor, case_id: int, now: datetime) -> CaseView:
    """Read a case for this person. Raises `NotFound`."""
    with store.reading() as work:
        case = cases.get(work, case_id)
        rows = mentions.get_many(work, cases.mentions_of(work, case_id))
        latest = next(row for row in rows if row.id == case.latest_mention_id)
        draft = drafts.current(work, case_id)
        reviews = drafts.reviews_of(work, case_id)
        first = _first_approver(reviews, draft)
        brand = brands.get(work, case.brand_id)
        return CaseView(
            case=case,
            brand=brand,
            mentions=rows,
            verdict=mentions.latest_verdict(work, latest.id),
            draft=draft,
            findings=drafts.findings(work, draft.id) if draft else [],
            reviews=reviews,
            publications=publications.outbox(work, case_id=case_id),
            alert=alerts.of_case(work, case_id),
            events=events.of_case(work, case_id),
            owner=cases.owner_words(work, case_id),
            earlier=cases.earlier_of(work, case),
            why=why_here(case.kind, case.severity, case.flags, reach.weighed(case), line=brand.promises.six_thousand),
            length=length(draft.text or "", latest.platform) if draft else 0,
            limit=limit_for(latest.platform),
            actions=actions(case.state, actor),
            account=accounts.answering(work, case.brand_id, latest.platform),
            by_hand=why_by_hand(work, case, Purpose(draft.purpose) if draft else Purpose.ANSWER),
            opted_out=bool(optouts.out(work, case.brand_id, [case.author_id])),
            standing=len(publications.standing(work, case_id)),
            claimed_by_other=_claimed_by_other(work, case, actor, now),
            needs_second=case.state is CaseState.IN_REVIEW and first is not None,
            first_approver=first.who if first else "",
        )


def _first_approver(reviews: list[ReviewRow], draft: DraftRow | None) -> ReviewRow | None:
    mine = (r for r in reviews if draft and r.draft_id == draft.id and r.standing and r.decision == "first_approve")
    return next(mine, None)


def _claimed_by_other(work: Work, case: CaseRow, actor: Actor, now: datetime) -> str:
    held = case.claimed_by is not None and case.claimed_until is not None and case.claimed_until > now
    if not held or case.claimed_by == actor.user_id or case.claimed_by is None:
        return ""
    return users.get(work, case.claimed_by).name
