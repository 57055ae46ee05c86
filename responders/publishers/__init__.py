"""What brings replies to platforms: a literal registry, each publisher imported on first use."""

from importlib import import_module
from pathlib import Path

from monitor.domain.errors import BadInput
from responders.ports import Publisher

DRY_RUN = "dryrun"
PUBLISHERS = {
    DRY_RUN: "responders.publishers.dryrun:build",
    "x": "responders.publishers.x:build",
    "reddit": "responders.publishers.reddit:build",
    "mastodon": "responders.publishers.mastodon:build",
    "bluesky": "responders.publishers.bluesky:build",
}


def load(name: str, data: Path, faults: str = "") -> Publisher:
    """Return the publisher of a name. `data` and `faults` shape the dry-run platform.

    Raises `BadInput` for a name that is not in the registry, or faults that cannot be read.
    """
    if name not in PUBLISHERS:
        message = f'There is no publisher "{name}". Choose one of: {", ".join(PUBLISHERS)}.'
        raise BadInput(message, where="publisher")
    module, factory = PUBLISHERS[name].split(":")
    publisher: Publisher = getattr(import_module(module), factory)(data, faults)
    return publisher
