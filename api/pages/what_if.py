"""What if: the last weeks played again by other settings, for a lead, before they are saved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import ImmutableMultiDict

from api.pages.here import LEADS, PAGED, Acting, Here, Reading, go, status_of
from api.pages.words import language
from monitor.domain.brand_options import read_changes, write_hours
from monitor.domain.errors import AppError, BadInput
from monitor.domain.points import MISS_COSTS
from monitor.domain.triage import Promises
from monitor.judging import simulating
from monitor.judging.simulating import DAYS, MONTH, Choices, WhatIf
from monitor.store import brands
from monitor.store.brands import BrandRow

router = APIRouter(prefix="/brands/{slug}/what-if")
_FIELD: Final = "threshold."  # and a language
_MOST_COSTS: Final = 1000
_HEIGHT, _STEP = 60, 8  # of the drawing, in its own units

Fields = ImmutableMultiDict[str, Any]


@dataclass(frozen=True, slots=True)
class _Tried:
    """What the form holds: for how long to look back, what a miss costs, and the settings, as written."""

    fields: Fields
    days: int = MONTH
    miss_costs: float = MISS_COSTS
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def replays(self) -> bool:
        """Tell whether anything was tried yet."""
        return "threshold" in self.fields


def _tried(fields: Fields) -> _Tried:
    """Read the form. Raises `BadInput`."""
    days = str(fields.get("days", MONTH))
    if not days.isdecimal() or int(days[:3]) not in DAYS:
        message = f"It looks back {', '.join(map(str, DAYS))} days."
        raise BadInput(message, where="days")
    return _Tried(fields, int(days[:3]), _costs(str(fields.get("miss_costs", MISS_COSTS))), _settings(fields))


def _costs(written: str) -> float:
    try:
        costs = float(written or MISS_COSTS)
    except ValueError:
        costs = float("nan")
    if not 0 < costs <= _MOST_COSTS:
        message = f"A missed complaint costs more than 0 and at most {_MOST_COSTS:,} needless looks."
        raise BadInput(message, where="miss_costs")
    return costs


def _settings(fields: Fields) -> Mapping[str, Any]:
    """Return the settings that the form holds, read as a command reads them."""
    one = {name: str(fields[name]).strip() for name in ("threshold", "six_thousand", "hours") if name in fields}
    langs = [
        f"{name.removeprefix(_FIELD)}:{value}" for name, value in fields.items() if name.startswith(_FIELD) if value
    ]
    langs += [part for part in str(fields.get("thresholds", "")).split(",") if part.strip()]
    if "threshold" in fields or langs:
        one["thresholds"] = ",".join(langs)
    minutes = [str(value).strip() for value in fields.getlist("minutes")]
    if minutes:
        plain = Promises().minutes
        one["minutes"] = ",".join(value or str(plain[i] if i < len(plain) else "") for i, value in enumerate(minutes))
    return read_changes([f"{name}={value}" for name, value in one.items()]).settings


# --- the page -----------------------------------------------------------------------------------------------


@router.get("")
def what_if(at: Reading, slug: str) -> HTMLResponse:
    """Show what the settings in the address would have made of the last weeks; nothing is changed."""
    at.allow(PAGED)
    brand = _brand(at, slug)
    try:
        tried = _tried(at.request.query_params)
    except AppError as error:
        return _page(at, brand, _Tried(at.request.query_params), error)
    return _page(at, brand, tried)


@router.post("")
async def save(at: Acting, slug: str) -> Response:
    """Save the settings that were tried."""
    at.allow(LEADS)
    form = await at.request.form()
    return await run_in_threadpool(_save, at, slug, ImmutableMultiDict(form.multi_items()))


def _save(at: Here, slug: str, fields: Fields) -> Response:
    brand = _brand(at, slug)
    try:
        with at.store.unit_of_work() as work:
            brand = brands.get(work, brand.id, lock=True)
            changes = simulating.what_changes(brand, _announced(brand, fields))
            brands.change(work, brand.id, settings=changes)
    except AppError as error:
        return _page(at, brand, _Tried(fields), error)
    return go(f"/settings/brand/{brand.id}")


def _carried(brand: BrandRow, changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of the form that saves: what is announced, and nothing that another lead may change meanwhile."""
    fields: list[tuple[str, str]] = []
    for name, value in changes.items():
        if name == "thresholds":
            was, becomes = brand.settings.get(name) or {}, value or {}
            fields += [(f"{_FIELD}{lang}", str(becomes.get(lang, ""))) for lang in _moved(was, becomes)]
        elif name == "minutes":
            fields += [(name, str(one)) for one in value or Promises().minutes]
        else:
            fields.append((name, write_hours(value) if name == "hours" else "" if value is None else str(value)))
    return fields


def _announced(brand: BrandRow, fields: Fields) -> Mapping[str, Any]:
    """Return what a form that saves sets on a brand as it is by now: a language that it does not name stays."""
    read = dict(_settings(fields))
    proposed = read.pop("thresholds", None) or {}
    named = {name.removeprefix(_FIELD) for name in fields if name.startswith(_FIELD)}
    if named:
        own = brand.settings.get("thresholds") or {}
        read["thresholds"] = {lang: one for lang, one in own.items() if lang not in named} | proposed or None
    return read


def _moved(was: Mapping[str, float], becomes: Mapping[str, float]) -> list[str]:
    """Return the languages whose threshold changes."""
    return [lang for lang in dict.fromkeys((*was, *becomes)) if was.get(lang) != becomes.get(lang)]


def _brand(at: Here, slug: str) -> BrandRow:
    with at.store.reading() as work:
        return brands.by_slug(work, slug)


