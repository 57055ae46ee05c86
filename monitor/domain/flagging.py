"""Finding urgent flags: words make things (a hand, a burn), and things close together make a flag.

The words are compiled in `monitor.domain.wordlists`; here they are found in a text, and taken back where the text denies,
quotes or only supposes them.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from threading import RLock
from typing import NamedTuple

from monitor.domain.records import Flag
from monitor.domain.wordlists import LEAST_FOR_TYPOS, TOKEN, Rule, WordLists

# What stands between two words is searched up to the first letter of the second: "3.5", "acme.com" and "a.m." go on.
_SENTENCE_END = re.compile(r"""(?<!\.\w)[.!…]["'”»)\]]*(?=\s)|[?؟।\u2029]|(?<=[\u0370-\u03ff]);""")
_CLAUSE_END = re.compile(r"[,;:()–—،؛]|\s-\s")
_QUOTE = re.compile(r'["“”„«»]')
_QUESTION = re.compile(r"[?؟]|(?<=[\u0370-\u03ff]);")
_AGAIN = re.compile(r"(.)\1{2,}")
_LEET = str.maketrans("013457@$8", "oieastasb")
_PROCLITICS = re.compile(r"^(?:[وف]?(?:ال|بال|لل|كال|کال|[بلک])|[وف]|ها?ال|عال|ه)(?=\w{3})")
_LONGEST = 40  # letters of a word that are read
_NEGATION_REACH = 3
_UNCONDITIONAL = frozenset({Flag.LEGAL, Flag.SELF_HARM})  # a threat is one although it says "if"
_LATIN = re.compile(r"[a-z]")


class Token(NamedTuple):
    """A word of a folded text: [start, end) there, and in which clause and sentence it stands."""

    word: str
    start: int
    end: int
    clause: int
    sentence: int
    quoted: bool


Places = dict[int, list[tuple[int, int]]]  # element: where it stands, [first, last) in tokens, in order


class Book:
    """The words and rules of all languages; each language is compiled when it is first read."""

    def __init__(self, languages: Mapping[str, str], common: str) -> None:
        """Take `languages` (code: lists and rules, a line each) and the rules `common` to all of them."""
        self._sources, self._common, self._numbers = languages, common, dict[str, int]()
        self._lists: dict[str, WordLists] = {}
        self._compiling = RLock()
        self._elements_of = lru_cache(maxsize=16_384)(self._elements)

    def _of(self, lang: str) -> WordLists:
        if lang not in self._lists:
            with self._compiling:
                if lang not in self._lists:
                    self._lists[lang] = WordLists(lang, self._sources[lang], self._common, self._numbers)
        return self._lists[lang]

    def _elements(self, token: str, languages: tuple[str, ...]) -> tuple[int, ...]:
        lists = [self._of(lang) for lang in languages]
        found = {number for word in _readings(token) for one in lists for number in one.elements(word)}
        if not found and len(token) >= LEAST_FOR_TYPOS - 1:
            found = {number for one in lists for number in one.mistyped(token)}
        return tuple(found)

    def find(self, text: str, languages: Collection[str] = ()) -> dict[Flag, tuple[int, int]]:
        """Return each flag with the first words that set it, as [start, end) in `text`, which must be folded.

        Only the lists of `languages` are read, and English with them; all there are when none of them has a list.
        """
        chosen = tuple(lang for lang in self._sources if lang in languages)
        chosen = tuple(dict.fromkeys(("en", *chosen))) if chosen else tuple(self._sources)
        tokens = split(text)
        places: Places = {}
        for place, token in enumerate(tokens):
            for element in self._elements_of(token.word[:_LONGEST], chosen):
                places.setdefault(element, []).append((place, place + 1))
        if not places:
            return {}
        return _Reading(text, tokens, places, [self._of(lang) for lang in chosen]).flags()


