"""A drafter without a language model: it picks up what went wrong and composes a reply from parts.

The order is that of a good apology: the thing itself, how long it lasted, whose job it is, what happens now. What the
customer said is not yet what we confirmed: guilt is owned only on confirmed facts or on the owner's answer, otherwise
the check and the wait are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from monitor.domain.records import Flag, Kind, Severity
from responders.bar import check, closeness, passes
from responders.bar.language import NAMES, detect
from responders.bar.length import length
from responders.drafters.grasp import PACKS, Grasp, Language, grasp, language
from responders.ports import Brief, DraftRefused, DraftText

_TRIES = 40
_LONGEST_FACT = 160  # code points; longer ones are for a person to put into words
_LATE_AFTER = 24.0  # hours
_HANDLES = frozenset({"x", "mastodon", "bluesky"})  # where a reply customarily starts with the handle
_URGENT = (Flag.SAFETY, Flag.CHILD, Flag.PRIVACY, Flag.DISCRIMINATION, Flag.MONEY, Flag.LEGAL, Flag.PRESS)
_NO_THANKS = frozenset({Flag.SAFETY, Flag.CHILD, Flag.DISCRIMINATION, Flag.PRIVACY})
_OFFERS = ("refund", "replacement", "callback", "voucher")
_DM = re.compile(r"(?:dm|pm|direct message|private message|inbox)s?", re.IGNORECASE)
_ROOM_FOR_TWO = 280  # where no more than this may be said, one thing is enough
_BEFORE_WORD = re.compile(r"(?<=[Tt]hing\}) (?=\w)")
_CHOICE = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")
_SHORTER = re.compile(r"short|brief|concise|krótsz|krócej|σύντομ|συντομ|کوتاه|أقصر|اختصر|مختصر", re.IGNORECASE)
_WARMER = re.compile(r"warm|kind|friendl|empath|ciepl|θερμ|ζεστ|گرم|صمیم|أدفأ|دفئ|ألطف", re.IGNORECASE)
_CASUAL = re.compile(r"informal|casual|less formal|relaxed|luźn|ανεπίσημ|χαλαρ|خودمانی", re.IGNORECASE)
_FORMAL = re.compile(r"formal|polite|oficjaln|επίσημ|رسمی|رسمي", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence of the reply. The highest `spare` goes first when room is short; 0 stays."""

    text: str
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What one reply is made of, before the words are chosen."""

    brief: Brief
    known: Language
    grasped: Grasp
    fact: str = ""  # confirmed, and fit to be told as it stands
    formal: bool = False
    seed: str = ""

    @property
    def confirmed(self) -> bool:
        """Tell whether our own guilt is more than the customer's word."""
        return bool(self.brief.owner_answer) or any(fact.confirmed_by for fact in self.brief.facts)

    def one(self, *names: str) -> str:
        """Choose one of the ways to say a part; the same seed chooses the same."""
        return self.pick(names[0], tuple(line for name in names for line in self.known.pack.lines[name]))

    def pick(self, name: str, ways: tuple[str, ...]) -> str:
        """Choose one of several ways and settle its form of address."""
        digest = blake2b(f"{self.seed}|{name}".encode(), digest_size=8).digest()
        line = ways[int.from_bytes(digest) % len(ways)]
        return _CHOICE.sub(r"\2" if self.formal else r"\1", line)


class ComposingDrafter:
    """Composes replies in the languages of `PACKS`, in English for all others."""

    version = "composing-1"

    def draft(self, brief: Brief) -> DraftText:
        """Write a reply. Raises `DraftRefused` where a person must write: danger to a life, no words, no room."""
        _refuse_what_needs_a_person(brief)
        lang, notes = _language_of(brief)
        known = language(lang)
        plan = Plan(brief, known, grasp(brief, known), _fact(brief, lang), _formal(brief))
        text, share = _unlike_others(plan)
        if plan.fact and not passes(check(text, replace(brief, lang=lang, told_others=()))):
            plan = replace(plan, fact="")
            text, share = _unlike_others(plan)
        return DraftText(text, lang, self.version, " ".join((*notes, *_notes(plan, share))))


