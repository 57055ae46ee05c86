"""A watch as a worker runs it over a stand: what counts is what was kept together with its cursor."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitor.domain.errors import AppError, RetryLater, SourceRefused
from monitor.domain.records import Missed, Page, Post
from tests.contracts.stands.base import SourceStand

LATER = 120.0  # seconds after which every platform shows what was written
MOST = 300  # pages of one walk


@dataclass
class Watching:
    """A watch, what its customers wrote, and what it kept."""

    stand: SourceStand
    cursor: str = ""
    posts: list[Post] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    written: dict[str, float] = field(default_factory=dict)  # external id -> platform's time

    def write(self, count: int = 1, *, apart: float = 0.2) -> list[str]:
        """Let customers write, `apart` seconds after each other. Returns the external ids."""
        made = []
        for _ in range(count):
            made.append(self.stand.post(f"The lid of my kettle broke again, number {len(self.written)}."))
            self.written[made[-1]] = self.stand.platform.clock() if self.stand.platform else 0.0
            self.stand.move(apart)
        return made

    def fetch(self) -> Page:
        """Fetch as a worker that dies before it keeps anything."""
        return self.stand.source.fetch(self.stand.watch, self.cursor)

    def keep(self, page: Page) -> Page:
        """Keep a page and its cursor, as one transaction does."""
        self.cursor = page.cursor
        self.posts += page.posts
        self.missed += [page.missed] if page.missed else []
        return page

    def walk(self) -> list[Page]:
        """Fetch and keep until nothing more is ready."""
        pages = [self.keep(self.fetch())]
        while pages[-1].more:
            assert len(pages) < MOST, "the walk does not end"
            pages.append(self.keep(self.fetch()))
        return pages

    def walk_through(self) -> None:
        """Walk as workers do: what may be tried again is tried again when it said so."""
        more = True
        for _ in range(MOST):
            try:
                more = self.keep(self.fetch()).more
            except RetryLater as fault:
                self.stand.move(fault.after + 1)
                more = True
            except SourceRefused:  # a person looked, and found that the platform answers again
                more = True
            if not more:
                break
        assert not more, "the walk does not end"

    def try_to(self, do: Callable[[], Page]) -> AppError | None:
        """Do it, and return what the source raised that it may raise."""
        try:
            do()
        except (RetryLater, SourceRefused) as told:
            return told
        return None

    def begun(self) -> "Watching":
        """Take in what is there at the beginning: from here on nothing may be lost."""
        self.write(2)
        self.stand.move(LATER)
        self.walk()
        return self

    @property
    def ids(self) -> list[str]:
        """Return the external ids of what was kept, in order."""
        return [post.external_id for post in self.posts]

    @property
    def lost(self) -> list[str]:
        """Return what was written, was not kept and lies in no window that was said to be missed."""
        came = set(self.ids)
        return [one for one, at in self.written.items() if one not in came and not self._said(at)]

    def _said(self, at: float) -> bool:
        when = datetime.fromtimestamp(at, UTC)
        return any(
            (one.since is None or one.since <= when) and (one.until is None or when <= one.until) for one in self.missed
        )
