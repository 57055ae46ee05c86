"""Use case: what other settings would have made of the last weeks, before they are saved. Nothing is changed.

The present settings are played as well as the proposed ones: what was set meanwhile, or by hand, does not blur the two.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from monitor import classifiers
from monitor.domain.points import MISS_COSTS, Point, Tally
from monitor.domain.replay import Example, Replay, Rules
from monitor.domain.thresholds import Thresholds, thresholds_of
from monitor.domain.triage import Promises
from monitor.judging import trying
from monitor.store import brands, decisions, mentions
from monitor.store.brands import BrandRow
from monitor.store.engine import Store, Work
from monitor.store.mentions import MentionRow

DAYS: Final = (7, 30, 90)
MONTH: Final = 30
_MIDDLE: Final = 0.5  # where a judge that says nothing of it decides
LEARN_FROM: Final = timedelta(days=90)  # decisions that the operating point is chosen by


@dataclass(frozen=True, slots=True)
class Shown:
    """An example with its post. `mention.text` is None once its author deleted it."""

    example: Example
    mention: MentionRow


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would have been: the counts, and posts to look at."""

    replay: Replay
    days: int
    since: datetime
    lost: tuple[Shown, ...]
    gained: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The operating point of one language ("" for all): as it is, as proposed, and what would cost least.

    The points are None while people have decided too little: nothing is made up.
    """

    lang: str
    decisions: int
    complaints: int
    checked: int
    sees_misses: bool  # enough of what was set aside was checked
    threshold: float | None  # as it is set now; None: the judge's own
    now: Point | None = None
    then: Point | None = None
    cheapest: Point | None = None

    @property
    def enough(self) -> bool:
        """Tell whether there is anything to choose by."""
        return self.cheapest is not None


@dataclass(frozen=True, slots=True)
class Figure:
    """What a model says of itself in one language: [threshold, precision, recall] on `rows` posts where it was made."""

    lang: str
    rows: int
    threshold: float  # its own operating point
    points: tuple[tuple[float, float, float], ...]

    def at(self, threshold: float | None) -> tuple[float, float, float]:
        """Return the measured point nearest to a threshold; None: to the model's own."""
        wanted = self.threshold if threshold is None else threshold
        return min(self.points, key=lambda point: abs(point[0] - wanted))


@dataclass(frozen=True, slots=True)
class Choices:
    """All languages together first, then each; the model's own figures where the team decided too little."""

    miss_costs: float
    all: Choice
    languages: tuple[Choice, ...] = ()
    figures: tuple[Figure, ...] = ()
    own: Mapping[str, float] = field(default_factory=dict)  # where the judge itself decides; "": all other languages


def rules_of(brand: BrandRow, operator: float | None = None) -> Rules:
    """Return what decides for a brand. `operator` is the threshold set for all brands."""
    return Rules(thresholds_of(brand.settings, operator), brand.promises)


def proposed(brand: BrandRow, changes: Mapping[str, Any]) -> BrandRow:
    """Return the brand as it would be; a change of None goes back to the default."""
    merged = {name: value for name, value in {**brand.settings, **changes}.items() if value is not None}
    return replace(brand, settings=merged)


