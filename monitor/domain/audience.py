"""How many people are likely to see a post. Reach sets the hurry, never the worth. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.records import Engagement

# Shares of followers that see a single post vary widely and no platform publishes them; these are cautious
# starting points, used only to order cases, and replaced by the platform's own view count where there is one.
_SHARE_OF_FOLLOWERS = 0.2
_PER_REPOST = 120
_PER_LIKE = 15
_PER_REPLY = 20
_FAST_PER_HOUR = 2000
_LARGE = 6000


@dataclass(frozen=True, slots=True)
class Audience:
    """An estimate. `people` is None when the platform reveals nothing; `hurry` shortens a promise (0.5 to 1)."""

    people: int | None
    rising: bool = False

    @property
    def hurry(self) -> float:
        """Return the factor on the reply-by time: never above 1, so a small audience never waits longer."""
        if self.people is None or self.people < _LARGE:
            return 0.75 if self.rising else 1.0
        return 0.5 if self.rising else 0.75

    @property
    def words(self) -> str:
        """Say it as the queue does."""
        if self.people is None:
            return "audience unknown"
        if self.people < 10:
            return "hardly anyone has seen it"
        tail = ", rising" if self.rising else ""
        return f"~{_rounded(self.people):,} people{tail}"


def estimate(followers: int | None, engagement: Engagement, age: timedelta | None) -> Audience:
    """Estimate the audience of a post `age` old. Figures the platform does not give stay missing."""
    spread = _spread(engagement)
    if engagement.views is not None:
        people: int | None = max(engagement.views, spread or 0)
    elif followers is None and spread is None:
        people = None
    else:
        people = round((followers or 0) * _SHARE_OF_FOLLOWERS) + (spread or 0)
    return Audience(people, rising=_rising(engagement.views if engagement.views is not None else spread, age))


def _spread(engagement: Engagement) -> int | None:
    seen = [
        (engagement.reposts, _PER_REPOST),
        (engagement.likes, _PER_LIKE),
        (engagement.replies, _PER_REPLY),
    ]
    known = [count * weight for count, weight in seen if count is not None]
    return sum(known) if known else None


def _rising(reached: int | None, age: timedelta | None) -> bool:
    if reached is None or age is None or age > timedelta(hours=12):
        return False
    hours = max(age.total_seconds() / 3600, 0.25)
    return reached / hours >= _FAST_PER_HOUR


def _rounded(people: int) -> int:
    if people < 100:
        return people
    digits = len(str(people)) - 2
    return round(people, -digits)


def age_of(written_at: datetime | None, now: datetime) -> timedelta | None:
    """Return how old a post is, or None when its date is missing or in the future."""
    return now - written_at if written_at is not None and written_at <= now else None
