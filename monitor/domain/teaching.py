"""Whether answers became better: held against what people said, before and after. Pure."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

_CHANCE = 0.01  # one-sided: how likely luck alone may do as well; it is tried again and again
_LITTLE = 1e-4


@dataclass(frozen=True, slots=True)
class Marks:
    """How answers did. `right` holds which were, post by post; `loss` is None where no probability was given."""

    posts: int
    right: tuple[bool, ...]
    f1: float  # macro, over the answers that were given or wanted
    loss: float | None  # mean over the wanted answers, so that a rare one counts as much as a common one

    def figures(self) -> dict[str, Any]:
        """Return what is kept and shown of them."""
        plain: dict[str, Any] = {"posts": self.posts, "right": sum(self.right), "f1": round(self.f1, 4)}
        return plain if self.loss is None else {**plain, "loss": round(self.loss, 4)}


def mark(answers: Sequence[tuple[float | None, Hashable, Hashable]]) -> Marks:
    """Mark (probability of yes or None, answer given, answer wanted) triples."""
    right = tuple(given == wanted for _, given, wanted in answers)
    losses: dict[Hashable, list[float]] = {}
    for chance, _, wanted in answers:
        if chance is not None:
            losses.setdefault(wanted, []).append(-math.log(max(chance if wanted else 1 - chance, _LITTLE)))
    means = [sum(mine) / len(mine) for mine in losses.values()]
    return Marks(len(answers), right, _macro_f1(answers), sum(means) / len(means) if means else None)


def _macro_f1(answers: Sequence[tuple[float | None, Hashable, Hashable]]) -> float:
    named = {one for _, given, wanted in answers for one in (given, wanted)}
    scores = []
    for one in named:
        hits = sum(given == wanted == one for _, given, wanted in answers)
        scores.append(2 * hits / sum((given == one) + (wanted == one) for _, given, wanted in answers))
    return sum(scores) / len(scores) if scores else 0.0


def better(before: Marks, after: Marks) -> str:
    """Return "" when `after` is better beyond luck, else why not, in words that follow a colon.

    Better is: more set right than spoiled, by a sign test; a higher macro-F1; and, where there are probabilities, a
    lower loss.
    """
    fixed = sum(new and not old for old, new in zip(before.right, after.right, strict=True))
    spoiled = sum(old and not new for old, new in zip(before.right, after.right, strict=True))
    told = f"of {after.posts} corrections held back it sets {fixed} right and spoils {spoiled}"
    if after.f1 <= before.f1 or fixed <= spoiled:
        return f"{told}, so it is no better than before"
    if before.loss is not None and after.loss is not None and after.loss >= before.loss:
        return f"{told}, but it is surer of what it gets wrong"
    if _by_luck(fixed, spoiled) > _CHANCE:
        return f"{told}, which luck alone may do; more corrections will tell"
    return ""


def _by_luck(fixed: int, spoiled: int) -> float:
    """Return how likely at least so many of the changes would be for the better by the toss of a coin."""
    changes = fixed + spoiled
    return float(sum(math.comb(changes, k) for k in range(fixed, changes + 1)) / 2**changes)
