"""The bar: checks of a reply, the same for a person's text and a machine's. Pure functions over a text and its brief."""

from collections.abc import Callable, Iterable, Iterator

from responders.bar import conduct, form, parts, privacy, promises
from responders.bar.reading import Reading, read
from responders.ports import Brief, Finding, Level

Rule = Callable[[Reading], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    form.empty,
    form.too_long,
    form.wrong_language,
    parts.non_apology,
    parts.missing_parts,
    parts.thanks_for_injury,
    conduct.blame,
    conduct.asks_for_deletion,
    conduct.defensive,
    conduct.sends_elsewhere,
    conduct.stiff,
    promises.unfounded_promise,
    promises.unfounded_amount,
    promises.admission,
    privacy.personal_data,
    privacy.wrong_handle,
    form.too_close,
    form.links,
)


def check(text: str, brief: Brief) -> tuple[Finding, ...]:
    """Say everything the bar has to say about a reply; empty when it has nothing."""
    reading = read(text, brief)
    return tuple(finding for rule in RULES for finding in rule(reading))


def passes(findings: Iterable[Finding]) -> bool:
    """Tell whether a reply with these findings may be approved without a lead overruling."""
    return all(finding.level is not Level.BLOCK for finding in findings)
