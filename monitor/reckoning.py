"""Use case: say how a case came to its place in the queue, so that a person can reckon it again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.domain.audience import Audience, Look, at_last, larger
from monitor.domain.triage import Priority, prioritise
from monitor.store import reach
from monitor.store.brands import BrandRow
from monitor.store.cases import CaseRow
from monitor.store.engine import Work
from monitor.store.mentions import MentionRow
from monitor.store.reach import Watched

_LOOKED_AT = 10  # newest posts of a case


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The parts of a case's place: `place` is what its figures give now; what it was promised before may be sooner."""

    audience: Audience
    looks: tuple[Look, ...]  # at its most seen post, oldest first, how it stands now at the end
    place: Priority
    line: int  # from so many people on it is one tier higher
    platform: str
    watched: Watched


def reckon(work: Work, case: CaseRow, brand: BrandRow, rows: Sequence[MentionRow], now: datetime) -> Reckoned:
    """Reckon the place of a case from its posts as they were seen last."""
    line = brand.promises.six_thousand
    seen = [(row, *_seen(work, row, line, now)) for row in rows[-_LOOKED_AT:]]
    row, looks, watched, audience = max(seen, key=lambda one: one[3].people or 0)
    audience = replace(
        larger(reach.weighed(case), audience), rising=case.rising, per_hour=audience.per_hour, seen_at=audience.seen_at
    )
    place = prioritise(case.kind, case.severity, frozenset(case.flags), audience, case.clock_at, brand.promises)
    return Reckoned(audience, looks, place, line, row.platform, watched)


def _seen(work: Work, row: MentionRow, line: int, now: datetime) -> tuple[tuple[Look, ...], Watched, Audience]:
    """Return the looks at a post, and its audience and speed as of the last of them."""
    watched, before = reach.watched(work, row.id), reach.looks(work, row)
    at = min(max([watched.checked_at or row.stored_at, *(one.seen_at for one in before[-1:])]), now)
    looks = (*before, Look(at, reach.figures_of(row, before)))
    return looks, watched, at_last(looks, at, row.written_at, line)
