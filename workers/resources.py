"""What a worker process holds: its own connections, and the judge and the drafter once they are needed."""

import os
import secrets
import socket
from datetime import UTC, datetime
from functools import cache, cached_property

from monitor import classifiers, connectors, settings, sources
from monitor.domain.records import Login
from monitor.logins import Logins, unlock
from monitor.ports import Classifier, Connector, MentionSource
from monitor.settings import Settings
from monitor.store import rechecks
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from monitor.vault import Vault
from responders import drafters, notifiers, publishers
from responders.ports import CanReply, Drafter, Notifier, Publisher, Target
from responders.publishers import dryrun
from responders.publishing import LookUp
from workers.judges import Judges, OnTrial


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Resources:
    """The settings and everything made from them, each made on first use."""

    def __init__(self, chosen: Settings) -> None:
        """Hold settings; open nothing yet."""
        self.settings = chosen

    @cached_property
    def store(self) -> Store:
        """Return the database."""
        return Store(self.settings.database)

    @cached_property
    def vault(self) -> Vault:
        """Return the cipher of stored secrets."""
        return Vault(self.settings.key())

    @cached_property
    def _judges(self) -> Judges:
        return Judges(self.store, self._load, self.settings.model, now)

    @property
    def classifier(self) -> Classifier:
        """Return the judge in use, as people chose it by now; only the process that judges ever loads it."""
        return self._judges.in_use()

    @cached_property
    def on_trial(self) -> OnTrial:
        """Return what holds the judge of a trial."""
        return OnTrial(self._load)

    @cached_property
    def name(self) -> str:
        """Return a name that no other process has."""
        return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"

    def _load(self, model: str) -> Classifier:
        return classifiers.load(model, labels=self.settings.model_labels)

    @cached_property
    def drafter(self) -> Drafter:
        """Return the drafter."""
        return drafters.load(self.settings.drafter)

    @cached_property
    def notifier(self) -> Notifier:
        """Return what pages people."""
        return notifiers.load("apprise")

    @cached_property
    def logins(self) -> Logins:
        """Return what opens the logins of accounts."""
        return Logins(self.store, self.vault, self.settings.platform, self._connector, secrets.token_hex(8))

    def _connector(self, platform: str) -> Connector | None:
        known = platform in connectors.CONNECTORS
        return connectors.load(platform, self.settings.platform(platform)) if known else None

    def account_login(self, account: AccountRow, at: datetime) -> Login:
        """Return the login of an account, fresh."""
        return self.logins.of(account, at)

    def log_in(self, account: AccountRow | None, platform: str, at: datetime) -> Login:
        """Return the login a watch reads with."""
        return self.logins.of(account, at) if account else self.logins.without_account(platform)

    def renew(self, account: AccountRow, at: datetime) -> Login:
        """Return the login of an account whose sign-in its platform did not accept just now, with fresh tokens."""
        return self.logins.of(account, at, expired=True)

    def source(self, name: str) -> MentionSource:
        """Return a source by its name in the registry."""
        return sources.load(name)

    def publisher(self, account: AccountRow) -> Publisher:
        """Return what sends for an account; a dry run sends everything to the dry-run platform."""
        name = publishers.DRY_RUN if self.settings.dry_run else account.publisher
        return publishers.load(name, self.settings.data, self.settings.faults)

    def may_reply(self, account: AccountRow, target: Target) -> CanReply:
        """Say whether an account's publisher takes a reply, from the login as it is kept: no call is made."""
        login = unlock(account, self.vault, self.settings.platform(account.platform))
        return self.publisher(account).can_reply(target, login)

    def look(self, account: AccountRow) -> LookUp | None:
        """Return what shows a post as it is now; None where only the dry run would answer, or nobody can be asked."""
        simulated = self.settings.dry_run or account.publisher == publishers.DRY_RUN
        if simulated or account.platform not in sources.SOURCES:
            return None
        source = self.source(account.platform)
        return source.look_up if source.at_most else None

    def forget_replies(self, since: datetime) -> None:
        """Empty what the dry-run platform holds of our replies to posts found gone since then."""
        with self.store.reading() as work:
            gone = rechecks.gone_since(work, since)
        for platform, external_ids in gone.items():
            dryrun.forget(self.settings.data / dryrun.FILE, platform, external_ids)


@cache
def here() -> Resources:
    """Return this process's resources."""
    return Resources(settings.load())
