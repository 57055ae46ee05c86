"""Simulated platforms: loopback servers to try Amends with, and to test it against. A literal registry."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from monitor.domain.errors import BadInput
from monitor.simulated.server import Simulated

PLATFORMS: Final = {
    "x": "monitor.simulated.x:SimulatedX",
    "reddit": "monitor.simulated.reddit:SimulatedReddit",
    "mastodon": "monitor.simulated.mastodon:SimulatedMastodon",
    "bluesky": "monitor.simulated.bluesky:SimulatedBluesky",
    "hackernews": "monitor.simulated.hackernews:SimulatedHackerNews",
    "feed": "monitor.simulated.feed:SimulatedFeed",
}


def load(name: str) -> Callable[..., Simulated]:
    """Return the class of a simulated platform. Raises `BadInput` when there is none of this name."""
    if name not in PLATFORMS:
        message = f'There is no simulated "{name}": choose one of {", ".join(PLATFORMS)}.'
        raise BadInput(message, where="platform")
    module, kind = PLATFORMS[name].split(":")
    found: Any = getattr(import_module(module), kind)
    return found  # type: ignore[no-any-return]
