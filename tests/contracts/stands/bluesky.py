"""Bluesky on loopback: searched by nobody in particular and by our account, its mentions of us, and its stream."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from monitor.domain.records import Login, Watch
from monitor.simulated.bluesky import SimulatedBluesky
from monitor.sources.bluesky import factory
from responders.ports import Target
from responders.publishers import load
from tests.contracts.stands.base import PublisherStand, SourceStand


def source_stands() -> dict[str, Callable[[], SourceStand]]:
    both = ["{} Vela.", "{} Kettle company!", "{} Vela kettle company."]
    return {
        "search": lambda: _stand({"kind": "search", "words": ["Vela"]}, ["{} Vela."], open_to_all=True),
        "searches": lambda: _stand({"kind": "search", "words": ["Vela", "kettle company"]}, both),
        "mentions": lambda: _stand({"kind": "mentions"}, ["@velacare.bsky.social {}"]),
        "stream": lambda: _stand({"kind": "stream", "words": ["vela"]}, ["{} Vela."], open_to_all=True),
    }


def publisher_stand() -> PublisherStand:
    platform, _, move = _started()
    login = platform.connect("velacare")

    def target() -> Target:
        post = platform.customer("ana", "The lid of my kettle broke.", to=login.handle)
        return Target("bluesky", platform.external_id(post), post.author.handle, post.text)

    return PublisherStand(
        load("bluesky", Path()),
        platform,
        login,
        target,
        standing=lambda: platform.standing("velacare"),
        delete_target=lambda uri: _do(platform.world.delete(_rkey(uri))),
        move=move,
        corrects_in_place=False,
    )


def _started() -> tuple[SimulatedBluesky, list[float], Callable[[float], None]]:
    now = [1_772_445_600.0]

    def move(seconds: float) -> None:
        now[0] += seconds

    platform = SimulatedBluesky(clock=lambda: now[0]).start()
    platform.sessions.access_s = 7 * 86_400  # hours pass in these tests, and nobody is there who renews a sign-in
    return platform, now, move


def _stand(query: dict[str, object], written: list[str], *, open_to_all: bool = False) -> SourceStand:
    platform, now, move = _started()
    login = platform.connect("velacare")
    reader = Login("bluesky", platform.url, options=login.options) if open_to_all else login

    def post(text: str) -> str:
        words = written[len(platform.world.order) % len(written)].format(text)
        return platform.external_id(platform.customer("ana", words))

    # No `edit`: apps go on showing the first version of a post.
    return SourceStand(
        factory(lambda: datetime.fromtimestamp(now[0], UTC)),
        Watch(1, 1, "bluesky", query, reader),
        platform,
        post,
        move,
        delete=lambda uri: _do(platform.world.delete(_rkey(uri))),
    )


def _rkey(uri: str) -> str:
    return uri.rsplit("/", 1)[-1]


def _do(_done: object) -> None:
    """Drop what it returned."""
