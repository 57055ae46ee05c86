"""Checks of the outer form: emptiness, length, language, links, and whether it was said before."""

import re
from collections.abc import Iterator

from responders.bar.closeness import TOO_CLOSE, closest
from responders.bar.language import LOOKALIKES, NAMES
from responders.bar.length import length
from responders.bar.reading import Reading
from responders.ports import Finding, Level

_HANDLE = re.compile(r"@[\w.@-]+")
_LINK = re.compile(r"https?://\S+|www\.\S+")
_LETTER = re.compile(r"[^\W\d_]")


def empty(reading: Reading) -> Iterator[Finding]:
    """Block a reply that says nothing."""
    said = _HANDLE.sub("", reading.text).replace(reading.brief.voice.signature or "\0", "")
    if not _LETTER.search(said):
        yield Finding("empty", Level.BLOCK, "The reply has no words.", "Write what you want to tell the customer.")


def too_long(reading: Reading) -> Iterator[Finding]:
    """Block a reply that the platform would refuse or cut."""
    brief = reading.brief
    counted = length(reading.text, brief.platform)
    if counted > brief.limit:
        why = f"{counted} of {brief.limit} as {brief.platform or 'the platform'} counts it."
        yield Finding("length", Level.BLOCK, why, f"Take out {counted - brief.limit}.")


def wrong_language(reading: Reading) -> Iterator[Finding]:
    """Block a reply in another language than the customer's."""
    wanted = reading.brief.lang
    if reading.lang is None or wanted in {"", "und", reading.lang} or wanted in LOOKALIKES.get(reading.lang, ()):
        return
    written, customers = NAMES[reading.lang], NAMES.get(wanted, wanted)
    why = f"The reply is in {written}, the customer writes in {customers}."
    yield Finding("wrong_language", Level.BLOCK, why, f"Write it in {customers}, or ask a lead to allow {written}.")


def too_close(reading: Reading) -> Iterator[Finding]:
    """Block a reply that repeats one sent before, names, handles and numbers aside."""
    share = closest(reading.text, reading.brief.told_others)
    if share >= TOO_CLOSE:
        why = f"{share:.0%} of this was already said to another customer, word for word."
        yield Finding("too_close", Level.BLOCK, why, "Say it anew, starting from what this customer wrote.")


def links(reading: Reading) -> Iterator[Finding]:
    """Advise against a link, other than the brand's own contact."""
    for match in _LINK.finditer(reading.text):
        if match.group().rstrip(".,)") not in reading.brief.voice.contact:
            why = (
                "A link sends the customer off to find the answer alone; some platforms also charge for it or hide it."
            )
            yield Finding("link", Level.ADVISE, why, "Say in the reply what the page says, if you can.", match.span())
