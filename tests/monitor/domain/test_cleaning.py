from monitor.domain.cleaning import clean
from monitor.domain.folding import fold, word_pattern


def test_links_handles_and_entities_are_read_the_same_whoever_is_meant() -> None:
    assert clean("@Acme_Help fish &amp; chips cold https://t.co/abc") == "@user fish & chips cold http"


def test_invisible_signs_and_ornament_are_taken_out() -> None:
    assert clean("a\x00b\u202e c\ufeff\n\n  d") == "ab c d"
    assert clean("soooooo late!!!!!!") == "sooo late!!!"
    assert len(clean("Z\u0336\u0335\u0334\u0333\u0332\u0331algo")) < 9


def test_persian_joins_and_family_emoji_survive() -> None:
    assert clean("نمی\u200cشود") == "نمی\u200cشود"
    assert clean("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧"


def test_numbers_are_not_shortened() -> None:
    assert clean("order 100000000") == "order 100000000"


def test_a_folded_word_is_found_at_its_place_in_the_text() -> None:
    text = "Straße ΚΑΘΥΣΤΈΡΗΣΗ"
    match = word_pattern("καθυστέρ*").search(fold(text).text)
    assert match
    start, end = fold(text).span(*match.span())
    assert text[start:end] == "ΚΑΘΥΣΤΈΡΗΣΗ"
