"""Use case: another judge reads old posts beside the one in use, and takes over when a person says so.

It reads when nothing waits to be judged, a batch at a time, and each batch is kept with how far it came: a worker that
dies in the middle is made up for by the next. Taking over changes who judges from now on and what history says, never
a case: nobody is paged, and nothing is opened, for what is old.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from monitor import logs
from monitor.domain.errors import AppError, BadInput, Conflict, RetryLater
from monitor.domain.lifecycle import Actor
from monitor.domain.records import Kind, Verdict
from monitor.domain.thresholds import flags_of, kind_at, thresholds_of
from monitor.domain.triage import asks_for
from monitor.ports import Classifier
from monitor.store import events, housekeeping, mentions, trials
from monitor.store.engine import Store, Work, take_lease
from monitor.store.trials import Read, ReadRow, TrialRow

SHIPPED: Final = "shipped"
LEASE: Final = "trial"
_LEASE_FOR: Final = timedelta(seconds=60)
_AT_ONCE: Final = 32  # posts read in one go
_COPIED_AT_ONCE: Final = 500
_MOST_LOADS: Final = 3  # without a post read in between
_LONGEST_NAME: Final = 1000
_KNOWN_EVERYWHERE: Final = re.compile(r"(?:shipped|rules|\w[\w.-]*/\w[\w.-]*)(?::\d+(?:\.\d+)?)?")

_log = logs.get(__name__)


class Loader(Protocol):
    """Holds the trial's judge while it is needed. Loading may take minutes, and what waits must not wait for it."""

    def begun(self, model: str) -> bool:
        """Tell whether this model is being loaded, or is here."""
        ...

    def begin(self, model: str, keep: Callable[[], bool]) -> None:
        """Start loading a model, in place of any other. `keep` is called now and then while it is held, until False."""
        ...

    def take(self) -> Classifier | None:
        """Return the judge, None while it is being loaded. Raises what went wrong."""
        ...

    def free(self) -> None:
        """Let go of it."""
        ...


# --- who judges -----------------------------------------------------------------------------------------------------


def chosen_by_settings(set_model: str) -> bool:
    """Tell whether the operator names a judge: then no trial can take its place."""
    return set_model not in {"", SHIPPED}


def judge_in_use(work: Work, set_model: str) -> str:
    """Return the model that judges: the operator's, else the one that took over, else the one that ships."""
    if chosen_by_settings(set_model):
        return set_model
    taken = trials.in_state(work, "taken_over")
    return taken.model if taken else SHIPPED


# --- what a person does ---------------------------------------------------------------------------------------------


def start(
    store: Store, actor: Actor, model: str, since: datetime, now: datetime, *, set_model: str, folders: bool = False
) -> TrialRow:
    """Begin a trial on the posts stored from `since` on.

    `folders`: the model may be one on this machine; who is not at its keyboard names what is known everywhere.
    Raises `BadInput` for a name that cannot be one, and `Conflict` while another trial runs.
    """
    model = model.strip()
    if not model or len(model) > _LONGEST_NAME or not model.isprintable():
        message = "Name a model: shipped, rules, a Hugging Face hub id such as owner/name, or several with commas."
        raise BadInput(message, where="model")
    if not folders and not all(_KNOWN_EVERYWHERE.fullmatch(part.strip()) for part in model.split(",")):
        message = (
            "This is no hub id such as owner/name, nor rules or shipped. A folder on the server is tried from there: "
            "amends trial start FOLDER"
        )
        raise BadInput(message, where="model")
    with store.unit_of_work() as work:
        if model == judge_in_use(work, set_model):
            message = f"{model} is the judge in use. Name another one to compare it with."
            raise BadInput(message, where="model")
        number = trials.start(work, model, actor.user_id, since, now)
        if number is None:
            running = trials.in_state(work, "running")
            message = f"A trial of {running.model if running else 'another judge'} is running. Wait for it, or drop it."
            raise Conflict(message)
        _tell(work, actor, number, "started", now)
        return trials.get(work, number)


