"""The seams of the answering side: drafter, publisher, notifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from monitor.domain.errors import AppError, RetryLater
from monitor.domain.records import Flag, Kind, Login, Severity, Usage

LONGEST_WAIT_S: Final = 86_400.0  # whatever a platform says, it is asked again within a day


class Level(StrEnum):
    """How much a finding matters: block stops approval (a lead may overrule), warn and advise do not."""

    BLOCK = "block"
    WARN = "warn"
    ADVISE = "advise"


class Purpose(StrEnum):
    """What a revision is for."""

    ANSWER = "answer"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Voice:
    """How a brand speaks."""

    brand: str  # the name customers know
    signature: str = ""  # e.g. "Maria, Acme care"; empty: none
    formal: bool = False  # formal address where a language distinguishes it
    contact: str = ""  # where a private conversation can continue, e.g. "DM", an address or a link
    thanks: bool = True


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about the case: said by the customer, or confirmed by us."""

    text: str
    confirmed_by: str = ""  # empty: only the customer said so
    until: datetime | None = None  # a confirmation may expire


@dataclass(frozen=True, slots=True)
class Promise:
    """Something the mandate lets us promise, e.g. kind "refund" up to 50 EUR."""

    kind: str  # refund, replacement, voucher, callback, date
    text: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """All a drafter, human or machine, gets to know."""

    text: str  # the mention that is answered
    platform: str
    lang: str  # ISO 639-1
    handle: str  # whom we answer
    kind: Kind
    severity: Severity
    voice: Voice
    limit: int  # length as the platform counts it
    flags: tuple[Flag, ...] = ()
    topics: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()  # earlier texts, oldest first
    earlier_mentions: int = 0  # of the same author
    facts: tuple[Fact, ...] = ()
    owner_answer: str = ""
    mandate: tuple[Promise, ...] = ()
    told_others: tuple[str, ...] = ()  # replies of ours, newest first: not to be repeated
    waiting_hours: float | None = None
    seed: str = ""  # makes variety repeatable: the case and the revision
    ask: str = ""  # what the reviewer wants different this time


@dataclass(frozen=True, slots=True)
class DraftText:
    """A proposed reply. `note` tells the reviewer what they must know about it, in the team's language."""

    text: str
    lang: str
    version: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the bar has to say. `span` is [start, end) in code points of the reply; None: the whole."""

    rule: str
    level: Level
    why: str
    fix: str
    span: tuple[int, int] | None = None


class DraftRefused(AppError):
    """The drafter will not write this one: a person must."""

    code = "draft_refused"


class PublishRefused(AppError):
    """The platform refused for good. The message says why in plain words."""

    code = "publish_refused"


class PublishDeferred(AppError):
    """Nothing was sent; try the same publication again after `after` seconds."""

    code = "publish_deferred"

    def __init__(self, message: str, *, after: float = 60.0) -> None:
        super().__init__(message)
        self.after = min(max(after, 0.0), LONGEST_WAIT_S)  # a platform may name any number


class SignInRefused(PublishDeferred, RetryLater):
    """Nothing was sent, or found: the platform does not accept our sign-in as it is. With a fresh one it may."""

    code = "sign_in_refused"


class PublishUncertain(AppError):
    """It may have been sent. Never send again: look for it."""

    code = "publish_uncertain"


class NotifyFailed(AppError):
    """An alert did not get through. `permanent`: trying again will not help."""

    code = "notify_failed"

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a platform says of a reply it holds."""

    external_id: str
    url: str = ""
    simulated: bool = False  # True: nobody but us has seen it
    usage: Usage = field(default_factory=Usage, compare=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be sent, and as whom. `key` and `at` are the same on every try: our own reply is found by them.

    `tried_at` is when it was last claimed for sending; before that it cannot stand anywhere.
    """

    key: str
    login: Login
    to_external_id: str  # the post it answers
    to_handle: str
    text: str
    lang: str
    at: datetime  # when it was first claimed for sending
    purpose: Purpose = Purpose.ANSWER
    replaces: Receipt | None = None  # for a correction or a withdrawal
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A post that somebody may want to answer. `extra` is what its source kept beside the text."""

    platform: str
    external_id: str
    handle: str
    text: str = ""
    reply_to: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CanReply:
    """Whether a platform lets us answer a mention, and why not."""

    allowed: bool
    reason: str = ""


class Drafter(Protocol):
    """What writes a first version of a reply."""

    @property
    def version(self) -> str:
        """Name the drafter and its settings."""
        ...

    def draft(self, brief: Brief) -> DraftText:
        """Write a reply. Raises `DraftRefused` when a person must write it, `RetryLater` for a passing fault."""
        ...


class Publisher(Protocol):
    """What brings an approved reply to a platform."""

    def publish(self, reply: Reply) -> Receipt:
        """Send once. Raises `PublishRefused`, `PublishDeferred` (nothing sent) or `PublishUncertain`."""
        ...

    def find(self, reply: Reply) -> Receipt | None:
        """Look for a reply sent before. Raises `RetryLater` (`SignInRefused`) when it cannot be asked now."""
        ...

    def can_reply(self, target: Target, login: Login) -> CanReply:
        """Say whether the post can be answered by this login, from what is known of it: no call is made."""
        ...


@dataclass(frozen=True, slots=True)
class Alert:
    """A page to a person. It carries no text of a post unless the route is trusted with it."""

    title: str
    body: str
    url: str
    urgent: bool = True


class Notifier(Protocol):
    """What tells people."""

    def notify(self, alert: Alert, routes: Sequence[str]) -> None:
        """Deliver to every route (Apprise URLs). Raises `NotifyFailed`."""
        ...
