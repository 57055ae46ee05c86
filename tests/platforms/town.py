"""A brand on six simulated platforms, on a clock that is moved by hand, wired as the workers wire it."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from monitor import assessment, classifiers, pulling, rechecking, simulated, sources
from monitor.domain.lifecycle import Actor, Role
from monitor.domain.records import Login
from monitor.logins import lock
from monitor.ports import Classifier, MentionSource
from monitor.settings import Settings
from monitor.simulated.server import Simulated
from monitor.simulated.world import SimPost
from monitor.store import accounts, brands, cases, mentions, migrate, users, watches
from monitor.store.cases import CaseRow
from responders import drafting, publishing, reviewing
from workers.resources import Resources

ACCOUNT = "acme"
PLACE = "kettles"


@dataclass
class Clock:
    """The time of the whole town, in epoch seconds."""

    epoch: float

    def __call__(self) -> float:
        return self.epoch

    def now(self) -> datetime:
        """Return it as we write times."""
        return datetime.fromtimestamp(self.epoch, UTC)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.epoch += seconds


@dataclass(frozen=True)
class Street:
    """How people write on one platform, and which watches hear them."""

    watches: tuple[Mapping[str, Any], ...]
    said: Mapping[str, Any] = field(default_factory=dict)  # what `customer` is told beside who and what
    connected: Mapping[str, Any] = field(default_factory=dict)  # what `connect` is told


STREETS: dict[str, Street] = {
    "x": Street(({"kind": "mentions"},), {"to": ACCOUNT}, {"approval_held": True}),
    "reddit": Street(({"kind": "comments", "places": [PLACE]}, {"kind": "new", "places": [PLACE]}), {"place": PLACE}),
    "mastodon": Street(({"kind": "mentions"},), {"to": ACCOUNT}),
    "bluesky": Street(({"kind": "search", "words": ["kettle"]}, {"kind": "mentions"})),
    "hackernews": Street(({"kind": "search", "words": ["kettle"]},)),
    "feed": Street(({"kind": "feed"},), {"place": PLACE}),
}
ANSWERABLE = ("x", "reddit", "mastodon", "bluesky")


class Town(Resources):
    """The resources of a worker, on the town's clock, with a brand that is connected everywhere."""

    def __init__(self, url: str, folder: Path, start: datetime, names: tuple[str, ...] = tuple(STREETS)) -> None:
        super().__init__(Settings(data=folder, database_url=url, feeds_private=True))  # type: ignore[arg-type]
        self.clock = Clock(start.timestamp())
        self._ends = ExitStack()
        self.platforms: dict[str, Simulated] = {
            name: self._ends.enter_context(simulated.load(name)(clock=self.clock)) for name in names
        }
        self.judge: Classifier = classifiers.load("rules")
        self.logins_of: dict[str, Login] = {}
        self.watches_of: dict[str, list[int]] = {}

    def source(self, name: str) -> MentionSource:
        """Return a source on the town's clock."""
        return sources.load(name, self.clock.now)

    # --- setting up

    def settle_in(self, *, every_s: int = 30, undo_s: float = 0) -> Self:
        """Make the brand, connect its accounts and begin to watch."""
        migrate.upgrade(self.store)
        now = self.clock.now()
        with self.store.unit_of_work() as work:
            self.brand_id = brands.create(work, "acme", "Acme", now, settings={"undo_s": undo_s})
            people = [users.add(work, f"{one}@acme.example", one, "no hash", Role.LEAD, now) for one in ("Ada", "Ben")]
        self.people = [Actor.person(one, Role.LEAD, "a lead") for one in people]
        for name in self.platforms:
            self.connect(name, every_s)
        return self

    def connect(self, name: str, every_s: int) -> None:
        """Connect an account on one platform and add its watches."""
        street, platform, now = STREETS[name], self.platforms[name], self.clock.now()
        connect: Any = platform.connect  # type: ignore[attr-defined]
        login: Login = connect(ACCOUNT, **street.connected) if name in ANSWERABLE else connect()
        self.logins_of[name] = login
        publisher = name if name in ANSWERABLE else ""
        more = {"host": login.host, "external_id": login.external_id, "options": dict(login.options)}
        with self.store.unit_of_work() as work:
            secret = lock(login, self.vault)
            handle = login.handle or ACCOUNT
            account = accounts.add(work, self.brand_id, name, handle, publisher, now, secret=secret, **more)
            for query in street.watches:
                asked = dict(query) | ({"places": [platform.address(PLACE)]} if name == "feed" else {})  # type: ignore[attr-defined]
                added = watches.add(work, self.brand_id, name, asked, now, every_s=every_s, account_id=account)
                self.watches_of.setdefault(name, []).append(added)

    def close(self) -> None:
        """Stop all platforms."""
        self._ends.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what happens

    def says(self, name: str, handle: str, text: str, **more: Any) -> SimPost:
        """Let a customer write something that our watches find."""
        customer: Callable[..., SimPost] = self.platforms[name].customer  # type: ignore[attr-defined]
        return customer(handle, text, **{**STREETS[name].said, **more})

    def known_as(self, name: str, post: SimPost) -> str:
        """Return the external id of a post."""
        found: str = self.platforms[name].external_id(post)  # type: ignore[attr-defined]
        return found

    def own_handle(self, name: str) -> str:
        """Return our handle as the platform itself knows it."""
        handle = self.logins_of[name].handle
        return handle.partition("@")[0] if name == "mastodon" else handle

    def replies(self, name: str) -> list[tuple[str, str]]:
        """Return our replies that stand on a platform: (what they answer, text)."""
        standing: Callable[[str], list[tuple[str, str]]] = self.platforms[name].standing  # type: ignore[attr-defined]
        return standing(self.own_handle(name))

    # --- what the workers do

    def pull(self, most: int = 1000) -> int:
        """Pull what is due, page by page, as the beat and the workers do; returns how many pages."""
        pages = 0
        with self.store.reading() as work:
            due = watches.due(work, self.clock.now())
        for watch_id in due:
            while pages < most:
                pages += 1
                more = pulling.pull(
                    self.store,
                    watch_id,
                    self.source,
                    self.clock.now(),
                    timedelta(days=2),
                    log_in=self.log_in,
                    renew=self.renew,
                )
                if not more:
                    break
        return pages

    def judge_all(self) -> None:
        """Judge and draft what waits."""
        while assessment.assess_batch(self.store, self.judge, self.clock.now()):
            pass
        while drafting.draft_batch(self.store, self.drafter, self.clock.now(), may_reply=self.may_reply):
            pass

    def publish(self, case_id: int) -> str:
        """Send an approved reply, as the worker does."""
        return publishing.publish_case(
            self.store,
            case_id,
            self.publisher,
            self.clock.now,
            log_in=self.account_login,
            renew=self.renew,
            load_look=self.look,
        )

    def recheck(self) -> None:
        """Look again at what is due for it."""
        rechecking.recheck_due(self.store, self.source, self.clock.now(), log_in=self.log_in)

    # --- what people do, and what can be seen

    def case(self, case_id: int) -> CaseRow:
        """Return a case as it stands."""
        with self.store.reading() as work:
            return cases.get(work, case_id)

    def answers(self, case_id: int) -> tuple[str, str]:
        """Return what a reply to a case answers: (platform, external id)."""
        with self.store.reading() as work:
            (latest,) = mentions.get_many(work, [cases.get(work, case_id).latest_mention_id])
        return latest.platform, latest.external_id

    def approve(self, case_id: int, text: str) -> None:
        """Let a lead write a reply and as many people approve it as the case needs."""
        now = self.clock.now()
        case = self.case(case_id)
        case = reviewing.save(self.store, self.people[0], case_id, text, based_on=case.revision, now=now)
        for person in self.people if case.delicate else self.people[:1]:
            reviewing.approve(self.store, person, case_id, case.revision, now, overrule="one of many alike")
