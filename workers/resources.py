"""What a worker process holds: its own connections, and the judge and the drafter once they are needed."""

from datetime import UTC, datetime
from functools import cache, cached_property

from monitor import classifiers, settings, sources
from monitor.ports import Classifier, MentionSource
from monitor.settings import Settings
from monitor.store.brands import AccountRow
from monitor.store.engine import Store
from monitor.vault import Vault
from responders import drafters, notifiers, publishers
from responders.ports import Drafter, Notifier, Publisher


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
    def classifier(self) -> Classifier:
        """Return the judge; only the process that judges ever loads it."""
        return classifiers.load(self.settings.model)

    @cached_property
    def drafter(self) -> Drafter:
        """Return the drafter."""
        return drafters.load(self.settings.drafter)

    @cached_property
    def notifier(self) -> Notifier:
        """Return what pages people."""
        return notifiers.load("apprise")

    def source(self, name: str) -> MentionSource:
        """Return a source by its name in the registry."""
        return sources.load(name)

    def publisher(self, account: AccountRow) -> Publisher:
        """Return what sends for an account; a dry run sends everything to the dry-run platform."""
        name = publishers.DRY_RUN if self.settings.dry_run else account.publisher
        return publishers.load(name, self.settings.data, self.settings.faults)


@cache
def here() -> Resources:
    """Return this process's resources."""
    return Resources(settings.load())
