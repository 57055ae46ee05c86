"""What a watch looks for: one shape for all sources, and the kinds of watches that each source has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from monitor.domain.errors import SourceRefused
from monitor.domain.records import Post

MOST: Final = 50  # words, places, languages or authors of one watch


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of watch, as a form shows it. `words` and `places`: "no", "may" or "must" be given."""

    label: str
    words: str = "no"
    places: str = "no"
    place: str = ""  # what a place is, e.g. "subreddit"
    account: bool = True  # an account must be connected first
    note: str = ""  # what it cannot find, and what it costs


KINDS: Final[Mapping[str, Mapping[str, Kind]]] = {
    "x": {
        "search": Kind("Posts with these words", words="must", note="The last seven days; X bills each post read."),
        "mentions": Kind("Posts that mention our account, and replies to us", note="The cheapest way to read X."),
        "conversation": Kind("All replies in these threads", places="must", place="address or id of the first post"),
    },
    "reddit": {
        "search": Kind(
            "Posts with these words",
            words="must",
            places="may",
            place="subreddit",
            note="Posts only, no comments; Reddit's search knows them some minutes late.",
        ),
        "new": Kind("All new posts of these subreddits", words="may", places="must", place="subreddit"),
        "comments": Kind("All comments in these subreddits", words="may", places="must", place="subreddit"),
        "inbox": Kind("Mentions of our account, and replies to us"),
    },
    "mastodon": {
        "hashtag": Kind("Posts with these hashtags", places="must", place="hashtag", account=False),
        "search": Kind(
            "Posts with these words", words="must", note="Only posts that this server knows and may be searched."
        ),
        "mentions": Kind("Posts that mention our account, and replies to us"),
    },
    "bluesky": {
        "search": Kind("Posts with these words", words="must", account=False),
        "mentions": Kind("Posts that mention our account, and replies to us"),
        "stream": Kind("Posts with these words, within seconds", words="must", account=False),
    },
    "hackernews": {
        "search": Kind("Stories and comments with these words", words="must", account=False),
    },
    "feed": {
        "feed": Kind("Entries of these feeds", words="may", places="must", place="address of a feed", account=False),
    },
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: any of `words`, in any of `places`, without any of the rest."""

    kind: str
    words: tuple[str, ...] = ()  # a word, or several that stand together
    places: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()  # ISO 639-1; none: every language
    without: tuple[str, ...] = ()  # words
    without_authors: tuple[str, ...] = ()  # handles

    @classmethod
    def parse(cls, source: str, raw: Mapping[str, object]) -> Self:
        """Read a watch's query. Raises `SourceRefused` that names what is missing or not known."""
        kinds = KINDS[source]
        name = str(raw.get("kind") or next(iter(kinds)))
        if name not in kinds:
            message = f'There is no watch "{name}" on {source}: choose one of {", ".join(kinds)}.'
            raise SourceRefused(message)
        given = cls(name, **{one: _listed(one, raw.get(one)) for one in _LISTS})
        kind = kinds[name]
        if kind.words == "must" and not given.words:
            message = "Say which words to look for."
            raise SourceRefused(message)
        if kind.places == "must" and not given.places:
            message = f"Give at least one {kind.place}."
            raise SourceRefused(message)
        return given

    def as_json(self) -> dict[str, object]:
        """Return what `parse` reads."""
        lists = {one: list(getattr(self, one)) for one in _LISTS}
        return {"kind": self.kind, **{name: value for name, value in lists.items() if value}}

    def keeps(self, post: Post) -> bool:
        """Tell whether a post passes the filters that a platform cannot apply itself: words, languages, authors.

        A post whose language the platform does not say passes.
        """
        text = post.text.casefold()
        if self.words and not any(one.casefold() in text for one in self.words):
            return False
        if any(one.casefold() in text for one in self.without):
            return False
        if self.langs and post.lang and post.lang.split("-")[0].lower() not in self.langs:
            return False
        return post.author.handle.casefold() not in {one.casefold().lstrip("@") for one in self.without_authors}


_LISTS: Final = ("words", "places", "langs", "without", "without_authors")


def _listed(name: str, given: object) -> tuple[str, ...]:
    """Read a list, or text with commas or line breaks between its parts."""
    if given is None:
        return ()
    parts: Iterable[object] = given.replace("\n", ",").split(",") if isinstance(given, str) else ()
    if isinstance(given, list | tuple):
        parts = given
    elif not isinstance(given, str):
        message = f'"{name}" of a watch must be a list of words, not {given!r}'
        raise SourceRefused(message)
    found = tuple(dict.fromkeys(str(one).strip() for one in parts if str(one).strip()))
    if len(found) > MOST:
        message = f'"{name}" of a watch has {len(found)} entries, and {MOST} are the most: make two watches of it.'
        raise SourceRefused(message)
    return found
