"""The queue: who needs an answer first, live, and what was set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.pages import words
from api.pages.here import LONGEST, WORKING, Acting, After, Before, BrandId, Here, Reading, go
from api.pages.judged import because, sure
from api.pages.words import Clock
from monitor import watching
from monitor.domain.audience import Audience
from monitor.domain.lifecycle import CaseState
from monitor.domain.records import Flag, Kind, Severity
from monitor.domain.triage import FLAG_WORDS, SEVERITY_WORDS, why_here
from monitor.judging import correcting, sampling
from monitor.store import cases, corrections, mentions, reach, watches
from monitor.store.cases import DeskRow
from monitor.store.corrections import CorrectionRow
from monitor.store.engine import Work
from monitor.store.mentions import AsideRow
from monitor.watching import State

router = APIRouter()
PAGE = 50
_LIVE_AT_ONCE = 200
TABS = {"complaints": "Complaints", "others": "Questions & thanks", "escalated": "Escalated"}
ASIDE = "aside"
_PLACES = {"": "everything set aside", "not_complaint": "not complaints", "history": "history", "parked": "not judged"}


@dataclass(frozen=True, slots=True)
class Line:
    """A case as the queue shows it. `sum` explains its place: (what, how much)."""

    row: DeskRow
    clock: Clock | None
    why: str
    sum: tuple[tuple[str, str], ...]
    status: str
    tone: str
    said: CorrectionRow | None = None  # a person's word beside the judge's

    @property
    def mark(self) -> str:
        """Name what the row shows but for the passing of time: equal marks need no new drawing."""
        row = self.row
        said = self.said.id if self.said else 0
        shown = (row.cursor, row.state, row.revision, row.draft_stale, self.status, self.why, len(row.text or ""), said)
        return "|".join(map(str, shown))


def line(row: DeskRow, me: str, now: datetime, said: CorrectionRow | None = None) -> Line:
    """Put a row of the desk into words."""
    seen = reach.weighed(row)
    severity, kind = Severity(row.severity), Kind(row.kind)
    status, tone = _status(row, me, now)
    return Line(
        row,
        words.clock(row.reply_by, now) if row.reply_by else None,
        why_here(kind, severity, tuple(Flag(one) for one in row.flags), seen, line=row.line),
        tuple(_sum(row, severity, seen, now)),
        status,
        tone,
        said,
    )


def _sum(row: DeskRow, severity: Severity, seen: Audience, now: datetime) -> list[tuple[str, str]]:
    flags = ", ".join(FLAG_WORDS[Flag(one)] for one in row.flags)
    said = f"{int(severity)} of 3: {SEVERITY_WORDS[severity]}" if row.kind == Kind.COMPLAINT else row.kind
    lines = [
        ("severity", said),
        ("urgent words", flags or "none"),
        ("audience", seen.ranged if seen.people is not None else "the platform does not say"),
        ("speed", "spreading fast" if row.rising else "not spreading fast"),
        ("age", words.ago(row.clock_at, now)),
    ]
    return [*lines, ("so answer by", words.exact(row.reply_by))] if row.reply_by else lines


def _status(row: DeskRow, me: str, now: datetime) -> tuple[str, str]:
    if row.claimed_by and row.claimed_until and row.claimed_until > now:
        return ("you are on it", "mine") if row.claimed_by == me else (f"{row.claimed_by} is on it", "taken")
    if row.state == CaseState.FAILED:
        return "not sent: look why", "blocked"
    if row.state == CaseState.ESCALATED:
        return "its owner was asked", ""
    if row.draft_stale:
        return "wrote again since the draft", ""
    return ("draft ready", "ready") if row.state == CaseState.IN_REVIEW else ("no draft yet", "")


def _lines(work: Work, at: Here, tab: str, brand: int | None, after: str) -> tuple[list[Line], str]:
    """Return a page of lines and the cursor of the next page ("" at the end)."""
    rows = cases.desk(work, tab, brand_id=brand, after=after, limit=PAGE + 1)
    more = rows[PAGE - 1].cursor if len(rows) > PAGE else ""
    said = corrections.standing_of_many(work, [row.latest_mention_id for row in rows[:PAGE]])
    return [line(row, at.me.user.name, at.now, said.get(row.latest_mention_id)) for row in rows[:PAGE]], more


def _counts(work: Work, at: Here, brand: int | None) -> dict[str, Any]:
    counts = {tab: cases.desk_count(work, tab, brand_id=brand) for tab in TABS}
    return {"counts": counts, "late": cases.late_count(work, at.now, brand_id=brand), "tabs": TABS}


@router.get("/")
def queue(
    at: Reading, tab: str = "complaints", brand: BrandId = None, after: After = "", q: str = "", place: str = ""
) -> HTMLResponse:
    """Show a tab of the queue, or what was set aside."""
    if tab == ASIDE:
        return _aside(at, brand, q, place)
    tab = tab if tab in TABS else "complaints"
    with at.store.reading() as work:
        lines, more = _lines(work, at, tab, brand, after)
        feeds = _feeds(work, brand, at.now)
        checks = len(sampling.waiting(work, brand, at.now)) if at.me.user.role in WORKING else 0
        context = {**_counts(work, at, brand), "lines": lines, "more": more, "feeds": feeds, "checks": checks}
    return at.page("queue.html", tab=tab, brand=brand, after=after, **context)


@router.get("/queue/rows")
def more_rows(at: Reading, tab: str, after: After, brand: BrandId = None) -> HTMLResponse:
    """Return the next page of a tab, without the frame."""
    with at.store.reading() as work:
        lines, more = _lines(work, at, tab if tab in TABS else "complaints", brand, after)
    return at.part("_rows.html", lines=lines, more=more, tab=tab, brand=brand)


@router.get("/queue/live")
def live_rows(at: Reading, tab: str, ids: str = "", brand: BrandId = None, *, top: bool = False) -> HTMLResponse:
    """Return the tabs and those of the given cases that stand in this tab now: the page drops the others.

    `top` adds the first page of the tab, for a browser that may have missed what came.
    """
    wanted = [int(one) for one in ids.split(",") if one.isdecimal() and len(one) <= LONGEST][:_LIVE_AT_ONCE]
    with at.store.reading() as work:
        first = _lines(work, at, tab, brand, "")[0] if top else []
        known = {one.row.id for one in first}
        lines = [*first, *_standing(work, at, tab, brand, [one for one in wanted if one not in known])]
        counts = _counts(work, at, brand)
    return at.part("_live.html", lines=lines, tab=tab, brand=brand, more="", **counts)


def _standing(work: Work, at: Here, tab: str, brand: int | None, ids: Sequence[int]) -> list[Line]:
    found = []
    for one in ids:
        row, stands = cases.desk_row(work, one), None
        if row is not None:
            stands = cases.desk_of(CaseState(row.state), Kind(row.kind))
        if row is not None and stands == tab and (brand is None or cases.get(work, one).brand_id == brand):
            said = corrections.standing_of(work, row.latest_mention_id)
            found.append(line(row, at.me.user.name, at.now, said))
    return found


def _feeds(work: Work, brand: int | None, now: datetime) -> dict[str, Any]:
    """Say how the sources are doing: which are silent, what may be missing, and when the freshest was heard."""
    running = [one for one in watches.listed(work, brand) if not one.paused]
    unwell = [one for one in running if watching.state_of(one, now) in {State.FAILING, State.SILENT}]
    broken = [(watching.name_of(one), one.last_error or watching.sentence_of(one, now)) for one in unwell]
    heard = max((one.last_good_at for one in running if one.last_good_at), default=None)
    gaps = len(watches.gaps(work, brand))
    return {"running": len(running), "broken": broken, "heard": heard, "now": now, "gaps": gaps}


# --- what was set aside ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Aside:
    """A mention that no case took, and why."""

    row: AsideRow
    why: str
    said: CorrectionRow | None


def judged(row: AsideRow) -> str:
    """Say in words what the judge made of a mention, and how sure it is."""
    if row.aside == "parked":
        return f"could not be judged: {row.parked}" if row.parked else "could not be judged"
    if row.complaint is None:
        return "old when it arrived"
    old = "old when it arrived · " if row.aside == "history" else ""
    kind = f"a {row.kind} · " if row.kind in {"question", "thanks"} else ""
    noise = f" · {because(row.noise)}" if row.noise else ""
    return old + kind + sure(row.complaint) + noise


def _aside(at: Here, brand: int | None, q: str, place: str) -> HTMLResponse:
    with at.store.reading() as work:
        counts = _counts(work, at, brand)
        lines, more = _aside_lines(work, brand, q, place, 0)
    shown: dict[str, Any] = {"q": q, "place": place, "places": _PLACES, "lines": lines, "more": more}
    return at.page("aside.html", tab=ASIDE, brand=brand, **shown, **counts)


def _aside_lines(work: Work, brand: int | None, q: str, place: str, before: int) -> tuple[list[Aside], int]:
    where = place if place in _PLACES and place else None
    rows = mentions.set_aside(work, brand_id=brand, place=where, search=q.strip(), before=before, limit=PAGE + 1)
    more = rows[PAGE - 1].id if len(rows) > PAGE else 0
    said = corrections.standing_of_many(work, [row.id for row in rows[:PAGE]])
    return [Aside(row, judged(row), said.get(row.id)) for row in rows[:PAGE]], more


@router.get("/queue/aside")
def more_aside(at: Reading, before: Before, brand: BrandId = None, q: str = "", place: str = "") -> HTMLResponse:
    """Return the next page of what was set aside, without the frame."""
    with at.store.reading() as work:
        lines, more = _aside_lines(work, brand, q, place, before)
    return at.part("_aside_rows.html", lines=lines, more=more, brand=brand, q=q, place=place)


@router.post("/mentions/{mention_id}/open")
def this_is_one(at: Acting, mention_id: int) -> Response:
    """Open a case for a mention that the judge had set aside, and have it learn that this was one."""
    return go(f"/cases/{correcting.this_is_one(at.store, at.actor, mention_id, at.now, given_in='queue')}")


# --- claims: "a colleague is on it" -----------------------------------------------------------------------------


@router.post("/cases/{case_id}/claim")
def claim(at: Acting, case_id: int, back: Annotated[str, Form()] = "") -> Response:
    """Say "I am on it". The browser gets 204; a form goes back to the case."""
    at.allow(WORKING)
    with at.store.unit_of_work() as work:
        cases.take(work, case_id, at.me.user.id, at.now)
    return go(f"/cases/{case_id}") if back else Response(status_code=204)


@router.post("/cases/{case_id}/let-go")
def let_go(at: Acting, case_id: int) -> Response:
    """Give a claim back."""
    with at.store.unit_of_work() as work:
        cases.let_go(work, case_id, at.me.user.id)
    return Response(status_code=204)