def _refuse_what_needs_a_person(brief: Brief) -> None:
    if Flag.SELF_HARM in brief.flags:
        message = "Somebody's life may be in danger. Nothing was drafted: a person must write this answer, now."
        raise DraftRefused(message)
    if not brief.text.strip():
        message = "The post has no words to answer. Nothing was drafted: look at it and write the reply yourself."
        raise DraftRefused(message)


def _language_of(brief: Brief) -> tuple[str, list[str]]:
    wanted = brief.lang if brief.lang not in {"", "und"} else detect(brief.text) or ""
    if wanted in PACKS:
        return wanted, []
    if wanted:
        return "en", [f"No {NAMES.get(wanted, wanted)} pack yet: drafted in English."]
    return "en", ["The language of the post is not known: drafted in English."]


def _formal(brief: Brief) -> bool:
    if _CASUAL.search(brief.ask):
        return False
    return brief.voice.formal or bool(_FORMAL.search(brief.ask))


def _fact(brief: Brief, lang: str) -> str:
    """Give the first confirmed fact that can be told as it stands: short, and in the customer's language."""
    confirmed = (brief.owner_answer, *(fact.text for fact in brief.facts if fact.confirmed_by))
    for words in filter(None, (text.strip() for text in confirmed)):
        if len(words) <= _LONGEST_FACT and (detect(words) or "en") == lang:
            return words if words[-1] in ".!?؟;…" else f"{words}."
    return ""


def _unlike_others(plan: Plan) -> tuple[str, float]:
    """Compose with one seed after the other until no earlier reply is too close; else give the least close."""
    brief = plan.brief
    best, least = "", 2.0
    for attempt in range(_TRIES):
        text = _fitted(replace(plan, seed=f"{brief.seed or brief.handle + brief.text}|{brief.ask}|{attempt}"))
        if text is None:
            continue
        share = closeness.closest(text, brief.told_others)
        if share < least:
            best, least = text, share
        if share < closeness.TOO_CLOSE:
            break
    if not best:
        message = f"{brief.limit} is too little room for an honest reply. Nothing was drafted: write one by hand."
        raise DraftRefused(message)
    return best, least


def _fitted(plan: Plan) -> str | None:
    """Compose once, leaving out what can be spared until the rest fits; None when even that does not."""
    brief = plan.brief
    parts = list(_parts(plan))
    if _SHORTER.search(brief.ask):
        parts = [part for part in parts if part.spare <= 1]
    while length(text := _joined(parts, brief), brief.platform) > brief.limit:
        spare = max(parts, key=lambda part: part.spare)
        if not spare.spare:
            return None
        parts.remove(spare)
    return text


def _joined(parts: list[Part], brief: Brief) -> str:
    handle = brief.handle.lstrip("@")
    start = [f"@{handle}"] if handle and brief.platform in _HANDLES else []
    return " ".join([*start, *(part.text for part in parts)])


def _parts(plan: Plan) -> Iterator[Part]:
    brief = plan.brief
    if _is_complaint(brief):
        yield from _answer_to_complaint(plan)
    elif brief.kind is Kind.QUESTION:
        yield from _answer_to_question(plan)
    else:
        name = "joy" if brief.kind is Kind.THANKS else "none"
        yield Part(plan.one(name))
        yield Part(plan.one(f"{name}_more"), 1)
    if brief.voice.signature:
        yield Part(f"^{brief.voice.signature}", 1)


def _is_complaint(brief: Brief) -> bool:
    """An urgent flag makes a complaint of a question; where somebody may be hurt, of thanks too."""
    urgent = any(flag in brief.flags for flag in _URGENT) and brief.kind is not Kind.THANKS
    return brief.kind is Kind.COMPLAINT or urgent or not {Flag.SAFETY, Flag.CHILD}.isdisjoint(brief.flags)


def _answer_to_complaint(plan: Plan) -> Iterator[Part]:
    brief = plan.brief
    danger = Flag.SAFETY in brief.flags
    if danger:
        yield Part(plan.one("safe_ask"))
    yield Part(_acknowledgement(plan))
    if danger:
        yield Part(plan.one("safe_stop"), 1)
    yield from _details(plan)
    yield from _responsibility(plan)
    yield from _offer(plan)
    yield from _private(plan)
    if brief.voice.thanks and not _NO_THANKS & set(brief.flags):
        yield Part(plan.one("thanks"), 1 if _WARMER.search(brief.ask) else 5)


