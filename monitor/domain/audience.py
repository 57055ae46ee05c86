"""How many people are likely to see a post, and how fast it spreads. Reach sets the hurry, never the worth. Pure.

What a platform does not reveal stays missing and adds nothing. An estimate comes with the range it lies in: narrow
where the platform counts views, wide where only the author's followers are known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from monitor.domain.records import Engagement

SIX_THOUSAND: Final = 6000  # on the street an unhappy customer tells six people; online, six thousand
MANY_TIMES: Final = 10  # from so many times the line on, a post is as pressing as one that also rises

Range = tuple[float, float, float]  # at least, likely, at most


@dataclass(frozen=True, slots=True)
class Factors:
    """How many people see a post for each thing its platform counts."""

    follower: Range = (0.03, 0.15, 0.5)
    repost: Range = (30, 120, 300)
    like: Range = (5, 15, 40)
    reply: Range = (5, 20, 50)
    member: Range = (0, 0, 0)  # of the place it stands in


# Where they come from. `follower`: Sprinklr's published share of followers that see a post, 15 % up to 100,000
# followers and 6 % at ten million. Hacker News: authors' accounts of days on its front page, e.g. 15,000 to 20,000
# visitors at 208 points. All the others are cautious guesses: no platform says how many see a post for each like.
_PLAIN: Final = Factors()
FACTORS: Final[Mapping[str, Factors]] = {
    "x": _PLAIN,
    "bluesky": Factors(repost=(25, 80, 250), like=(4, 12, 30), reply=(4, 15, 40)),
    # No algorithm: who looks in at the hour sees it. Counts of other servers' posts are what ours was told of.
    "mastodon": Factors(follower=(0.05, 0.2, 0.6), repost=(20, 60, 150), like=(3, 8, 20), reply=(3, 10, 30)),
    # A like is a vote here. One reader in forty votes, fewer write; few members read what is new.
    "reddit": Factors((0, 0, 0), (50, 200, 600), (10, 40, 100), (15, 50, 150), (0, 0.002, 0.02)),
    "hackernews": Factors((0, 0, 0), (0, 0, 0), (30, 80, 150), (5, 20, 50)),
}
_VIEWS: Final[Range] = (0.6, 1.0, 1.2)  # a view is counted again when somebody comes back, and counted late
_MANY_FOLLOWERS: Final = 100_000
_SHARE_BEYOND: Final = 0.4  # of the share below: from 15 % to 6 %
_CLOSEST_VOTE: Final = 0.1  # near a tie the votes behind a score cannot be told

_FAST: Final = 2000  # people an hour: rising at any age
_FAST_LATE: Final = 500  # a post of four hours and older rises from here on: most have been seen by then
_YOUNG: Final = timedelta(hours=12)  # until then the speed since it was written says something
_APART: Final = timedelta(minutes=20)  # two looks closer together tell no speed
_AHEAD: Final = timedelta(hours=6)  # no further does a speed say where a post will be


@dataclass(frozen=True, slots=True)
class Figures:
    """What a platform reveals of a post: None where it does not."""

    platform: str = ""
    followers: int | None = None
    engagement: Engagement = field(default_factory=Engagement)
    members: int | None = None  # of the place it stands in: a subreddit
    liked: float | None = None  # the share of votes that are for it, 0 to 1


@dataclass(frozen=True, slots=True)
class Audience:
    """An estimate with its range. `people` is None when the platform reveals nothing.

    `per_hour` is measured between looks, None before there were two; it was so at `seen_at`.
    """

    people: int | None
    rising: bool = False
    low: int | None = None
    high: int | None = None
    per_hour: int | None = None
    seen_at: datetime | None = None

    def by(self, when: datetime) -> int | None:
        """Return how many it will be by then at this speed, looking six hours ahead at most."""
        if self.people is None or not self.per_hour or self.seen_at is None:
            return self.people
        ahead = min(max(when - self.seen_at, timedelta(0)), _AHEAD)
        return self.people + round(self.per_hour * (ahead / timedelta(hours=1)))

    @property
    def told_until(self) -> datetime | None:
        """Return until when its speed says where it will be."""
        return self.seen_at + _AHEAD if self.seen_at is not None and self.per_hour else None

    def may_reach(self, line: int = SIX_THOUSAND) -> bool:
        """Tell whether only the high end of the range lies beyond the line."""
        return self.people is not None and self.high is not None and self.people < line <= self.high

    @property
    def words(self) -> str:
        """Say it as the queue does."""
        return self._said("")

    @property
    def ranged(self) -> str:
        """Say it with its range: "~4,000 people (1,500 to 9,000)"."""
        low, high = rounded(self.low or 0), rounded(self.high or 0)
        return self._said(f" ({low:,} to {high:,})" if self.high and low < high else "")

    def _said(self, between: str) -> str:
        if self.people is None:
            return "audience unknown"
        if self.people < 10:
            return "hardly anyone has seen it"
        return f"~{rounded(self.people):,} people{between}{', rising' if self.rising else ''}"


def larger(first: Audience, second: Audience) -> Audience:
    """Return the larger of two estimates; one that is known is larger than one that is not."""
    known = [one for one in (second, first) if one.people is not None]
    return max(known, key=lambda one: one.people or 0, default=second)


def estimate(figures: Figures) -> Audience:
    """Estimate the audience of a post. Figures the platform does not give stay missing."""
    seen = _seen(figures.engagement)
    if figures.engagement.views is not None:
        ends = [max(round(figures.engagement.views * share), seen) for share in _VIEWS]
    else:
        parts = [*_around(figures), *_spread(figures)]
        if not parts:
            return Audience(None)
        ends = [max(round(sum(part[end] for part in parts)), seen) for end in range(3)]
    return Audience(ends[1], low=ends[0], high=ends[2])


def reached(figures: Figures) -> int | None:
    """Return how many people a post itself has reached, its author's and its place's own readers left out."""
    if figures.engagement.views is not None:
        return max(figures.engagement.views, 0)
    parts = _spread(figures)
    return round(sum(part[1] for part in parts)) if parts else None


def _seen(engagement: Engagement) -> int:
    """Return how many have surely seen it: whoever did something with it."""
    return max(engagement.likes or 0, engagement.reposts or 0, engagement.replies or 0, 0)


def _around(figures: Figures) -> list[Range]:
    """Return who sees a post without anybody passing it on."""
    factors, found = FACTORS.get(figures.platform, _PLAIN), []
    if figures.followers is not None and any(factors.follower):
        count = max(figures.followers, 0)
        beyond = max(count - _MANY_FOLLOWERS, 0)
        found.append(_times(count - beyond + beyond * _SHARE_BEYOND, factors.follower))
    if figures.members is not None and any(factors.member):
        found.append(_times(max(figures.members, 0), factors.member))
    return found


def _spread(figures: Figures) -> list[Range]:
    factors, counted = FACTORS.get(figures.platform, _PLAIN), figures.engagement
    likes = counted.likes
    if likes is not None and figures.liked is not None:
        likes = round(likes / max(abs(2 * figures.liked - 1), _CLOSEST_VOTE))  # a score is votes for less votes against
    known = ((counted.reposts, factors.repost), (likes, factors.like), (counted.replies, factors.reply))
    return [_times(max(count, 0), each) for count, each in known if count is not None and any(each)]


def _times(count: float, each: Range) -> Range:
    return count * each[0], count * each[1], count * each[2]


# --- speed ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """How far a post had travelled when somebody looked."""

    seen_at: datetime
    figures: Figures


def speed(looks: Sequence[Look], now: datetime) -> int | None:
    """Return how many people an hour a post gained until `now`, where it stands as the last look (oldest first) found it.

    None before two looks lie far enough apart. Where nothing was gained since the look before, it is 0.
    """
    before = [one for one in looks if now - one.seen_at >= _APART]
    if not before:
        return None
    first, last = before[-1].figures, looks[-1].figures
    if (first.engagement.views is None) != (last.engagement.views is None):
        return None  # what began to be counted is no growth
    gained = max((reached(last) or 0) - (reached(first) or 0), 0)
    return round(gained / ((now - before[-1].seen_at) / timedelta(hours=1)))


def is_rising(per_hour: int | None, has: int | None, age: timedelta | None, line: int = SIX_THOUSAND) -> bool:
    """Tell whether a post of this age that `has` reached so many spreads fast.

    A speed that was measured counts by age, and by size beyond ten times the line; before there is one, the speed
    since it was written does, on its first half day.
    """
    if has is None or age is None:
        return False
    hours = max(age / timedelta(hours=1), 0.25)
    if per_hour is None:
        return age <= _YOUNG and has / hours >= _FAST
    enough = max(_FAST / max(hours, 1), _FAST_LATE)
    return per_hour >= enough * max(has / (MANY_TIMES * line), 1)


def at_last(looks: Sequence[Look], now: datetime, written_at: datetime | None, line: int = SIX_THOUSAND) -> Audience:
    """Return the audience of a post as its last look (oldest first, one at least) showed it, with its speed."""
    last, per_hour = looks[-1].figures, speed(looks, now)
    found = estimate(last)
    rising = is_rising(per_hour, reached(last), age_of(written_at, now), line)
    return Audience(found.people, rising, found.low, found.high, per_hour, now)


def rounded(people: int) -> int:
    """Return a number as exact as an estimate may be said: two digits."""
    if people < 100:
        return people
    digits = len(str(people)) - 2
    return round(people, -digits)


def age_of(written_at: datetime | None, now: datetime) -> timedelta | None:
    """Return how old a post is, or None when its date is missing or in the future."""
    return now - written_at if written_at is not None and written_at <= now else None
