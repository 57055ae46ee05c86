"""Where public posts come from: one file a source, named here and imported on first use."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Final

from monitor.domain.errors import BadInput
from monitor.ports import MentionSource
from monitor.sources.fitting import Fitting

SOURCES: Final = {
    "x": "monitor.sources.x:factory",
    "reddit": "monitor.sources.reddit:factory",
    "mastodon": "monitor.sources.mastodon:factory",
    "bluesky": "monitor.sources.bluesky:factory",
    "hackernews": "monitor.sources.hackernews:factory",
    "feed": "monitor.sources.feed:factory",
    "replay": "monitor.sources.replay:factory",
}

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@cache
def load(name: str, clock: Clock = utc_now) -> MentionSource:
    """Return the source of this name, the same one each time. Raises `BadInput` when there is none."""
    if name not in SOURCES:
        message = f'there is no source "{name}": choose one of {", ".join(sorted(SOURCES))}'
        raise BadInput(message, where="source")
    module, factory = SOURCES[name].split(":")
    return Fitting(getattr(import_module(module), factory)(clock))
