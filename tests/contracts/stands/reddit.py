"""Reddit's stands: each kind of watch, and our comments."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from monitor.domain.records import Watch
from monitor.simulated.reddit import SimulatedReddit
from monitor.sources.reddit import RedditSource
from responders.ports import Target
from responders.publishers.reddit import build
from tests.contracts.stands.base import PublisherStand, SourceStand

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
BRAND = "vela_care"


class Time:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = BEGAN.timestamp()

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds

    def date(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


def source_stands() -> dict[str, Callable[[], SourceStand]]:
    return {
        "search": lambda: _stand({"kind": "search", "words": ["kettle", "vela shop"]}),
        "search-within": lambda: _stand({"kind": "search", "words": ["kettle"], "places": ["kettles", "r/kitchen"]}),
        "new": lambda: _stand({"kind": "new", "places": ["kettles", "kitchen"]}),
        "comments": lambda: _stand({"kind": "comments", "places": ["kettles"], "words": ["kettle"]}, comment=True),
        "inbox": lambda: _stand({"kind": "inbox"}, to=BRAND),
    }


def _stand(query: Mapping[str, object], *, to: str = "", comment: bool = False) -> SourceStand:
    time = Time()
    reddit = SimulatedReddit(clock=time).start()
    login = reddit.connect(BRAND)
    reddit.tokens[login.secret["access_token"]].ends += 365 * 86_400  # renewing it is the connector's matter

    def post(text: str) -> str:
        return reddit.external_id(reddit.customer("ana", text, to=to, comment=comment))

    return SourceStand(
        RedditSource(time.date),
        Watch(1, 1, "reddit", query, login),
        reddit,
        post,
        time.move,
        edit=lambda name, text: void(reddit.world.edit(reddit.find(name).id, text)),
        delete=lambda name: void(reddit.world.delete(reddit.find(name).id)),
    )


def publisher_stand() -> PublisherStand:
    time = Time()
    reddit = SimulatedReddit(clock=time).start()
    login = reddit.connect(BRAND)

    def target() -> Target:
        made = reddit.customer("ana", "The lid of my kettle broke.")
        return Target("reddit", reddit.external_id(made), "ana", made.text, extra={"subreddit": made.place})

    return PublisherStand(
        build(Path()),
        reddit,
        login,
        target,
        lambda: reddit.standing(BRAND),
        lambda name: void(reddit.world.delete(reddit.find(name).id)),
        time.move,
        data=Path(),
    )


def void(_: object) -> None:
    """Forget what something returned."""
