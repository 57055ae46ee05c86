"""Checks of the apology itself: is it one, and does it hold what an apology needs?"""

from collections.abc import Iterator

from monitor.domain.records import Flag, Kind
from responders.bar.reading import Reading, flag
from responders.ports import Finding, Level


def non_apology(reading: Reading) -> Iterator[Finding]:
    """Block words that sound like an apology and apologise for nothing."""
    if reading.phrases:
        yield from flag(
            reading,
            reading.phrases.non_apology,
            rule="non_apology",
            level=Level.BLOCK,
            why="“{words}” is sorry about the customer's feelings, not about what happened.",
            fix="Be sorry for the thing itself: name it and say that it should not happen.",
        )


def missing_parts(reading: Reading) -> Iterator[Finding]:
    """Block a reply to a complaint without responsibility or repair; advise where regret is missing.

    Responsibility counts most, then repair (Lewicki, Polin and Lount, 2016). An explanation is welcome, never demanded.
    """
    phrases, said = reading.phrases, reading.folded.text
    if reading.brief.kind is not Kind.COMPLAINT or phrases is None:
        return
    if not phrases.responsibility.search(said):
        why = "Nothing in the reply takes responsibility: not for what happened, nor for finding out."
        fix = "Own it where it is confirmed; otherwise own the check, e.g. “finding out is on us”."
        yield Finding("missing_responsibility", Level.BLOCK, why, fix)
    if not phrases.repair.search(said):
        why = "The customer does not learn what happens next."
        fix = "Say what you do about it now and where they will hear from you."
        yield Finding("missing_repair", Level.BLOCK, why, fix)
    if not phrases.regret.search(said):
        yield Finding("missing_regret", Level.ADVISE, "The reply is not sorry.", "Say so, in plain words.")


def thanks_for_injury(reading: Reading) -> Iterator[Finding]:
    """Block thanks where somebody may have been hurt, or a child is concerned."""
    if reading.phrases and not {Flag.SAFETY, Flag.CHILD}.isdisjoint(reading.brief.flags):
        yield from flag(
            reading,
            reading.phrases.thanks,
            rule="thanks_for_injury",
            level=Level.BLOCK,
            why="Somebody may have been hurt: “{words}” sounds as if that were feedback.",
            fix="Leave the thanks out and ask after the person first.",
        )
