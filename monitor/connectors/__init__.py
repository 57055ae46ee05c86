"""How accounts are connected: one file a platform, named here and imported on first use."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from monitor.domain.errors import BadInput
from monitor.ports import Connector

CONNECTORS: Final = {
    "x": "monitor.connectors.x:factory",
    "reddit": "monitor.connectors.reddit:factory",
    "mastodon": "monitor.connectors.mastodon:factory",
    "bluesky": "monitor.connectors.bluesky:factory",
}


def load(platform: str, defaults: Mapping[str, str]) -> Connector:
    """Return the connector of a platform. `defaults` are its addresses as set (`Settings.platform`).

    Raises `BadInput` for a platform that needs no account, or is not known.
    """
    if platform not in CONNECTORS:
        message = f'No account is connected for "{platform}": choose one of {", ".join(CONNECTORS)}.'
        raise BadInput(message, where="platform")
    module, factory = CONNECTORS[platform].split(":")
    connector: Connector = getattr(import_module(module), factory)(defaults)
    return connector
