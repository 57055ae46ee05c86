"""Checks of how the customer and others are treated."""

from collections.abc import Iterator

from responders.bar.reading import Reading, flag
from responders.ports import Finding, Level


def blame(reading: Reading) -> Iterator[Finding]:
    """Block blame, whoever gets it: the customer, an employee, a courier, "the system"."""
    if reading.phrases:
        yield from flag(
            reading,
            reading.phrases.blame,
            rule="blame",
            level=Level.BLOCK,
            why="“{words}” puts it on somebody else. The customer dealt with us.",
            fix="Say what we do about it; who it was is for us to settle among ourselves.",
        )


def asks_for_deletion(reading: Reading) -> Iterator[Finding]:
    """Block asking for the post to vanish, or for a good review."""
    if reading.phrases:
        yield from flag(
            reading,
            reading.phrases.deletion,
            rule="asks_for_deletion",
            level=Level.BLOCK,
            why="“{words}” asks the customer to make us look better.",
            fix="Take it out. What they write about us is theirs.",
        )


def defensive(reading: Reading) -> Iterator[Finding]:
    """Warn of a reply that defends us instead of helping."""
    if reading.phrases:
        yield from flag(
            reading,
            reading.phrases.defensive,
            rule="defensive",
            level=Level.WARN,
            why="“{words}” argues with the customer.",
            fix="Say what you will do instead of why you were right.",
        )


def sends_elsewhere(reading: Reading) -> Iterator[Finding]:
    """Warn of a reply that only points to another desk."""
    if reading.phrases and not reading.phrases.repair.search(reading.folded.text):
        yield from flag(
            reading,
            reading.phrases.elsewhere,
            rule="sends_elsewhere",
            level=Level.WARN,
            why="“{words}” sends the customer away without any help.",
            fix="Say what you do yourself first, then where the private part continues.",
        )


def stiff(reading: Reading) -> Iterator[Finding]:
    """Advise against the language of press offices."""
    if reading.phrases:
        yield from flag(
            reading,
            reading.phrases.stiff,
            rule="stiff",
            level=Level.ADVISE,
            why="Nobody talks like “{words}”.",
            fix="Say it as you would to somebody standing before you.",
        )
