"""Several judges together."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor.classifiers import load
from monitor.classifiers.ensemble import Ensemble, Member, parts_of
from monitor.domain.errors import BadInput
from monitor.domain.lexicon import TOPICS
from monitor.domain.records import Flag, FlagHit, Kind, Noise, Sentiment, Severity, Span, Verdict
from tests.making import verdict

TINY = str(Path(__file__).with_name("tiny"))


@dataclass
class Says:
    """A judge that says one thing of everything."""

    one: Verdict
    version: str = "says-1"
    width: int = 2
    words: tuple[Span, ...] = field(default=())

    def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence[Any] = ()) -> list[Verdict]:
        assert not layers, "a brand's layer was learned on all of them together"
        return [self.one] * len(texts)

    def features(self, texts: Sequence[str]) -> Any:
        return np.full((len(texts), self.width), self.width, np.float32)

    def why(self, text: str, layer: object = None) -> tuple[Span, ...]:
        return self.words


@dataclass
class Taught:
    """What a brand taught: the same shift whatever the features, which it remembers."""

    base: str
    shifts: Mapping[str, Any]
    id: int | None = 7
    seen: list[Any] = field(default_factory=list)

    def shift(self, features: Any) -> Mapping[str, Any]:
        self.seen.append(features)
        return self.shifts


def says(complaint: float, *, unhappy: bool, **more: Any) -> Verdict:
    kind = Kind.COMPLAINT if unhappy else Kind.NONE
    feeling = more.pop(
        "sentiment", Sentiment(complaint, 0.05, 0.95 - complaint) if complaint < 0.95 else Sentiment(1, 0, 0)
    )
    return replace(verdict(kind), complaint=complaint, sentiment=feeling, **more)


def together(*verdicts: tuple[Verdict, float]) -> Ensemble:
    total = sum(weight for _, weight in verdicts)
    return Ensemble([Member(Says(one, f"says-{n}"), weight / total) for n, (one, weight) in enumerate(verdicts)])


def one(judge: Ensemble, layer: Taught | None = None) -> Verdict:
    (found,) = judge.assess(["my lamp is broken"], [""], [layer] if layer else ())
    return found


def test_probabilities_are_averaged_as_log_odds_by_weight() -> None:
    equal = together((says(0.9, unhappy=True), 1), (says(0.1, unhappy=False), 1))
    assert one(equal).complaint == pytest.approx(0.5)
    heavier = together((says(0.9, unhappy=True), 3), (says(0.1, unhappy=False), 1))
    assert one(heavier).complaint == pytest.approx(0.75)


def test_it_is_a_complaint_for_half_of_the_say_each_judge_at_its_own_operating_point() -> None:
    low = says(0.32, unhappy=True)  # its operating point is below
    assert one(together((low, 1), (says(0.1, unhappy=False), 1))).is_complaint, "missing one costs more"
    assert not one(together((low, 1), (says(0.1, unhappy=False), 2))).is_complaint
    assert one(together((low, 2), (says(0.1, unhappy=False), 1))).is_complaint


def test_feelings_are_averaged_and_sum_to_one() -> None:
    feeling = one(
        together(
            (says(0.9, unhappy=True, sentiment=Sentiment(0.8, 0.1, 0.1)), 1),
            (says(0.9, unhappy=True, sentiment=Sentiment(0.2, 0.4, 0.4)), 1),
        )
    ).sentiment
    assert feeling.negative + feeling.neutral + feeling.positive == pytest.approx(1)
    assert feeling.negative == pytest.approx(0.5)


def test_severity_is_that_of_those_who_see_a_complaint_and_the_graver_of_two() -> None:
    mild, grave = (says(0.9, unhappy=True, severity=level) for level in (Severity.DISAPPROVAL, Severity.BLAME))
    calm = says(0.2, unhappy=False, severity=Severity.MISMATCH)
    assert one(together((mild, 1), (grave, 1), (calm, 1))).severity is Severity.BLAME
    assert one(together((mild, 2), (grave, 1), (calm, 1))).severity is Severity.DISAPPROVAL
    assert one(together((calm, 1))).severity is Severity.MISMATCH


def test_flags_of_all_topics_of_most_and_noise_only_beside_no_complaint() -> None:
    hit = FlagHit(Flag.SAFETY, Span(0, 2))
    first = says(0.1, unhappy=False, topics=("delay", "refund"), noise=Noise.SPAM)
    second = says(0.1, unhappy=False, topics=("refund",), flags=(hit,))
    third = says(0.1, unhappy=False, topics=("refund",))
    found = one(together((first, 1), (second, 1), (third, 1)))
    assert (found.flags, found.topics, found.noise) == ((hit,), ("refund",), Noise.SPAM)
    assert found.needs_reply, "somebody may be hurt"
    assert one(together((first, 1), (says(0.9, unhappy=True), 1))).noise is None


def test_a_brands_layer_is_heard_only_when_it_was_learned_on_all_of_them() -> None:
    judge = together((says(0.6, unhappy=True), 1), (says(0.6, unhappy=True), 1))
    stranger = Taught("says-0", {"complaint": np.array([-9.0])})
    assert one(judge, stranger) == one(judge)
    assert not stranger.seen
    layer = Taught(judge.version, {"complaint": np.array([-2.0]), "severity": np.array([0, 0, 0, 9.0])})
    moved = one(judge, layer)
    assert (moved.is_complaint, moved.kind, moved.layer_id) == (False, Kind.NONE, 7)
    assert moved.complaint < 0.25
    assert [len(row) for row in layer.seen] == [4], "the features of both, side by side"
    graver = Taught(judge.version, {"severity": np.array([0, 0, 0, 9.0])})
    assert one(judge, graver).severity is Severity.BLAME
    about = Taught(judge.version, {"topics": np.array([9.0 if topic == "billing" else 0.0 for topic in TOPICS])})
    assert one(judge, about).topics[0] == "billing"
    silent = Taught(judge.version, {"topics": np.full(len(TOPICS), -9.0)})
    assert one(judge, silent).topics == ("other",)


def test_a_small_nudge_up_keeps_a_complaint_that_was_one_below_half() -> None:
    judge = together((says(0.35, unhappy=True), 1))
    up, down = (Taught(judge.version, {"complaint": np.array([by])}) for by in (0.1, -0.1))
    assert one(judge, up).is_complaint
    assert not one(judge, down).is_complaint


def test_why_weighs_each_word_by_all_judges() -> None:
    text = "my lamp is broken"
    first = Says(verdict(), words=(Span(3, 7, 1.0),))
    second = Says(verdict(), words=(Span(11, 17, 1.0), Span(3, 5, 0.5)))
    spans = Ensemble([Member(first, 0.25), Member(second, 0.75)]).why(text)
    assert [(text[span.start : span.end], round(span.weight, 3)) for span in spans] == [
        ("broken", 1.0),
        ("lamp", 0.833),
    ]


def test_why_is_of_the_verdict_with_what_the_brand_taught_all_of_them() -> None:
    judge = load(f"rules,{TINY}")
    text = "awful broken lamp"
    (without,) = judge.features(["awful lamp"])

    class BrokenSaysLittle(Taught):
        def shift(self, features: Any) -> Mapping[str, Any]:
            return {"complaint": np.array([0.0 if np.allclose(features, without) else -6.0])}

    layer = BrokenSaysLittle(judge.version, {})
    assert {text[span.start : span.end] for span in judge.why(text)} == {"awful", "broken"}
    assert {text[span.start : span.end] for span in judge.why(text, layer)} == {"awful"}
    assert judge.why(text, BrokenSaysLittle("another", {})) == judge.why(text)


def test_labels_are_shared_out_among_those_that_have_them(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "moods")
    config = (tmp_path / "moods" / "config.json").read_text("utf-8")
    (tmp_path / "moods" / "config.json").write_text(config.replace("Negative", "anger").replace("Positive", "joy"))
    names, labels = f"rules,{TINY},{tmp_path / 'moods'}", "anger=negative,joy=positive"
    (unhappy,) = load(names, labels=labels).assess(["awful broken lamp"])
    assert unhappy.is_complaint
    with pytest.raises(BadInput, match="no label hope"):
        load(names, labels=f"{labels},hope=positive")
    assert load("rules,shipped", labels=labels).version, "of our own nothing is asked"


def test_the_version_names_all_and_always_fits_its_column() -> None:
    assert load(f"rules,{TINY}").version.startswith("rules-1+tiny-")
    assert load(f"rules:3,{TINY}").version.startswith("rules-1:0.75+tiny-")
    long = Ensemble([Member(Says(verdict(), "x" * 90), 0.5), Member(Says(verdict(), "y" * 90), 0.5)])
    other = Ensemble([Member(Says(verdict(), "x" * 90), 0.5), Member(Says(verdict(), "z" * 90), 0.5)])
    assert len(long.version) == 100
    assert long.version != other.version


def test_weights_decide_between_judges_that_disagree() -> None:
    text = ["awful broken lamp, lovely thanks"]
    rules, tiny = load("rules").assess(text)[0].complaint, load(TINY).assess(text)[0].complaint
    both = [load(f"rules:{weight},{TINY}").assess(text)[0].complaint for weight in (9, 1, 0.1)]
    assert sorted([rules, tiny, *both]) in ([rules, *both, tiny], [tiny, *reversed(both), rules])


@pytest.mark.parametrize("name", ["rules,", ",rules", "rules,,rules", "rules:0,shipped", " , "])
def test_a_list_with_a_hole_in_it_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="several judges"):
        load(name)


def test_one_that_cannot_be_loaded_is_named() -> None:
    with pytest.raises(BadInput, match="/nowhere/model"):
        load("rules,/nowhere/model")


def test_a_folder_with_a_comma_in_its_name_is_one_judge(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "ours,theirs")
    assert load(str(tmp_path / "ours,theirs")).version.startswith("ours,theirs-")


def test_parts_and_weights_are_read_with_spaces() -> None:
    assert parts_of("shipped:2, owner/name , rules:0.5") == [("shipped", 2.0), ("owner/name", 1.0), ("rules", 0.5)]
