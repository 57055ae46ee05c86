import numpy as np
import pytest

from monitor.classifiers.heads import Heads, heads_of
from monitor.domain.errors import BadInput
from monitor.domain.records import Flag, Severity

OURS = {
    "version": "amends-judge-9",
    "heads": {"complaint": [0, 1], "sentiment": [1, 4], "severity": [4, 8]},
    "calibration": {"": {"scale": 2.0, "shift": -1.0}, "pl": {"scale": 1.0, "shift": 0.0}},
    "threshold": {"": 0.4, "pl": 0.3},
    "max_length": 128,
}


def named(*labels: str) -> Heads:
    return heads_of({}, dict(enumerate(labels)))


def row(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_our_own_heads_are_read_with_their_calibration() -> None:
    heads = heads_of(OURS, {})
    reading = heads.read(row(0.5, 3, 0, 0, 0, 0, 9, 0), "en", {})
    assert reading.complaint == pytest.approx(0.5)
    assert heads.read(row(0.5, 3, 0, 0, 0, 0, 9, 0), "pl", {}).complaint > 0.6
    assert reading.sentiment.negative > 0.9
    assert reading.severity is Severity.ACCUSATION
    assert (heads.version, heads.threshold("en"), heads.threshold("pl")) == ("amends-judge-9", 0.4, 0.3)


def test_sentiment_leans_as_its_language_was_found_to() -> None:
    heads = heads_of(OURS | {"sentiment_temperature": 2.0, "sentiment_shift": {"pl": [1.0, 0.0, -1.0]}}, {})
    torn = row(0, -1, 0, 1, 0, 0, 0, 0)
    assert heads.read(torn, "en", {}).sentiment.positive == pytest.approx(1 / (1 + np.exp(-0.5) + np.exp(-1)))
    leaning = heads.read(torn, "pl", {}).sentiment  # half a step towards negative now, as much as it was away
    assert leaning.negative == pytest.approx(1 / (1 + np.exp(-0.5) + np.exp(-1)))


def test_topics_that_a_brand_taught_away_leave_the_post_without_one() -> None:
    topics = {"heads": OURS["heads"] | {"topics": [8, 10]}, "topics": ["delay", "refund"]}
    heads = heads_of(OURS | topics, {})
    delayed, silent = row(*[0.0] * 8, 2.0, -3.0), row(*[0.0] * 8, -1.0, -3.0)
    assert heads.read(delayed, "en", {}).topics == ("delay",)
    assert heads.read(delayed, "en", {"topics": row(-4.0, 0.0)}).topics == ("other",)
    assert heads.read(silent, "en", {"topics": row(0.0, 0.0)}).topics == ()  # words may still name one


def test_a_flag_is_raised_by_the_network_alone_or_doubted_although_words_set_it() -> None:
    urgent = {"names": ["safety", "legal", "press"], "alone": [0.5, 0.9, 0.9], "with_words": [0.1, 0.1, 0.1]}
    heads = heads_of(OURS | {"heads": OURS["heads"] | {"flags": [8, 11]}, "flags": urgent}, {})
    reading = heads.read(row(*[0.0] * 8, 2.0, 0.0, -5.0), "en", {})
    assert reading.flags == ((0, Flag.SAFETY),)
    assert reading.doubted == {Flag.PRESS}  # between the two points words decide: the legal one is neither


def test_a_flag_that_this_version_does_not_know_is_a_model_of_a_newer_one() -> None:
    urgent = {"names": ["alien"], "alone": [0.5], "with_words": [0.1]}
    with pytest.raises(BadInput, match="newer Amends"):
        heads_of(OURS | {"heads": OURS["heads"] | {"flags": [8, 9]}, "flags": urgent}, {})


@pytest.mark.parametrize(
    "labels",
    [("negative", "neutral", "positive"), ("NEG", "NEU", "POS"), ("LABEL_0", "LABEL_1", "LABEL_2")],
)
def test_a_sentiment_model_judges_the_unhappy_as_complaints(labels: tuple[str, ...]) -> None:
    unhappy = named(*labels).read(row(5, 0, 0), "en", {})
    happy = named(*labels).read(row(0, 0, 5), "en", {})
    assert unhappy.complaint > 0.9
    assert happy.complaint < 0.1
    assert happy.sentiment.positive > 0.9
    assert unhappy.severity is None


def test_two_unnamed_classes_are_negative_and_positive() -> None:
    assert named("LABEL_0", "LABEL_1").read(row(4, 0), "en", {}).complaint > 0.9


def test_labels_in_another_order_are_read_by_their_names() -> None:
    assert named("positive", "negative").read(row(5, 0), "en", {}).complaint < 0.1


def test_stars_are_read_as_sentiment() -> None:
    heads = named("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
    assert heads.read(row(4, 4, 0, 0, 0), "en", {}).complaint > 0.9
    assert heads.read(row(0, 0, 6, 0, 0), "en", {}).sentiment.neutral > 0.9


def test_a_complaint_model_is_read_whichever_column_comes_first() -> None:
    assert named("complaint", "not_complaint").read(row(4, 0), "en", {}).complaint > 0.9
    assert named("not_complaint", "complaint").read(row(4, 0), "en", {}).complaint < 0.1
    assert named("complaint").read(row(4), "en", {}).complaint > 0.9


@pytest.mark.parametrize("labels", [(), ("cat", "dog"), ("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3")])
def test_labels_that_say_nothing_about_unhappiness_are_refused_by_name(labels: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="id2label"):
        named(*labels)
