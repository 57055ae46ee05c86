"""Old decisions played again by other settings: which cases would not be, which would be more, what would be late. Pure.

Nothing is kept of a post but counts and a few examples: a million may stream by.
"""

import heapq
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from monitor.domain.audience import Audience
from monitor.domain.records import Flag, Kind, Severity
from monitor.domain.thresholds import Judged, Thresholds
from monitor.domain.triage import Hours, Priority, Promises, factor_of, prioritise

EXAMPLES: Final = 50  # shown each way
# The reasons the page offers for closing a case that was none; what else people write says nothing of that.
NEEDLESS: Final = frozenset({"not about us", "not a complaint", "spam or an insult only"})
_RANK: Final = {Kind.NONE: 0, Kind.THANKS: 1, Kind.QUESTION: 2, Kind.COMPLAINT: 3}
_ORDER: Final = {"answered": 3, "complaint": 3, "waiting": 2, "needless": 1}


class Became(StrEnum):
    """What became of a case, or of a post that lies aside."""

    ANSWERED = "answered"
    NEEDLESS = "needless"  # dismissed as none, or corrected to be none
    DISMISSED = "dismissed"
    DELETED = "deleted"  # by its author
    CLOSED = "closed"
    WAITING = "waiting"
    COMPLAINT = "complaint"  # set aside, and a person said that it is one
    UNSEEN = "unseen"  # set aside, and nobody said anything of it


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides: from where on a post is a complaint, and how soon it is answered."""

    thresholds: Thresholds
    promises: Promises


@dataclass(frozen=True, slots=True)
class Weight:
    """What a place in the queue follows from, beside the kind."""

    severity: Severity
    flags: frozenset[Flag]
    audience: Audience
    clock_at: datetime


@dataclass(frozen=True, slots=True)
class OldCase:
    """A case as it went, with the verdicts on its posts."""

    id: int
    mention_id: int
    posts: tuple[Judged, ...]
    weight: Weight
    opened_at: datetime
    became: Became
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OldPost:
    """A post that no case took."""

    post: Judged
    weight: Weight
    judged_at: datetime


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """A post that would fare differently. They sort by how much it matters, then by age."""

    matters: int
    mention_id: int
    case_id: int | None = field(compare=False)
    became: Became = field(compare=False)
    complaint: float = field(compare=False)


@dataclass
class Replay:
    """Two settings side by side. Feed it with `case` and `post`, then read the counts.

    Each pair is (as it is set now, as it would be).
    """

    now: Rules
    then: Rules
    cases: int = 0
    posts_aside: int = 0
    lost: Counter[Became] = field(default_factory=Counter)  # cases that would not be, by what became of them
    gained: Counter[Became] = field(default_factory=Counter)  # posts that would become cases, by what is known of them
    found: int = 0  # cases that people had to open by hand, and would not have to
    likely: float = 0.0  # how many of the unseen are complaints, by the judge's own probabilities
    tiers: tuple[list[int], list[int]] = field(default_factory=lambda: ([0] * 4, [0] * 4))
    sooner: int = 0
    later: int = 0
    answered: int = 0  # answered complaints that are cases by both settings
    late: list[int] = field(default_factory=lambda: [0, 0])  # of those
    load: dict[date, list[int]] = field(default_factory=dict)
    lost_examples: list[Example] = field(default_factory=list)
    gained_examples: list[Example] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Set both clocks."""
        self._clocks = _Clock(self.now.promises), _Clock(self.then.promises)
        self._same = self.now.promises == self.then.promises

    @property
    def missed(self) -> int:
        """Return how many complaints that people answered would have been missed: the number that matters."""
        return self.lost[Became.ANSWERED]

    def case(self, one: OldCase) -> None:
        """Play a case again."""
        self.cases += 1
        before, after = (_asked(one.posts, rules.thresholds) for rules in (self.now, self.then))
        self._weigh(one.opened_at.date(), one.weight, before, after, one.answered_at)
        if before is not Kind.NONE and after is Kind.NONE:
            self.lost[one.became] += 1
            surest = max((post.complaint for post in one.posts), default=0.0)
            _keep(self.lost_examples, _example(one.mention_id, one.id, one.became, surest))
        elif before is Kind.NONE and after is not Kind.NONE:
            self.found += 1

    def post(self, one: OldPost) -> None:
        """Play a post again that was set aside."""
        before, after = (one.post.kind_by(rules.thresholds) for rules in (self.now, self.then))
        self._weigh(one.judged_at.date(), one.weight, before, after, None)
        aside = before is Kind.NONE, after is Kind.NONE
        if aside == (True, False):
            became = _said(one.post.corrected)
            self.gained[became] += 1
            self.likely += one.post.complaint if became is Became.UNSEEN else 0
            _keep(self.gained_examples, _example(one.post.mention_id, None, became, one.post.complaint))

    def _weigh(self, day: date, weight: Weight, before: Kind, after: Kind, answered_at: datetime | None) -> None:
        """Count a case's place in the queue by both settings."""
        if before is after is Kind.NONE:
            return
        load = self.load.setdefault(day, [0, 0])
        for side, kind in enumerate((before, after)):
            load[side] += kind is not Kind.NONE
            if kind is Kind.COMPLAINT:
                self.tiers[side][self._clocks[side].tier(kind, weight)] += 1
        if before is after is Kind.COMPLAINT and not (self._same and answered_at is None):
            self._time(weight, answered_at)

    def _time(self, weight: Weight, answered_at: datetime | None) -> None:
        """Count whether a complaint is due sooner or later, and whether its answer was late."""
        would_be = self._clocks[1].reply_by(Kind.COMPLAINT, weight)
        due = would_be if self._same else self._clocks[0].reply_by(Kind.COMPLAINT, weight)
        if due is None or would_be is None:
            return
        self.sooner += would_be < due
        self.later += would_be > due
        if answered_at is not None:
            self.answered += 1
            self.late[0] += answered_at > due
            self.late[1] += answered_at > would_be


