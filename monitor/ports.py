"""The seams of the core: what a source and a classifier must be able to do.

Implementations are named in a literal registry beside them and imported on first use. Each port has one
contract suite in `tests/contracts/` that every implementation passes.
"""

from collections.abc import Sequence
from typing import Protocol

from monitor.domain.records import Page, Span, Verdict, Watch


class MentionSource(Protocol):
    """Where public posts come from."""

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return the next page after `cursor` ("" at the very start).

        Raises `RetryLater` for a passing fault and `SourceRefused` when a person must act.
        """
        ...


class Classifier(Protocol):
    """What decides how unhappy a text is."""

    @property
    def version(self) -> str:
        """Name the model and its settings; verdicts are unique per mention and version."""
        ...

    def assess(self, texts: Sequence[str], hints: Sequence[str] = ()) -> list[Verdict]:
        """Return one verdict per text, in order. `hints` are the platform's language guesses ("" for none).

        Any string is answered, even an empty one. Raises `RetryLater` when the model cannot be reached now.
        """
        ...

    def why(self, text: str) -> tuple[Span, ...]:
        """Return the words that moved the complaint probability, strongest first. Costs many forward passes."""
        ...
