"""Urgent flags over all languages: what is raised, what is taken back, how fast. The posts are our own."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from monitor.domain.flagging import split
from monitor.domain.records import Flag
from monitor.domain.signals import find_flags

CASES = [json.loads(line) for line in Path(__file__).with_name("flag_cases.jsonl").read_text("utf-8").splitlines()]
URGENT = [case for case in CASES if case["flags"]]
CALM = [case for case in CASES if not case["flags"]]
LANGUAGES = ["en", "pl", "el", "fa", "ar", "de", "fr", "es", "it", "pt", "nl", "tr", "ru", "hi"]


def flags(text: str) -> set[str]:
    return {hit.flag.value for hit in find_flags(text)}


def test_every_language_has_two_posts_of_every_flag() -> None:
    counts = Counter((case["lang"], flag) for case in URGENT for flag in case["flags"])
    assert {
        (lang, flag.value): counts[lang, flag.value] for lang in LANGUAGES for flag in Flag
    }.items() <= counts.items()
    assert min(counts[lang, flag.value] for lang in LANGUAGES for flag in Flag) >= 2
    assert len(CALM) >= 250


@pytest.mark.parametrize("flag", list(Flag))
def test_nine_in_ten_urgent_posts_are_found(flag: Flag) -> None:
    wanted = [case for case in URGENT if flag.value in case["flags"]]
    missed = [case["text"] for case in wanted if flag.value not in flags(case["text"])]
    assert len(missed) <= len(wanted) * 0.1, missed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_posts_that_only_sound_urgent_raise_little(lang: str) -> None:
    calm = [case["text"] for case in CALM if case["lang"] == lang]
    raised = [text for text in calm if flags(text)]
    assert len(raised) <= len(calm) * 0.15, raised


@pytest.mark.parametrize("case", URGENT, ids=lambda case: f"{case['lang']}-{case['flags'][0]}")
def test_a_flag_points_at_words_of_the_post(case: dict[str, str]) -> None:
    for hit in find_flags(case["text"]):
        words = case["text"][hit.span.start : hit.span.end]
        assert words == words.strip() != ""


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("your l4wyer will hear from my l*wyer, total sc@m", "money"),
        ("this is a scaaaaam", "money"),
        ("I got an eletcric shock from the kettle", "safety"),
        ("klepsate ta lefta mas", "money"),
        ("ana mo7ami w ra7 ashtaki 3alikom", "legal"),
        ("az dastetun shekayat mikonam, dadgah", "legal"),
        ("mera vakil aapse baat karega", "legal"),
        ("Der Ofen ist gefaehrlich", "safety"),
        ("oszukaliscie mnie, zlodzieje", "money"),
    ],
)
def test_leetspeak_typos_and_other_letters_are_read(text: str, flag: str) -> None:
    assert flag in flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "nobody was burned",
        "Es wurde niemand vergiftet",
        "Hiç kimse zehirlenmedi",
        "Никто не отравился",
        "कोई घायल नहीं हुआ",
        "هیچکس مسموم نشد",
        "لم يصب أحد بحروق",
        "Nadie resultó herido",
        "Nessuno è rimasto ferito",
        "Ninguém ficou ferido",
        "Personne n'est blessé",
        "Niemand is gewond",
        "Nikt się nie zatruł",
        "δεν τραυματίστηκε κανείς",
        "Is it dangerous for cats?",
        "Your poster says “dangerous curves ahead”",
        "@lawyer_joe nice shoes https://example.org/scam",
    ],
)
def test_what_is_denied_asked_quoted_or_only_a_name_is_not_urgent(text: str) -> None:
    assert flags(text) == set()


def test_a_line_of_its_own_is_a_sentence_of_its_own() -> None:
    assert flags("Nobody answers\nmy hand is burnt") == {"safety"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("the cable is 3.5 metres", 1),
        ("see acme.com for it", 1),
        ("at 9 a.m. it rang, e.g. twice", 1),
        ('she said "i am hurt." then she left', 2),
        ("(i am hurt!) then she left", 2),
        ("i am hurt... then she left", 2),
        ("hurt?i am", 2),
    ],
)
def test_a_sentence_ends_at_its_stop_and_not_inside_a_word_or_a_number(text: str, count: int) -> None:
    assert len({token.sentence for token in split(text)}) == count


def test_a_flag_is_found_across_a_stop_that_ends_nothing_and_not_across_one_that_does() -> None:
    assert flags("it burned at 9.30, my hand") == {"safety"}
    assert flags("burned (see acme.com) my hand") == {"safety"}
    assert flags('"the toast was burned." then she shook my hand') == set()


@pytest.mark.parametrize(
    "piece", ["a", "ا", "1", "not ", "my hand ", "charged twice ", "child ", "!", "l" + "'a", "“”", "a*"]
)
def test_long_garbage_is_read_in_no_time(piece: str) -> None:
    text = (piece * 5000)[:5000]
    find_flags(text)  # the words are learned once
    started = time.process_time()
    find_flags(text + "x")
    assert time.process_time() - started < 0.25  # 50 ms on an idle machine


def test_a_word_means_what_it_means_in_the_language_of_the_post() -> None:
    text = "how sad, Turkey was lovely and Kurt opened the door for us"
    assert find_flags(text, ("pl", "de"))  # a court there, a people here
    assert not find_flags(text, ("en",))


def test_english_is_read_beside_every_language() -> None:
    text = "Ich rufe meinen lawyer an, I will sue you"
    assert {hit.flag for hit in find_flags(text, ("de",))} == {Flag.LEGAL}


def test_a_language_without_lists_is_read_with_all_of_them() -> None:
    assert find_flags("oszukaliście mnie, złodzieje", ("cs",)) == find_flags("oszukaliście mnie, złodzieje")
