"""Cursors: how far a watch has come, as JSON that the store keeps without looking into it."""

import json
from dataclasses import asdict, dataclass, is_dataclass
from typing import Final, TypeVar

from monitor.domain.errors import SourceRefused

T = TypeVar("T")

_UNREADABLE: Final = "The place this watch had come to cannot be read: remove the watch and add it anew."


@dataclass(frozen=True, slots=True)
class Sweep:
    """A walk from the newest post back to the last one known, as platforms that page newest first need it.

    `since` moves to `newest` only after the last page: a walk that breaks off begins again where it began.
    """

    since: str = ""  # all posts up to this one have been handed over
    newest: str = ""  # the newest of this walk
    next: str = ""  # the platform's token of the page to come; "" between walks
    pages: int = 0  # of this walk so far


def write(place: object) -> str:
    """Return a place as a cursor."""
    if not is_dataclass(place) or isinstance(place, type):
        raise TypeError
    return json.dumps(asdict(place), separators=(",", ":"))


def read(cursor: str, kind: type[T]) -> T:
    """Return the place of a cursor, the start for "". Raises `SourceRefused` for what this source did not write."""
    if not cursor:
        return kind()
    try:
        made = kind(**json.loads(cursor))
        fits = all(isinstance(getattr(made, name), type(plain)) for name, plain in asdict(kind()).items())  # type: ignore[call-overload]
    except (ValueError, TypeError, AttributeError) as error:
        raise SourceRefused(_UNREADABLE) from error
    if not fits:
        raise SourceRefused(_UNREADABLE)
    return made
