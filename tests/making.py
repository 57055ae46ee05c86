"""Small makers for tests of the core: posts, verdicts and a judge that says what it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.domain.errors import RetryLater
from monitor.domain.records import Author, Engagement, Flag, FlagHit, Kind, Post, Sentiment, Severity, Span, Verdict


def post(
    external_id: str,
    text: str = "The kettle leaks and nobody answers.",
    *,
    author: str = "",
    platform: str = "x",
    thread: str = "",
    written_at: datetime | None = None,
    followers: int | None = 100,
) -> Post:
    """Return a post by its own author unless one is named."""
    name = author or f"author_{external_id}"
    return Post(
        platform,
        external_id,
        text,
        Author(name, name, followers=followers),
        written_at,
        thread=thread,
        url=f"https://example.invalid/{external_id}",
    )


def verdict(
    kind: Kind = Kind.COMPLAINT,
    severity: Severity = Severity.DISAPPROVAL,
    flags: Sequence[Flag] = (),
    lang: str = "en",
) -> Verdict:
    """Return a plain verdict of a kind."""
    unhappy = kind is Kind.COMPLAINT
    return Verdict(
        lang=lang,
        complaint=0.9 if unhappy else 0.1,
        is_complaint=unhappy,
        kind=kind,
        sentiment=Sentiment(0.8, 0.1, 0.1) if unhappy else Sentiment(0.1, 0.1, 0.8),
        severity=severity,
        needs_reply=kind is not Kind.NONE,
        flags=tuple(FlagHit(flag, Span(0, 3)) for flag in flags),
        topics=("product_fault",) if unhappy else (),
        version="told-1",
    )


@dataclass
class ToldJudge:
    """Says what it is told of a text, a complaint otherwise; can be down, and can choke on a text."""

    says: Mapping[str, Verdict] = field(default_factory=dict)
    down: bool = False
    chokes_on: str = "\ufffe"
    version: str = "told-1"

    def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: object = ()) -> list[Verdict]:
        """Return the verdicts it was told."""
        if self.down:
            message = "the judge sleeps"
            raise RetryLater(message, after=5)
        if any(self.chokes_on in text for text in texts):
            message = "choked"
            raise ZeroDivisionError(message)
        return [self.says.get(text, verdict()) for text in texts]

    def why(self, text: str, layer: object = None) -> tuple[Span, ...]:
        """Return the whole text."""
        return (Span(0, len(text)),)


def ago(now: datetime, **span: float) -> datetime:
    """Return a moment before `now`."""
    return now - timedelta(**span)


__all__ = ["Engagement", "ToldJudge", "ago", "post", "verdict"]
