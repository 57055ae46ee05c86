"""How long customers waited, by how many people saw their post and by how bad it was: unfairness is to be seen. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from monitor.domain.records import Severity

BANDS: Final = (100, 1_000, 6_000)  # a band ends below each of these; above the last lies one more


@dataclass(frozen=True, slots=True)
class Answer:
    """A complaint that was answered: how long that took, on the clock and round it."""

    people: int | None
    severity: Severity
    took: timedelta
    late: bool


@dataclass(frozen=True, slots=True)
class Waited:
    """The median wait of so many, in minutes; None of nobody. `late` of them got their answer after its time."""

    count: int
    minutes: float | None
    late: int


@dataclass(frozen=True, slots=True)
class Band:
    """One audience size: all its answers, and by severity 0 to 3. `people` is None for an unknown audience."""

    people: tuple[int, int | None] | None  # from, and below
    every: Waited
    severities: tuple[Waited, ...]


def by_band(answers: Iterable[Answer]) -> list[Band]:
    """Return how long each audience size waited: small ones first, the unknown last, and those of nobody left out."""
    given = list(answers)
    found = []
    for low, high in pairwise((0, *BANDS, None)):
        mine = [one for one in given if _within(one.people, low or 0, high)]
        found.append(_band((low or 0, high), mine))
    found.append(_band(None, [one for one in given if one.people is None]))
    return [one for one in found if one.every.count]


def all_of(answers: Iterable[Answer]) -> Band:
    """Return how long everybody waited."""
    return _band(None, list(answers))


def _within(people: int | None, low: int, high: int | None) -> bool:
    return people is not None and low <= people and (high is None or people < high)


def _band(people: tuple[int, int | None] | None, mine: Sequence[Answer]) -> Band:
    by_severity = [_waited([one for one in mine if one.severity is severity]) for severity in Severity]
    return Band(people, _waited(mine), tuple(by_severity))


def _waited(mine: Sequence[Answer]) -> Waited:
    took = [one.took / timedelta(minutes=1) for one in mine]
    return Waited(len(mine), median(took) if took else None, sum(one.late for one in mine))