class _Reading:
    """One text with what its words make."""

    def __init__(self, text: str, tokens: Sequence[Token], places: Places, lists: Sequence[WordLists]) -> None:
        self._text, self._tokens, self._places, self._lists = text, tokens, places, lists
        self._contexts = {one.lang: one.contexts for one in lists}
        self._make()
        self._in_english = len(places.get(self._contexts["en"]["plain"], ())) >= 2

    def _make(self) -> None:
        made: dict[int, set[tuple[int, int]]] = {}
        for rule in self._possible([one.makes for one in self._lists]):
            made.setdefault(int(rule.sets), set()).update((taken[0][0], taken[-1][1]) for taken in self._taken(rule))
        for element, found in made.items():
            if found:
                self._places[element] = sorted(found.union(self._places.get(element, ())))
        for names in self._contexts.values():
            if names["mask"] in self._places:
                _hide(self._places, self._places[names["mask"]], {*names.values()})

    def flags(self) -> dict[Flag, tuple[int, int]]:
        """Return each flag with the first words that set it, [start, end)."""
        found: dict[Flag, tuple[int, int]] = {}
        foreign, tokens = self._foreign(), self._tokens
        for rule in self._possible([one.flags for one in self._lists]):
            flag = Flag(str(rule.sets))
            if rule.lang in foreign:
                continue
            for taken in self._taken(rule):
                first, last = taken[0][0], taken[-1][1]
                span = tokens[first].start, tokens[last - 1].end
                if flag in found and (found[flag][0], -found[flag][1]) <= (span[0], -span[1]):
                    break
                if not self._taken_back(rule, flag, taken):
                    found[flag] = span
                    break
        return found

    def _foreign(self) -> set[str]:
        """Name the languages whose words mean something else in a text that is plainly in the other one."""
        marked = {one.lang: one.contexts["marks"] for one in self._lists if one.is_marked}
        counts = {lang: len(self._places.get(number, ())) for lang, number in marked.items()}
        most = max(counts.values(), default=0)
        return {lang for lang, count in counts.items() if count * 2 < most}

    def _taken_back(self, rule: Rule, flag: Flag, taken: Sequence[tuple[int, int]]) -> bool:
        if self._denied(rule, taken):
            return True
        tokens, first, last = self._tokens, taken[0][0], taken[-1][1]

        def said(name: str, before: int = first) -> bool:
            found = (place for place, _ in self._heard(name, rule))
            return any(place <= before and tokens[place].sentence == tokens[first].sentence for place in found)

        if said("tale", len(tokens)) or (said("hypo") and (rule.weak or flag not in _UNCONDITIONAL)):
            return True
        if said("fact") or not _asked(self._text, tokens, last):
            return rule.weak and tokens[first].quoted
        return rule.weak or (said("ask") and flag is not Flag.SELF_HARM)

    def _denied(self, rule: Rule, taken: Sequence[tuple[int, int]]) -> bool:
        tokens, first, last = self._tokens, taken[0][0], taken[-1][1]
        said = {place for start, end in taken for place in range(start, end)}
        excused = said.union(*(range(*span) for span in self._heard("yes", rule)))
        return any(
            start not in excused
            and end - 1 >= first - _NEGATION_REACH
            and start < last
            and tokens[end - 1].clause in {tokens[first].clause, tokens[last - 1].clause}
            for start, end in self._heard("no", rule)
        ) or any(
            start not in excused
            and first <= start < last + _NEGATION_REACH
            and tokens[start].clause == tokens[last - 1].clause
            for start, end in self._heard("nopost", rule)
        )

    def _heard(self, name: str, rule: Rule) -> Iterator[tuple[int, int]]:
        """Give the words around a flag that count: of the rule's language; for English, whose words are everywhere, of all."""
        if rule.lang == "en" and not self._in_english:
            numbers = [names[name] for names in self._contexts.values()]
        else:
            numbers = [self._contexts[rule.lang][name], self._contexts["en"][name]]
        return (span for number in numbers for span in self._places.get(number, ()))

    def _possible(self, tables: Iterable[Mapping[int, Sequence[Rule]]]) -> Iterator[Rule]:
        present = self._places.keys()
        for rules in tables:
            for element in [*present]:
                for rule in rules.get(element, ()):
                    if rule.needs <= present:
                        yield rule

    def _taken(self, rule: Rule) -> Iterator[list[tuple[int, int]]]:
        """Yield where the steps of a rule stand, each the nearest after the one before, within one sentence."""
        (head, _), *rest = rule.steps
        for span in self._places[head]:
            taken, sentence = [span], self._tokens[span[0]].sentence
            for element, skipped in rest:
                at = taken[-1][1]
                found = self._places[element]
                index = bisect_left(found, (at,))
                if (
                    index == len(found)
                    or found[index][0] > at + skipped
                    or self._tokens[found[index][0]].sentence != sentence
                ):
                    break
                taken.append(found[index])
            else:
                yield taken


def _asked(text: str, tokens: Sequence[Token], last: int) -> bool:
    """Tell whether the sentence around a place ends with a question mark."""
    sentence = tokens[last - 1].sentence
    end = last
    while end < len(tokens) and tokens[end].sentence == sentence:
        end += 1
    stop = tokens[end].start if end < len(tokens) else len(text)
    return bool(_QUESTION.search(text, tokens[end - 1].end - 1, stop))


def _hide(places: Places, hidden: Iterable[tuple[int, int]], kept: set[int]) -> None:
    dead = {place for start, end in hidden for place in range(start, end)}
    for element in [*places]:
        if element not in kept:
            places[element] = [span for span in places[element] if dead.isdisjoint(range(*span))]
            if not places[element]:
                del places[element]


def split(text: str) -> list[Token]:
    """Cut a folded text into words."""
    tokens: list[Token] = []
    end, clause, sentence, quoted = 0, 0, 0, False
    for match in TOKEN.finditer(text):
        start = match.start()
        if start - end != 1 or text[end] != " ":
            ended = bool(_SENTENCE_END.search(text, end, start + 1))
            sentence += ended
            clause += ended or bool(_CLAUSE_END.search(text, end, start + 1))
            quoted ^= len(_QUOTE.findall(text, end, start)) % 2 == 1
        end = match.end()
        tokens.append(Token(match.group(), start, end, clause, sentence, quoted))
    return tokens


def _readings(token: str) -> Iterator[str]:
    """Give what a word may stand for: itself, without leetspeak or drawn-out letters, without Arabic's articles."""
    yield token
    if token[0].isdigit():
        yield from _numbers(token)
    if _LATIN.search(token):
        plain = token.translate(_LEET)
        if plain != token:
            yield plain
        if "*" in token:
            yield from (token.replace("*", vowel) for vowel in "aeiou")
    if _AGAIN.search(token):
        yield _AGAIN.sub(r"\1", token)
        yield _AGAIN.sub(r"\1\1", token)
    if "\u0600" <= token[0] <= "\u06ff":
        bare = _PROCLITICS.sub("", token)
        if bare != token:
            yield bare


def _numbers(token: str) -> Iterator[str]:
    digits = re.match(r"\d+", token)
    if digits and digits.end() == len(token) and len(token) <= 9:
        yield "#"
        if 0 < int(token) < 18:
            yield "#age"
    if re.fullmatch(r"\d{4,9}|\d{1,5}[kmκк]", token):
        yield "#many"
    if (
        digits
        and re.fullmatch(r"\d\d?(?:yo|yr|yrs|y|months?|letni\w*|jahrige\w*|jarige?|хлетн\w*|летн\w*)", token)
        and int(digits[0]) < 18
    ):
        yield "#yo"
