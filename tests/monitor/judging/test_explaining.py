"""Which words moved the judge: asked by a page, answered by the worker that holds the judge."""

from datetime import datetime

import pytest
from sqlalchemy import update

from monitor import assessment, classifiers, forgetting
from monitor.classifiers.layers import Layer
from monitor.domain.errors import NotFound, RetryLater
from monitor.domain.lifecycle import Actor
from monitor.domain.records import Span
from monitor.intake import add_posts
from monitor.judging import explaining
from monitor.store import brands, events, explanations, layers, mentions
from monitor.store.engine import Store
from monitor.store.tables import assessment as assessment_table
from tests.making import ToldJudge, post
from workers.relay import nudges

TEXT = "The kettle is broken and I am still waiting."
ASKS = Actor.worker("test")


class Sleepy(ToldJudge):
    """Judges, but cannot say why just now."""

    def why(self, text: str, layer: object = None) -> tuple[Span, ...]:
        message = "the judge sleeps"
        raise RetryLater(message, after=5)


class Hears(ToldJudge):
    """Remembers which layers it was asked with."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int | None] = []

    def why(self, text: str, layer: Layer | None = None) -> tuple[Span, ...]:
        self.heard.append(layer.id if layer else None)
        return ()


@pytest.fixture
def mention_id(store: Store, now: datetime) -> int:
    with store.unit_of_work() as work:
        brand_id = brands.create(work, "vela", "Vela", now)
    (found,) = add_posts(store, brand_id, [post("1", TEXT)], now).new
    assessment.assess_batch(store, classifiers.load("rules"), now)
    return found


def words(store: Store, mention_id: int) -> list[str] | None:
    with store.reading() as work:
        known = explaining.known(mentions.latest_verdict(work, mention_id))
    return None if known is None else [TEXT[one.start : one.end] for one in known]


def test_the_words_are_there_once_the_judge_was_asked(store: Store, mention_id: int, now: datetime) -> None:
    assert words(store, mention_id) is None
    explaining.ask(store, ASKS, mention_id, now)
    assert explaining.answer_next(store, classifiers.load("rules"), now) == 1
    assert words(store, mention_id) == ["broken", "still waiting"]
    assert explaining.answer_next(store, classifiers.load("rules"), now) == 0


def test_asking_sends_for_the_judge_once(store: Store, mention_id: int, now: datetime) -> None:
    explaining.ask(store, ASKS, mention_id, now)
    explaining.ask(store, ASKS, mention_id, now)
    with store.reading() as work:
        asked = [one for one in events.unprocessed(work, 100) if one.kind == "why"]
        assert explanations.waiting(work)
    assert len(asked) == 1
    assert nudges(asked) == ["explain"]
    explaining.answer_next(store, classifiers.load("rules"), now)
    explaining.ask(store, ASKS, mention_id, now)
    with store.reading() as work:
        assert not explanations.waiting(work), "what is known is not worked out again"


def test_a_judge_that_cannot_be_asked_now_is_asked_later(store: Store, mention_id: int, now: datetime) -> None:
    explaining.ask(store, ASKS, mention_id, now)
    with pytest.raises(RetryLater):
        explaining.answer_next(store, Sleepy(version=classifiers.load("rules").version), now)
    assert explaining.answer_next(store, classifiers.load("rules"), now) == 1


def test_another_judge_says_nothing_of_a_verdict_it_did_not_give(store: Store, mention_id: int, now: datetime) -> None:
    explaining.ask(store, ASKS, mention_id, now)
    assert explaining.answer_next(store, ToldJudge(), now) == 1
    assert words(store, mention_id) is None
    with store.reading() as work:
        verdict = mentions.latest_verdict(work, mention_id)
        assert explaining.is_lost(verdict)
        assert not explanations.waiting(work)
    explaining.ask(store, ASKS, mention_id, now)
    explaining.answer_next(store, classifiers.load("rules"), now)
    assert words(store, mention_id) == ["broken", "still waiting"], "the one that gave it can be asked again"


def test_the_layer_that_had_a_say_is_heard_though_another_is_in_use(
    store: Store, mention_id: int, now: datetime
) -> None:
    judge = Hears()
    with store.unit_of_work() as work:
        brand_id = mentions.get_many(work, [mention_id])[0].brand_id
        weights = Layer(None, judge.version, {}).to_bytes()
        then = layers.add(work, brand_id, now, base=judge.version, weights=weights, state=layers.RETIRED)
        layers.add(work, brand_id, now, base=judge.version, weights=weights, state=layers.IN_USE)
        work.execute(update(assessment_table).values(version=judge.version, layer_id=then.id))
    explaining.ask(store, ASKS, mention_id, now)
    explaining.answer_next(store, judge, now)
    assert judge.heard == [then.id]


def test_the_words_of_an_edited_post_are_asked_anew(store: Store, mention_id: int, now: datetime) -> None:
    explaining.ask(store, ASKS, mention_id, now)
    explaining.answer_next(store, classifiers.load("rules"), now)
    with store.unit_of_work() as work:
        forgetting.edited(work, mention_id, post("1", "Short."), now)
    assessment.assess_batch(store, classifiers.load("rules"), now)
    assert words(store, mention_id) is None, "places in a text that is no more would mark the wrong words"


def test_of_a_deleted_post_nobody_asks(store: Store, mention_id: int, now: datetime) -> None:
    with store.unit_of_work() as work:
        (row,) = mentions.get_many(work, [mention_id])
        forgetting.forget(work, row.brand_id, row.platform, [row.external_id], now)
    with pytest.raises(NotFound):
        explaining.ask(store, ASKS, mention_id, now)