def _page(at: Here, brand: BrandRow, tried: _Tried, error: AppError | None = None) -> HTMLResponse:
    set_for_all = at.request.app.state.settings
    changes = simulating.what_changes(brand, tried.settings)
    choices = simulating.choices(
        at.store,
        brand.id,
        changes,
        at.now,
        miss_costs=tried.miss_costs,
        operator=set_for_all.threshold,
        set_model=set_for_all.model,
    )
    found = None
    if tried.replays and not error:
        found = simulating.what_if(at.store, brand.id, changes, at.now, days=tried.days, operator=set_for_all.threshold)
    return at.page(
        "what_if.html",
        status=status_of(error) if error else 200,
        problem=str(error) if error else "",
        may_save=at.me.user.role in LEADS,
        brand=brand,
        tried=tried,
        days=DAYS,
        filled=_filled(brand, tried),
        choices=choices,
        rows=_rows(brand, tried, choices),
        cheapest=_cheapest(choices),
        try_cheapest=_try_cheapest(tried, _cheapest(choices)),
        changes=_said(brand, changes),
        carried=_carried(brand, changes),
        found=found,
        drawing=_drawing(found) if found else None,
    )


def _filled(brand: BrandRow, tried: _Tried) -> dict[str, Any]:
    """Return what stands in the fields: what was written, else what is set."""
    given, promises = tried.fields, brand.promises
    threshold = brand.settings.get("threshold")
    minutes = given.getlist("minutes") or list(promises.minutes)
    return {
        "threshold": given.get("threshold", "" if threshold is None else threshold),
        "thresholds": given.get("thresholds", ""),
        "minutes": [*minutes, "", "", "", ""][:4],
        "six_thousand": given.get("six_thousand", promises.six_thousand),
        "hours": given.get("hours", write_hours(brand.settings.get("hours"))),
    }


def _rows(brand: BrandRow, tried: _Tried, choices: Choices) -> list[dict[str, Any]]:
    """Return a line for each language that somebody decided about, or that has a threshold of its own."""
    own: Mapping[str, float] = brand.settings.get("thresholds") or {}
    proposed: Mapping[str, float] = tried.settings.get("thresholds") or {}
    chosen = {one.lang: one for one in choices.languages}
    langs = dict.fromkeys((*chosen, *own, *proposed, *(one.lang for one in choices.figures if one.lang)))
    shown = proposed if tried.replays else own
    return [
        {"lang": lang, "choice": chosen.get(lang), "now": own.get(lang), "tried": shown.get(lang)} for lang in langs
    ]


def _cheapest(choices: Choices) -> dict[str, float]:
    """Return what costs least, by field: one threshold for all, and those of the languages that can be told."""
    able = [one for one in (choices.all, *choices.languages) if one.cheapest and one.cheapest.threshold is not None]
    return {one.lang: one.cheapest.threshold for one in able if one.cheapest and one.cheapest.threshold is not None}


def _try_cheapest(tried: _Tried, cheapest: Mapping[str, float]) -> str:
    """Return the address that tries what costs least, with all else as it stands in the form; "" for nothing new."""
    fields = {f"{_FIELD}{lang}" if lang else "threshold": f"{value:g}" for lang, value in cheapest.items()}
    if not fields or all(tried.fields.get(name) == value for name, value in fields.items()):
        return ""
    kept = [(name, str(value)) for name, value in tried.fields.multi_items() if name not in fields]
    return f"?{urlencode([*kept, *fields.items()])}#outcome"


def _said(brand: BrandRow, changes: Mapping[str, Any]) -> list[str]:
    """Say each change in words."""
    return [said for name, value in changes.items() for said in _say(name, brand.settings.get(name), value)]


def _say(name: str, before: Any, after: Any) -> Iterator[str]:
    if name == "thresholds":
        becomes = after or {}
        for lang in _moved(before or {}, becomes):
            yield f"a complaint in {language(lang)} from {_point(becomes.get(lang), 'as in all languages')}"
    elif name == "threshold":
        yield f"a complaint from {_point(after, 'the judge’s own point')}"
    elif name == "minutes":
        yield f"answers in {', '.join(f'{one:,}' for one in after or Promises().minutes)} minutes, by urgency"
    elif name == "six_thousand":
        yield f"one step more urgent from {after or Promises().six_thousand:,} people"
    else:
        yield f"the desk is open {write_hours(after)}"


def _point(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:g}"


# --- the drawing --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bar:
    day: date
    x: int
    y: float
    height: float
    now: int
    then: int


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Cases a day: bars as it would be, a line as it is."""

    width: int
    height: int
    most: int
    bars: tuple[_Bar, ...]
    line: str
    now: float  # a day, on average
    then: float


def _drawing(found: WhatIf) -> _Drawing | None:
    load = found.replay.load
    most = max((count for both in load.values() for count in both), default=0)
    if not most:
        return None
    first = min(load)
    days = [first + timedelta(days=i) for i in range((max(load) - first).days + 1)]
    bars = tuple(_bar(day, i, load.get(day, [0, 0]), most) for i, day in enumerate(days))
    line = " ".join(
        f"{one.x},{_HEIGHT * (1 - one.now / most):.1f} {one.x + _STEP},{_HEIGHT * (1 - one.now / most):.1f}"
        for one in bars
    )
    now, then = (sum(both[side] for both in load.values()) / found.days for side in (0, 1))
    return _Drawing(len(days) * _STEP, _HEIGHT, most, bars, line, now, then)


def _bar(day: date, place: int, both: list[int], most: int) -> _Bar:
    height = _HEIGHT * both[1] / most
    return _Bar(day, place * _STEP, round(_HEIGHT - height, 1), round(height, 1), *both)
