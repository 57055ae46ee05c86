"""Boards with a feed: one that is long, one that is short, and two at once."""

from collections.abc import Callable
from datetime import UTC, datetime

from monitor.domain.records import Watch
from monitor.simulated.feed import SimulatedFeed
from monitor.sources.feed import factory
from tests.contracts.stands.base import SourceStand


def source_stands() -> dict[str, Callable[[], SourceStand]]:
    return {
        "long": lambda: _stand(["forum"], full=500),
        "short": lambda: _stand(["forum"], full=40),
        "two": lambda: _stand(["forum", "reviews"], full=500),
    }


def _stand(places: list[str], full: int) -> SourceStand:
    now = [1_772_445_600.0]
    platform = SimulatedFeed(clock=lambda: now[0]).start()
    platform.full = full
    query = {"places": [platform.address(place) for place in places]}
    watch = Watch(1, 1, "feed", query, platform.connect())

    def post(text: str) -> str:
        place = places[len(platform.world.order) % len(places)]
        return platform.external_id(platform.customer("ana", text, place=place))

    def move(seconds: float) -> None:
        now[0] += seconds

    return SourceStand(factory(lambda: datetime.fromtimestamp(now[0], UTC)), watch, platform, post, move)
