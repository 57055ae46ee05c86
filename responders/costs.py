"""What a reply costs on platforms that bill for it, said before it is spent."""

import re
from datetime import datetime

from monitor.domain import prices
from monitor.store import spending
from monitor.store.accounts import AccountRow
from monitor.store.drafts import DraftRow
from monitor.store.engine import Work
from responders.ports import Purpose

_LINK = re.compile(r"https?://|(?<![@\w.])(?:[\w-]+\.)+[a-z]{2,}(?:/|\b)", re.IGNORECASE)
_NAMES = {"x": "X"}
_READS = 2


def most(platform: str, text: str) -> int:
    """Return the most that a reply can cost there, in millionths of a dollar."""
    return prices.price(platform, "post_with_url" if _LINK.search(text) else "post")


def advice(platform: str, text: str) -> str:
    """Say it when a link makes a reply dear; "" when there is nothing to say."""
    cost = most(platform, text)
    if cost <= prices.price(platform, "post"):
        return ""
    without = prices.dollars(prices.price(platform, "summoned_reply"))
    name = _NAMES.get(platform, platform)
    return (
        f"This reply costs about {prices.dollars(cost)} on {name} because it has a link; without it, about {without}."
    )


def over_cap(work: Work, account: AccountRow, draft: DraftRow, now: datetime) -> str:
    """Say why a reply would break its account's monthly cap; "" when it does not. Withdrawing is free.

    The post is read before it is answered: once by us and once by the publisher, each with its author.
    """
    cost = most(account.platform, draft.text or "")
    if account.cap_micros is None or not cost or draft.purpose == Purpose.WITHDRAW:
        return ""
    cost += _READS * (prices.price(account.platform, "post_read") + prices.price(account.platform, "user_read"))
    spent = spending.this_month(work, account.id, now)
    if spent + cost <= account.cap_micros:
        return ""
    cap, paid, price = (prices.dollars(one) for one in (account.cap_micros, spent, cost))
    return (
        f"This reply may cost {price}, and of this month's cap of {cap} for {account.handle} {paid} is spent. Nothing "
        "was sent: raise the cap, take out a link, or answer by hand."
    )
