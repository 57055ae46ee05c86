"""The operating point: what a threshold would have found, missed and raised for nothing, and which costs least. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.domain.rates import Rate, wilson
from monitor.domain.records import Flag, Kind
from monitor.domain.thresholds import Judged, Thresholds

ENOUGH: Final = 50  # decisions; with fewer no point is proposed
CHECKED_ENOUGH: Final = 30  # posts drawn from what was set aside; with fewer no lower threshold is proposed
MISS_COSTS: Final = 5.0  # needless looks, unless the team says otherwise
_STEPS: Final = 100  # thresholds are proposed in hundredths


def share(part: float, whole: float, squares: float) -> Rate | None:
    """Return part of whole with Wilson's interval, None of nothing.

    `squares` is the sum of the squared weights of the whole: decisions that stand for many count as the fewer
    that they are (Kish's effective size).
    """
    if whole <= 0 or squares <= 0:
        return None
    worth = whole * whole / squares
    return wilson(min(1.0, part / whole) * worth, worth)


@dataclass(slots=True)
class _Sum:
    """A weighted count and the sum of its squared weights."""

    weight: float = 0.0
    squares: float = 0.0

    def add(self, weight: float) -> None:
        """Count one in that stands for `weight`."""
        self.weight += weight
        self.squares += weight * weight

    def __add__(self, other: "_Sum") -> "_Sum":
        return _Sum(self.weight + other.weight, self.squares + other.squares)


@dataclass(frozen=True, slots=True)
class Point:
    """What an operating point makes of the team's decisions. `cost` is in needless looks."""

    threshold: float | None  # None: several, or the judge's own
    found: float
    missed: float
    needless: float
    precision: Rate | None
    recall: Rate | None
    cost: float


def _point(threshold: float | None, found: _Sum, missed: _Sum, needless: _Sum, miss_costs: float) -> Point:
    raised, there = found + needless, found + missed
    return Point(
        threshold,
        found.weight,
        missed.weight,
        needless.weight,
        share(found.weight, raised.weight, raised.squares),
        share(found.weight, there.weight, there.squares),
        missed.weight * miss_costs + needless.weight,
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """A post of which people said whether it is a complaint. `weight` is how many posts it stands for."""

    post: Judged
    is_complaint: bool
    weight: float = 1.0
    checked: bool = False  # drawn by lot from what was set aside


def _sums(count: int) -> list[_Sum]:
    return [_Sum() for _ in range(count)]


def _added(mine: list[_Sum], its: list[_Sum]) -> list[_Sum]:
    return [one + other for one, other in zip(mine, its, strict=True)]


@dataclass(slots=True)
class Tally:
    """Decisions of one language, counted as they stream by: memory does not grow with them."""

    decisions: int = 0
    complaints: int = 0
    checked: int = 0
    _yes: list[_Sum] = field(default_factory=lambda: _sums(_STEPS + 1))  # complaints by hundredth of probability
    _no: list[_Sum] = field(default_factory=lambda: _sums(_STEPS + 1))
    _at: list[list[_Sum]] = field(default_factory=list)  # found, missed, needless of each setting

    @property
    def enough(self) -> bool:
        """Tell whether there are decisions enough, and of both kinds, to choose by."""
        return self.decisions >= ENOUGH and 0 < self.complaints < self.decisions

    def add(self, one: Decision, settings: Sequence[Thresholds]) -> None:
        """Count a decision in, at every threshold and at each of the settings."""
        self.decisions += 1
        self.complaints += one.is_complaint
        self.checked += one.checked
        bins = self._yes if one.is_complaint else self._no
        bins[_bin(one.post)].add(one.weight)
        if not self._at:
            self._at = [_sums(3) for _ in settings]
        for sums, thresholds in zip(self._at, settings, strict=True):
            raised = one.post.kind_by(thresholds) is Kind.COMPLAINT
            if raised or one.is_complaint:
                sums[(0 if raised else 1) if one.is_complaint else 2].add(one.weight)

    def at(self, place: int, threshold: float | None = None, miss_costs: float = MISS_COSTS) -> Point:
        """Return the point of one of the settings, by its place among those given to `add`."""
        found, missed, needless = self._at[place] if self._at else _sums(3)
        return _point(threshold, found, missed, needless, miss_costs)

    def __add__(self, other: "Tally") -> "Tally":
        """Return both together, of the same settings."""
        both = Tally(self.decisions + other.decisions, self.complaints + other.complaints, self.checked + other.checked)
        both._yes, both._no = _added(self._yes, other._yes), _added(self._no, other._no)
        if not (self._at and other._at):
            both._at = self._at or other._at
        else:
            both._at = [_added(mine, its) for mine, its in zip(self._at, other._at, strict=True)]
        return both

    @property
    def sees_misses(self) -> bool:
        """Tell whether enough of what was set aside was checked to say what lies there."""
        return self.checked >= CHECKED_ENOUGH

    def cheapest(self, miss_costs: float = MISS_COSTS, near: float = 0.5) -> Point:
        """Return the point that costs least; of several the one nearest to `near`, so that nothing moves in vain.

        `near` is the present threshold. What lies below it nobody looked at, save what was drawn by lot: without
        enough of that no lower one is proposed, since its needless looks would not be counted.
        """
        least = 0.0 if self.sees_misses else min(near, (_STEPS - 1) / _STEPS) - 1e-9
        points = [one for one in self._curve(miss_costs) if one.threshold is not None and one.threshold >= least]
        return min(points, key=lambda one: (round(one.cost, 6), abs((one.threshold or 0.0) - near)))

    def _curve(self, miss_costs: float) -> Iterable[Point]:
        found, needless, missed = sum(self._yes, _Sum()), sum(self._no, _Sum()), _Sum()
        for step in range(1, _STEPS):
            yes, no = self._yes[step - 1], self._no[step - 1]
            missed += yes
            found = _Sum(found.weight - yes.weight, found.squares - yes.squares)
            needless = _Sum(needless.weight - no.weight, needless.squares - no.squares)
            yield _point(step / _STEPS, found, missed, needless, miss_costs)


def _bin(post: Judged) -> int:
    """Return the hundredth a post lies in. One that is a complaint whatever its tone lies above all thresholds."""
    if post.flags - {Flag.PRESS}:
        return _STEPS
    return min(_STEPS - 1, int(post.complaint * _STEPS + 1e-9))
