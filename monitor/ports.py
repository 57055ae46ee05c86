"""The seams of the core: what a source, a connector and a classifier must be able to do.

Implementations are named in a literal registry beside them and imported on first use. Each port has one
contract suite in `tests/contracts/` that every implementation passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from monitor.domain.records import Login, Looked, Page, Span, Usage, Verdict, Watch


class MentionSource(Protocol):
    """Where public posts come from."""

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return the next page after `cursor` ("" at the very start), at most 100 posts.

        Raises `RetryLater` for a passing fault, `SourceRefused` when a person must act, and `BadInput` for a query
        or a cursor that cannot be used.
        """
        ...

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say what became of posts; `at_most` of them at once. Raises as `fetch` does."""
        ...

    @property
    def at_most(self) -> int:
        """How many posts can be looked up at once. 0: this source cannot be asked about single posts."""
        ...


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a person must give to connect an account, as a form shows it."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: str = ""
    aside: bool = False  # for the few who sign in another way, or at another address


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in under way: where the person must go, and what we need when they come back."""

    url: str
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)  # secret


@dataclass(frozen=True, slots=True)
class Standing:
    """What a platform says of a login, asked just now."""

    handle: str
    external_id: str
    can_read: bool
    can_reply: bool
    notes: tuple[str, ...] = ()  # sentences: what is missing, what is left
    usage: Usage = field(default_factory=Usage)


class Connector(Protocol):
    """How an account of a platform is connected, kept alive and let go.

    All methods raise `RetryLater` when the platform cannot be asked now, `SourceRefused` when it says no, and
    `BadInput` for an answer of the person that cannot be used.
    """

    @property
    def fields(self) -> tuple[Field, ...]:
        """What a person fills in first; always with the field "host", which has a default where there is one."""
        ...

    def begin(self, given: Mapping[str, str], redirect_url: str, state: str) -> Started | Login:
        """Start a sign-in at the platform, or return the login at once where no page of the platform is needed."""
        ...

    def finish(self, kept: Mapping[str, str], answer: Mapping[str, str]) -> Login:
        """Turn what the platform sent back (the query of the redirect, or a pasted code) into a login."""
        ...

    def check(self, login: Login) -> Standing:
        """Ask the platform who we are and what we may do."""
        ...

    def runs_out(self, login: Login, now: datetime) -> bool:
        """Tell whether the login's tokens run out within five minutes. No call is made."""
        ...

    def refresh(self, login: Login) -> Login:
        """Return the login with fresh tokens; the same where they never run out.

        The new ones must be kept before they are used: many platforms let a refresh token be used only once.
        """
        ...

    def revoke(self, login: Login) -> None:
        """Tell the platform that we let go of this login. Nothing happens where it has no such call."""
        ...


class Layer(Protocol):
    """What one brand taught the judge: a shift of its answers, learned on top of features that stay as they are."""

    @property
    def id(self) -> int | None:
        """Return its row, written on each verdict it had a say in."""
        ...

    @property
    def base(self) -> str:
        """Return the version of the classifier it was learned on; on any other it is ignored."""
        ...

    def shift(self, features: Any) -> Mapping[str, Any]:
        """Return what to add to the log-odds of each head, from one row of features.

        Of "complaint" an array of 1, of "severity" of 4, of "topics" one a topic; a head that was not taught is absent.
        """
        ...


class Classifier(Protocol):
    """What decides how unhappy a text is."""

    @property
    def version(self) -> str:
        """Name the model and its settings; verdicts are unique per mention and version."""
        ...

    def assess(
        self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence["Layer | None"] = ()
    ) -> list[Verdict]:
        """Return one verdict per text, in order. `hints` are the platform's language guesses ("" for none).

        `layers` are what the brand of each text taught (None: nothing). Any string is answered, even an empty one.
        Raises `RetryLater` when the model cannot be reached now.
        """
        ...

    def features(self, texts: Sequence[str]) -> Any:
        """Return what a brand's layer learns from: an array of 32-bit floats, (texts, width of this classifier)."""
        ...

    def why(self, text: str, layer: "Layer | None" = None) -> tuple[Span, ...]:
        """Return the words that moved the complaint probability, strongest first. Costs many forward passes.

        `layer` is what the brand taught, as in `assess`.
        """
        ...
