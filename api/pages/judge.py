"""How well the judge judges for a brand, by week and language, and what the brand taught it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.pages import words
from api.pages.here import LEADS, WORKING, Acting, BrandId, Here, Reading, go, status_of
from monitor.domain.errors import AppError, NotFound
from monitor.domain.rates import Rate
from monitor.judging import scores, teaching
from monitor.judging.scores import Counts, Scores
from monitor.store import brands, corrections, layers
from monitor.store.brands import BrandRow
from monitor.store.engine import Work
from monitor.store.layers import LayerRow

router = APIRouter(prefix="/judge")
_VAGUE = 0.4
_PARTS = {"complaint": "complaint or not", "severity": "how strongly it is put", "topics": "what it is about"}
_WIDTH, _HEIGHT = 400, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 10, 24


# --- drawn ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """A week's figure in a chart: where it is, and the ends of its interval."""

    x: float
    y: float
    top: float
    bottom: float
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure by week, in the units of an SVG of `width` by `height`."""

    title: str
    marks: tuple[Mark, ...]
    weeks: tuple[tuple[float, str], ...]  # every other one is named
    lines: tuple[tuple[float, str], ...]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT

    @property
    def path(self) -> str:
        """Return the points of the line through the marks."""
        return " ".join(f"{one.x:.1f},{one.y:.1f}" for one in self.marks)

    @property
    def said(self) -> str:
        """Return what the picture shows, for who does not see it."""
        return "; ".join(one.said for one in self.marks) or "no figures yet"


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM), 1)


def _chart(title: str, weeks: Sequence[datetime], rates: Sequence[Rate | None]) -> Chart:
    step = (_WIDTH - _LEFT - _RIGHT) / len(weeks)
    xs = [round(_LEFT + (place + 0.5) * step, 1) for place in range(len(weeks))]
    marks = (
        Mark(x, _y(rate.value), _y(rate.high), _y(rate.low), f"week of {_day(week)}: {share(rate)}")
        for x, week, rate in zip(xs, weeks, rates, strict=True)
        if rate
    )
    named = tuple((x, _day(week)) for x, week in list(zip(xs, weeks, strict=True))[len(weeks) % 2 :: 2])
    return Chart(title, tuple(marks), named, tuple((_y(n), f"{n:.0%}") for n in (0, 0.5, 1)))


def _day(when: datetime) -> str:
    return f"{when:%-d %b}"


def share(rate: Rate | None) -> str:
    """Say a share with its interval: "87 % (81 to 91)"."""
    return f"{rate.value * 100:.0f} % ({rate.low * 100:.0f} to {rate.high * 100:.0f})" if rate else ""


# --- said -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: a language or a week."""

    name: str
    counts: Counts
    lang: str = ""

    @property
    def precision(self) -> str:
        """Say how many of what it took for complaints were."""
        return share(self.counts.precision)

    @property
    def recall(self) -> str:
        """Say how many of the complaints it found."""
        return share(self.counts.recall)


@dataclass(frozen=True, slots=True)
class Taught:
    """A layer as the page shows it: `figures` are (part, before, after, of) in posts answered rightly."""

    row: LayerRow
    figures: tuple[tuple[str, int, int, int, bool], ...]


def _taught(row: LayerRow) -> Taught:
    before, after = row.scores.get("before", {}), row.scores.get("after", {})
    kept = row.scores.get("kept", [])
    both = [name for name in _PARTS if name in before and name in after]
    figures = ((_PARTS[n], before[n]["right"], after[n]["right"], after[n]["posts"], n in kept) for n in both)
    return Taught(row, tuple(figures))


def sentences(counts: Counts) -> list[str]:
    """Say how often the judge is right, in posts of a hundred; nothing where nobody decided."""
    said = []
    if counts.precision and _vague(counts.precision):
        said.append(f"Too early to say: of {counts.decided} decided, {counts.right} were complaints.")
    elif counts.precision:
        said.append(f"Of 100 posts it takes for complaints, about {_of_100(counts.precision)} are.")
    if counts.recall and not _vague(counts.recall):
        said.append(f"Of 100 complaints it finds about {_of_100(counts.recall)}.")
    return said


def _vague(rate: Rate) -> bool:
    """Tell whether so few were decided that a figure would only look like one."""
    return rate.high - rate.low > _VAGUE


def _of_100(rate: Rate) -> str:
    return f"{rate.value * 100:.0f} ({rate.low * 100:.0f} to {rate.high * 100:.0f})"


def _figures(found: Scores, lang: str) -> dict[str, Any]:
    chosen = lang or None
    by_week = [found.of(week=week, lang=chosen) for week in found.weeks]
    total = found.of(lang=chosen)
    langs = [Line(words.language(one), found.of(lang=one), one) for one in found.langs]
    told = [one for one in langs if one.counts.decided or one.counts.checked]
    return {
        "total": total,
        "sentences": sentences(total),
        "charts": [
            _chart(
                "Precision: of what it took for complaints, how many were", found.weeks, [c.precision for c in by_week]
            ),
            _chart("Recall: of the complaints, how many it found", found.weeks, [c.recall for c in by_week]),
        ],
        "by_lang": [*told, Line("all languages", found.of())],
        "untold": [one.name for one in langs if one not in told],
        "by_week": [Line(_day(w), c) for w, c in zip(found.weeks, by_week, strict=True)][::-1],
        "langs": found.langs,
    }


def _learned(work: Work, brand: BrandRow) -> dict[str, Any]:
    rows = layers.all_of(work, brand.id)
    used = next((row for row in rows if row.state == layers.IN_USE), None)
    older = (row.number for row in rows if row.state == layers.RETIRED and used and row.number < used.number)
    return {
        "layers": [_taught(row) for row in rows],
        "used": _taught(used) if used else None,
        "before": next(older, None),
        "given": corrections.count_standing(work, brand.id),
        "least": teaching.LEAST,
    }


def _page(at: Here, brand_id: int | None, lang: str, problem: str = "", status: int = 200) -> HTMLResponse:
    at.allow(WORKING)
    with at.store.reading() as work:
        every = brands.all_brands(work)
        if not every:
            return at.page("judge.html", brand=None)
        brand = next((one for one in every if one.id == brand_id), None) if brand_id else every[0]
        if brand is None:
            message = f"There is no brand number {brand_id}."
            raise NotFound(message)
        found = scores.score(work, brand.id, at.now)
        lang = lang if lang in found.langs else ""
        context = {**_figures(found, lang), **_learned(work, brand)}
    leads = at.me.user.role in LEADS
    return at.page("judge.html", status=status, brand=brand, lang=lang, problem=problem, leads=leads, **context)


@router.get("")
def judge(at: Reading, brand: BrandId = None, lang: str = "") -> HTMLResponse:
    """Show how often the judge is right for a brand, and its layers."""
    return _page(at, brand, lang)


@router.post("/{brand_id}/learn")
def learn(at: Acting, brand_id: int) -> Response:
    """Have the brand's layer learned now."""
    try:
        teaching.ask(at.store, at.actor, brand_id, at.now)
    except AppError as error:
        return _page(at, brand_id, "", str(error), status_of(error))
    return go(f"/judge?brand={brand_id}#taught")


@router.post("/{brand_id}/use")
def use(at: Acting, brand_id: int, number: Annotated[int | None, Form()] = None) -> Response:
    """Go back or forward to a layer; without a number the judge answers alone."""
    try:
        teaching.use(at.store, at.actor, brand_id, number, at.now)
    except AppError as error:
        return _page(at, brand_id, "", str(error), status_of(error))
    return go(f"/judge?brand={brand_id}#taught")