def _answer_to_question(plan: Plan) -> Iterator[Part]:
    about = plan.grasped.about
    yield Part(plan.one("question_about").format(about=about) if about else plan.one("question"), 1)
    if plan.fact:
        yield Part(plan.one("known").format(fact=plan.fact))
    else:
        yield Part(plan.one("answer"))
        yield from _private(plan)


def _acknowledgement(plan: Plan) -> str:
    grasped, pack = plan.grasped, plan.known.pack
    if not grasped.topics:
        return plan.one("ack_about").format(about=grasped.about) if grasped.about else plan.one("ack_plain")
    things = [plan.pick(f"thing {topic.name}", topic.things) for topic in grasped.topics]
    thing = (
        pack.both.format(one=things[0], two=things[1])
        if len(things) > 1 and plan.brief.limit > _ROOM_FOR_TWO
        else things[0]
    )
    return _closed_clause(plan.one("ack"), thing).format(thing=thing, Thing=thing[0].upper() + thing[1:])


def _closed_clause(line: str, thing: str) -> str:
    """Close a subordinate clause ("aplikacja, która zawodzi,") with the comma that Polish asks for."""
    return _BEFORE_WORD.sub(", ", line) if "," in thing else line


def _details(plan: Plan) -> Iterator[Part]:
    """Name what makes it worse in this case: how long, since when, again, our own lateness; or the urgent thing."""
    grasped, brief = plan.grasped, plan.brief
    urgent = next((flag for flag in _URGENT[1:] if flag in brief.flags), None)
    if urgent:
        yield Part(plan.one(urgent.value), 1)
    if grasped.span:
        yield Part(plan.one("long").format(span=grasped.span), 2)
    elif grasped.since:
        yield Part(plan.one("since").format(since=grasped.since, Since=grasped.since[0].upper() + grasped.since[1:]), 2)
    if grasped.again:
        yield Part(plan.one("again"), 3)
    if brief.waiting_hours is not None and brief.waiting_hours >= _LATE_AFTER:
        yield Part(plan.one("late"), 3)


def _responsibility(plan: Plan) -> Iterator[Part]:
    if plan.fact:
        yield Part(plan.one("found").format(fact=plan.fact), 1)
    if plan.confirmed:
        yield Part(plan.one("guilt"))
        yield Part(plan.one("fix"))
        return
    grave = plan.brief.severity >= Severity.ACCUSATION or _WARMER.search(plan.brief.ask)
    yield Part(plan.one("own", "own_grave") if grave else plan.one("own"))
    yield Part(plan.one("check"))


def _offer(plan: Plan) -> Iterator[Part]:
    kind = _offered(plan.brief)
    if kind:
        yield Part(plan.one(kind), 1)


def _offered(brief: Brief) -> str:
    """Name the first thing that the mandate lets us offer; nothing where somebody may be hurt."""
    granted = {promise.kind for promise in brief.mandate}
    return (
        ""
        if not {Flag.SAFETY, Flag.CHILD}.isdisjoint(brief.flags)
        else next((kind for kind in _OFFERS if kind in granted), "")
    )


def _private(plan: Plan) -> Iterator[Part]:
    contact = plan.brief.voice.contact.strip()
    if _DM.fullmatch(contact):
        yield Part(plan.one("dm"), 4)
    elif contact:
        yield Part(plan.one("contact").format(contact=contact), 4)


def _notes(plan: Plan, share: float) -> Iterator[str]:
    """Tell the reviewer what they cannot see in the text."""
    brief = plan.brief
    if share >= closeness.TOO_CLOSE:
        yield f"Still close to an earlier reply ({share:.0%}) after {_TRIES} tries: change it before it goes out."
    if not _is_complaint(brief):
        return
    if not plan.grasped.topics and not plan.grasped.about:
        yield "No concrete thing was found in the post: name it before this goes out."
    if plan.confirmed:
        yield "It owns the mistake because something is confirmed: check that this is what was confirmed."
        if not plan.fact:
            yield "What was confirmed is not quoted: put it into the customer's words."
    if _offered(brief):
        yield f"It offers a {_offered(brief)}, as the mandate allows."
