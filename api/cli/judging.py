"""Commands that judge, draft and check texts line by line, without a database: assess, draft, bar."""

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.lines import Record, answer_lines
from api.cli.options import Data
from api.cli.support import Brand, opened, settings_of

if TYPE_CHECKING:
    from api.cli.briefs import House
    from monitor.domain.records import Verdict
    from monitor.ports import Classifier
    from responders.ports import Brief, Drafter, Finding

Input = Annotated[
    Path | None, typer.Option("--input", "-i", help="JSON lines. Default: standard input.", show_default=False)
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write. Default: standard output.", show_default=False)
]
Model = Annotated[
    str, typer.Option(help="shipped, rules, a folder or a hub id. Default: AMENDS_MODEL.", show_default=False)
]

_AT_ONCE, _AT_ONCE_WHY = 256, 8  # texts judged together: many fill up less, few lose less when it is stopped
_TOLD = 50  # drafts of this run that the next one must not be too close to


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (assess, draft, bar):
        app.command()(command)


# --- assess -------------------------------------------------------------------------------------------------------


def assess(
    source: Input = None,
    target: Output = None,
    why: Annotated[bool, typer.Option("--why", help="Add the words that decided it. Much slower.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on after the lines that stand in --output, after an interruption.")
    ] = False,
    model: Model = "",
    data: Data = None,
) -> None:
    """Judge texts: {"id"?, "text", "lang"?} a line in, a verdict a line out.

    A line that cannot be judged is answered with its number and an error, and the others are judged all the same.
    """
    from api.cli.briefs import words
    from monitor import classifiers
    from monitor.assessment import at_threshold

    chosen = settings_of(data)
    judge = classifiers.load(model or chosen.model, labels=chosen.model_labels)

    def read(record: Record) -> tuple[str, str]:
        return words(record, "text", needed=True), words(record, "lang")

    def answer(asked: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        verdicts = judge.assess([text for text, _ in asked], [lang for _, lang in asked])
        spans = [judge.why(text) if why else () for text, _ in asked]
        pairs = zip(verdicts, spans, strict=True)
        return [_verdict(at_threshold(one, chosen.threshold), [asdict(span) for span in found]) for one, found in pairs]

    most = _AT_ONCE_WHY if why else _AT_ONCE
    answer_lines(source, target, read, answer, "judging", most=most, resume=resume)


def _verdict(one: "Verdict", why: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "lang": one.lang,
        "complaint": one.complaint,
        "is_complaint": one.is_complaint,
        "kind": one.kind,
        "sentiment": asdict(one.sentiment),
        "severity": int(one.severity),
        "flags": [hit.flag for hit in one.flags],
        "topics": list(one.topics),
        "noise": one.noise.value if one.noise and not one.is_complaint else "",
        "why": why,
        "version": one.version,
    }


# --- draft --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    brief: "Brief"
    judged: bool  # the record says what kind of post it is


def draft(source: Input = None, target: Output = None, brand: Brand = "", model: Model = "", data: Data = None) -> None:
    """Draft replies: {"id"?, "text", "lang"?, "author"?, "platform"?} a line in, a reply and its findings a line out.

    A line that says its "kind" is not judged; it may also say its severity, flags, topics, facts and more. With --brand
    the reply speaks in that brand's voice.
    """
    from api.cli.briefs import brief_of
    from monitor import classifiers
    from responders import drafters

    chosen = settings_of(data)
    house = _house(brand, data)
    drafter = drafters.load(chosen.drafter)
    load = partial(classifiers.load, model or chosen.model, labels=chosen.model_labels)
    judge = cache(load)  # a run may well do without
    told: deque[str] = deque(maxlen=_TOLD)

    def read(record: Record) -> _Asked:
        return _Asked(brief_of(record, house), "kind" in record)

    def answer(asked: Sequence[_Asked]) -> list[dict[str, Any]]:
        unknown = [one.brief for one in asked if not one.judged]
        judged = iter(_judged(judge(), unknown) if unknown else ())
        briefs = [one.brief if one.judged else next(judged) for one in asked]
        return [_drafted(drafter, brief, told) for brief in briefs]

    answer_lines(source, target, read, answer, "drafting")


def _house(slug: str, data: Path | None) -> "House":
    from api.cli.briefs import House
    from monitor.store import brands
    from responders.drafting import voice_of
    from responders.ports import Promise

    if not slug:
        return House()
    with opened(data) as here, here.store.reading() as work:
        row = brands.by_slug(work, slug)
    return House(
        voice_of(row), tuple(Promise(one["kind"], one.get("text", "")) for one in row.settings.get("mandate", ()))
    )


def _judged(judge: "Classifier", briefs: Sequence["Brief"]) -> list["Brief"]:
    known = [one.lang if one.lang != "und" else "" for one in briefs]
    verdicts = judge.assess([one.text for one in briefs], known)
    return [
        replace(
            brief,
            lang=brief.lang if brief.lang != "und" else verdict.lang,
            kind=verdict.kind,
            severity=verdict.severity,
            flags=tuple(hit.flag for hit in verdict.flags),
            topics=verdict.topics,
        )
        for brief, verdict in zip(briefs, verdicts, strict=True)
    ]


def _drafted(drafter: "Drafter", brief: "Brief", told: deque[str]) -> dict[str, Any]:
    """Write one reply, unlike those before it. What only a person may write is said to be refused, with the reason."""
    from responders import bar
    from responders.ports import DraftRefused

    brief = replace(brief, told_others=(*reversed(told), *brief.told_others))
    try:
        written = drafter.draft(brief)
    except DraftRefused as refused:
        return {"text": "", "lang": brief.lang, "version": drafter.version, "findings": [], "refused": str(refused)}
    found = bar.check(written.text, brief)
    told.append(written.text)
    return {"text": written.text, "lang": written.lang, "version": written.version, "findings": _findings(found)}


def _findings(found: Sequence["Finding"]) -> list[dict[str, Any]]:
    return [
        {"rule": one.rule, "level": one.level, "span": one.span and list(one.span), "why": one.why, "fix": one.fix}
        for one in found
    ]


# --- bar ----------------------------------------------------------------------------------------------------------


def bar(source: Input = None, target: Output = None, brand: Brand = "", data: Data = None) -> None:
    """Check replies: {"id"?, "text", "reply", "platform"?} a line in, whether it passes and the findings a line out.

    The text is taken for a complaint unless the line says its "kind".
    """
    from api.cli.briefs import brief_of, words
    from responders import bar as the_bar

    house = _house(brand, data)

    def read(record: Record) -> tuple[str, "Brief"]:
        return words(record, "reply", needed=True), brief_of(record, house)

    def answer(asked: Sequence[tuple[str, "Brief"]]) -> list[dict[str, Any]]:
        found = [the_bar.check(reply, brief) for reply, brief in asked]
        return [{"passes": the_bar.passes(one), "findings": _findings(one)} for one in found]

    answer_lines(source, target, read, answer, "checking")
