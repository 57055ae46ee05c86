"""A Mastodon server on loopback: hashtags read by nobody in particular, searches and mentions by our account."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from monitor.domain.records import Login, Watch
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.sources.mastodon import factory
from responders.ports import Target
from responders.publishers import load
from tests.contracts.stands.base import PublisherStand, SourceStand


def source_stands() -> dict[str, Callable[[], SourceStand]]:
    return {
        "hashtag": lambda: _stand(
            {"kind": "hashtag", "places": ["velakettles"]}, ["{} #velakettles"], open_to_all=True
        ),
        "hashtags": lambda: _stand(
            {"kind": "hashtag", "places": ["vela", "velakettles", "kettles"]}, ["{} #vela", "{} #VelaKettles"]
        ),
        "search": lambda: _stand({"kind": "search", "words": ["Vela"]}, ["{} Vela."]),
        "searches": lambda: _stand(
            {"kind": "search", "words": ["Vela", "kettle company"]}, ["{} Vela.", "{} Kettle company!"]
        ),
        "mentions": lambda: _stand({"kind": "mentions"}, ["@vela_care {}"]),
    }


def publisher_stand() -> PublisherStand:
    platform, _, move = _started()
    login = platform.connect("vela_care")

    def target() -> Target:
        post = platform.customer("ana@other.example", "The lid of my kettle broke.", to=login.handle)
        return Target("mastodon", post.id, post.author.handle, post.text, extra={"visibility": "public"})

    return PublisherStand(
        load("mastodon", Path()),
        platform,
        login,
        target,
        standing=lambda: platform.standing("vela_care"),
        delete_target=lambda post_id: _do(platform.world.delete(post_id)),
        move=move,
    )


def _started() -> tuple[SimulatedMastodon, list[float], Callable[[float], None]]:
    now = [1_772_445_600.0]

    def move(seconds: float) -> None:
        now[0] += seconds

    return SimulatedMastodon(clock=lambda: now[0]).start(), now, move


def _stand(query: dict[str, object], written: list[str], *, open_to_all: bool = False) -> SourceStand:
    platform, now, move = _started()
    login = platform.connect("vela_care")
    reader = Login("mastodon", platform.url) if open_to_all else login

    def post(text: str) -> str:
        words = written[len(platform.world.order) % len(written)].format(text)
        return platform.customer("ana@other.example", words).id

    return SourceStand(
        factory(lambda: datetime.fromtimestamp(now[0], UTC)),
        Watch(1, 1, "mastodon", query, reader),
        platform,
        post,
        move,
        edit=lambda post_id, text: _do(platform.world.edit(post_id, text)),
        delete=lambda post_id: _do(platform.world.delete(post_id)),
    )


def _do(_done: object) -> None:
    """Drop what it returned."""
