import pytest

from monitor.classifiers.reading import identify, languages_in

POSTS = [
    ("en", "The lamp I ordered two weeks ago has still not arrived"),
    ("pl", "Lampa zamówiona dwa tygodnie temu nadal nie przyszła"),
    ("el", "Η λάμπα που παρήγγειλα δεν ήρθε ακόμα"),
    ("fa", "چراغی که سفارش دادم هنوز نرسیده است"),
    ("ar", "المصباح الذي طلبته لم يصل حتى الآن"),
    ("de", "Die Lampe, die ich bestellt habe, ist immer noch nicht da"),
    ("fr", "La lampe que j'ai commandée n'est toujours pas arrivée"),
    ("es", "La lámpara que pedí hace dos semanas todavía no ha llegado"),
    ("it", "La lampada che ho ordinato due settimane fa non è ancora arrivata"),
    ("pt", "O candeeiro que encomendei há duas semanas ainda não chegou"),
    ("tr", "İki hafta önce sipariş ettiğim lamba hâlâ gelmedi"),
    ("nl", "De lamp die ik twee weken geleden bestelde is er nog steeds niet"),
    ("ru", "Лампа, которую я заказала, до сих пор не пришла"),
    ("hi", "मैंने जो लैंप मंगाया था वह अभी तक नहीं आया"),
    ("uk", "Де моя посилка? Її досі немає"),
]


@pytest.mark.parametrize(("lang", "text"), POSTS)
def test_the_language_of_a_short_post_is_told(lang: str, text: str) -> None:
    assert identify(text) == lang


@pytest.mark.parametrize("text", ["", "😡😡😡", "@acme https://example.org 123", "\x00\u200b"])
def test_without_words_no_language_is_claimed(text: str) -> None:
    assert identify(text, "pl") == "und"


def test_the_platform_decides_when_one_word_could_be_anything() -> None:
    assert identify("ok", "tr") == "tr"
    assert identify("ok", "en-GB") == "en"


def test_the_platform_does_not_overrule_a_clear_text() -> None:
    assert identify("The lamp I ordered two weeks ago has still not arrived", "de") == "en"


def test_handles_and_tags_do_not_decide() -> None:
    assert identify("@TheGreatShop #love gdzie jest moja przesyłka, czekam już tydzień") == "pl"


def test_a_post_may_be_in_several_languages_at_once() -> None:
    assert {"el", "en"} <= languages_in("Η παραγγελία μου είναι missing, where is it?")
    assert {"ar", "fa"} <= languages_in("سلام")  # the letters do not decide
    assert languages_in("12 345 !!") == set()


def test_words_of_another_language_are_not_read_in_a_plain_english_post() -> None:
    text = "I wore the watch on my wrist all day and it was lovely weather in the garden"
    assert "de" not in languages_in(text)
    assert "de" in languages_in(text, "de")  # the platform knows better


def test_greeklish_and_arabizi_stay_readable() -> None:
    assert {"el", "ar", "fa", "hi", "ru"} <= languages_in("klepsate ta lefta mas")
