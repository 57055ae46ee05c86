"""Use case: open an account's login, with tokens that are good for the minutes to come.

Many platforms let a refresh token be used only once, so of all workers that share an account one refreshes at a time,
under a lease, and the new tokens are on disk before they are used.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor import logs
from monitor.domain.errors import BadInput, RetryLater, SourceRefused
from monitor.domain.records import Login
from monitor.ports import Connector
from monitor.store import accounts, housekeeping
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store, take_lease
from monitor.vault import Vault

_LEASE_FOR = timedelta(seconds=90)
_log = logs.get(__name__)

Defaults = Callable[[str], Mapping[str, str]]  # a platform's addresses as set
LoadConnector = Callable[[str], Connector | None]  # None: the platform knows no accounts


def unlock(account: AccountRow, vault: Vault, defaults: Mapping[str, str]) -> Login:
    """Return an account's login as it is kept. Raises `BadInput` when its secret cannot be opened."""
    secret: Mapping[str, str] = json.loads(vault.unlock(account.secret)) if account.secret else {}
    return Login(
        account.platform,
        account.host or defaults.get("host", ""),
        account.handle,
        account.external_id,
        secret,
        {**defaults, **account.options},
    )


def lock(login: Login, vault: Vault) -> bytes:
    """Return a login's secret as it is stored."""
    return vault.lock(json.dumps(dict(login.secret)))


class Logins:
    """Opens logins for watches, replies and checks."""

    def __init__(
        self, store: Store, vault: Vault, defaults: Defaults, load_connector: LoadConnector, holder: str
    ) -> None:
        """`holder` names this process among those that may refresh."""
        self._store, self._vault, self._defaults = store, vault, defaults
        self._connector, self._holder = load_connector, holder

    def without_account(self, platform: str) -> Login:
        """Return what reads a platform's open part."""
        defaults = self._defaults(platform)
        return Login(platform, defaults.get("host", ""), options=dict(defaults))

    def of(self, account: AccountRow, now: datetime, *, expired: bool = False) -> Login:
        """Return an account's login, refreshed where it runs out soon; `expired`: the platform refused it just now.

        Raises `SourceRefused` when only a person can sign in again, `RetryLater` while the platform, or another
        worker's refresh, keeps us waiting, `BadInput` when the secret cannot be opened.
        """
        login = unlock(account, self._vault, self._defaults(account.platform))
        connector = self._connector(account.platform)
        if connector is None or not login.secret:
            return login
        if not expired and not connector.runs_out(login, now):
            return login
        return self._refresh(account, connector, now)

    def _refresh(self, account: AccountRow, connector: Connector, now: datetime) -> Login:
        name = f"refresh:{account.id}"
        with self._store.unit_of_work() as work:
            mine = take_lease(work, name, self._holder, now, now + _LEASE_FOR)
        if not mine:
            message = f"The sign-in of {account.handle} is being renewed."
            raise RetryLater(message, after=5.0)
        try:
            return self._renewed(account, connector, now)
        finally:
            with self._store.unit_of_work() as work:
                housekeeping.release_lease(work, name, self._holder)

    def _renewed(self, account: AccountRow, connector: Connector, now: datetime) -> Login:
        with self._store.reading() as work:
            current = accounts.get(work, account.id)
        login = unlock(current, self._vault, self._defaults(account.platform))
        if current.secret != account.secret and not connector.runs_out(login, now):
            return login  # another worker did it meanwhile
        try:
            fresh = connector.refresh(login)
        except (SourceRefused, BadInput) as refused:
            with self._store.unit_of_work(durable=True) as work:
                accounts.change(work, account.id, error=str(refused))
            raise
        with self._store.unit_of_work(durable=True) as work:
            accounts.change(work, account.id, secret=lock(fresh, self._vault), host=fresh.host, error="")
        _log.info("sign-in renewed", account=account.id)
        return replace(fresh, options=login.options)
