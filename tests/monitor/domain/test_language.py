import pytest

from monitor.domain.language import arabic_script, cyrillic, script_of


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Καλημέρα iPhone", "el"),
        ("नमस्ते", "hi"),
        ("привет", "ru"),
        ("こんにちは世界", "ja"),
        ("你好", "zh"),
        ("hello", ""),
    ],
)
def test_a_script_of_its_own_gives_the_language_away(text: str, lang: str) -> None:
    assert script_of(text) == lang


@pytest.mark.parametrize("text", ["", "😀😀", "123 !?", "\x00"])
def test_without_letters_there_is_no_language(text: str) -> None:
    assert script_of(text) is None


def test_letters_tell_neighbours_apart() -> None:
    assert arabic_script("چرا پاسخ نمی‌دهید") == "fa"
    assert arabic_script("لماذا لا تردون على الرسالة") == "ar"
    assert arabic_script("مجھے جواب نہیں ملا") == "ur"
    assert cyrillic("Де моя посилка, її немає") == "uk"
    assert cyrillic("Где моя посылка, её нет") == "ru"
