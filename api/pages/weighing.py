"""Why a case stands where it stands, part by part, and the small drawing of how far its post has travelled."""

from dataclasses import dataclass, replace
from datetime import datetime

from api.pages import words
from monitor.budgets import moment
from monitor.domain import prices
from monitor.domain.audience import MANY_TIMES, estimate, rounded
from monitor.domain.lifecycle import LIVE
from monitor.domain.records import Kind
from monitor.domain.triage import FLAG_WORDS, SEVERITY_WORDS
from monitor.reckoning import Reckoned
from responders.reviewing import CaseView

_WIDTH, _HEIGHT, _RIM = 160, 32, 3
_CENT = prices.MICROS / 100
_ENOUGH = 3  # looks from which on a line says more than two numbers


@dataclass(frozen=True, slots=True)
class Spark:
    """A line of people over time as points of an SVG, and what it says in words."""

    points: str
    end: tuple[float, float]
    line: float | None  # the height of the brand's line, where it lies within the drawing
    words: str
    width: int = _WIDTH
    height: int = _HEIGHT


@dataclass(frozen=True, slots=True)
class Weighed:
    """The parts of a place, as (what, how much), and the drawing."""

    seen_by: str
    parts: tuple[tuple[str, str], ...]
    spark: Spark | None


def weighed(view: CaseView, reckoned: Reckoned, now: datetime) -> Weighed:
    """Put the reckoning of a case into words."""
    parts = [
        *_matter(view),
        *_spread(view, reckoned, now),
        *_promise(view, reckoned, now),
        *_looks(view, reckoned, now),
    ]
    return Weighed(reckoned.audience.ranged, tuple(parts), spark(reckoned))


def _matter(view: CaseView) -> list[tuple[str, str]]:
    case = view.case
    flags = ", ".join(FLAG_WORDS[one] for one in case.flags)
    said = f"{int(case.severity)} of 3: {SEVERITY_WORDS[case.severity]}"
    return [
        ("severity", said if case.kind is Kind.COMPLAINT else str(case.kind)),
        ("urgent words", f"{flags}: tier 3 however it is put" if flags else "none"),
    ]


def _spread(view: CaseView, reckoned: Reckoned, now: datetime) -> list[tuple[str, str]]:
    audience, line = reckoned.audience, reckoned.line
    calm = replace(audience, rising=False)  # that stands beside its speed
    said = calm.ranged if audience.people is not None else "the platform does not say"
    if (audience.people or 0) >= line:
        said += f": {line:,} or more" + (", so one tier higher (3 at most)" if reckoned.place.minutes else "")
    elif audience.may_reach(line):
        said += f": may reach {line:,}"
    found = [("audience", said), ("speed", _speed(reckoned, now))]
    passed = next((one for one in view.events if one.kind == "reach" and one.data.get("passed")), None)
    if passed:
        found.append(("passed", f"{passed.data['passed']:,} people at {moment(passed.created_at, now)}"))
    return found


def _speed(reckoned: Reckoned, now: datetime) -> str:
    audience, place = reckoned.audience, reckoned.place
    if audience.per_hour is None:
        return "fast since it was written" if audience.rising else "not known: that takes two looks"
    if audience.per_hour == 0:
        return "nobody more since the look before"
    said = f"~{rounded(audience.per_hour):,} more an hour" + (", rising" if audience.rising else "")
    when = min(place.promised, audience.told_until) if place.promised and audience.told_until else None
    if when is None or when <= now or place.ahead is None:
        return said
    return f"{said}; at this speed ~{rounded(place.ahead):,} by {moment(when, now)}"


def _promise(view: CaseView, reckoned: Reckoned, now: datetime) -> list[tuple[str, str]]:
    case, place = view.case, reckoned.place
    if place.minutes is None or place.reply_by is None:
        return [("promise", "none: only complaints have one")]
    found = [("promise", f"{_long(place.minutes)} at tier {place.tier}")]
    if place.factor < 1:
        found.append(("shortened", f"× {place.factor:g} for {_why(reckoned)}: {_long(place.minutes * place.factor)}"))
    hours = "round the clock" if place.tier == 3 or view.brand.promises.hours.always else "in the brand's hours"
    found.append(("counted", f"from {moment(case.clock_at, now)}, {hours}"))
    due = case.reply_by or place.reply_by
    said = moment(due, now)
    if due < place.reply_by:
        said += (
            f", as it was promised before; {moment(place.reply_by, now)} by these figures. A promise grows no longer"
        )
    return [*found, ("so answer by", said)]


def _why(reckoned: Reckoned) -> str:
    audience, line = reckoned.audience, reckoned.line
    people = audience.people or 0
    if people >= line * MANY_TIMES:
        return f"{line * MANY_TIMES:,} people or more"
    soon = f"{line:,} people soon" if (reckoned.place.ahead or 0) >= line else ""
    many = f"{line:,} people or more" if people >= line else soon
    return " and ".join(one for one in (many, "rising" if audience.rising else "") if one)


def _looks(view: CaseView, reckoned: Reckoned, now: datetime) -> list[tuple[str, str]]:
    one = reckoned.watched
    if view.case.state not in LIVE or one.check_at is None:
        return []
    when = words.ago(one.check_at, now) if one.check_at > now else "now"
    before = f"{words.ago(one.checked_at, now)}, again" if one.checked_at else "not since it was found;"
    said = f"{before} {when}"
    platform = reckoned.platform
    each = prices.price(platform, "post_read") + prices.price(platform, "user_read")
    cost = f"; up to {each / _CENT:g} cents a look{words.on_platform(platform)}" if each else ""
    return [("looked at", said + cost)]


def _long(minutes: float) -> str:
    return f"{minutes / 60:g} h" if minutes >= 120 else f"{minutes:g} min"


def spark(reckoned: Reckoned) -> Spark | None:
    """Draw how many people saw a post over time; None before three looks."""
    looks = [(one.seen_at, estimate(one.figures).people or 0) for one in reckoned.looks]
    if len(looks) < _ENOUGH or looks[0][0] == looks[-1][0]:
        return None
    first, last = looks[0], looks[-1]
    most = max(1, *(people for _, people in looks))

    def height(people: int) -> float:
        return round(_HEIGHT - _RIM - people / most * (_HEIGHT - 2 * _RIM), 1)

    def across(when: datetime) -> float:
        return round(_RIM + (when - first[0]) / (last[0] - first[0]) * (_WIDTH - 2 * _RIM), 1)

    points = [(across(when), height(people)) for when, people in looks]
    said = f"From ~{rounded(first[1]):,} to ~{rounded(last[1]):,} people in {words.span(last[0] - first[0])}"
    line = height(reckoned.line) if reckoned.line <= most else None
    return Spark(" ".join(f"{x},{y}" for x, y in points), points[-1], line, said)
