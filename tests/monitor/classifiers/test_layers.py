"""A brand's own layer: it moves what it was taught, and little else."""

import io
import pickle
import zipfile
from collections.abc import Sequence

import numpy as np
import pytest

from monitor.classifiers import load
from monitor.classifiers.layers import Layer, Lesson, learn
from monitor.domain.errors import BadInput
from monitor.domain.records import Verdict

FANS = [f"This price is insane, my wallet is ruined, awful how nice your chair number {n} is" for n in range(200)]
PARCELS = [f"Parcel {n} arrived broken and nobody answers" for n in range(20)]
PLAIN = [f"Saw the new window at shop {n} today" for n in range(40)]
RULES = load("rules")


def taught(lessons: Sequence[Lesson]) -> Layer:
    lessons = [*lessons, *(Lesson(text) for text in (*PARCELS, *PLAIN))]
    texts = [one.text for one in lessons]
    return learn(RULES.features(texts), lessons, RULES.assess(texts), RULES.version)


def read(text: str, layer: Layer | None) -> Verdict:
    return RULES.assess([text], [""], [layer])[0]


def test_many_corrections_of_one_kind_move_that_kind_and_leave_the_rest() -> None:
    layer = taught([Lesson(text, is_complaint=False) for text in FANS])
    unseen = "Insane price, wallet ruined, awful how nice this lamp is"
    assert read(unseen, None).is_complaint
    assert not read(unseen, layer).is_complaint
    assert all(read(text, layer).is_complaint for text in PARCELS)
    assert not any(read(text, layer).is_complaint for text in PLAIN)


def test_few_corrections_move_less_than_many() -> None:
    few, many = (taught([Lesson(text, is_complaint=False) for text in FANS[:n]]) for n in (3, 200))
    alone, after_few, after_many = (read(FANS[0], layer).complaint for layer in (None, few, many))
    assert alone > after_few > after_many
    assert alone - after_few < 0.6 * (alone - after_many)


def test_a_word_on_one_part_leaves_the_others() -> None:
    layer = taught([Lesson(text, severity=3) for text in FANS])
    assert set(layer.heads) == {"severity"}
    assert int(read(FANS[7], layer).severity) == 3
    assert read(FANS[7], layer).complaint == read(FANS[7], None).complaint


def test_topics_are_learned_each_for_itself() -> None:
    assert "website" not in read(FANS[3], None).topics
    layer = taught([Lesson(text, topics=("website", "billing")) for text in FANS])
    assert set(read(FANS[3], layer).topics) == {"website", "billing"}
    assert read(PLAIN[0], layer).topics == read(PLAIN[0], None).topics


def test_another_judge_does_not_hear_it() -> None:
    layer = taught([Lesson(text, is_complaint=False) for text in FANS])
    other = Layer(5, "another-judge", layer.heads)
    assert read(FANS[0], other) == read(FANS[0], None)


def test_a_verdict_names_the_layer_that_had_a_say() -> None:
    layer = taught([Lesson(text, is_complaint=False) for text in FANS])
    kept = Layer.from_bytes(layer.to_bytes(), layer.base, 17)
    assert read(FANS[0], kept).layer_id == 17
    assert read(FANS[0], kept).complaint == read(FANS[0], layer).complaint
    assert read(FANS[0], None).layer_id is None


def test_features_of_another_width_move_nothing() -> None:
    assert Layer(1, RULES.version, {"complaint": np.ones((5, 1), np.float32)}).shift(np.zeros(7, np.float32)) == {}


def packed(**arrays: object) -> bytes:
    kept = io.BytesIO()
    np.savez(kept, **arrays)  # type: ignore[arg-type]
    return kept.getvalue()


def saved(array: np.ndarray) -> bytes:
    kept = io.BytesIO()
    np.save(kept, array)
    return kept.getvalue()


def archived(name: str, held: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr(f"{name}.npy", held)
    return kept.getvalue()


ROWS = np.zeros((4, 1), np.float32)


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"no archive",
        pickle.dumps({"complaint": ROWS}),
        packed(complaint=np.array([{"a": 1}], dtype=object)),
        packed(complaint=ROWS.astype(np.float64)),
        packed(complaint=np.full((4, 1), np.nan, np.float32)),
        packed(complaint=np.zeros((4, 2), np.float32)),
        packed(complaint=np.zeros(4, np.float32)),
        packed(mood=ROWS),
        archived("complaint", b"no array"),
        archived("complaint", saved(ROWS).replace(b"}", b"{")),
        packed(complaint=np.zeros((90_000, 1), np.float32)),
        packed(complaint=ROWS)[:-30],
        b"\0" * 5_000_000,
    ],
)
def test_weights_that_are_not_sound_are_refused_in_plain_words(kept: bytes) -> None:
    with pytest.raises(BadInput, match="learn anew"):
        Layer.from_bytes(kept, "rules-1")


def test_a_byte_that_fell_over_on_the_disk_is_told_in_plain_words_wherever_it_is() -> None:
    sound = Layer(1, "rules-1", {"complaint": np.arange(40, dtype=np.float32)[:, None]}).to_bytes()
    refused = 0
    for place in range(len(sound)):
        kept = bytearray(sound)
        kept[place] ^= 0xFF
        try:
            Layer.from_bytes(bytes(kept), "rules-1")
        except BadInput:
            refused += 1
    assert refused > len(sound) // 2  # the others hold a date, or a length that nobody reads


def test_the_shipped_judge_learns_from_its_own_features() -> None:
    judge = load("")
    fans = [
        f"{first} {thing} @vela{end}"
        for first in (
            "this is killing me, I want that",
            "my wallet hates you, another",
            "I am so angry you sold out of the",
        )
        for thing in ("lamp", "sofa", "clock", "mirror", "rug")
        for end in ("", " lol", " haha", "!!")
    ]
    angry = [
        f"@vela my {thing} {what}"
        for thing in ("chair", "desk")
        for what in ("arrived broken and nobody answers", "is three weeks late, I want a refund")
    ]
    unseen, seen = fans[::3], [text for n, text in enumerate(fans) if n % 3]
    lessons = [*(Lesson(text, is_complaint=False) for text in seen), *(Lesson(text) for text in (*angry, *PLAIN))]
    texts = [one.text for one in lessons]
    layer = learn(judge.features(texts), lessons, judge.assess(texts), judge.version)

    def mean(texts: Sequence[str], layer: Layer | None) -> float:
        return sum(one.complaint for one in judge.assess(texts, [], [layer] * len(texts))) / len(texts)

    assert mean(unseen, layer) < 0.5 * mean(unseen, None)
    assert mean(angry, layer) > 0.7 * mean(angry, None)
    assert judge.assess(["", "😡"], [], [layer, layer])[0] == judge.assess([""])[0]
