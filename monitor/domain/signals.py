"""What a text says on its face: urgent flags, kind, topics and how strongly it is put. Rules, no model."""

import re
from collections.abc import Collection
from functools import cache

from monitor.domain.flagging import Book
from monitor.domain.folding import Folded, fold, word_pattern
from monitor.domain.lexicon import COMMON, FLAGS, QUESTIONS, THANKS, TOPICS
from monitor.domain.records import Flag, FlagHit, Kind, Severity, Span

READ_AT_MOST = 5_000  # code points; what a post says first is what it is about

_TOPICS = {topic: word_pattern(entries) for topic, entries in TOPICS.items()}
_QUESTIONS = word_pattern(QUESTIONS)
_THANKS = word_pattern(THANKS)
_QUESTION_MARK = re.compile(r"[?؟;\u037e]\s*(?:$|[^\w\s]|\s)")
_GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")
_SHOUTING = re.compile(r"!{2,}|(?<![A-ZА-ЯΑ-Ω])[A-ZА-ЯΑ-Ω]{4,}(?:\W+[A-ZА-ЯΑ-Ω]{4,}){2,}")
_ACCUSATION = word_pattern("""
    worst, disgusting, disgrace*, liar*, lied, lying, unacceptable, pathetic, useless, terrible, horrible, awful, joke, shame, ashamed, incompetent,
    najgorsz*, skandal*, kłam*, wstyd, żenada, beznadziejn*, niedopuszczaln*, dramat, χειρότερ*, απαράδεκτ*, ντροπή, ψέματα, ψεύτες, αίσχος, άθλι*,
    افتضاح*, بدترین, دروغ*, شرم*, مزخرف*, غیرقابل قبول, أسوأ, اسوء, اسوا, كذب*, كذابين, عيب, فاشل*, زفت, مخجل, سيء جدا, schlimmste*, unverschämt*, lüg*, frechheit, schande, inakzeptabel,
    katastroph*, pire, honte*, honteux, menteur*, mensonge*, inadmissible, inacceptable, nul, peor, vergüenza, mentira*, mentiroso*, inaceptable, pésim*, peggior*, vergogn*, bugiard*, inaccettabile, pessim*,
    pior, vergonha, mentiros*, inaceitável, péssim*, rezalet, en kötü, yalan*, utan*, kabul edilemez, berbat, slechtste, schandalig, leugen*, onacceptabel, waardeloos, худш*, позор*, врут, вранье, ложь, ужас*, отвратит*, शर्म*, झूठ*, घटिया, बकवास
""")  # fmt: skip
_BLAME = word_pattern("""
    never again, last time, i'm done, switching to, boycott, you people, your fault, thieves, crooks, demand, sue you, lawyer, go to hell, nigdy więcej, wasza wina, złodzieje, bojkot, żądam, rezygnuję,
    ποτέ ξανά, δεν ξαναπατάω, κλέφτες, απατεώνες, απαιτώ, μποϊκοτάζ, هرگز دیگر, دیگه هیچوقت, دزد*, کلاهبردار*, تحریم, لن أتعامل, اخر مرة, آخر مرة, حرامية, نصابين, مقاطعة, nie wieder, diebe, verlange, boykott,
    plus jamais, voleurs, exige, boycott, nunca más, ladrones, exijo, mai più, ladri, pretendo, nunca mais, ladrões, bir daha asla, hırsız*, nooit meer, dieven, eis, никогда больше, больше никогда, воры, требую, फिर कभी नहीं, चोर
""")  # fmt: skip


def find_flags(text: str, languages: Collection[str] = ()) -> tuple[FlagHit, ...]:
    """Return each urgent flag once, with the first words that set it and were not denied.

    `languages` are those the text may be in, where they are known: a word means something else in another one. English is
    always read.
    """
    folded = fold(text[:READ_AT_MOST])
    found = _book().find(_with_lines(text, folded), languages)
    return tuple(FlagHit(flag, Span(*folded.span(*found[flag]))) for flag in Flag if flag in found)


@cache
def _book() -> Book:
    return Book(FLAGS, COMMON)


def _with_lines(text: str, folded: Folded) -> str:
    """Give the folded text with its line ends, which folding makes spaces: a line is a sentence of its own."""
    if "\n" not in text:
        return folded.text
    return "".join(
        "\u2029" if text[place] == "\n" else letter for letter, place in zip(folded.text, folded.origin, strict=True)
    )


def find_topics(text: str) -> tuple[str, ...]:
    """Return what the text is about, the most often named first; ("other",) when nothing is recognised."""
    folded = fold(text[:READ_AT_MOST]).text
    counted = {topic: len(pattern.findall(folded)) for topic, pattern in _TOPICS.items()}
    named = sorted((topic for topic, count in counted.items() if count), key=lambda topic: -counted[topic])
    return tuple(named[:3]) or ("other",)


def tell_kind(text: str, *, is_complaint: bool) -> Kind:
    """Say what the text asks of us. Thanks or a question inside a complaint leave it a complaint."""
    if is_complaint:
        return Kind.COMPLAINT
    folded = fold(text[:READ_AT_MOST]).text
    thanks, asks = bool(_THANKS.search(folded)), _asks(text[:READ_AT_MOST], folded)
    if asks and not (thanks and not _QUESTIONS.search(folded)):
        return Kind.QUESTION
    return Kind.THANKS if thanks else Kind.NONE


def needs_reply(kind: Kind, flags: tuple[FlagHit, ...]) -> bool:
    """Say whether somebody waits for an answer: a complaint, a question, thanks, or anything urgent."""
    return kind is not Kind.NONE or bool(flags)


def tell_severity(text: str, complaint: float, flags: tuple[FlagHit, ...] = ()) -> Severity:
    """Estimate from the words how strongly it is put, where no model says so. `complaint` is a probability."""
    folded = fold(text[:READ_AT_MOST]).text
    threatens = any(hit.flag is Flag.LEGAL for hit in flags)
    if threatens or _BLAME.search(folded):
        return Severity.BLAME if complaint >= 0.5 else Severity.ACCUSATION
    if _ACCUSATION.search(folded):
        return Severity.ACCUSATION
    return Severity.DISAPPROVAL if complaint >= 0.8 or _SHOUTING.search(text[:READ_AT_MOST]) else Severity.MISMATCH


def _asks(text: str, folded: str) -> bool:
    marks = _QUESTION_MARK.findall(_without_semicolons(text))
    return bool(marks) or bool(_QUESTIONS.match(folded.lstrip(" .,!@#\"'")))


def _without_semicolons(text: str) -> str:
    return text if _GREEK.search(text) else text.replace(";", ",")  # only Greek asks with a semicolon
