"""The records that travel from stage to stage. All are frozen; all times are aware and in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What a mention asks of us."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    THANKS = "thanks"
    NONE = "none"


class Severity(IntEnum):
    """How strongly a complaint is put (after Jin and Aletras, 2021; their 1 to 4 are our 0 to 3)."""

    MISMATCH = 0
    DISAPPROVAL = 1
    ACCUSATION = 2
    BLAME = 3


class Flag(StrEnum):
    """What makes a mention urgent whatever its tone."""

    SAFETY = "safety"
    LEGAL = "legal"
    DISCRIMINATION = "discrimination"
    PRIVACY = "privacy"
    MONEY = "money"
    PRESS = "press"
    SELF_HARM = "self_harm"
    CHILD = "child"


class Noise(StrEnum):
    """Why a post is no complaint although it may look like one."""

    SPAM = "spam"
    GIVEAWAY = "giveaway"
    JOB = "job"
    NEWS = "news"
    JOKE = "joke"
    LYRICS = "lyrics"
    OTHER_MEANING = "other_meaning"  # the brand's name means something else there
    OWN_POST = "own_post"  # by the brand or its staff


@dataclass(frozen=True, slots=True)
class Span:
    """Words in a text: [start, end) in code points, with how much they weighed (0 to 1)."""

    start: int
    end: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class FlagHit:
    """An urgent flag and the words that set it."""

    flag: Flag
    span: Span


@dataclass(frozen=True, slots=True)
class Sentiment:
    """Probabilities that sum to one."""

    negative: float
    neutral: float
    positive: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one classifier version makes of one text."""

    lang: str  # ISO 639-1, or "und" when it cannot be told
    complaint: float  # calibrated probability
    is_complaint: bool  # at the operating point
    kind: Kind
    sentiment: Sentiment
    severity: Severity
    needs_reply: bool
    flags: tuple[FlagHit, ...]
    topics: tuple[str, ...]
    version: str
    why: tuple[Span, ...] = ()
    noise: Noise | None = None  # only beside `is_complaint` false
    layer_id: int | None = None  # the brand's own layer that had a say


@dataclass(frozen=True, slots=True)
class Engagement:
    """How far a post has travelled. A figure the platform does not give stays None."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """The person behind a mention, as the platform shows them."""

    external_id: str  # the platform's own id; the handle where it gives none
    handle: str
    display_name: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A mention as a source hands it over, before it is stored."""

    platform: str
    external_id: str
    text: str
    author: Author
    written_at: datetime | None = None
    url: str = ""
    thread: str = ""  # the platform's conversation id; empty: the post is its own thread
    reply_to: str = ""  # external id of the post it answers
    lang: str = ""  # the platform's own guess
    engagement: Engagement = field(default_factory=Engagement)
    extra: Mapping[str, object] = field(default_factory=dict)  # unknown fields, kept


@dataclass(frozen=True, slots=True)
class Quota:
    """What a platform still allows, read from its answers. Shared by everything that uses the same login."""

    bucket: str  # what is counted: an endpoint, or "all"
    limit: int | None
    remaining: int
    resets_in: float  # seconds from the answer that said so; our clock and theirs may differ


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call to a platform used up."""

    quotas: tuple[Quota, ...] = ()
    billed: Mapping[str, int] = field(default_factory=dict)  # kind of object (see `domain.prices`) -> how many


@dataclass(frozen=True, slots=True)
class Missed:
    """A window in which posts may have been missed, with the reason in plain words. None: not known."""

    since: datetime | None
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """One fetched page. The cursor is opaque and is stored in the same transaction as the posts."""

    posts: tuple[Post, ...]
    cursor: str
    more: bool = False  # another page is ready now
    missed: Missed | None = None
    gone: tuple[str, ...] = ()  # external ids that their authors deleted, where a platform tells
    usage: Usage = field(default_factory=Usage)


class Presence(StrEnum):
    """Whether a post can still be seen by everybody."""

    THERE = "there"
    GONE = "gone"  # deleted, or removed
    HIDDEN = "hidden"  # protected, blocked, or its author suspended: not ours to keep either
    UNKNOWN = "unknown"  # the platform did not say


@dataclass(frozen=True, slots=True)
class Seen:
    """What looking a post up again showed. `post` is what it says now, where it is there."""

    external_id: str
    presence: Presence
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """The answer to looking posts up: one entry for each that was asked for, in any order."""

    seen: tuple[Seen, ...]
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Login:
    """What lets us speak to a platform: where it is, who we are there, and the secrets that prove it.

    Without a secret it reads what is open to everybody.
    """

    platform: str
    host: str  # base address of its API
    handle: str = ""
    external_id: str = ""  # our own id there
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, object] = field(default_factory=dict)  # what a person set, e.g. approval_held, may_see


@dataclass(frozen=True, slots=True)
class Watch:
    """A query pulled on a schedule, and the login it reads with."""

    id: int
    brand_id: int
    source: str  # a name in the registry of sources
    query: Mapping[str, object]
    login: Login = field(default_factory=lambda: Login("", ""))
