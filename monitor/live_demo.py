"""The live demo: Vela on simulated platforms, with customers who post while it runs, answer us, and delete.

Amends meets these platforms as it meets the real ones, by their interfaces: what is approved at the desk stands on them.
"""

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any, Final, Protocol, Self, cast

from monitor import simulated
from monitor.domain.errors import Conflict
from monitor.domain.records import Login
from monitor.logins import lock
from monitor.simulated.bluesky import SimulatedBluesky
from monitor.simulated.feed import SimulatedFeed
from monitor.simulated.world import SimPost, World
from monitor.store import accounts, brands, watches
from monitor.store.engine import Store, Work
from monitor.vault import Vault

SLUG, NAME = "demo-live", "Vela live"
HANDLE: Final = "vela"
GUEST: Final = "vela_care"  # who is signed in where a page of consent is shown, for people who try it
APP_PASSWORD: Final = "demo-password"  # noqa: S105  of a platform that only this machine sees
EVERY_S: Final = 3  # between two pulls
PAUSE_S: Final = 6.0  # between two customers, at speed 1
_DELETES_EVERY: Final = 12  # customers
_BACKGROUND: Final = 8  # posts that are there when it opens
_NUMBERED: Final = frozenset({"reddit", "hackernews", "feed"})  # their ids know no time
_VOICE: Final = {"brand": "Vela", "signature": "Mara, Vela care", "contact": "DM"}
_WATCHES: Final[Mapping[str, Sequence[Mapping[str, object]]]] = {
    "x": ({"kind": "mentions"}, {"kind": "search", "words": ["vela"]}),
    "reddit": ({"kind": "search", "words": ["vela"]}, {"kind": "inbox"}),
    "mastodon": ({"kind": "mentions"}, {"kind": "search", "words": ["vela"]}),
    "bluesky": ({"kind": "mentions"}, {"kind": "search", "words": ["vela"]}),
    "hackernews": ({"kind": "search", "words": ["vela"]},),
    "feed": ({"kind": "feed"},),
}
_LATER: Final = (
    "Thank you, that is kind. I will wait for it.",
    "That was quick. Thanks.",
    "I did that, and it still does not work. What now?",
    "Nobody has called me yet. Is anybody reading this?",
)

Clock = Callable[[], float]


class Stage(Protocol):
    """What every simulated platform can do for the demo."""

    world: World

    @property
    def url(self) -> str:
        """Return its address."""
        ...

    def start(self) -> Self:
        """Begin to serve."""
        ...

    def stop(self) -> None:
        """Stop serving."""
        ...

    def connect(self, handle: str) -> Login:
        """Return an account that is ready to use."""
        ...

    def customer(self, handle: str, text: str, *, to: str = "", **kind: Any) -> SimPost:
        """Let somebody post."""
        ...


@dataclass
class _Scene:
    """One platform: what is still to be posted there, and which of our replies were met."""

    name: str
    stage: Stage
    login: Login
    lines: Iterator[Mapping[str, Any]]
    met: set[str] = field(default_factory=set)


