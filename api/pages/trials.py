"""Trials of other judges: what would change, whom people agree with, and the button to let one take over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from api.pages import words
from api.pages.here import LEADS, Acting, Before, Here, Reading, go, status_of
from monitor.domain.errors import AppError
from monitor.domain.rates import Rate
from monitor.domain.records import Flag, Severity
from monitor.domain.triage import FLAG_WORDS, SEVERITY_WORDS
from monitor.judging import comparing, trying
from monitor.store import trials
from monitor.store.trials import ExampleRow, TrialRow

router = APIRouter(prefix="/judge/trials")
DAYS = {7: "the last week", 30: "the last month", 90: "the last three months", 3650: "everything"}
KINDS = {
    "becomes": "would become complaints",
    "no_longer": "would no longer be complaints",
    "severity": "another severity",
    "language": "another language",
    "flags": "other flags",
}
STATES = {
    "running": "reads",
    "ready": "has read everything",
    "taken_over": "judges now",
    "dropped": "dropped",
    "failed": "failed",
}

Kind = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Side:
    """What one judge says of a post, in words."""

    is_complaint: bool
    said: str


@dataclass(frozen=True, slots=True)
class Example:
    """A post that would be judged differently, as the page shows it."""

    row: ExampleRow
    old: Side
    new: Side
    decided: str


def example(row: ExampleRow) -> Example:
    """Put a post that would change in words."""
    flags = tuple(dict.fromkeys(str(hit.flag) for hit in row.new.flags))
    new = _details(row.changed, int(row.new.severity), row.new.lang, flags)
    old = _details(row.changed, row.old_severity, row.old_lang, row.old_flags)
    return Example(
        row,
        _side(row.old_complaint, old, is_complaint=row.old_is_complaint),
        _side(row.new.complaint, new, is_complaint=row.is_complaint),
        _decided(row),
    )


def _side(complaint: float, details: list[str], *, is_complaint: bool) -> Side:
    said = f"{'a complaint' if is_complaint else 'no complaint'} ({complaint:.0%})"
    return Side(is_complaint, " · ".join((said, *details)))


def _details(changed: int, severity: int, lang: str, flags: Sequence[str]) -> list[str]:
    named = {
        trials.SEVERITY: SEVERITY_WORDS[Severity(severity)],
        trials.LANGUAGE: words.language(lang),
        trials.FLAGS: ", ".join(FLAG_WORDS[Flag(one)] for one in flags) or "no flag",
    }
    return [said for bit, said in named.items() if changed & bit]


def _decided(row: ExampleRow) -> str:
    if row.decided is not None:
        return f"people said: {'a complaint' if row.decided else 'no complaint'}"
    if row.case_state == "dismissed":
        return f"dismissed: {row.close_reason}" if row.close_reason else "dismissed"
    return words.state(row.case_state) if row.case_state else ""


def percent(rate: Rate | None) -> str:
    """Say a share with its interval."""
    return "–" if rate is None else f"{rate.value:.0%} ({rate.low:.0%} to {rate.high:.0%})"


@router.get("")
def newest(at: Reading, kind: Kind = "", before: Before = 0) -> HTMLResponse:
    """Show who judges, and the newest trial."""
    return _shown(at, kind=kind, before=before)


@router.get("/{trial_id}")
def one(at: Reading, trial_id: int, kind: Kind = "", before: Before = 0) -> HTMLResponse:
    """Show one trial."""
    return _shown(at, trial_id, kind=kind, before=before)


@router.get("/{trial_id}/progress")
def progress(at: Reading, trial_id: int) -> Response:
    """Return how far a trial is; when there is something new to decide, the page loads again."""
    with at.store.reading() as work:
        row = trials.get(work, trial_id)
    if not _moves(row):
        return Response(headers={"HX-Refresh": "true"})
    return at.part("_trial_progress.html", trial=row)


@router.post("/start")
def start(at: Acting, model: Annotated[str, Form()] = "", days: Annotated[int, Form(ge=1, le=3650)] = 30) -> Response:
    """Begin a trial."""
    since = at.now - timedelta(days=days)
    return _doing(
        at, None, lambda: trying.start(at.store, at.actor, model, since, at.now, set_model=_set(at)), typed=model
    )


@router.post("/back")
def go_back(at: Acting) -> Response:
    """Put the judge before in its place again."""
    return _doing(at, None, lambda: trying.go_back(at.store, at.actor, at.now))


@router.post("/{trial_id}/take-over")
def take_over(at: Acting, trial_id: int) -> Response:
    """Let a trial's judge judge from now on."""
    return _doing(at, trial_id, lambda: trying.take_over(at.store, at.actor, trial_id, at.now, set_model=_set(at)))


@router.post("/{trial_id}/drop")
def drop(at: Acting, trial_id: int) -> Response:
    """End a trial and delete its verdicts."""
    return _doing(at, trial_id, lambda: trying.drop(at.store, at.actor, trial_id, at.now))


def _doing(at: Here, trial_id: int | None, doing: Callable[[], object], *, typed: str = "") -> Response:
    at.allow(LEADS)
    try:
        doing()
    except AppError as error:
        return _shown(at, trial_id, problem=str(error), typed=typed, status=status_of(error))
    return go("/judge/trials")


def _set(at: Here) -> str:
    set_model: str = at.request.app.state.settings.model
    return set_model


def _moves(row: TrialRow) -> bool:
    return row.state == "running" or (row.state == "taken_over" and row.copied_at is None)


def _shown(at: Here, trial_id: int | None = None, *, kind: str = "", before: int = 0, **more: Any) -> HTMLResponse:
    kind = kind if kind in KINDS else ""
    limit = comparing.EXAMPLES
    with at.store.reading() as work:
        every = trials.all_of(work)
        row = (
            trials.get(work, trial_id) if trial_id else next((each for each in every if each.state != "dropped"), None)
        )
        read = row is not None and row.state in {"ready", "taken_over"}
        diff = comparing.diff(work, row.id) if row and read else None
        found = comparing.examples(work, row, kind, limit=limit + bool(kind), before=before) if row and read else []
        in_use = trying.judge_in_use(work, _set(at))
        taken = trials.in_state(work, "taken_over")
    context: dict[str, Any] = {
        "trial": row,
        "every": every,
        "diff": diff,
        "examples": [example(each) for each in found[:limit]],
        "more": found[limit - 1].mention_id if len(found) > limit else 0,
        "kind": kind,
        "kinds": KINDS,
        "states": STATES,
        "days": DAYS,
        "in_use": in_use,
        "taken": taken,
        "fixed": trying.chosen_by_settings(_set(at)),
        "running": any(each.state == "running" for each in every),
        "moves": row is not None and _moves(row),
        "percent": percent,
        "may_act": at.me.user.role in LEADS,
    }
    return at.page("trials.html", **{"problem": "", "typed": "", **context, **more})
