"""Word lists as rules: one language's words and what they make, compiled from a small notation.

`burn*` matches any ending, `*wunde*` any part of a word, `a|b` either, `{body}` whatever the list `body` holds, `..` up
to four words between, `~` both in either order up to seven words apart, and `?` before a whole rule makes it weak: it
sets no flag in a question, a quotation or a supposition. `#age` is a number below 18, `#many` one from a thousand up
("400k"). The lists stand in `monitor.domain.lexicon`, one language a file.
"""

import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from itertools import permutations

from monitor.domain.folding import fold
from monitor.domain.records import Flag

_LETTER = r"[\w\u0900-\u0963\u0966-\u097f]"  # Python does not take Hindi's vowel signs for letters
TOKEN = re.compile(rf"https?://\S+|www\.\S+|@\w+|\$?{_LETTER}+(?:[@$*]{_LETTER}+)*(?:'(?:t|s|re|ve|ll|m|d)(?!\w))?")
CONTEXTS = ("no", "nopost", "yes", "tale", "hypo", "ask", "fact", "mask", "marks", "plain")
LEAST_FOR_TYPOS = 7
_STEP = re.compile(r"\.\.|~|\S+")
_TURKISH_NOT = re.compile(r"m[ae](?:di|mis|m$|z|y[ai]|yec|yac|k$|sin)|m[iu]yor")  # the verb itself says no
_NEAR, _GAP = 7, 4
_FLAGS = {flag.value: flag for flag in Flag}
_LIST = re.compile(r"\{(\w+)\}")
_SEVERAL = re.compile(r"[\s|{]|\w'\w{3,}")
_TYPED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

Numbers = MutableMapping[str, int]  # of the elements of all languages, by name


@dataclass(frozen=True, slots=True)
class Rule:
    """Elements in order. Each step is an element and how many words may stand before it."""

    lang: str
    sets: int | Flag  # an element, or a flag
    weak: bool
    steps: tuple[tuple[int, int], ...]
    needs: frozenset[int]


class WordLists:
    """The words and rules of one language."""

    def __init__(self, lang: str, lists: str, common: str, numbers: Numbers) -> None:
        """Compile `lists` (lists and rules, a line each) with the rules `common` to all languages."""
        self.lang, self._numbers = lang, numbers
        self._words: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._parts: dict[str, list[int]] = {}
        self._weight: dict[int, int] = {}
        self.makes: dict[int, list[Rule]] = {}  # by the rarest element
        self.flags: dict[int, list[Rule]] = {}
        self._typos: dict[str, list[int]] = {}
        self._stem_typos: dict[str, list[int]] = {}
        self._read(lists, common)
        self.contexts = {name: self._number(f"{lang}:{name}") for name in CONTEXTS}
        self.is_marked = "\nmarks:" in lists  # whether words tell it from its neighbour

    def _read(self, lists: str, common: str) -> None:
        lines = [line.split(":", 1) for line in lists.splitlines() if ":" in line]
        known = {name for name, _ in lines}
        lines += [line.split(":", 1) for line in common.splitlines() if ":" in line]
        for name, items in lines:
            for typed in {items, items.translate(_TYPED_OUT)} if self.lang == "de" else (items,):
                for item in filter(None, map(str.strip, fold(typed).text.split(","))):
                    if "{" not in item or set(_LIST.findall(item)) <= known:
                        self._add(name, item)

    def _add(self, name: str, item: str) -> None:
        weak, item = item.startswith("?"), item.removeprefix("?").strip()
        flag = _FLAGS.get(name)
        if flag is None and not _SEVERAL.search(item):
            self._learn(item, self._number(f"{self.lang}:{name}"))
            return
        target: int | Flag = flag or self._number(f"{self.lang}:{name}")
        for steps in self._orders(item):
            rule = Rule(self.lang, target, weak, steps, frozenset(element for element, _ in steps))
            rarest = max(rule.needs, key=lambda element: self._weight.get(element, 5))
            (self.flags if isinstance(target, Flag) else self.makes).setdefault(rarest, []).append(rule)

    def _orders(self, item: str) -> Iterator[tuple[tuple[int, int], ...]]:
        groups = [self._steps(group) for group in item.split("~")]
        for order in permutations(groups):
            head, *rest = order
            yield (*head, *(step for (element, _), *others in rest for step in ((element, _NEAR), *others)))

    def _steps(self, group: str) -> list[tuple[int, int]]:
        steps, gap = [], 0
        for step in _STEP.findall(group):
            if step == "..":
                gap = _GAP
                continue
            for place, part in enumerate(self._split(step)):
                steps.append((self._element(part), 0 if place else gap))
            gap = 0
        return steps

    def _split(self, step: str) -> list[str]:
        """Take a word as the text's words are taken: "l'avocat" is two."""
        if step[0] in "{#" or "|" in step or "*" in step:
            return re.split(r"(?<=\w)'(?=\w{2,})", step) if "|" not in step and step[0] not in "{#" else [step]
        return TOKEN.findall(step) or [step]

    def _element(self, step: str) -> int:
        if step.startswith("{"):
            return self._number(f"{self.lang}:{step.strip('{}')}")
        number = self._number(f"{self.lang}|{step}")
        atoms = step.split("|")
        for atom in atoms:
            self._learn(atom, number)
        self._weight[number] = min(len(atom) for atom in atoms)
        return number

    def _number(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def _learn(self, atom: str, number: int) -> None:
        if atom.startswith("#"):
            self._words.setdefault(atom, []).append(number)
            return
        for word in {atom, atom.replace("'", "")}:
            if word.startswith("*"):
                _note(self._parts, word.strip("*"), number)
            elif word.endswith("*"):
                _note(self._stems, word[:-1], number)
                for typo in _typos(word[:-1]):
                    _note(self._stem_typos, typo, number)
            else:
                _note(self._words, word, number)
                for typo in _typos(word):
                    _note(self._typos, typo, number)

    def elements(self, word: str) -> Iterator[int]:
        """Give the elements that a word, as it is typed, belongs to."""
        yield from self._words.get(word, ())
        for length in range(2, len(word) + 1):
            stem = self._stems.get(word[:length])
            if stem and not (self.lang == "tr" and _TURKISH_NOT.search(word, length)):
                yield from stem
        for part, numbers in self._parts.items():
            if part in word:
                yield from numbers

    def mistyped(self, word: str) -> Iterator[int]:
        """Give the elements that a word of seven letters or so belongs to if two changed places, one is missing or double."""
        yield from self._typos.get(word, ())
        for length in range(LEAST_FOR_TYPOS - 1, len(word) + 1):
            yield from self._stem_typos.get(word[:length], ())


def _note(table: dict[str, list[int]], word: str, number: int) -> None:
    numbers = table.setdefault(word, [])
    if number not in numbers:
        numbers.append(number)


def _typos(word: str) -> Iterator[str]:
    """Give a long word with two letters swapped, one left out or one doubled; the first letter is always right."""
    if len(word) < LEAST_FOR_TYPOS:
        return
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        if at + 1 < len(word):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
