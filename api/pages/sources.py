"""Where we listen, and how well: what each source brought last, what is wrong and who can mend it, what it costs."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.pages.here import LEADS, Acting, BrandId, Reading, go
from monitor import watching
from monitor.domain import prices
from monitor.domain.errors import Remedy
from monitor.store import watches
from monitor.watching import SourceHealth, State, WatchHealth

router = APIRouter(prefix="/sources")
_TALL = 48  # pixels of the dearest day
_DRAWN = 2  # days with a cost: one alone needs no drawing
_STATES = {
    State.GOOD: "live",
    State.NEW: "not asked yet",
    State.WAITING: "waits",
    State.FAILING: "does not answer",
    State.SILENT: "silent",
    State.PAUSED: "paused",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A watch as the page shows it. `mend`: what to press, and where it leads."""

    one: WatchHealth
    state: str
    mend: tuple[str, str] | None
    gaps: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A day's cost as it is drawn: x, height and what it says."""

    x: int
    tall: float
    said: str


@dataclass(frozen=True, slots=True)
class Part:
    """A login as the page shows it."""

    one: SourceHealth
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]

    @property
    def error(self) -> str:
        """Return what is wrong with the account, unless one of its watches says the same."""
        said = self.one.account.error if self.one.account else ""
        return "" if any(line.one.row.last_error == said for line in self.lines) else said


def mending(remedy: str, account_id: int | None, watch_id: int) -> tuple[str, str] | None:
    """Return what a person can press against an error and where that leads, None when there is nothing to do."""
    if remedy == Remedy.CHANGE_WATCH:
        return "Change the watch", f"/watches/{watch_id}"
    if account_id is None:
        return None
    presses: dict[str, tuple[str, str]] = {
        Remedy.RECONNECT: ("Sign in again", f"/accounts/{account_id}/connect"),
        Remedy.ACCESS: ("Look at the account", f"/accounts/{account_id}"),
        Remedy.RAISE_CAP: ("Raise the cap", f"/accounts/{account_id}"),
    }
    return presses.get(remedy)


def _line(one: WatchHealth, now: datetime) -> Line:
    row = one.row
    mend = mending(row.remedy, row.account_id, row.id) if one.state is State.FAILING else None
    gaps = tuple((gap.id, watching.gap_sentence(gap, now)) for gap in one.gaps)
    capped = one.state is State.FAILING and row.remedy == Remedy.RAISE_CAP
    return Line(one, "stopped at its cap" if capped else _STATES[one.state], mend, gaps)


def _bars(source: SourceHealth) -> tuple[Bar, ...]:
    if sum(micros > 0 for _, micros in source.days) < _DRAWN:
        return ()
    dearest = max(micros for _, micros in source.days)
    return tuple(
        Bar(10 * place, max(round(_TALL * micros / dearest, 1), 1), f"{day}: {prices.dollars(micros)}")
        for place, (day, micros) in enumerate(source.days)
    )


@router.get("")
def sources(at: Reading, brand: BrandId = None) -> HTMLResponse:
    """Show every login and its watches."""
    with at.store.reading() as work:
        found = watching.sources(work, at.now, brand)
    first = sorted(found, key=lambda one: all(each.is_well for each in one.watches))  # what needs somebody comes first
    parts = [Part(one, tuple(_line(each, at.now) for each in one.watches), _bars(one)) for one in first]
    every = [each for one in found for each in one.watches]
    context = {
        "running": sum(one.state is not State.PAUSED for one in every),
        "unwell": sum(not one.is_well for one in every),
        "may_act": at.me.user.role in LEADS,
    }
    return at.page("sources.html", parts=parts, brand=brand, **context)


@router.post("/watches/{watch_id}/poll")
def poll(at: Acting, watch_id: int) -> Response:
    """Ask a source now, however long it was to wait."""
    at.allow(LEADS)
    with at.store.unit_of_work() as work:
        watching.poll_now(work, watch_id, at.now)
    return go(f"/sources#watch-{watch_id}")


@router.post("/watches/{watch_id}/pause")
def pause(at: Acting, watch_id: int) -> Response:
    """Pause a watch."""
    return _pause(at, watch_id, paused=True)


@router.post("/watches/{watch_id}/resume")
def resume(at: Acting, watch_id: int) -> Response:
    """Let a watch go on."""
    return _pause(at, watch_id, paused=False)


def _pause(at: Acting, watch_id: int, *, paused: bool) -> Response:
    at.allow(LEADS)
    with at.store.unit_of_work() as work:
        watches.pause(work, watch_id, at.now, paused=paused)
    return go(f"/sources#watch-{watch_id}")


@router.post("/gaps/{gap_id}/noted")
def noted(at: Acting, gap_id: int) -> Response:
    """Take note of a gap: it is not shown any more."""
    at.allow(LEADS)
    with at.store.unit_of_work() as work:
        gap = watching.take_note(work, gap_id, at.me.user.id, at.now)
    return go(f"/sources#watch-{gap.watch_id}")
