"""What every language pack must hold, so that a new one is complete before it is used."""

import re
import string

import pytest

from responders.bar.phrases import LANGUAGES as BAR_LANGUAGES
from responders.drafters.grasp import PACKS, language

ENGLISH = language("en").pack
OTHERS = sorted(set(PACKS) - {"en"})


def fields(line: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(line) if name}


@pytest.mark.parametrize("lang", OTHERS)
def test_a_pack_can_say_every_part_and_name_every_topic(lang: str) -> None:
    pack = language(lang).pack
    assert pack.lines.keys() == ENGLISH.lines.keys()
    assert {topic.name for topic in pack.topics} == {topic.name for topic in ENGLISH.topics}
    assert pack.durations.units.keys() == pack.durations.forms.keys() == ENGLISH.durations.units.keys()


@pytest.mark.parametrize("lang", PACKS)
def test_every_part_has_enough_ways_to_be_said_and_none_twice(lang: str) -> None:
    lines = language(lang).pack.lines
    for name, fewest in {
        "ack": 10,
        "own": 10,
        "check": 10,
        "joy": 12,
        "joy_more": 12,
        "answer": 8,
        "none": 8,
        "ack_plain": 8,
    }.items():
        assert len(lines[name]) >= fewest, name
    assert all(len(set(ways)) == len(ways) for ways in lines.values())


@pytest.mark.parametrize("lang", PACKS)
def test_places_to_fill_are_those_that_are_filled(lang: str) -> None:
    allowed = {"ack": {"thing", "Thing"}, "ack_about": {"about"}, "question_about": {"about"}, "long": {"span"}, "since": {"since", "Since"}, "contact": {"contact"}, "found": {"fact"}, "known": {"fact"}}  # fmt: skip
    for name, ways in language(lang).pack.lines.items():
        for way in ways:
            assert fields(way) <= allowed.get(name, set()), way
            assert bool(fields(way)) == (name in allowed), way
            assert re.sub(r"\[[^|\]]*\|[^\]]*\]", "", way).count("[") == 0, way


def test_the_bar_knows_every_language_that_is_drafted() -> None:
    assert set(PACKS) <= set(BAR_LANGUAGES)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 dzień"), (2, "2 dni"), (5, "5 dni"), (12, "12 dni"), (22, "22 dni")]
)
def test_polish_counts_days(number: int, words: str) -> None:
    durations = language("pl").pack.durations
    assert durations.forms["day"][durations.form(number)].format(n=number) == words


@pytest.mark.parametrize(
    ("number", "words"), [(1, "يوم كامل"), (2, "يومان"), (3, "3 أيام"), (10, "10 أيام"), (11, "11 يومًا")]
)
def test_arabic_counts_days(number: int, words: str) -> None:
    durations = language("ar").pack.durations
    assert durations.forms["day"][durations.form(number)].format(n=number) == words
