"""What platforms bill for, in millionths of a dollar an object. A platform that is not named here costs nothing.

X's list of 2026: a post of our own account's timeline or mentions is cheap, a reply of ours with a link is dear.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

MICROS: Final = 1_000_000  # of a dollar in a dollar
PRICES: Final[Mapping[str, Mapping[str, int]]] = {
    "x": {
        "post_read": 5_000,
        "user_read": 10_000,
        "own_read": 1_000,
        "post": 15_000,
        "post_with_url": 200_000,
        "summoned_reply": 10_000,
    },
}
PAGE: Final = 100  # posts, at most
_CHEAP: Final = frozenset({"mentions"})  # kinds of watches that read what is addressed to our own account
_MONTH: Final = timedelta(days=30)


def price(platform: str, kind: str) -> int:
    """Return what one object costs, 0 where a platform does not bill it."""
    return PRICES.get(platform, {}).get(kind, 0)


def cost(platform: str, billed: Mapping[str, int]) -> int:
    """Return what the objects of a `Usage.billed` cost together."""
    return sum(count * price(platform, kind) for kind, count in billed.items())


def largest_page(platform: str, watch_kind: str) -> int:
    """Return the most that one page of a watch can cost: a full page, each post by another author."""
    read = "own_read" if watch_kind in _CHEAP else "post_read"
    return PAGE * (price(platform, read) + price(platform, "user_read"))


def a_month(micros: int, over: timedelta) -> int:
    """Return what a month of 30 days costs if it goes on as it did `over` a time (an hour at least)."""
    return round(micros * (_MONTH / max(over, timedelta(hours=1))))


def dollars(micros: int) -> str:
    """Write an amount as people do: $1,204.50; parts of a cent are kept while the amount is under one."""
    amount = micros / MICROS
    return f"${amount:,.4f}".rstrip("0") if 0 < amount < 0.01 else f"${amount:,.2f}"
