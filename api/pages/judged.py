"""What the pages say of a verdict: how sure the judge is, why, and what moved it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from api.pages import words
from api.pages.words import Piece
from monitor.domain.records import Flag, Kind, Noise, Severity
from monitor.domain.triage import FLAG_WORDS, NOISE_WORDS, SEVERITY_WORDS
from monitor.judging import explaining
from monitor.store import corrections, mentions
from monitor.store.corrections import CorrectionRow
from monitor.store.engine import Work
from monitor.store.mentions import MentionRow

_SCALE = (
    (0.05, "surely not a complaint"),
    (0.2, "hardly a complaint"),
    (0.4, "probably not a complaint"),
    (0.6, "may be a complaint"),
    (0.85, "probably a complaint"),
)


def sure(complaint: float) -> str:
    """Say in words how likely a complaint is."""
    return next((said for upto, said in _SCALE if complaint < upto), "surely a complaint")


def because(noise: str | None) -> str:
    """Say why a post is no complaint although it may look like one; "" where there is nothing to say."""
    return f"not a complaint because {NOISE_WORDS[Noise(noise)]}" if noise else ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A post, and what the judge made of it. `verdict` is its newest assessment row, None when there is none."""

    mention: MentionRow
    verdict: Any | None
    pieces: tuple[Piece, ...]
    moved: tuple[str, ...] | None  # the words that moved it; None: nobody worked them out yet
    correction: CorrectionRow | None  # a person's word beside it

    @property
    def asked(self) -> bool:
        """Tell whether the words are being worked out."""
        return self.moved is None and self.verdict is not None and self.verdict.why_asked_at is not None

    @property
    def lost(self) -> bool:
        """Tell whether the words cannot be known, since another judge judges by now."""
        return explaining.is_lost(self.verdict)

    @property
    def said(self) -> str:
        """Return the verdict in a few words; "" where there is none."""
        if self.verdict is None:
            return ""
        if self.verdict.kind != Kind.NONE:
            return str(self.verdict.kind)
        return because(self.verdict.noise) or "not a complaint"

    @property
    def whole(self) -> str:
        """Return all that was judged, in a line."""
        one = self.verdict
        if one is None:
            return "nobody has judged it"
        parts = [sure(one.complaint)]
        if one.kind == Kind.COMPLAINT:
            parts.append(SEVERITY_WORDS[Severity(one.severity)])
        elif one.kind == Kind.NONE:
            parts += [because(one.noise)] if one.noise else []
        else:
            parts.append(f"a {one.kind}")
        topics = topics_of(name for name in one.topics if name != "other")
        return " · ".join([*parts, *([f"about {topics}"] if topics else [])])

    @property
    def is_complaint(self) -> bool:
        """Tell what it passes for by now: what a person said, else what the judge did."""
        if self.correction is not None and self.correction.is_complaint is not None:
            return self.correction.is_complaint
        return self.verdict is not None and self.verdict.kind == Kind.COMPLAINT

    @property
    def severity(self) -> int:
        """Return how strongly it is put, by whoever spoke last."""
        said = self.correction.severity if self.correction else None
        return said if said is not None else int(self.verdict.severity) if self.verdict else 0

    @property
    def topics(self) -> tuple[str, ...]:
        """Return what it is about, by whoever spoke last."""
        said = self.correction.topics if self.correction else None
        return said if said is not None else tuple(self.verdict.topics) if self.verdict else ()


def judged(work: Work, row: MentionRow, *, mark: bool = True) -> Judged:
    """Put a post and its verdict into words; without `mark` nothing is looked up."""
    verdict = mentions.latest_verdict(work, row.id) if mark else None
    text, moved = row.text or "", explaining.known(verdict)
    flags = [(start, end, FLAG_WORDS[Flag(flag)]) for flag, start, end in verdict.flags] if verdict else []
    pieces = words.weighed(text, flags, moved or ())
    said = corrections.standing_of(work, row.id) if mark else None
    return Judged(row, verdict, tuple(pieces), None if moved is None else words.strongest(text, moved), said)


TOPIC_WORDS = {
    "delivery": "delivery",
    "delay": "delay",
    "product": "a product fault",
    "billing": "billing and refunds",
    "staff": "staff and service",
    "website": "the website or the app",
    "cancellation": "cancelling",
    "lost": "lost or damaged things",
    "safety": "safety",
    "other": "something else",
}


def topics_of(names: Iterable[str]) -> str:
    """Name topics in words."""
    return ", ".join(TOPIC_WORDS.get(name, name.replace("_", " ")) for name in names)


def corrected(row: CorrectionRow | None) -> str:
    """Say what a person said of a post; "" where nobody did."""
    if row is None:
        return ""
    kind = {True: "a complaint", False: "not a complaint", None: ""}[row.is_complaint]
    degree = SEVERITY_WORDS[Severity(row.severity)] if row.severity is not None else ""
    about = f"about {topics_of(row.topics)}" if row.topics else ""
    return ", ".join(part for part in (kind, degree, about) if part)
