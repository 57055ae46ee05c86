"""X as the contract suites meet it: a simulated one, and a clock that both sides read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from monitor.domain.records import Login, Page, Post, Watch
from monitor.simulated.server import Answer, Ask, Simulated
from monitor.simulated.world import SimPost
from monitor.simulated.x import SimulatedX
from monitor.sources.x import XSource, factory
from responders.ports import Target
from responders.publishers.x import XPublisher
from tests.contracts.stands.base import PublisherStand, SourceStand

OURS = "vela_care"
YEAR_S = 365 * 86_400.0  # renewing a token is the connector's matter


class Odd(Simulated):
    """Answers every call with what was put in, and keeps the search it was asked for."""

    given = Answer({"meta": {"result_count": 0}})
    query = ""

    def answer(self, ask: Ask) -> Answer:
        """Answer a call."""
        self.query = ask.one("query")
        return self.given


@dataclass
class Town:
    """A simulated X, our account there, and the time."""

    now: datetime = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    platform: SimulatedX = field(init=False)
    login: Login = field(init=False)
    source: XSource = field(init=False)

    def __post_init__(self) -> None:
        self.platform = SimulatedX(clock=self.time).start()
        self.login = self.platform.connect(OURS, lasts=YEAR_S)
        self.source = factory(lambda: self.now)
        self._numbers = count(1)

    def time(self) -> float:
        """Return the time in epoch seconds."""
        return self.now.timestamp()

    def move(self, seconds: float) -> None:
        """Let time pass on both sides."""
        self.now += timedelta(seconds=seconds)

    def complaint(self, text: str = "", who: str = "", **kind: Any) -> SimPost:
        """Let a customer complain; a minute later X's search knows it."""
        number = next(self._numbers)
        words = text or f"My parcel number {number} never came."
        post = self.platform.customer(who or f"ana_{number}", words, **{"to": OURS, **kind})
        self.move(60)
        return post

    def delete(self, post_id: str) -> None:
        """Let an author delete a post."""
        self.platform.world.delete(post_id)

    def watch(self, **query: object) -> Watch:
        """Return a watch of our mentions, or of what is asked for."""
        return Watch(1, 1, "x", query or {"kind": "mentions"}, self.login)

    def pages(self, watch: Watch, cursor: str = "") -> list[Page]:
        """Fetch until there is no more for now."""
        found = [self.source.fetch(watch, cursor)]
        while found[-1].more:
            found.append(self.source.fetch(watch, found[-1].cursor))
        return found

    def posts(self, watch: Watch, cursor: str = "") -> list[Post]:
        """Return the posts of all pages."""
        return [post for page in self.pages(watch, cursor) for post in page.posts]


def source_stands() -> dict[str, Callable[[], SourceStand]]:
    """Return a maker for each kind of watch."""
    return {
        "mentions": lambda: _stand({"kind": "mentions"}),
        "search": lambda: _stand({"kind": "search", "words": ["parcel"]}),
        "conversation": _conversation,
    }


def _stand(query: Mapping[str, object]) -> SourceStand:
    town = Town()
    return _source_stand(town, query, {})


def _conversation() -> SourceStand:
    town = Town()
    first = town.platform.world.post(OURS, "A word about this week's deliveries.")
    town.move(60)
    query = {"kind": "conversation", "places": [f"https://x.com/{OURS}/status/{first.id}"]}
    stand = _source_stand(town, query, {"reply_to": first})
    town.delete(first.id)  # the watch is to find nothing yet
    return stand


def _source_stand(town: Town, query: Mapping[str, object], kind: Mapping[str, Any]) -> SourceStand:
    def edit(external_id: str, text: str) -> None:
        town.platform.edit(external_id, text)

    def post(text: str) -> str:
        made = town.platform.customer("ana", f"@{OURS} Where is my parcel? {text}", **kind)
        return town.platform.external_id(made)

    return SourceStand(
        town.source, Watch(1, 1, "x", query, town.login), town.platform, post, town.move, edit, town.delete
    )


def publisher_stand() -> PublisherStand:
    """Return the publisher with an account that X lets reply."""
    town = Town()

    def target() -> Target:
        post = town.complaint()
        found = town.source.look_up(town.login, [post.id]).seen[0].post
        assert found is not None
        return Target("x", post.id, post.author.handle, found.text, found.reply_to, found.extra)

    return PublisherStand(
        XPublisher(),
        town.platform,
        town.login,
        target,
        lambda: town.platform.standing(OURS),
        town.delete,
        town.move,
        corrects_in_place=False,
    )
