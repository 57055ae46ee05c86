"""Comments on Hacker News, found by one word and by two."""

from collections.abc import Callable
from datetime import UTC, datetime

from monitor.domain.records import Watch
from monitor.simulated.hackernews import SimulatedHackerNews
from monitor.sources.hackernews import factory
from tests.contracts.stands.base import SourceStand


def source_stands() -> dict[str, Callable[[], SourceStand]]:
    return {"search": lambda: _stand(["Vela"]), "several": lambda: _stand(["Vela Kettle", "velakettles"])}


def _stand(words: list[str]) -> SourceStand:
    now = [1_772_445_600.0]
    platform = SimulatedHackerNews(clock=lambda: now[0]).start()
    watch = Watch(1, 1, "hackernews", {"words": words}, platform.connect())

    def post(text: str) -> str:
        ends = ["Vela Kettle, velakettles.", "velakettles!"][len(platform.world.order) % len(words)]
        return platform.customer("ana", f"{text} {ends}").id

    def move(seconds: float) -> None:
        now[0] += seconds

    return SourceStand(
        factory(lambda: datetime.fromtimestamp(now[0], UTC)),
        watch,
        platform,
        post,
        move,
        edit=lambda post_id, text: _do(platform.world.edit(post_id, text)),
        delete=lambda post_id: _do(platform.world.delete(post_id)),
    )


def _do(_done: object) -> None:
    """Drop what it returned."""