def _asked(posts: tuple[Judged, ...], thresholds: Thresholds) -> Kind:
    """Return what a case asks of us: the most that any of its posts does."""
    if len(posts) == 1:  # most are, and there are many
        return posts[0].kind_by(thresholds)
    return max((post.kind_by(thresholds) for post in posts), key=_RANK.__getitem__, default=Kind.NONE)


class _Clock:
    """Promises as they fall, each kind of case reckoned once: the span is the same, only its start differs.

    Where the desk closes every start has a span of its own; a post that grows is reckoned for itself.
    """

    def __init__(self, promises: Promises) -> None:
        self._promises, self._plain = promises, replace(promises, hours=Hours())
        self._known: dict[object, tuple[int, timedelta | None]] = {}

    def tier(self, kind: Kind, weight: Weight) -> int:
        """Return the tier of a case."""
        return self._span(kind, weight)[0]

    def reply_by(self, kind: Kind, weight: Weight) -> datetime | None:
        """Return when the answer to a case is due."""
        if not self._promises.hours.always:
            return _place(kind, weight, self._promises).reply_by
        span = self._span(kind, weight)[1]
        return None if span is None else weight.clock_at + span

    def _span(self, kind: Kind, weight: Weight) -> tuple[int, timedelta | None]:
        """Return the tier, and how long it takes at a desk that never closes."""
        line, audience = self._promises.six_thousand, weight.audience
        sort = kind, weight.severity, weight.flags, factor_of(audience, line), (audience.people or 0) >= line
        if sort in self._known and not audience.per_hour:
            return self._known[sort]
        place = _place(kind, weight, self._plain)
        found = place.tier, None if place.reply_by is None else place.reply_by - weight.clock_at
        return found if audience.per_hour else self._known.setdefault(sort, found)


def _place(kind: Kind, weight: Weight, promises: Promises) -> Priority:
    return prioritise(kind, weight.severity, weight.flags, weight.audience, weight.clock_at, promises)


def _said(corrected: bool | None) -> Became:  # noqa: FBT001  a person's word
    if corrected is None:
        return Became.UNSEEN
    return Became.COMPLAINT if corrected else Became.NEEDLESS


def _example(mention_id: int, case_id: int | None, became: Became, complaint: float) -> Example:
    return Example(_ORDER.get(became, 0), mention_id, case_id, became, complaint)


def _keep(examples: list[Example], one: Example) -> None:
    if len(examples) < EXAMPLES:
        heapq.heappush(examples, one)
    else:
        heapq.heappushpop(examples, one)
