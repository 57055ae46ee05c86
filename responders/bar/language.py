"""Which language a text is written in, told by its script and its small words. Says nothing when it cannot be sure."""

import re
from collections import Counter

from responders.bar.words import folded

NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish",
    "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip

# Languages that cannot be told from one of the fourteen by script and small words alone.
LOOKALIKES = {
    "ar": ("ur", "ckb", "ps"), "fa": ("ur", "ckb", "ps"), "hi": ("mr", "ne"), "pl": ("cs", "sk", "hr", "sl", "bs", "sr"),
    "ru": ("uk", "bg", "be", "sr", "mk", "kk"), "es": ("ca", "gl"), "pt": ("gl",), "nl": ("af",), "de": ("lb",), "tr": ("az",),
}  # fmt: skip

_SMALL_WORDS = {
    "en": "the is are was were have has had this that these we you your our it and of to not with for on will what from"
    " been be do does can so when who there they my i at if here how which would should us",
    "pl": "nie to jest sie że na w z do i co jak za od dla po ale czy już bardzo przez tego tym nam nas was państwa my"
    " żeby tylko jeszcze są będzie było który która które oraz o tu tak przy dziękujemy przepraszamy",
    "de": "der die das ist sind nicht und wir sie ihr ihnen ein eine einen mit für auf es zu dass auch uns ich wird"
    " werden haben hat den dem von im bei wie was noch aber",
    "fr": "le la les est sont pas ne et nous vous votre un une des du de que qui pour avec dans sur ce cette il je"
    " mais en au plus été c'est",
    "es": "el la los las es son no y nos usted su un una de que por para con en lo se le te hemos esto muy pero"
    " más está como al del ha",
    "it": "il la lo gli le è sono non e ci voi un una di che per con nel della del si questo ma anche come abbiamo"
    " ho mi al dei suo vi",
    "pt": "o a os as é são não e nos você seu sua um uma de que por para com em no na do da se isso mas muito foi"
    " está ao dos mais",
    "tr": "ve bir bu için çok da de mi ne ile biz siz size olarak daha en ama gibi değil var yok olan ben şu kadar"
    " sonra hemen",
    "nl": "de het een is zijn niet en wij we u uw je jullie van dat die voor met op te aan ook maar er ik naar bij"
    " hebben heeft wordt",
}
_TELLING = {
    word: tuple(lang for lang, words in _SMALL_WORDS.items() if word in folded(words).text.split())
    for word in folded(" ".join(_SMALL_WORDS.values())).text.split()
}
# Letters that only one of these languages uses: each counts like one of its small words.
_OWN_LETTERS = {
    letter: lang
    for lang, letters in (("pl", "ąęłńśźż"), ("de", "äß"), ("fr", "êùœ"), ("es", "ñ"), ("pt", "ãõ"), ("tr", "ğşı"))
    for letter in letters
}
_OWN_LETTER = re.compile(f"[{''.join(_OWN_LETTERS)}]")
_PERSIAN = re.compile(r"[پچژگ]|\b(?:از|به|که|این|است|را|می|با|برای|شما|ما|هم|تا|یا)\b")
_ARABIC = re.compile(r"[ةىأإؤ]|\bال\w{2}|\b(?:من|في|على|عن|إلى|لا|هذا|هذه|لم|ما|مع|لكم|كل|نحن|ان)\b")
_SCRIPTS = {
    "latin": re.compile(r"[a-zà-žA-ZÀ-Ž]"),
    "greek": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "arabic": re.compile(r"[\u0620-\u064a\u066e-\u06d3]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
}
_ONE_LANGUAGE = {"greek": "el", "cyrillic": "ru", "devanagari": "hi"}
_NOT_PROSE = re.compile(r"https?://\S+|[@#][\w.@-]+|\bu/[\w-]+|(?<!\S)\S+@\S+|\^\w+")
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_LETTERS = 12
_FEWEST_HITS = 3
_LEAD = 1.4  # how far the best language must stand out from the second: Spanish and Portuguese share many words


def detect(text: str) -> str | None:
    """Name the language (ISO 639-1, one of fourteen), or None for a short or mixed text or one in another language."""
    prose = _NOT_PROSE.sub(" ", text)
    counts = {name: len(letters.findall(prose)) for name, letters in _SCRIPTS.items()}
    script = max(counts, key=counts.__getitem__)
    total = sum(counts.values())
    if total < _FEWEST_LETTERS or counts[script] < total * 0.6:
        return None
    if script == "arabic":
        return _persian_or_arabic(prose)
    return _ONE_LANGUAGE.get(script) or _by_small_words(text)


def _persian_or_arabic(prose: str) -> str | None:
    persian, arabic = len(_PERSIAN.findall(prose)), len(_ARABIC.findall(prose))
    if max(persian, arabic) < 2 or persian == arabic:  # one sign alone is often a name
        return None
    return "fa" if persian > arabic else "ar"


def _by_small_words(text: str) -> str | None:
    words = _WORD.findall(_NOT_PROSE.sub(" ", folded(text).text))
    hits = Counter(lang for word in words for lang in _TELLING.get(word, ()))
    hits.update(_OWN_LETTERS[letter] for letter in _OWN_LETTER.findall(text))
    (lang, best), (_, second) = (*hits.most_common(2), ("", 0), ("", 0))[:2]
    return lang if best >= _FEWEST_HITS and best >= second * _LEAD else None
