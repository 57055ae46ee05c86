"""Where public posts come from: one file a source, named here and imported on first use."""

from functools import cache
from importlib import import_module
from typing import Final

from monitor.domain.errors import BadInput
from monitor.ports import MentionSource

SOURCES: Final = {"replay": "monitor.sources.replay:factory"}


@cache
def load(name: str) -> MentionSource:
    """Return the source of this name, the same one each time. Raises `BadInput` when there is none."""
    if name not in SOURCES:
        message = f'there is no source "{name}": choose one of {", ".join(sorted(SOURCES))}'
        raise BadInput(message, where="source")
    module, factory = SOURCES[name].split(":")
    source: MentionSource = getattr(import_module(module), factory)()
    return source
