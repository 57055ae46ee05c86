"""A watch on a simulated Bluesky, polled by a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitor.domain.records import Login, Missed, Page, Post, Watch
from monitor.simulated.bluesky import SimulatedBluesky
from monitor.sources.bluesky import BlueskySource, factory

START = 1_772_445_600.0


@dataclass
class Watching:
    """A watch that is polled, and what it brought."""

    platform: SimulatedBluesky
    now: list[float]
    login: Login
    query: dict[str, object]
    cursor: str = ""
    posts: list[Post] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    source: BlueskySource = field(init=False)

    def __post_init__(self) -> None:
        self.source = factory(lambda: datetime.fromtimestamp(self.now[0], UTC))

    def fetch(self) -> Page:
        page = self.source.fetch(Watch(1, 1, "bluesky", self.query, self.login), self.cursor)
        self.cursor = page.cursor
        self.posts += page.posts
        self.missed += [page.missed] if page.missed else []
        return page

    def walk(self) -> list[str]:
        """Poll until nothing more is ready; returns the texts that came, oldest first."""
        before = len(self.posts)
        while self.fetch().more:
            pass
        return sorted(one.text for one in self.posts[before:])

    def later(self, seconds: float) -> None:
        self.now[0] += seconds

    def asked(self, name: str) -> int:
        return sum(path.endswith(name) for _, path in self.platform.asked)


def strangers(watching: Watching) -> Login:
    """Return the login of nobody."""
    return Login("bluesky", "https://nowhere.invalid", options=watching.login.options)


@contextmanager
def watched(query: dict[str, object]) -> Iterator[Watching]:
    """Start a platform with an account of ours on it, and a watch that has not begun."""
    now = [START]
    with SimulatedBluesky(clock=lambda: now[0]) as platform:
        platform.sessions.access_s = 365 * 86_400
        yield Watching(platform, now, platform.connect("velacare"), query)
