"""What a search on the simulated X matches: words, phrases, groups and the operators that a watch uses."""

import re
from collections.abc import Callable
from typing import Final

from monitor.simulated.world import SimPost

Test = Callable[[SimPost], bool]

_PART: Final = re.compile(r'(-?)(\([^()]*\)|[\w.]+:"[^"]*"|"[^"]*"|\S+)')
_ATOM: Final = re.compile(r'"[^"]*"|\S+')
_ALONE: Final = ("lang:", "is:", "has:")  # these narrow a search and cannot be one


def matcher(query: str) -> Test | None:
    """Return what a query asks of a post; None: X would not take it."""
    tests: list[Test] = []
    stands = False
    for minus, part in _PART.findall(query):
        atoms = [one for one in _ATOM.findall(part.strip("()")) if one != "OR"] if part.startswith("(") else [part]
        if part in {"OR", "AND"} or (minus and len(atoms) > 1) or not atoms:
            return None
        found = [_atom(one) for one in atoms]
        tests.append(_none_of(found) if minus else _any_of(found))
        stands = stands or (not minus and not part.strip("(").startswith(_ALONE))
    return (lambda post: all(test(post) for test in tests)) if stands else None


def _any_of(tests: list[Test]) -> Test:
    return lambda post: any(test(post) for test in tests)


def _none_of(tests: list[Test]) -> Test:
    return lambda post: not any(test(post) for test in tests)


def _atom(written: str) -> Test:
    name, _, value = written.partition(":")
    if name == "lang":
        return lambda post: str(post.extra.get("lang", "en")) == value
    if name == "from":
        return lambda post: post.author.handle.casefold() == value.casefold()
    if name == "conversation_id":
        return lambda post: post.root.id == value
    if name == "is" and value == "retweet":
        return lambda post: "repost_of" in post.extra
    words = re.escape(written.strip('"').casefold()).replace(r"\ ", r"\s+")
    found = re.compile(rf"(?<!\w){words}(?!\w)")
    return lambda post: found.search(post.text.casefold()) is not None
