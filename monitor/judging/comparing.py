"""What another judge would change, and whom people agree with: a trial beside the judge that was in use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from monitor.domain.errors import BadInput
from monitor.domain.rates import Rate, wilson
from monitor.store import trials
from monitor.store.engine import Work
from monitor.store.trials import ExampleRow, TrialRow

Change = Literal["becomes", "no_longer", "severity", "language", "flags"]
KINDS: Final[Mapping[Change, int]] = {  # of change, as they are counted and filtered
    "becomes": trials.BECOMES,
    "no_longer": trials.NO_LONGER,
    "severity": trials.SEVERITY,
    "language": trials.LANGUAGE,
    "flags": trials.FLAGS,
}
EXAMPLES: Final = 50


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two judges fare on the posts that people said something of, each share with its 95 % interval."""

    posts: int
    old: Rate | None
    new: Rate | None
    only_old: int  # posts that only the judge in use has right
    only_new: int
    complaints: int
    old_found: Rate | None  # of the complaints
    new_found: Rate | None
    others: int
    old_raised: Rate | None  # of the others, taken for complaints
    new_raised: Rate | None


@dataclass(frozen=True, slots=True)
class Diff:
    """What would change: posts by kind of change (see `KINDS`), and whom people agree with."""

    changed: int
    by_kind: Mapping[Change, int]
    agreement: Agreement


def diff(work: Work, trial_id: int) -> Diff:
    """Compare a trial's verdicts with those that were in use when it read the posts."""
    found = trials.changes(work, trial_id)
    by_kind = {name: sum(n for bits, n in found.items() if bits & bit) for name, bit in KINDS.items()}
    return Diff(sum(n for bits, n in found.items() if bits), by_kind, _agreement(work, trial_id))


def _agreement(work: Work, trial_id: int) -> Agreement:
    table: dict[tuple[bool, bool, bool], int] = {}  # (people, old, new) say it is a complaint -> posts
    for people, new, bits in trials.decided(work, trial_id):
        old = new != bool(bits & (trials.BECOMES | trials.NO_LONGER))
        table[people, old, new] = table.get((people, old, new), 0) + 1

    def count(right: Callable[[bool, bool, bool], bool]) -> int:
        return sum(posts for said, posts in table.items() if right(*said))

    posts, complaints = sum(table.values()), count(lambda people, _old, _new: people)
    others = posts - complaints
    return Agreement(
        posts,
        wilson(count(lambda people, old, _new: people == old), posts),
        wilson(count(lambda people, _old, new: people == new), posts),
        only_old=count(lambda people, old, new: people == old != new),
        only_new=count(lambda people, old, new: people == new != old),
        complaints=complaints,
        old_found=wilson(count(lambda people, old, _new: people and old), complaints),
        new_found=wilson(count(lambda people, _old, new: people and new), complaints),
        others=others,
        old_raised=wilson(count(lambda people, old, _new: old and not people), others),
        new_raised=wilson(count(lambda people, _old, new: new and not people), others),
    )


def examples(work: Work, one: TrialRow, kind: str = "", *, limit: int = EXAMPLES, before: int = 0) -> list[ExampleRow]:
    """Return posts that would change, newest first; without a `kind` those whose answer changes go before the others.

    `before` (a mention's number) turns the pages of one kind. Raises `BadInput` for a kind that there is not.
    """
    if kind:
        bit = next((bit for name, bit in KINDS.items() if name == kind), None)
        if bit is None:
            message = f"There is no kind of change called {kind}: it is one of {', '.join(KINDS)}."
            raise BadInput(message, where="kind")
        return trials.examples(work, one, bit, limit, before)
    answers = trials.BECOMES | trials.NO_LONGER
    first = trials.examples(work, one, answers, limit)
    seen = {each.mention_id for each in first}
    rest = trials.examples(work, one, sum(KINDS.values()) & ~answers, limit) if len(first) < limit else []
    return [*first, *(each for each in rest if each.mention_id not in seen)][:limit]
