"""Shares with the interval they lie in. Pure."""

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959964
Z97_5 = 2.241403  # two intervals this wide hold together at least 95 times in 100


@dataclass(frozen=True, slots=True)
class Rate:
    """A share between 0 and 1, and the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(hits: float, of: float, z: float = Z95) -> Rate | None:
    """Return `hits` of `of` with Wilson's score interval, honest for few and for extremes; None for none.

    Both may be fractions: of weighted counts, `of` is how many equally weighted ones they are worth.
    """
    if of <= 0:
        return None
    share = hits / of
    spread = 1 + z * z / of
    middle = (share + z * z / (2 * of)) / spread
    reach = z / spread * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return Rate(share, max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach)))
