"""The platforms as pages, the JSON API and the commands reach them: connectors, logins, sources, redirect addresses."""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from monitor import connectors, sources
from monitor.connecting import LANDING
from monitor.domain.records import Login
from monitor.logins import Logins
from monitor.ports import Connector, MentionSource
from monitor.settings import Settings
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from monitor.vault import Vault

# What a person needs before they begin, in a sentence.
NEEDS: Final[Mapping[str, str]] = {
    "x": "You need an app in X's developer portal. X bills each post that is read, and each reply.",
    "reddit": "You need an app that Reddit has approved, in the account's settings there under Apps.",
    "mastodon": "You need nothing but the account: you sign in on its own server.",
    "bluesky": "You need the handle and an app password, made in the account's settings there.",
}


class Platforms:
    """What speaks to platforms in this process."""

    def __init__(self, settings: Settings, store: Store, vault: Vault) -> None:
        """Open nothing yet."""
        self._settings = settings
        self.logins = Logins(store, vault, settings.platform, self.connector, f"api {os.getpid()}")

    def connector(self, platform: str) -> Connector | None:
        """Return what connects accounts of a platform; None where it has none."""
        known = platform in connectors.CONNECTORS
        return connectors.load(platform, self._settings.platform(platform)) if known else None

    def log_in(self, account: AccountRow | None, platform: str, at: datetime) -> Login:
        """Return the login a watch reads with."""
        return self.logins.of(account, at) if account else self.logins.without_account(platform)

    def source(self, name: str) -> MentionSource:
        """Return a source. Raises `BadInput` when there is none of this name."""
        return sources.load(name)

    def redirect_url(self, base: str) -> str:
        """Return the address that must be registered at a platform; `base` is where we are reached now."""
        return (self._settings.public_url or base.rstrip("/")) + LANDING
