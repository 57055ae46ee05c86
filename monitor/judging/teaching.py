"""Use case: let a brand's own layer learn from what its people said, and use it only where it proves to be better.

One post in four, chosen by its number for good, is never learned from: what people said of those decides. A part of
the layer (complaint, severity, topics) takes over when it sets right clearly more of them than it spoils. The judge
itself stays as it is, so that going back gives the old answers to the last digit.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from monitor.assessment import at_threshold
from monitor.domain.errors import AppError, Conflict, NotAllowed, NotFound, RetryLater
from monitor.domain.lifecycle import OVERRULERS, Actor
from monitor.domain.records import Verdict
from monitor.domain.teaching import Marks, better, mark
from monitor.domain.thresholds import Thresholds, thresholds_of
from monitor.judging import layering
from monitor.judging.correcting import needs_hands
from monitor.ports import Classifier
from monitor.store import brands, corrections, events, housekeeping, layers
from monitor.store.corrections import LessonRow
from monitor.store.engine import Store, Work, take_lease
from monitor.store.layers import LayerRow

if TYPE_CHECKING:
    from monitor.classifiers.layers import Layer

LEAST = 20  # corrections before anything is learned, and between two tries
HELD_BACK = 4  # one post in so many
_LEAST_HELD = 4  # posts held back that people spoke of
_MOST = 2_000  # posts that people spoke of, newest first
_OTHERS = 400  # posts that nobody spoke of, which keep the layer where it belongs
_TURNED_AT_MOST = 0.3  # share of those whose answer may change
_CONFIRMED_WEIGHS = 0.5  # a decision, beside an express correction
_LEASE_FOR = timedelta(minutes=6)  # longer than the task may run; twice as long after each try that came to nothing
_LONGEST_LEASE = timedelta(days=1)
_TEACHES = Actor.worker("learn")
_OVERTAKEN = "While it was learned, somebody chose which layer is used, and that stays."


def possible(work: Work) -> bool:
    """Tell whether anything was ever corrected, or asked for; if not, no judge need be loaded to look closer."""
    return bool(layers.candidates(work) or corrections.brands_corrected(work))


def due(work: Work, version: str) -> list[int]:
    """Return the brands whose layer should be learned now, for the judge of this version.

    Somebody asked, or enough was corrected or taken back since the last try, or the judge is another by now.
    """
    asked, last = layers.candidates(work), layers.latest(work)
    found = [brand_id for brand_id in corrections.brands_corrected(work) if _worth_it(work, brand_id, last, version)]
    return sorted({*asked, *found})


def _worth_it(work: Work, brand_id: int, last: Mapping[int, LayerRow], version: str) -> bool:
    row = last.get(brand_id)
    another = row is not None and row.base != version
    changed = another or corrections.changed_since(work, brand_id, row.created_at if row else None) >= LEAST
    return changed and corrections.count_standing(work, brand_id) >= LEAST


def ask(store: Store, actor: Actor, brand_id: int, now: datetime) -> LayerRow:
    """Ask for a layer now; returns the row it will fill. Asked twice it is the same one.

    Raises `NotAllowed`, and `Conflict` while too little was corrected.
    """
    needs_hands(actor)
    with store.unit_of_work(durable=True) as work:
        brands.get(work, brand_id)
        layers.hold(work, brand_id)
        asked, given = layers.candidate(work, brand_id), corrections.count_standing(work, brand_id)
        if asked is not None:
            return asked
        if given < LEAST:
            message = f"{given} posts were corrected so far; from {LEAST} on there is something to learn from."
            raise Conflict(message)
        row = layers.add(work, brand_id, now, reason="")
        events.record(work, "layer", brand_id, actor, now, data={"layer": row.number, "state": row.state})
        return row


def use(store: Store, actor: Actor, brand_id: int, number: int | None, now: datetime) -> LayerRow | None:
    """Go back, or forward, to a layer that was in use before; None: the judge answers alone.

    For leads and admins. It counts from the next post on. Raises `NotFound`, `NotAllowed`, and `Conflict` for a layer
    that was refused or is not learned yet.
    """
    if actor.role not in OVERRULERS:
        message = "Which layer a brand uses is for a lead or an admin to say."
        raise NotAllowed(message)
    with store.unit_of_work(durable=True) as work:
        brands.get(work, brand_id)
        layers.hold(work, brand_id)
        row = layers.numbered(work, brand_id, number) if number is not None else None
        if number is not None:
            _usable(row, number)
        before = layers.in_use(work, brand_id)
        if (row and row.id) == (before and before.id):
            return row
        layers.retire(work, brand_id, now)
        if row is not None:
            row = layers.change(work, row.id, state=layers.IN_USE, promoted_at=now, retired_at=None)
        told = {"layer": number, "before": before.number if before else None, "state": "in_use"}
        events.record(work, "layer", brand_id, actor, now, data=told)
        return row


def _usable(row: LayerRow | None, number: int) -> None:
    if row is None:
        message = f"This brand has no layer number {number}."
        raise NotFound(message)
    if row.state not in {layers.IN_USE, layers.RETIRED}:
        why = row.reason or "it is not learned yet."
        message = f"Layer {number} was never in use: {why} Nothing was changed."
        raise Conflict(message)


# --- learning -----------------------------------------------------------------------------------------------------


def learn_next(store: Store, classifier: Classifier, now: datetime, *, threshold: float | None = None) -> bool:
    """Learn for the first brand that is due and that nobody else is at. True: it is done, and more are due.

    Raises `RetryLater` when the classifier cannot be asked now.
    """
    with store.reading() as work:
        waiting = due(work, classifier.version)
    for place, brand_id in enumerate(waiting, 1):
        if learn(store, classifier, brand_id, now, threshold=threshold) is not None:
            return place < len(waiting)
    return False


def learn(
    store: Store, classifier: Classifier, brand_id: int, now: datetime, *, threshold: float | None = None
) -> LayerRow | None:
    """Learn a brand's layer, try it on what was held back, and put it in use or refuse it; returns its row.

    None: somebody else is at it, or there is too little to learn from and nobody asked. Whatever stops it halfway
    leaves the layer in use as it is. Raises `RetryLater` when the classifier cannot be asked now.
    """
    with _alone(store, brand_id, now) as mine:
        if not mine:
            return None
        with store.reading() as work:
            given = corrections.count_standing(work, brand_id)
            asked = layers.candidate(work, brand_id)
            ground = _ground(work, classifier.version, brand_id, threshold)
        if given < LEAST:
            why = f"{given} posts are corrected; from {LEAST} on there is something to learn from."
            return _refused(store, brand_id, classifier.version, why, now) if asked else None
        try:
            trial = _Trial.of(classifier, ground)
        except RetryLater:
            raise
        except AppError as error:
            return _refused(store, brand_id, classifier.version, str(error), now)
        return _settled(store, brand_id, trial, now)


@contextmanager
def _alone(store: Store, brand_id: int, now: datetime) -> Iterator[bool]:
    """Hold a brand's lease. A try that breaks off keeps it, each time for longer: others have their turn meanwhile."""
    name = f"learn:{brand_id}"
    with store.unit_of_work() as work:
        tries, _, _ = (housekeeping.last_holder(work, name) or "").partition(":")
        before = int(tries) if tries.isdecimal() else 0
        holder = f"{before + 1}:{secrets.token_hex(8)}"
        mine = take_lease(work, name, holder, now, now + min(_LEASE_FOR * 2 ** min(before, 10), _LONGEST_LEASE))
    ended = False
    try:
        yield mine
        ended = True
    except RetryLater:
        ended = True
        raise
    finally:
        if mine and ended:
            with store.unit_of_work() as work:
                housekeeping.release_lease(work, name, holder)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What there is to learn from."""

    taught: tuple[LessonRow, ...]
    held_back: tuple[LessonRow, ...]
    others: tuple[tuple[str, str], ...]
    thresholds: Thresholds
    before: "Layer | None"
    in_use: int | None  # the number of the layer in use when it began, on whatever judge that stands


def _ground(work: Work, version: str, brand_id: int, threshold: float | None) -> _Ground:
    spoken_of = corrections.lessons(work, brand_id, _MOST)
    held = tuple(row for row in spoken_of if is_held_back(row.mention_id))
    taught = tuple(row for row in spoken_of if not is_held_back(row.mention_id))
    own, known = corrections.others(work, brand_id, _OTHERS), {row.text for row in spoken_of}
    others = tuple((text, hint) for text, hint in (*own, *_common()) if text not in known)
    thresholds = thresholds_of(brands.get(work, brand_id).settings, threshold)
    before = layering.in_use(work, {brand_id}, version).get(brand_id)
    return _Ground(taught, held, others, thresholds, before, _number_in_use(work, brand_id))


def _number_in_use(work: Work, brand_id: int) -> int | None:
    row = layers.in_use(work, brand_id)
    return row.number if row else None


def is_held_back(mention_id: int) -> bool:
    """Tell whether what is said of a post is kept for checking; it is the same for good."""
    return hashlib.sha256(b"%d" % mention_id).digest()[0] % HELD_BACK == 0


@cache
def _common() -> tuple[tuple[str, str], ...]:
    """Return posts of our own in many languages, for a brand that has few of its own nobody spoke of."""
    lines = (files("monitor.sources.demo") / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple((row["text"], row.get("lang", "")) for row in map(json.loads, lines))


@dataclass(frozen=True, slots=True)
class _Trial:
    """A layer that was learned, and how it did on what was held back."""

    layer: "Layer"
    ground: _Ground
    before: Mapping[str, Marks]
    after: Mapping[str, Marks]
    kept: tuple[str, ...]  # the parts that proved to be better
    reason: str

    @classmethod
    def of(cls, classifier: Classifier, ground: _Ground) -> "_Trial":
        from monitor.classifiers.layers import Layer

        learned = _learned(classifier, ground)
        old, new = (_marks(classifier, ground, layer) for layer in (ground.before, learned))
        found = {name: better(old[name], new[name]) for name in learned.heads if name in new}
        why = {name: answer for name, answer in found.items() if answer}
        turned = _turned(classifier, ground, learned) if "complaint" in found else 0.0
        if turned > _TURNED_AT_MOST:
            why["complaint"] = f"it would turn {turned:.0%} of the posts over that nobody corrected"
        kept = tuple(name for name in found if name not in why)
        before = dict(ground.before.heads) if ground.before else {}
        heads = before | {name: learned.heads[name] for name in kept}
        return cls(Layer(None, classifier.version, heads), ground, old, new, kept, _sentence(why, found, ground))


def _sentence(why: Mapping[str, str], found: Mapping[str, str], ground: _Ground) -> str:
    if not found:
        return f"Of the posts held back for checking too few were corrected: {len(ground.held_back)}."
    return " ".join(f"{name.capitalize()}: {words}." for name, words in why.items())


def _learned(classifier: Classifier, ground: _Ground) -> "Layer":
    from monitor.classifiers.layers import Lesson, learn

    spoken = [
        Lesson(
            row.text,
            row.lang_hint,
            row.is_complaint,
            row.severity,
            row.topics,
            1.0 if row.express else _CONFIRMED_WEIGHS,
        )
        for row in ground.taught
    ]
    lessons = [*spoken, *(Lesson(text, hint) for text, hint in ground.others)]
    texts, hints = [one.text for one in lessons], [one.hint for one in lessons]
    return learn(classifier.features(texts), lessons, classifier.assess(texts, hints), classifier.version)


def _judged(
    classifier: Classifier, ground: _Ground, posts: Sequence[tuple[str, str]], layer: "Layer | None"
) -> list[Verdict]:
    texts, hints = [text for text, _ in posts], [hint for _, hint in posts]
    said = classifier.assess(texts, hints, [layer] * len(texts))
    return [at_threshold(one, ground.thresholds.of(one.lang)) for one in said]


def _marks(classifier: Classifier, ground: _Ground, layer: "Layer | None") -> dict[str, Marks]:
    """Hold the answers with a layer against what people said, by part; a part with too few posts is left out."""
    rows = ground.held_back
    verdicts = _judged(classifier, ground, [(row.text, row.lang_hint) for row in rows], layer)
    pairs = list(zip(rows, verdicts, strict=True))
    found = {
        "complaint": mark([(one.complaint, one.is_complaint, row.is_complaint) for row, one in pairs if row.is_complaint is not None]),
        "severity": mark([(None, int(one.severity), row.severity) for row, one in pairs if row.severity is not None]),
        "topics": mark([(None, frozenset(one.topics), frozenset(row.topics)) for row, one in pairs if row.topics is not None]),
    }  # fmt: skip
    return {name: marks for name, marks in found.items() if marks.posts >= _LEAST_HELD}


def _turned(classifier: Classifier, ground: _Ground, learned: "Layer") -> float:
    """Return the share of posts that nobody spoke of whose answer changes."""
    old, new = (_judged(classifier, ground, ground.others, layer) for layer in (ground.before, learned))
    turned = sum(one.is_complaint != other.is_complaint for one, other in zip(old, new, strict=True))
    return turned / len(old) if old else 0.0


def _settled(store: Store, brand_id: int, trial: _Trial, now: datetime) -> LayerRow:
    """Write the outcome down: all of it, or nothing. What a person chose meanwhile stays."""
    values: dict[str, Any] = {
        "base": trial.layer.base,
        "learned_from": len(trial.ground.taught),
        "held_back": len(trial.ground.held_back),
        "scores": {
            "before": {name: marks.figures() for name, marks in trial.before.items()},
            "after": {name: marks.figures() for name, marks in trial.after.items()},
            "kept": list(trial.kept),
        },
        "reason": trial.reason[:500],
    }
    with store.unit_of_work(durable=True) as work:
        layers.hold(work, brand_id)
        same = _number_in_use(work, brand_id) == trial.ground.in_use
        if trial.kept and same:
            layers.retire(work, brand_id, now)
            values |= {"weights": trial.layer.to_bytes(), "state": layers.IN_USE, "promoted_at": now}
        else:
            values |= {"weights": b"", "state": layers.REFUSED, "retired_at": now}
        if not same:
            values["reason"] = _OVERTAKEN
        return _written(work, brand_id, values, now)


def _refused(store: Store, brand_id: int, version: str, why: str, now: datetime) -> LayerRow:
    values = {"base": version, "state": layers.REFUSED, "reason": why[:500], "retired_at": now}
    with store.unit_of_work(durable=True) as work:
        layers.hold(work, brand_id)
        return _written(work, brand_id, values, now)


def _written(work: Work, brand_id: int, values: Mapping[str, Any], now: datetime) -> LayerRow:
    """Fill in the layer that was asked for, else add one."""
    asked = layers.candidate(work, brand_id)
    row = layers.change(work, asked.id, **values) if asked else layers.add(work, brand_id, now, **values)
    told = {"layer": row.number, "state": row.state}
    events.record(work, "layer", brand_id, _TEACHES, now, data=told)
    return row
