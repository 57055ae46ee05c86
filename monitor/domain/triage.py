"""From a verdict and an audience to a tier, a reply-by and the sentence that explains them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.audience import MANY_TIMES, SIX_THOUSAND, Audience
from monitor.domain.records import Flag, Kind, Noise, Severity

HISTORY_AFTER = timedelta(hours=48)
SAME_AUTHOR_JOINS_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a brand's team is at the desk, in its own time zone. Empty `days`: always."""

    zone: str = "UTC"
    days: frozenset[int] = frozenset()  # 0 is Monday
    opens: time = time(0, 0)
    closes: time = time(0, 0)

    @property
    def always(self) -> bool:
        """Tell whether the desk never closes."""
        return not self.days or self.opens == self.closes


@dataclass(frozen=True, slots=True)
class Promises:
    """How soon a complaint of each tier is answered, in minutes; the rest of a brand's clock."""

    minutes: tuple[int, int, int, int] = (24 * 60, 4 * 60, 60, 15)
    six_thousand: int = SIX_THOUSAND
    hours: Hours = field(default_factory=Hours)


@dataclass(frozen=True, slots=True)
class Priority:
    """Where a case stands in the queue, and how that was reckoned. `reply_by` is None for what has no promise.

    The promise of the tier is `minutes`; times `factor`, in the brand's hours from the clock's start, it is the
    reply-by. `ahead` is how many people the post will have reached by the end of the whole promise at its speed.
    """

    tier: int
    reply_by: datetime | None
    delicate: bool
    pages: bool
    minutes: int | None = None
    factor: float = 1.0
    promised: datetime | None = None  # the end of the whole promise
    ahead: int | None = None


FLAG_WORDS: Mapping[Flag, str] = {
    Flag.SAFETY: "safety",
    Flag.LEGAL: "legal threat",
    Flag.DISCRIMINATION: "discrimination",
    Flag.PRIVACY: "private data",
    Flag.MONEY: "money taken",
    Flag.PRESS: "press or public figure",
    Flag.SELF_HARM: "someone may harm themselves",
    Flag.CHILD: "a child is concerned",
}
SEVERITY_WORDS: Mapping[Severity, str] = {
    Severity.MISMATCH: "something was not as expected",
    Severity.DISAPPROVAL: "disappointed",
    Severity.ACCUSATION: "accuses us",
    Severity.BLAME: "blames us or threatens",
}

NOISE_WORDS: Mapping[Noise, str] = {  # not a complaint because ...
    Noise.SPAM: "it looks like spam",
    Noise.GIVEAWAY: "it is a giveaway",
    Noise.JOB: "it is a job ad",
    Noise.NEWS: "it is news about the brand",
    Noise.JOKE: "it is meant as a joke",
    Noise.LYRICS: "it is from a song",
    Noise.OTHER_MEANING: "the name means something else there",
    Noise.OWN_POST: "it is a post of our own",
}


def asks_for(kind: Kind, flags: frozenset[Flag]) -> Kind:
    """Return what a mention asks of us: danger, law, data or money is a complaint however it is put."""
    grave = flags - {Flag.PRESS}
    return Kind.COMPLAINT if grave and kind in {Kind.NONE, Kind.QUESTION} else kind


def tier_of(severity: Severity, flags: frozenset[Flag], audience: Audience, line: int = SIX_THOUSAND) -> int:
    """Return 0 to 3: the severity, at least 3 with an urgent flag, one higher from `line` people."""
    tier = max(int(severity), 3 if flags else 0)
    reached = audience.people is not None and audience.people >= line
    return min(3, tier + (1 if reached else 0))


def clock_start(written_at: datetime | None, stored_at: datetime, *, as_live: bool) -> datetime:
    """Return when the promise began to run: when the post was written, or when we got it if that is no use."""
    if as_live or written_at is None or written_at > stored_at:
        return stored_at
    return written_at


def is_history(written_at: datetime | None, stored_at: datetime, after: timedelta = HISTORY_AFTER) -> bool:
    """Tell whether a post was already old when it arrived."""
    return written_at is not None and stored_at - written_at > after


def prioritise(
    kind: Kind, severity: Severity, flags: frozenset[Flag], audience: Audience, clock: datetime, promises: Promises
) -> Priority:
    """Return the place of a case in the queue. Only complaints have a promise and can be late."""
    delicate = severity is Severity.BLAME or bool(flags)
    if kind is not Kind.COMPLAINT:
        return Priority(0, None, delicate and bool(flags), pages=bool(flags))
    tier = tier_of(severity, flags, audience, promises.six_thousand)
    minutes = promises.minutes[tier]
    hours = Hours() if tier == len(promises.minutes) - 1 else promises.hours
    promised = add_working(clock, timedelta(minutes=minutes), hours)
    ahead = audience.by(promised)
    factor = factor_of(audience, promises.six_thousand, ahead)
    reply_by = promised if factor == 1 else add_working(clock, timedelta(minutes=minutes * factor), hours)
    return Priority(tier, reply_by, delicate, delicate, minutes, factor, promised, ahead)


def factor_of(audience: Audience, line: int = SIX_THOUSAND, ahead: int | None = None) -> float:
    """Return the factor on the time promised: never above 1, so a small audience never waits longer.

    One step for many people, there already or `ahead` at this speed; one for a post that rises; both from ten times
    the line on, where no further rise is waited for.
    """
    people = audience.people or 0
    if people >= line * MANY_TIMES:
        return 0.5
    large = max(people, ahead or 0) >= line
    return 0.5 if large and audience.rising else 0.75 if large or audience.rising else 1.0


def add_working(start: datetime, span: timedelta, hours: Hours) -> datetime:
    """Return `start` plus `span` of the brand's hours."""
    if hours.always:
        return start + span
    zone = ZoneInfo(hours.zone)
    now, left = start.astimezone(zone), span
    for _ in range(366):
        opens, closes = _desk(now, hours)
        if closes > now and now.weekday() in hours.days:
            now = max(now, opens)
            if now + left <= closes:
                return (now + left).astimezone(UTC)
            left -= closes - now
        now = datetime.combine(now.date() + timedelta(days=1), time(0, 0), zone)
    return start + span


def _desk(now: datetime, hours: Hours) -> tuple[datetime, datetime]:
    opens = datetime.combine(now.date(), hours.opens, now.tzinfo)
    closes = datetime.combine(now.date(), hours.closes, now.tzinfo)
    return opens, closes if closes > opens else closes + timedelta(days=1)


def why_here(
    kind: Kind,
    severity: Severity,
    flags: tuple[Flag, ...],
    audience: Audience,
    *,
    same: int = 0,
    line: int = SIX_THOUSAND,
) -> str:
    """Return the sentence that explains a place in the queue, in words and never a bare score."""
    parts = [FLAG_WORDS[flag] for flag in flags]
    parts.append(SEVERITY_WORDS[severity] if kind is Kind.COMPLAINT else str(kind))
    if audience.people is not None:
        parts.append(audience.words)
    if audience.may_reach(line):
        parts.append(f"may reach {line:,}")
    if same:
        parts.append(f"{same} say the same")
    return " · ".join(parts)
