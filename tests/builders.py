"""A house to test in: a brand with an account and people, and cases as far along as a test wants them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor import assessment
from monitor.domain.lifecycle import Actor, Role
from monitor.domain.records import Flag, Login, Severity
from monitor.store import accounts, brands, cases, mentions, users
from monitor.store.cases import CaseRow
from monitor.store.engine import Store, Work
from responders import publishing, reviewing
from responders.ports import CanReply, Receipt, Reply, Target
from tests.making import ToldJudge, post, verdict


@dataclass(frozen=True)
class House:
    """A brand, the account that answers for it, and two people who may approve."""

    brand_id: int
    account_id: int
    lead: Actor
    second: Actor


def house(
    store: Store,
    now: datetime,
    *,
    slug: str = "vela",
    publisher: str = "dryrun",
    platform: str = "x",
    is_demo: bool = True,
    undo_s: float = 0,
) -> House:
    """Set up a brand called Vela. Approvals are due for sending after `undo_s` seconds."""
    with store.unit_of_work() as work:
        brand_id = brands.create(work, slug, "Vela", now, settings={"undo_s": undo_s}, is_demo=is_demo)
        account_id = accounts.add(work, brand_id, platform, f"{slug}_care", publisher, now)
        lead = users.add(work, f"lead@{slug}.example", "Maria", "no hash", Role.LEAD, now)
        second = users.add(work, f"second@{slug}.example", "Jonas", "no hash", Role.LEAD, now)
    return House(brand_id, account_id, Actor.person(lead, Role.LEAD, "Maria"), Actor.person(second, Role.LEAD, "Jonas"))


def mention(
    store: Store,
    house: House,
    now: datetime,
    number: int = 1,
    *,
    author: str = "",
    flags: Sequence[Flag] = (),
    severity: Severity = Severity.DISAPPROVAL,
    followers: int | None = 100,
) -> int:
    """Store a complaint and have it judged; returns the mention's id. The same author joins their case."""
    said = post(str(number), f"My kettle number {number} leaks.", author=author, written_at=now, followers=followers)
    with store.unit_of_work() as work:
        (mention_id,) = mentions.add(work, house.brand_id, [said], now).new
    assessment.assess_batch(store, ToldJudge({said.text: verdict(severity=severity, flags=flags)}), now)
    return mention_id


def case_of(store: Store, mention_id: int) -> CaseRow:
    """Return the case a mention is in."""
    with store.reading() as work:
        case_id = mentions.case_of(work, mention_id)
        assert case_id is not None
        return cases.get(work, case_id)


def opened(store: Store, house: House, now: datetime, number: int = 1, **said: Any) -> int:
    """Return a case that waits for a draft."""
    return case_of(store, mention(store, house, now, number, **said)).id


def in_review(store: Store, house: House, now: datetime, number: int = 1, **said: Any) -> int:
    """Return a case whose reply a person wrote."""
    case_id = opened(store, house, now, number, **said)
    write(store, house, case_id, now)
    return case_id


def write(store: Store, house: House, case_id: int, now: datetime, text: str = "") -> CaseRow:
    """Save a new revision of a case's reply, unlike every other one."""
    current = state(store, case_id)
    words = text or f"I am sorry that your kettle leaks. We send you lid {case_id}-{current.revision + 1} today."
    return reviewing.save(store, house.lead, case_id, words, based_on=current.revision, now=now)


def approve(store: Store, house: House, case_id: int, now: datetime) -> CaseRow:
    """Approve the current revision, by as many people as the case needs."""
    revision = state(store, case_id).revision
    case = reviewing.approve(store, house.lead, case_id, revision, now, overrule="a test")
    if case.delicate:
        case = reviewing.approve(store, house.second, case_id, revision, now, overrule="a test")
    return case


def approved(store: Store, house: House, now: datetime, number: int = 1, **said: Any) -> int:
    """Return a case whose reply is approved and due to be sent once the undo window has passed."""
    case_id = in_review(store, house, now, number, **said)
    approve(store, house, case_id, now)
    return case_id


def state(store: Store, case_id: int) -> CaseRow:
    """Return a case as it stands."""
    with store.reading() as work:
        return cases.get(work, case_id)


def sent(store: Store, case_id: int, now: datetime, external_id: str) -> None:
    """Send an approved reply to a platform that calls it `external_id`."""

    class Platform:
        def publish(self, reply: Reply) -> Receipt:
            return Receipt(external_id)

        def find(self, reply: Reply) -> Receipt | None:
            return None

        def can_reply(self, target: Target, login: Login) -> CanReply:
            return CanReply(allowed=True)

    publishing.publish_case(store, case_id, lambda _account: Platform(), lambda: now)


def thread_of(work: Work, case_id: int) -> int:
    """Return the thread a case stands in."""
    (first,) = mentions.get_many(work, cases.mentions_of(work, case_id)[:1])
    return first.thread_id
