"""What a person says of an account: plain questions, asked alike by the pages, the API and the commands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from monitor.domain.errors import BadInput
from monitor.domain.prices import MICROS, PRICES

MOST_DOLLARS: Final = 1_000_000
_YES: Final = frozenset({"yes", "true", "on", "1"})
_NO: Final = frozenset({"", "no", "false", "off", "0"})


@dataclass(frozen=True, slots=True)
class Option:
    """A question about an account. With `choices` one of them is the answer (the first by default); `listed`: names."""

    name: str
    question: str
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    listed: bool = False


OPTIONS: Final[Mapping[str, tuple[Option, ...]]] = MappingProxyType(
    {
        "x": (
            Option(
                "approval_held",
                "X has approved AI-written replies for this account",
                "Without X's approval replies are written here and posted by hand: its rules ask for it even when a "
                "person approves every reply.",
            ),
            Option(
                "tier",
                "The account's plan at X",
                "On every plan but Enterprise, X takes a reply only to posts that mention or quote this account.",
                {"": "Free, Basic, Pro or pay per use", "enterprise": "Enterprise"},
            ),
        ),
        "reddit": (
            Option(
                "no_reply_in",
                "Subreddits where we never reply",
                "Where the moderators want no brands. Posts there still arrive, to be read.",
                listed=True,
            ),
        ),
        "mastodon": (
            Option(
                "visibility",
                "Who sees our replies",
                "A reply is never more visible than the post it answers.",
                {"unlisted": "Everybody in the thread; not in public timelines", "public": "Everybody"},
            ),
        ),
    }
)
BILLED: Final = frozenset(PRICES)  # platforms that bill what is read and written


def read_options(platform: str, given: Mapping[str, str]) -> dict[str, object]:
    """Read the answers to a platform's questions; one that is not given is left out. Raises `BadInput` naming it."""
    known = {one.name: one for one in OPTIONS.get(platform, ())}
    stray = next((name for name in given if name not in known), None)
    if stray is not None:
        message = f'"{stray}" cannot be set on an account of {platform}: choose from {", ".join(known) or "nothing"}.'
        raise BadInput(message, where=stray)
    return {name: _read(known[name], value.strip()) for name, value in given.items()}


def _read(option: Option, value: str) -> object:
    if option.listed:
        names = (re.sub(r"^/?r/", "", one.strip()) for one in re.split(r"[,\n]", value))
        return ", ".join(dict.fromkeys(one for one in names if one))
    if option.choices:
        if value in option.choices:
            return value
        message = f'{option.question}: choose one of {", ".join(filter(None, option.choices))}, not "{value}".'
        raise BadInput(message, where=option.name)
    if value.lower() not in _YES | _NO:
        message = f'{option.question}: yes or no, not "{value}".'
        raise BadInput(message, where=option.name)
    return value.lower() in _YES


def read_cap(dollars: str) -> int | None:
    """Read dollars a month as millionths; nothing written: no cap. Raises `BadInput`."""
    written = dollars.strip().removeprefix("$").strip()
    if not written:
        return None
    try:
        amount = Decimal(written.replace(",", ""))
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount <= MOST_DOLLARS):
        message = f'The cap is an amount of dollars up to {MOST_DOLLARS:,}, for example 50, not "{dollars.strip()}".'
        raise BadInput(message, where="cap")
    return int(amount * MICROS)


def dollars(micros: int | None) -> str:
    """Write millionths of a dollar as `read_cap` reads them; "" for no cap."""
    return "" if micros is None else f"{Decimal(micros) / MICROS:.2f}".removesuffix(".00")
