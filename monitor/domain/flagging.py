"""Finding urgent flags: words make things (a hand, a burn), and things close together make a flag.

The words stand in `monitor.domain.lexicon`, one language a file, in a small notation: `burn*` matches any ending,
`*wunde*` any part of a word, `a|b` either, `{body}` whatever the list `body` holds, `..` up to four words between, `~`
both in either order up to seven words apart, and `?` before a whole rule makes it weak: it sets no flag in a question,
a quotation or a supposition. `#age` is a number below 18, `#many` one from a thousand up ("400k").
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from monitor.domain.folding import fold
from monitor.domain.records import Flag

_LETTER = r"[\w\u0900-\u0963\u0966-\u097f]"  # Python does not take Hindi's vowel signs for letters
_TOKEN = re.compile(rf"https?://\S+|www\.\S+|@\w+|\$?{_LETTER}+(?:[@$*]{_LETTER}+)*(?:'(?:t|s|re|ve|ll|m|d)(?!\w))?")
_STEP = re.compile(r"\.\.|~|\S+")
_SENTENCE_END = re.compile(r"[.!…](?=\s|$)|[?؟।\u2029]|(?<=[\u0370-\u03ff]);")
_CLAUSE_END = re.compile(r"[,;:()–—،؛](?=\s|$)|[،؛]|\s-\s")
_QUOTE = re.compile(r'["“”„«»]')
_QUESTION = re.compile(r"[?؟]|(?<=[\u0370-\u03ff]);")
_AGAIN = re.compile(r"(.)\1{2,}")
_LEET = str.maketrans("013457@$8", "oieastasb")
_PROCLITICS = re.compile(r"^(?:[وف]?(?:ال|بال|لل|كال|کال|[بلک])|[وف]|ها?ال|عال|ه)(?=\w{3})")
_TURKISH_NOT = re.compile(r"m[ae](?:di|mis|m$|z|y[ai]|yec|yac|k$|sin)|m[iu]yor")  # the verb itself says no
_LEAST_FOR_TYPOS, _LONGEST = 7, 40
_NEAR, _GAP, _NEGATION_REACH = 7, 4, 3
_UNCONDITIONAL = frozenset({Flag.LEGAL, Flag.SELF_HARM})  # a threat is one although it says "if"
_FLAGS = {flag.value: flag for flag in Flag}
_LIST = re.compile(r"\{(\w+)\}")
_SEVERAL = re.compile(r"[\s|{]|\w'\w{3,}")
_TYPED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_CONTEXTS = ("no", "nopost", "yes", "tale", "hypo", "ask", "fact", "mask", "marks", "plain")
_LATIN = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Rule:
    """Elements in order. Each step is an element and how many words may stand before it."""

    lang: str
    sets: int | Flag  # an element, or a flag
    weak: bool
    steps: tuple[tuple[int, int], ...]
    needs: frozenset[int]


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
    """All words and rules of all languages, ready for use."""

    def __init__(self, languages: Mapping[str, str], common: str) -> None:
        """Compile `languages` (code: lists and rules, a line each) with the rules `common` to all of them."""
        self._numbers: dict[str, int] = {}
        self._words: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._turkish_stems: dict[str, list[int]] = {}
        self._parts: dict[str, list[int]] = {}
        self._weight: dict[int, int] = {}
        self._makes: dict[int, list[Rule]] = {}  # by the rarest element
        self._flags: dict[int, list[Rule]] = {}
        self._typos: dict[str, list[int]] = {}
        self._stem_typos: dict[str, list[int]] = {}
        for lang, lists in languages.items():
            self._read(lang, lists, common)
        self.elements_of = lru_cache(maxsize=65_536)(self._elements_of)
        self.contexts = {lang: {name: self._number(f"{lang}:{name}") for name in _CONTEXTS} for lang in languages}
        self._marks = {lang: names["marks"] for lang, names in self.contexts.items() if "\nmarks:" in languages[lang]}
        self._anywhere = {name: [names[name] for names in self.contexts.values()] for name in _CONTEXTS}

    def _read(self, lang: str, lists: str, common: str) -> None:
        lines = [line.split(":", 1) for line in lists.splitlines() if ":" in line]
        known = {name for name, _ in lines}
        lines += [line.split(":", 1) for line in common.splitlines() if ":" in line]
        for name, items in lines:
            for typed in {items, items.translate(_TYPED_OUT)} if lang == "de" else (items,):
                for item in filter(None, map(str.strip, fold(typed).text.split(","))):
                    if "{" not in item or set(_LIST.findall(item)) <= known:
                        self._add(lang, name, item)

    def _add(self, lang: str, name: str, item: str) -> None:
        weak, item = item.startswith("?"), item.removeprefix("?").strip()
        flag = _FLAGS.get(name)
        if flag is None and not _SEVERAL.search(item):
            self._learn(item, self._number(f"{lang}:{name}"), lang)
            return
        target: int | Flag = flag or self._number(f"{lang}:{name}")
        for steps in self._orders(lang, item):
            rule = Rule(lang, target, weak, steps, frozenset(element for element, _ in steps))
            rarest = max(rule.needs, key=lambda element: self._weight.get(element, 5))
            (self._flags if isinstance(target, Flag) else self._makes).setdefault(rarest, []).append(rule)

    def _orders(self, lang: str, item: str) -> Iterator[tuple[tuple[int, int], ...]]:
        groups = [self._steps(lang, group) for group in item.split("~")]
        for order in permutations(groups):
            head, *rest = order
            yield (*head, *(step for (element, _), *others in rest for step in ((element, _NEAR), *others)))

    def _steps(self, lang: str, group: str) -> list[tuple[int, int]]:
        steps, gap = [], 0
        for step in _STEP.findall(group):
            if step == "..":
                gap = _GAP
                continue
            for place, part in enumerate(self._split(step)):
                steps.append((self._element(lang, part), 0 if place else gap))
            gap = 0
        return steps

    def _split(self, step: str) -> list[str]:
        """Take a word as the text's words are taken: "l'avocat" is two."""
        if step[0] in "{#" or "|" in step or "*" in step:
            return re.split(r"(?<=\w)'(?=\w{2,})", step) if "|" not in step and step[0] not in "{#" else [step]
        return _TOKEN.findall(step) or [step]

    def _element(self, lang: str, step: str) -> int:
        if step.startswith("{"):
            return self._number(f"{lang}:{step.strip('{}')}")
        number = self._number(f"{lang}|{step}")
        atoms = step.split("|")
        for atom in atoms:
            self._learn(atom, number, lang)
        self._weight[number] = min(len(atom) for atom in atoms)
        return number

    def _number(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def _learn(self, atom: str, number: int, lang: str) -> None:
        if atom.startswith("#"):
            self._words.setdefault(atom, []).append(number)
            return
        for word in {atom, atom.replace("'", "")}:
            if word.startswith("*"):
                _note(self._parts, word.strip("*"), number)
            elif word.endswith("*"):
                _note(self._turkish_stems if lang == "tr" else self._stems, word[:-1], number)
                for typo in _typos(word[:-1]):
                    _note(self._stem_typos, typo, number)
            else:
                _note(self._words, word, number)
                for typo in _typos(word):
                    _note(self._typos, typo, number)

    def _elements_of(self, token: str) -> tuple[int, ...]:
        found: set[int] = set()
        for word in _readings(token):
            found.update(self._words.get(word, ()))
            for length in range(2, len(word) + 1):
                found.update(self._stems.get(word[:length], ()))
                if word[:length] in self._turkish_stems and not _TURKISH_NOT.search(word, length):
                    found.update(self._turkish_stems[word[:length]])
            for part, numbers in self._parts.items():
                if part in word:
                    found.update(numbers)
        if not found and len(token) >= _LEAST_FOR_TYPOS - 1:
            found.update(self._typos.get(token, ()))
            for length in range(_LEAST_FOR_TYPOS - 1, len(token) + 1):
                found.update(self._stem_typos.get(token[:length], ()))
        return tuple(found)

    def find(self, text: str) -> dict[Flag, tuple[int, int]]:
        """Return each flag with the first words that set it, as [start, end) in `text`, which must be folded."""
        tokens = _tokens(text)
        places: Places = {}
        for place, token in enumerate(tokens):
            for element in self.elements_of(token.word[:_LONGEST]):
                places.setdefault(element, []).append((place, place + 1))
        if not places:
            return {}
        self._make(places, tokens)
        return self._raise(text, places, tokens)

    def _make(self, places: Places, tokens: Sequence[Token]) -> None:
        made: dict[int, set[tuple[int, int]]] = {}
        for rule in _possible(self._makes, places):
            made.setdefault(int(rule.sets), set()).update(
                (taken[0][0], taken[-1][1]) for taken in _taken(rule, places, tokens)
            )
        for element, found in made.items():
            if found:
                places[element] = sorted(found.union(places.get(element, ())))
        for lang in self.contexts.values():
            if lang["mask"] in places:
                _hide(places, places[lang["mask"]], {*lang.values()})

    def _raise(self, text: str, places: Places, tokens: Sequence[Token]) -> dict[Flag, tuple[int, int]]:
        found: dict[Flag, tuple[int, int]] = {}
        foreign = self._foreign(places)
        for rule in _possible(self._flags, places):
            flag = Flag(str(rule.sets))
            if rule.lang in foreign:
                continue
            for taken in _taken(rule, places, tokens):
                first, last = taken[0][0], taken[-1][1]
                span = tokens[first].start, tokens[last - 1].end
                if flag in found and (found[flag][0], -found[flag][1]) <= (span[0], -span[1]):
                    break
                if not self._taken_back(rule, flag, taken, places, tokens, text):
                    found[flag] = span
                    break
        return found

    def _foreign(self, places: Places) -> set[str]:
        """Name the languages whose words mean something else in a text that is plainly in the other one."""
        counts = {lang: len(places.get(number, ())) for lang, number in self._marks.items()}
        most = max(counts.values(), default=0)
        return {lang for lang, count in counts.items() if count * 2 < most}

    def _taken_back(
        self,
        rule: Rule,
        flag: Flag,
        taken: Sequence[tuple[int, int]],
        places: Places,
        tokens: Sequence[Token],
        text: str,
    ) -> bool:
        english = len(places.get(self.contexts["en"]["plain"], ())) >= 2
        if self._denied(rule, taken, places, tokens, english=english):
            return True
        first, last = taken[0][0], taken[-1][1]

        def said(name: str, before: int = first) -> bool:
            found = (
                place for number in self._heard(name, rule, english=english) for place, _ in places.get(number, ())
            )
            return any(place <= before and tokens[place].sentence == tokens[first].sentence for place in found)

        if said("tale", len(tokens)) or (said("hypo") and (rule.weak or flag not in _UNCONDITIONAL)):
            return True
        if said("fact") or not (asked := _asked(text, tokens, last)):
            return rule.weak and tokens[first].quoted
        return rule.weak or (said("ask") and flag is not Flag.SELF_HARM and bool(asked))

    def _denied(
        self, rule: Rule, taken: Sequence[tuple[int, int]], places: Places, tokens: Sequence[Token], *, english: bool
    ) -> bool:
        first, last = taken[0][0], taken[-1][1]
        said = {place for start, end in taken for place in range(start, end)}
        excused = said.union(
            *(range(*span) for number in self._heard("yes", rule, english=english) for span in places.get(number, ()))
        )
        before = (span for number in self._heard("no", rule, english=english) for span in places.get(number, ()))
        after = (span for number in self._heard("nopost", rule, english=english) for span in places.get(number, ()))
        return any(
            start not in excused
            and end - 1 >= first - _NEGATION_REACH
            and start < last
            and tokens[end - 1].clause in {tokens[first].clause, tokens[last - 1].clause}
            for start, end in before
        ) or any(
            start not in excused
            and first <= start < last + _NEGATION_REACH
            and tokens[start].clause == tokens[last - 1].clause
            for start, end in after
        )

    def _heard(self, name: str, rule: Rule, *, english: bool) -> Iterable[int]:
        """Give the words around a flag that count: of the rule's language; for English, whose words are everywhere, of all."""
        if rule.lang == "en" and not english:
            return self._anywhere[name]
        return self.contexts[rule.lang][name], self.contexts["en"][name]


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


def _possible(rules: Mapping[int, Sequence[Rule]], places: Places) -> Iterator[Rule]:
    present = places.keys()
    for element in [*present]:
        for rule in rules.get(element, ()):
            if rule.needs <= present:
                yield rule


def _taken(rule: Rule, places: Places, tokens: Sequence[Token]) -> Iterator[list[tuple[int, int]]]:
    """Yield where the steps of a rule stand, each the nearest after the one before, within one sentence."""
    (head, _), *rest = rule.steps
    for span in places[head]:
        taken, sentence = [span], tokens[span[0]].sentence
        for element, skipped in rest:
            at = taken[-1][1]
            found = places[element]
            index = bisect_left(found, (at,))
            if index == len(found) or found[index][0] > at + skipped or tokens[found[index][0]].sentence != sentence:
                break
            taken.append(found[index])
        else:
            yield taken


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    end, clause, sentence, quoted = 0, 0, 0, False
    for match in _TOKEN.finditer(text):
        start = match.start()
        if start - end != 1 or text[end] != " ":
            between = text[max(0, end - 1) : start]  # with the letter before: only Greek asks with a semicolon
            ended = bool(_SENTENCE_END.search(between))
            sentence += ended
            clause += ended or bool(_CLAUSE_END.search(between))
            quoted ^= len(_QUOTE.findall(between)) % 2 == 1
        end = match.end()
        tokens.append(Token(match.group(), start, end, clause, sentence, quoted))
    return tokens


def _note(table: dict[str, list[int]], word: str, number: int) -> None:
    numbers = table.setdefault(word, [])
    if number not in numbers:
        numbers.append(number)


def _typos(word: str) -> Iterator[str]:
    """Give a long word with two letters swapped, one left out or one doubled; the first letter is always right."""
    if len(word) < _LEAST_FOR_TYPOS:
        return
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        if at + 1 < len(word):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


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
