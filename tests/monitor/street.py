"""A brand with a watch on X that found posts, and the platform that says what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor import assessment, intake, rechecking
from monitor.domain.records import Login, Looked, Page, Post, Presence, Seen, Usage, Watch
from monitor.store import mentions, rechecks
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from monitor.store.mentions import MentionRow
from tests.builders import House
from tests.making import ToldJudge, post


@dataclass
class Places:
    """Where posts are: what is not told is there as it was; each call is noted."""

    at_most: int = 100
    says: dict[str, Seen] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    fails: Exception | None = None
    usage: Usage = field(default_factory=Usage)
    posts: dict[str, Post] = field(default_factory=dict)
    asked: list[tuple[Login, list[str]]] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def load(self, name: str) -> "Places":
        """Be every source."""
        self.loaded.append(name)
        return self

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Have nothing new."""
        return Page((), cursor)

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say what was told."""
        self.asked.append((login, list(external_ids)))
        if self.fails:
            raise self.fails
        there = [self.says.get(one) or Seen(one, Presence.THERE, self.posts.get(one)) for one in external_ids]
        return Looked(tuple(one for one in there if one.external_id not in self.silent), self.usage)


@dataclass
class Street:
    """A brand with a watch on X that found posts."""

    store: Store
    house: House
    watch: int
    now: datetime
    places: Places = field(default_factory=Places)

    def finds(self, *numbers: int, age: timedelta = timedelta(0)) -> list[int]:
        """Let the watch find posts, judged, and due to be looked at now."""
        posts = [post(str(one), f"My kettle number {one} leaks.", written_at=self.now - age) for one in numbers]
        self.places.posts |= {one.external_id: one for one in posts}
        with self.store.unit_of_work() as work:
            more = {"watch_id": self.watch, "check_at": self.now, "as_live": True}
            stored = intake.store_posts(work, self.house.brand_id, posts, self.now, **more)  # type: ignore[arg-type]
        assessment.assess_batch(self.store, ToldJudge(), self.now)
        return list(stored.new)

    def rechecks(self, later: timedelta = timedelta(0)) -> int:
        """Look at what is due."""
        return rechecking.recheck_due(self.store, self.places.load, self.now + later, log_in=login)

    def row(self, mention_id: int) -> MentionRow:
        """Return a mention as it stands."""
        with self.store.reading() as work:
            return mentions.get_many(work, [mention_id])[0]

    def due_in(self, mention_id: int) -> timedelta | None:
        """Return in how long a mention is looked at again."""
        for minutes in (0, 1, 10, 30, 60, 24 * 60, 7 * 24 * 60, 28 * 24 * 60):
            with self.store.engine.connect() as work:
                due = rechecks.claim_due(work, self.now + timedelta(minutes=minutes), 100)
                work.rollback()
            if mention_id in {row.id for row in due}:
                return timedelta(minutes=minutes)
        return None


def login(account: AccountRow | None, platform: str, now: datetime) -> Login:
    return Login(platform, "", account.handle if account else "nobody")
