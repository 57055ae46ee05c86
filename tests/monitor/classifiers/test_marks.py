import numpy as np

from monitor.classifiers.marks import strongest


def said(text: str, cleaned: str, **loud: float) -> str:
    """Return the words that `strongest` names when the words of `loud` speak for a flag."""
    pieces, marks, at = [], [], 0
    for word in cleaned.split():
        start = cleaned.index(word, at)
        at = start + len(word)
        pieces.append((start, at))
        marks.append(loud.get(word, -0.2))
    span = strongest(text, cleaned, pieces, np.array(marks, np.float32))
    return text[span.start : span.end]


def test_the_words_that_speak_loudest_are_named_in_the_post_itself() -> None:
    text = "@acme my hand  still has blisters from your kettle"
    cleaned = "@user my hand still has blisters from your kettle"
    assert said(text, cleaned, hand=1.0, still=0.3, has=0.2, blisters=2.0) == "hand  still has blisters"


def test_at_most_five_words_are_named() -> None:
    text = "one two three four five six seven eight nine ten"
    assert said(text, text, **dict.fromkeys(text.split()[:8], 1.0)).count(" ") == 4


def test_where_the_words_cannot_be_found_the_whole_post_is_named() -> None:
    assert said("@acme", "@user", **{"@user": 3.0}) == "@acme"
    assert said("see https://acme.example/a?b=c", "see http", http=3.0) == "https://acme.example/a?b=c"


def test_right_to_left_text_is_named_by_its_code_points() -> None:
    text = "دستم با کتری شما سوخت"
    assert said(text, text, دستم=1.0, سوخت=2.0) == "سوخت"
    assert said(text, text, کتری=2.0, شما=2.0) == "کتری شما"


def test_a_word_is_not_looked_for_inside_another_one_nor_apart_from_its_run() -> None:
    text = "has anyone a chemist near? my hand has blisters"
    assert said(text, text, hand=2.0, has=2.0, blisters=2.0) == "hand has blisters"
    assert said(text, text.replace("chemist near?", "@user"), hand=2.0, has=2.0) == "hand has"
    assert said("shed the shed, he hurt me", "the shed he hurt me", he=3.0) == "he"
