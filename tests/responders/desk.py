"""A small desk for tests: a brand, two colleagues, a lead, and cases that wait for a reply."""

from dataclasses import dataclass
from datetime import datetime

from monitor.assessment import assess_batch
from monitor.domain.lifecycle import Actor, CaseState, Role
from monitor.domain.records import Verdict
from monitor.intake import add_posts
from monitor.store import accounts, brands, cases, users
from monitor.store.cases import CaseRow
from monitor.store.engine import Store
from responders.drafting import draft_batch
from responders.ports import Brief, DraftRefused, DraftText
from tests.making import ToldJudge, post, verdict

GOOD = (
    "A kettle that leaks is not what you should get from us. We are sorry, and leaving you without an answer is on us. "
    "We are checking it now and will write to you here with what we find."
)
BETTER = (
    "You bought a kettle and got a leak: we are sorry. The long silence afterwards is our fault too. "
    "We are looking into it now and will come back to you in this thread with what we find."
)
EVASIVE = "We are sorry you feel that way."


class ToldDrafter:
    """Writes what it is told, a good reply otherwise."""

    version = "told-1"

    def __init__(self, text: str = GOOD, *, refuses: bool = False) -> None:
        self.text, self.refuses, self.briefs = text, refuses, list[Brief]()

    def draft(self, brief: Brief) -> DraftText:
        """Write, or leave it to a person."""
        self.briefs.append(brief)
        if self.refuses:
            message = "A person must write this one."
            raise DraftRefused(message)
        return DraftText(self.text, brief.lang, self.version)


@dataclass
class Desk:
    """Where a test works."""

    store: Store
    now: datetime
    brand: int
    ann: Actor
    bob: Actor
    lead: Actor
    observer: Actor

    def case(self, case_id: int = 1) -> CaseRow:
        """Return a case as it stands."""
        with self.store.reading() as work:
            return cases.get(work, case_id)

    def arrives(self, external_id: str = "1", said: Verdict | None = None, **about: object) -> CaseRow:
        """Let a post arrive and be judged; return the newest case."""
        one = post(external_id, **about)  # type: ignore[arg-type]
        add_posts(self.store, self.brand, [one], self.now)
        assess_batch(self.store, ToldJudge({one.text: said or verdict()}), self.now)
        with self.store.reading() as work:
            rows = cases.desk(work, "complaints") + cases.desk(work, "others")
        return self.case(max((row.id for row in rows), default=1))

    def drafted(self, external_id: str = "1", text: str = GOOD, said: Verdict | None = None) -> CaseRow:
        """Let a post arrive, be judged and be drafted."""
        case = self.arrives(external_id, said)
        draft_batch(self.store, ToldDrafter(text), self.now)
        case = self.case(case.id)
        assert case.state is CaseState.IN_REVIEW
        return case


def open_desk(store: Store, now: datetime) -> Desk:
    """Open a desk on a fresh store."""
    with store.unit_of_work() as work:
        brand = brands.create(work, "vela", "Vela", now, is_demo=True)
        accounts.add(work, brand, "x", "vela", "dryrun", now)
        people = {
            name: Actor.person(users.add(work, f"{name}@example.com", name.title(), "-", role, now), role, name.title())
            for name, role in (
                ("ann", Role.AGENT),
                ("bob", Role.AGENT),
                ("lead", Role.LEAD),
                ("observer", Role.OBSERVER),
            )
        }
    return Desk(store, now, brand, **people)
