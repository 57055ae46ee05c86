"""Use case: say how often the judge is right, from what people decided, by language and week, with intervals.

Precision is of the posts the judge opened a case with as complaints: of those a person has decided about (an
approval, an answer by hand, a dismissal that says it was none, a correction), the share that were complaints.

Recall cannot be had from decisions alone: nobody decides about what the judge laid aside. So a few of those are drawn
by lot, each with a known chance p, and checked. A checked post stands for 1/p others. The share of complaints among
the posts laid aside is estimated by the ratio (Hájek) estimator, sum of 1/p over the checked complaints through the
sum of 1/p over all that were checked: it needs no answer for those nobody got round to, taking them for like the
rest. Its interval is Wilson's for as many equally weighted posts as the sample is worth (Kish: the weights' sum
squared through the sum of their squares). Then

    found  = posts the judge opened a case with x precision
    missed = posts laid aside x that share, and those that people found by themselves, among which none is drawn
    recall = found / (found + missed)

The bounds of recall take both intervals at 97.5 % at their worst, so that together they hold at least 95 times in 100.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import reduce

from monitor.domain.rates import Z97_5, Rate, wilson
from monitor.store import scores
from monitor.store.engine import Work

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Counts:
    """What the figures are made of."""

    right: int = 0
    wrong: int = 0
    undecided: int = 0
    passed: int = 0  # laid aside
    by_hand: int = 0  # of those, found to be complaints by people who were not asked
    checked: int = 0  # of those, drawn by lot and checked
    weight: float = 0.0
    squares: float = 0.0
    missed_weight: float = 0.0

    def __add__(self, other: "Counts") -> "Counts":
        """Return both together."""
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def decided(self) -> int:
        """Return how many of the posts taken for complaints a person decided about."""
        return self.right + self.wrong

    @property
    def precision(self) -> Rate | None:
        """Return the share of complaints among what was taken for one; None: nobody decided yet."""
        return wilson(self.right, self.decided)

    @property
    def recall(self) -> Rate | None:
        """Return the share of complaints that was found; None without decisions or without a checked sample."""
        right, missed = wilson(self.right, self.decided, Z97_5), self._miss_rate()
        if right is None or missed is None:
            return None
        opened = self.decided + self.undecided
        return Rate(
            self._found(opened * right.value, missed.value),
            self._found(opened * right.low, missed.high),
            self._found(opened * right.high, missed.low),
        )

    def _miss_rate(self) -> Rate | None:
        if not self.weight:
            return None
        worth = self.weight**2 / self.squares
        return wilson(self.missed_weight / self.weight * worth, worth, Z97_5)

    def _found(self, found: float, miss_rate: float) -> float:
        every = found + (self.passed - self.by_hand) * miss_rate + self.by_hand
        return found / every if every else 0.0


@dataclass(frozen=True, slots=True)
class Cell:
    """The counts of one week and one language."""

    week: datetime  # the Monday it begins with
    lang: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Scores:
    """How the judge did for one brand: `weeks` are the Mondays, oldest first."""

    weeks: tuple[datetime, ...]
    cells: tuple[Cell, ...]

    @property
    def langs(self) -> list[str]:
        """Return the languages, most posts taken for complaints first."""
        seen = {one.lang: self.of(lang=one.lang) for one in self.cells}
        return sorted(seen, key=lambda lang: (-seen[lang].decided - seen[lang].undecided, lang))

    def of(self, *, week: datetime | None = None, lang: str | None = None) -> Counts:
        """Return the counts of a week, of a language, of both, or of everything."""
        chosen = (one.counts for one in self.cells if week in {None, one.week} and lang in {None, one.lang})
        return reduce(Counts.__add__, chosen, Counts())


def score(work: Work, brand_id: int, now: datetime, weeks: int = WEEKS) -> Scores:
    """Count a brand's last weeks, this one included."""
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [monday - timedelta(weeks=back) for back in reversed(range(weeks))]
    cells: dict[tuple[int, str], Counts] = {}
    for key, counts in (
        *_placed(scores.places(work, brand_id, starts)),
        *_drawn(scores.samples(work, brand_id, starts)),
    ):
        cells[key] = cells.get(key, Counts()) + counts
    found = (Cell(starts[week], lang, counts) for (week, lang), counts in sorted(cells.items()))
    return Scores(tuple(starts), tuple(found))


def _placed(rows: Iterable[scores.PlaceRow]) -> Iterable[tuple[tuple[int, str], Counts]]:
    for row in rows:
        n = row.count
        counts = {
            "right": Counts(right=n),
            "wrong": Counts(wrong=n),
            "undecided": Counts(undecided=n),
            "passed": Counts(passed=n),
            "missed": Counts(passed=n, by_hand=n),
        }.get(row.place)
        if counts:
            yield (row.week, row.lang), counts


def _drawn(rows: Iterable[scores.SampleRow]) -> Iterable[tuple[tuple[int, str], Counts]]:
    for row in rows:
        yield (
            (row.week, row.lang),
            Counts(checked=row.checked, weight=row.weight, squares=row.squares, missed_weight=row.missed),
        )