def take_over(store: Store, actor: Actor, trial_id: int, now: datetime, *, set_model: str) -> TrialRow:
    """Let a trial's judge judge from now on, and history say what it says; the worker sees to both.

    Raises `Conflict` when the trial has not read all it was to read, or the operator's setting names the judge.
    """
    with store.unit_of_work(durable=True) as work:
        trials.hold(work)
        one = trials.get(work, trial_id)
        if one.state != "ready":
            raise Conflict(_NOT_READY[one.state])
        if chosen_by_settings(set_model):
            message = f"AMENDS_MODEL is set to {set_model}, and that wins. Nothing was changed: unset it first."
            raise Conflict(message)
        before = trials.in_state(work, "taken_over")
        if before is not None:
            _put_back(work, before)
        _put_in(work, one, taken_at=now)
        _tell(work, actor, one.id, "took over", now)
        return trials.get(work, one.id)


def go_back(store: Store, actor: Actor, now: datetime) -> TrialRow | None:
    """Put the judge that was in use before in its place again; returns its trial, None when it is the one that ships.

    Raises `Conflict` when none took over.
    """
    with store.unit_of_work(durable=True) as work:
        trials.hold(work)
        one = trials.in_state(work, "taken_over")
        if one is None:
            message = "No trial has taken over: there is nothing to go back to."
            raise Conflict(message)
        _put_back(work, one, taken_at=None)
        known = [each for each in trials.all_of(work) if each.state == "ready" and each.taken_at is not None]
        before = max(known, key=lambda each: each.taken_at or now, default=None)
        if before is not None:
            _put_in(work, before)
        _tell(work, actor, one.id, "went back", now)
        return trials.get(work, before.id) if before else None


def drop(store: Store, actor: Actor, trial_id: int, now: datetime) -> TrialRow:
    """End a trial and delete its verdicts. Raises `Conflict` for the one whose judge is in use."""
    with store.unit_of_work() as work:
        trials.hold(work)
        one = trials.get(work, trial_id)
        if one.state == "taken_over":
            message = "Its judge is in use. Go back to the one before first."
            raise Conflict(message)
        if one.state in {"running", "ready"}:
            _move(work, one, "dropped", finished_at=one.finished_at or now)
            trials.empty(work, one.id)
            _tell(work, actor, one.id, "dropped", now)
        return trials.get(work, one.id)


_NOT_READY: Final = {
    "running": "It is still reading. Wait until it has read all posts.",
    "taken_over": "It has taken over already.",
    "dropped": "It was dropped. Start it again.",
    "failed": "It failed, and has nothing to take over with. Start it again.",
}


def _put_in(work: Work, one: TrialRow, **values: Any) -> None:
    _move(work, one, "taken_over", copied_to=0, copied_at=None, **values)


def _put_back(work: Work, one: TrialRow, **values: Any) -> None:
    trials.uncopy(work, one)
    _move(work, one, "ready", **values)


def _move(work: Work, one: TrialRow, state: str, **values: Any) -> None:
    if not trials.move(work, one, state, **values):
        message = f"The trial of {one.model} has changed in this moment. Nothing was done: look again."
        raise Conflict(message)


def _tell(work: Work, actor: Actor, number: int, did: str, now: datetime) -> None:
    """Write into every brand's trail what happened to its judge; the relay wakes the worker by it."""
    for brand_id in trials.brands_of(work):
        events.record(work, "trial", brand_id, actor, now, data={"trial": number, "did": did})


# --- what the worker does -------------------------------------------------------------------------------------------


def step(
    store: Store, loader: Loader, holder: str, clock: Callable[[], datetime], threshold: float | None = None
) -> int:
    """Go one batch further and return how many posts were dealt with; 0: nothing to do now.

    Posts that wait to be judged go first. `holder` names this worker among others: one at a time goes on.
    `threshold` is the operator's for all brands.
    """
    now = clock()
    with store.unit_of_work() as work:
        running, taken = trials.in_state(work, "running"), trials.in_state(work, "taken_over")
        if running is None:
            loader.free()
        if mentions.waiting(work):
            return 0
        if taken is not None and taken.copied_at is None:
            return trials.copy_next(work, taken, _COPIED_AT_ONCE, now)
        if running is None or not take_lease(work, LEASE, holder, now, now + _LEASE_FOR):
            return 0
    try:
        judge = _loaded(store, loader, running, holder, clock)
        return _read(store, running, judge, holder, clock, threshold) if judge is not None else 0
    except RetryLater:
        raise
    except AppError as error:
        _fail(store, loader, running, holder, str(error), clock())
    except Exception as error:  # noqa: BLE001  a model of any maker may raise anything; the worker goes on without it
        _log.exception("trial failed", trial=running.id)
        said = " ".join(str(error).split())[:300]
        _fail(store, loader, running, holder, f"The model cannot be used: {type(error).__name__}: {said}", clock())
    return 0