def what_changes(brand: BrandRow, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the changes that make a difference; what spells out a default goes back to it."""
    given = dict(changes)
    if given.get("minutes") == list(Promises().minutes):
        given["minutes"] = None
    if given.get("six_thousand") == Promises().six_thousand:
        given["six_thousand"] = None
    present = rules_of(brand)
    return {name: value for name, value in given.items() if rules_of(proposed(brand, {name: value})) != present}


def what_if(
    store: Store,
    brand_id: int,
    changes: Mapping[str, Any],
    now: datetime,
    *,
    days: int = MONTH,
    operator: float | None = None,
) -> WhatIf:
    """Play the last `days` again with `changes` to the brand's settings. Raises `NotFound` for an unknown brand."""
    since = now - timedelta(days=days)
    with store.reading() as work:
        brand = brands.get(work, brand_id)
        replay = Replay(rules_of(brand, operator), rules_of(proposed(brand, changes), operator))
        for case in decisions.cases_since(work, brand_id, since):
            replay.case(case)
        for post in decisions.aside_since(work, brand_id, since, _least(replay)):
            replay.post(post)
        replay.posts_aside = decisions.count_aside(work, brand_id, since)
        lost, gained = _shown(work, replay.lost_examples), _shown(work, replay.gained_examples)
    return WhatIf(replay, days, since, lost, gained)


def _least(replay: Replay) -> float | None:
    """Return the probability below which no post can be a complaint by either setting."""
    both = (replay.now.thresholds.lowest, replay.then.thresholds.lowest)
    return min((one for one in both if one is not None), default=None)


def _shown(work: Work, examples: list[Example]) -> tuple[Shown, ...]:
    rows = {row.id: row for row in mentions.get_many(work, [one.mention_id for one in examples])}
    return tuple(Shown(one, rows[one.mention_id]) for one in sorted(examples, reverse=True) if one.mention_id in rows)


def choices(
    store: Store,
    brand_id: int,
    changes: Mapping[str, Any],
    now: datetime,
    *,
    miss_costs: float = MISS_COSTS,
    operator: float | None = None,
    set_model: str = trying.SHIPPED,
) -> Choices:
    """Return the operating points by what people decided in the last 90 days. A miss costs `miss_costs` needless looks.

    `set_model` is the judge that the operator set; the judge's own points are those of the one in use.
    """
    with store.reading() as work:
        model = trying.judge_in_use(work, set_model)
        brand = brands.get(work, brand_id)
        present = rules_of(brand, operator).thresholds
        settings = (present, rules_of(proposed(brand, changes), operator).thresholds)
        by_language = defaultdict[str, Tally](Tally)
        for one in decisions.said_since(work, brand_id, now - LEARN_FROM):
            by_language[one.post.lang].add(one, settings)
    own, figures = own_figures(model)
    every = _choice("", sum(by_language.values(), Tally()), settings, miss_costs, own.get(""))
    languages = sorted(by_language.items(), key=lambda item: (-item[1].decisions, item[0]))
    each = tuple(_choice(lang, tally, settings, miss_costs, own.get(lang, own.get(""))) for lang, tally in languages)
    return Choices(miss_costs, every, each, () if every.enough else figures, own)


def _choice(
    lang: str, tally: Tally, settings: tuple[Thresholds, Thresholds], miss_costs: float, own: float | None
) -> Choice:
    now, then = (one.of(lang) if lang else one.plain for one in settings)
    counted = (lang, tally.decisions, tally.complaints, tally.checked, tally.sees_misses, now)
    if not tally.enough:
        return Choice(*counted)
    near = (_MIDDLE if own is None else own) if now is None else now
    return Choice(
        *counted, tally.at(0, now, miss_costs), tally.at(1, then, miss_costs), tally.cheapest(miss_costs, near)
    )


def own_figures(model: str) -> tuple[dict[str, float], tuple[Figure, ...]]:
    """Return a model's operating points by language ("" for all others) and the figures it brings; {} and () of none.

    Read from the description in its directory, so that nothing is loaded. Models from the hub bring none.
    """
    shipped = model in {"", "shipped"}
    folder = Path(classifiers.__file__).with_name("model") if shipped else Path(model)
    try:
        said = json.loads((folder / "config.json").read_text("utf-8"))["amends"]
        own = {str(lang): float(value) for lang, value in said["threshold"].items()}
        figures = tuple(_figure(lang, one, own) for lang, one in said.get("figures", {}).items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}, ()
    return own, tuple(one for one in figures if one.points)


def _figure(lang: str, said: Mapping[str, Any], own: Mapping[str, float]) -> Figure:
    points = tuple((float(t), float(p), float(r)) for t, p, r in said["points"])
    return Figure(lang, int(said["rows"]), own.get(lang, own.get("", 0.5)), points)
