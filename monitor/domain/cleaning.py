"""One way to clean a post before a model reads it, the same when it learns and when it judges."""

import html
import re
import unicodedata

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<!\w)@\w[\w.\-]*")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\ud800-\udfff]"
)
_MARKS = re.compile(r"([\u0300-\u036f]{2})[\u0300-\u036f]+")  # a letter carries two accents at most; more is ornament
_REPEATED = re.compile(r"(\D)\1{3,}")
_SPACE = re.compile(r"\s+")
_LONGEST_READ = 4_000  # code points; far beyond what the model reads of any text


def clean(text: str) -> str:
    """Return the text as the models read it: links as `http`, handles as `@user`, no entities, no invisible signs."""
    text = unicodedata.normalize("NFKC", html.unescape(text[:_LONGEST_READ]))
    text = _MARKS.sub(r"\1", _INVISIBLE.sub("", text))
    text = _MENTION.sub("@user", _LINK.sub("http", text))
    return _SPACE.sub(" ", _REPEATED.sub(r"\1\1\1", text)).strip()
