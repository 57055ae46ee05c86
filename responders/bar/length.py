"""How long a reply is in the eyes of a platform, and how long it may be."""

import unicodedata

import regex

LIMITS = {"x": 280, "mastodon": 500, "bluesky": 300, "reddit": 10_000}
OTHER_LIMIT = 2_000
_URL_LENGTH = 23  # both X and Mastodon count every link alike, whatever its length

_URL = regex.compile(r"https?://\S+")
# X also shortens bare addresses. Two letters or more after the dot keep "10.30" and "e.g." out.
_BARE_URL = regex.compile(r"https?://\S+|(?<![@\w.])(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?(?![\w@])", regex.IGNORECASE)
_INNER_DOT = regex.compile(r"\.\w")
_REMOTE_HANDLE = regex.compile(r"(@[\w.-]+)@[\w-]+(?:\.[\w-]+)+")
_GRAPHEME = regex.compile(r"\X")
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")
_ALL_LIGHT = regex.compile(r"[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]*")
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # X counts these once, everything else twice


def limit_for(platform: str) -> int:
    """Say how long a reply may be on a platform, in that platform's own unit."""
    return LIMITS.get(platform, OTHER_LIMIT)


def length(text: str, platform: str) -> int:
    """Count a text as the platform does: weighted on X, graphemes on Bluesky, links as 23 on X and Mastodon."""
    if platform == "x":
        return _weighted(text)
    if platform == "mastodon":
        return len(_URL.sub("u" * _URL_LENGTH, _REMOTE_HANDLE.sub(r"\1", text)))
    if platform == "bluesky":
        return len(_GRAPHEME.findall(text))
    return len(text)


def _weighted(text: str) -> int:
    bare = unicodedata.normalize("NFC", text)
    if _INNER_DOT.search(bare) or "://" in bare:  # the search for addresses is slow, and most replies hold none
        bare = _BARE_URL.sub("u" * _URL_LENGTH, bare)
    if _ALL_LIGHT.fullmatch(bare):
        return len(bare)
    return sum(_weight(grapheme) for grapheme in _GRAPHEME.findall(bare))


def _weight(grapheme: str) -> int:
    if _EMOJI.search(grapheme) and ord(grapheme[0]) > _LIGHT[0][1]:
        return 2
    return sum(1 if any(low <= ord(letter) <= high for low, high in _LIGHT) else 2 for letter in grapheme)