class LiveDemo:
    """Simulated platforms with people on them. Open it, let `act` be called now and then, close it."""

    def __init__(
        self, store: Store, vault: Vault, names: Sequence[str], *, port: int = 0, clock: Clock = time.time
    ) -> None:
        """Start the servers; `port` is the first one's, and the next ones follow. 0: any free ports."""
        self._store, self._vault, self._random, self._clock = store, vault, random.Random(0), clock
        self.scenes = [self._scene(name, port + place if port else 0) for place, name in enumerate(names)]
        self._acts = 0

    def _scene(self, name: str, port: int) -> _Scene:
        stage = cast("Stage", simulated.load(name)(port=port, clock=self._clock).start())
        if name in _NUMBERED:
            stage.world.count_from(int(self._clock() * 10) - 17_000_000_000)
        for slow in ("delay_s", "index_lag"):  # nobody who tries something out waits for an index
            if hasattr(stage, slow):
                setattr(stage, slow, 0.0)
        stage.world.user(GUEST)
        if isinstance(stage, SimulatedBluesky):
            stage.account("try", APP_PASSWORD)
        return _Scene(name, stage, stage.connect(HANDLE), self._lines(name))

    def _lines(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield what customers say, what they say on this platform first."""
        text = (files("monitor.sources.demo") / "posts.jsonl").read_text(encoding="utf-8")
        every = [json.loads(line) for line in text.splitlines()]
        while True:
            self._random.shuffle(every)
            yield from sorted(every, key=lambda one: one["platform"] != name)

    # --- in the database

    def open(self, now: datetime) -> None:
        """Give the demo brand an account and watches on each platform. Raises `Conflict` where its name is taken."""
        with self._store.unit_of_work() as work:
            brand_id = _brand(work, now)
            _clear(work, brand_id, now)
            for scene in self.scenes:
                self._settle(work, brand_id, scene, now)
        for scene in self.scenes:
            for _ in range(_BACKGROUND):
                self._post(scene)

    def _settle(self, work: Work, brand_id: int, scene: _Scene, now: datetime) -> None:
        login = scene.login
        values: dict[str, Any] = {
            "publisher": scene.name if login.secret else "",
            "secret": lock(login, self._vault) if login.secret else None,
            "host": login.host,
            "external_id": login.external_id,
            "options": dict(login.options),
            "active": True,
            "error": "",
            "standing": {},
            "checked_at": None,
        }
        name = login.handle if login.secret else ""  # nobody speaks where there is no account to speak with
        row = accounts.called(work, brand_id, scene.name, name)
        account_id = row.id if row else accounts.add(work, brand_id, scene.name, name, now=now, **values)
        accounts.change(work, account_id, **values)
        for query in _WATCHES[scene.name]:
            feed: dict[str, object] = (
                {"places": [scene.stage.address()]} if isinstance(scene.stage, SimulatedFeed) else {}
            )
            watches.add(work, brand_id, scene.name, {**query, **feed}, now, every_s=EVERY_S, account_id=account_id)

    def close(self, now: datetime) -> None:
        """End the watches, let the accounts go and stop the servers. What was said and answered stays to be looked at."""
        with self._store.unit_of_work() as work:
            _clear(work, brands.by_slug(work, SLUG).id, now)
        for scene in self.scenes:
            scene.stage.stop()

    # --- on the platforms

    def act(self) -> str:
        """Let somebody do something, and say what: answer one of our replies, delete a post, or write a new one."""
        self._acts += 1
        for scene in self.scenes:
            ours = self._unmet(scene)
            if ours is not None:
                return self._follow_up(scene, ours)
        scene = self._random.choice(self.scenes)
        if self._acts % _DELETES_EVERY == 0:
            return self._delete(scene)
        return self._post(scene)

    def _post(self, scene: _Scene) -> str:
        line = next(scene.lines)
        text = str(line["text"])
        who = _handle(str(line["author"]))
        post = scene.stage.customer(who, text, to="" if "vela" in text.lower() else HANDLE)
        lang = line.get("lang", "")  # what a platform would know of it; nothing where nobody said
        post.extra.update(lang=lang or "und", language=lang or None, langs=[lang] if lang else [])
        if line.get("followers") is not None:
            post.author.followers = int(line["followers"])
        return f"{scene.name}: {who} writes"

    def _unmet(self, scene: _Scene) -> SimPost | None:
        """Return a reply of ours that its customer has not met yet."""
        names = {scene.login.handle, scene.login.handle.partition("@")[0]}
        standing = [one for name in names for one in scene.stage.world.by(name)]
        return next((one for one in standing if one.reply_to is not None and one.id not in scene.met), None)

    def _follow_up(self, scene: _Scene, ours: SimPost) -> str:
        scene.met.add(ours.id)
        if ours.reply_to is None or len(scene.met) % 3 == 0:
            return f"{scene.name}: a customer reads our reply and is silent"
        customer, words = ours.reply_to.author.handle, self._random.choice(_LATER)
        if scene.name == "reddit":  # an answer there names nobody
            scene.stage.world.post(customer, words, reply_to=ours)
        else:
            scene.stage.customer(customer, words, to=HANDLE, reply_to=ours)
        return f"{scene.name}: {customer} answers our reply"

    def _delete(self, scene: _Scene) -> str:
        answered = {one.reply_to.id for one in scene.stage.world.newest_first() if one.reply_to is not None}
        free = [one for one in scene.stage.world.oldest_first() if one.id not in answered and not one.reply_to]
        if not free:
            return self._post(scene)
        gone = scene.stage.world.delete(free[0].id)
        return f"{scene.name}: {gone.author.handle} deletes what they wrote"


def _handle(author: str) -> str:
    """Return a name that every platform takes."""
    plain = re.sub(r"[^a-z0-9]+", "_", author.lower().lstrip("@").partition("@")[0]).strip("_")
    return plain or f"buyer_{sum(map(ord, author)) % 1000}"


def _brand(work: Work, now: datetime) -> int:
    found = next((one for one in brands.all_brands(work) if one.slug == SLUG), None)
    if found is None:
        return brands.create(work, SLUG, NAME, now, voice=_VOICE, settings={"undo_s": 10}, is_demo=True)
    if not found.is_demo:
        message = f"A brand of yours is called {SLUG}: nothing was changed. The demo needs that short name for itself."
        raise Conflict(message)
    return found.id


def _clear(work: Work, brand_id: int, now: datetime) -> None:
    """End what an earlier run left."""
    for one in watches.listed(work, brand_id):
        watches.remove(work, one.id, now)
    for row in accounts.of_brand(work, brand_id):
        accounts.let_go(work, row.id)