def _loaded(
    store: Store, loader: Loader, one: TrialRow, holder: str, clock: Callable[[], datetime]
) -> Classifier | None:
    """Return the judge, None while it is being loaded. What brings the worker down again and again is given up."""
    if not loader.begun(one.model):
        if one.attempts >= _MOST_LOADS:
            message = (
                f"The worker ended {_MOST_LOADS} times while it loaded this model or read with it, the last time after "
                f"{one.done:,} posts. It may need more memory than there is. Nothing was changed."
            )
            raise Conflict(message)
        with store.unit_of_work(durable=True) as work:
            trials.change(work, one.id, attempts=one.attempts + 1)
        loader.begin(one.model, lambda: _kept(store, holder, clock()))
    return loader.take()


def _kept(store: Store, holder: str, now: datetime) -> bool:
    """Hold the lease for longer: while one process has the model, or loads it, no other loads it too."""
    with store.unit_of_work() as work:
        return housekeeping.keep_lease(work, LEASE, holder, now + _LEASE_FOR)


def _read(
    store: Store,
    one: TrialRow,
    judge: Classifier,
    holder: str,
    clock: Callable[[], datetime],
    threshold: float | None,
) -> int:
    with store.reading() as work:
        posts = trials.next_posts(work, one, _AT_ONCE)
    verdicts = _judge(judge, posts)
    if posts and not verdicts and not one.done:
        message = f"The model answered none of the first {len(posts)} posts. See the log of the worker."
        raise Conflict(message)
    reads = {post.id: _compared(post, verdicts[post.id], threshold) for post in posts if post.id in verdicts}
    with store.unit_of_work() as work:
        if one.version != judge.version:
            trials.change(work, one.id, version=judge.version)
        if posts:
            return len(posts) if trials.record(work, one, posts[-1].id, len(posts), reads) else 0
        _end(work, one, "ready", holder, clock())
    return 1  # once more: the judge can go


def _judge(judge: Classifier, posts: Sequence[ReadRow]) -> Mapping[int, Verdict]:
    """Ask the judge, one by one once a batch has failed: a post that it cannot read is passed over."""
    try:
        found = judge.assess([post.text for post in posts], [post.lang_hint for post in posts]) if posts else []
        return {post.id: verdict for post, verdict in zip(posts, found, strict=True)}
    except RetryLater:
        raise
    except Exception:  # noqa: BLE001  a classifier of any maker may raise anything; the others go on
        if len(posts) == 1:
            _log.exception("trial passed over a post", mention=posts[0].id)
            return {}
    return {number: verdict for post in posts for number, verdict in _judge(judge, [post]).items()}


def _compared(post: ReadRow, new: Verdict, threshold: float | None) -> Read:
    """Hold a new verdict beside the one in use, both at the brand's own thresholds."""
    points = thresholds_of(post.settings, threshold)
    at = points.of(post.lang)
    old_flags, new_flags = flags_of(post.flags), frozenset(hit.flag for hit in new.flags)
    kind = kind_at(Kind(post.kind), post.complaint, is_complaint=post.is_complaint, threshold=at)
    was = asks_for(kind, old_flags) is Kind.COMPLAINT
    kind = kind_at(new.kind, new.complaint, is_complaint=new.is_complaint, threshold=points.of(new.lang))
    is_now = asks_for(kind, new_flags) is Kind.COMPLAINT
    differs = {
        trials.BECOMES: is_now and not was,
        trials.NO_LONGER: was and not is_now,
        trials.SEVERITY: was and is_now and post.severity != int(new.severity),
        trials.LANGUAGE: post.lang != new.lang,
        trials.FLAGS: old_flags != new_flags,
    }
    return Read(new, is_now, sum(bit for bit, true in differs.items() if true))


def _fail(store: Store, loader: Loader, one: TrialRow, holder: str, why: str, now: datetime) -> None:
    loader.free()
    with store.unit_of_work() as work:
        if _end(work, one, "failed", holder, now, error=why[:_LONGEST_NAME]):
            trials.empty(work, one.id)


def _end(work: Work, one: TrialRow, state: str, holder: str, now: datetime, **values: Any) -> bool:
    """End a running trial and give its lease back. False: somebody ended it before, and so it stays."""
    housekeeping.release_lease(work, LEASE, holder)
    return trials.move(work, one, state, finished_at=now, **values)
