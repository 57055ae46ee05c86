"""A scripted day: posts on six platforms, faults every few minutes, an hour without network, and people who answer.

`python -m tests.platforms.day --posts 200000` lives it and prints what was seen; the test lives shorter ones.
"""

import argparse
import json
import math
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text as sql

from monitor import logs
from monitor.domain.lifecycle import CaseState
from monitor.domain.records import Kind, Verdict
from monitor.simulated.feed import SimulatedFeed
from monitor.simulated.server import Fault
from monitor.simulated.world import SimPost
from monitor.store import cases, ledger, publications, watches
from responders import reconciling, reviewing
from tests.making import verdict
from tests.platforms.town import ANSWERABLE, Town

SHARES = {"x": 0.3, "reddit": 0.25, "mastodon": 0.15, "bluesky": 0.2, "hackernews": 0.07, "feed": 0.03}
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
FAULTS = tuple(Fault)
TICK = 60.0  # seconds
LIMIT = timedelta(seconds=30)  # of one sending


class QuickJudge:
    """Finds the complaints by the one word that this day's customers use for it: the day is not about judging."""

    version = "day-1"

    def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: object = ()) -> list[Verdict]:
        """Judge."""
        return [verdict() if "broken" in text else verdict(kind=Kind.NONE) for text in texts]

    def why(self, text: str, layer: object = None) -> tuple[()]:
        """Explain nothing."""
        return ()


@dataclass
class Findings:
    """What the day came to. All but the counts of what happened must be empty."""

    written: int = 0
    stored: int = 0
    lost: list[str] = field(default_factory=list)
    in_gaps: int = 0
    never_seen: int = 0  # deleted before anybody could have read them
    doubled: list[str] = field(default_factory=list)
    to_deleted: list[str] = field(default_factory=list)
    not_settled: list[str] = field(default_factory=list)
    approved: int = 0
    replied: int = 0
    with_people: int = 0
    kept_words: list[str] = field(default_factory=list)  # deleted there, and still readable here
    faults: Counter[str] = field(default_factory=Counter)
    balanced: bool = False

    @property
    def clean(self) -> bool:
        """Tell whether every promise was kept."""
        wrong = self.lost or self.doubled or self.to_deleted or self.not_settled or self.kept_words
        return self.balanced and not wrong


class Day:
    """Lives a day, or a part of one, tick by tick."""

    def __init__(self, town: Town, posts: int, *, hours: float = 24.0, seed: int = 1) -> None:
        self.town, self.posts, self.hours = town, posts, hours
        self.rng = random.Random(seed)
        self.written: dict[str, list[SimPost]] = defaultdict(list)
        self.approved: dict[int, tuple[str, str]] = {}  # case -> (platform, what it answers)
        self.found = Findings()
        self._owed: dict[str, float] = defaultdict(float)
        self._bad_until: dict[str, float] = {}
        self._numbers = 0
        self._ends = town.clock() + hours * 3600
        town.judge = QuickJudge()
        feed = town.platforms.get("feed")
        if isinstance(feed, SimulatedFeed):
            feed.full = 100  # entries: what most feeds hold

    def live(self) -> Findings:
        """Live it, wait until everything has settled, and look at what came of it."""
        ticks = int(self.hours * 3600 / TICK)
        for tick in range(ticks):
            self._write(tick / ticks)
            self._disturb(tick, ticks)
            self._work(tick)
            self.town.clock.move(TICK)
        for platform in self.town.platforms.values():
            platform.faults.rates.clear()
        for tick in range(150):
            self._work(tick, approve=False)
            self.town.clock.move(TICK)
        return self._look()

    # --- what people write

    def _write(self, part: float) -> None:
        """Let customers write: quiet at night, busy at noon."""
        weight = (1 - 0.8 * math.cos(2 * math.pi * part)) * TICK / (self.hours * 3600)
        for name in self.town.platforms:
            share = SHARES[name] / sum(SHARES[one] for one in self.town.platforms)
            self._owed[name] += self.posts * share * weight
            while self._owed[name] >= 1:
                self._owed[name] -= 1
                self._one(name)
            self._second_thoughts(name)

    def _one(self, name: str) -> None:
        self._numbers += 1
        who = f"customer{self.rng.randrange(max(self.posts // 3, 10))}"
        unhappy = self.rng.random() < 0.02
        words = "My kettle is broken" if unhappy else "A kettle in blue"
        self.written[name].append(self.town.says(name, who, f"{words}, number {self._numbers}."))

    def _second_thoughts(self, name: str) -> None:
        """Let one in a while delete what was written in the last half hour: before its first look, an hour on."""
        recent = [post for post in self.written[name][-40:] if post.at > self.town.clock() - 1800]
        if recent and self.rng.random() < 0.2:
            post = self.rng.choice(recent)
            if post.there:
                self.town.platforms[name].world.delete(post.id)

    # --- what goes wrong

    def _disturb(self, tick: int, ticks: int) -> None:
        """Begin a spell of trouble every few minutes; once, one platform's network is away for an hour."""
        clock = self.town.clock()
        for name, until in list(self._bad_until.items()):
            if clock >= until:
                self.town.platforms[name].faults.rates.clear()
                del self._bad_until[name]
        if tick == ticks // 2:
            self._trouble(
                "mastodon" if "mastodon" in self.town.platforms else next(iter(self.town.platforms)),
                3600,
                {Fault.CUT: 1.0},
            )
        elif tick % 4 == 0:
            name = self.rng.choice(sorted(self.town.platforms))
            fault = self.rng.choice(FAULTS)
            if name not in self._bad_until:
                self._trouble(name, self.rng.uniform(60, 240), {fault: self.rng.choice((0.3, 0.6, 1.0))})

    def _trouble(self, name: str, seconds: float, rates: dict[Fault, float]) -> None:
        platform = self.town.platforms[name]
        platform.slow_s = 0.05
        platform.faults.rates.clear()
        platform.faults.rates.update(rates)
        self._bad_until[name] = self.town.clock() + seconds
        self.found.faults.update(f"{name} {one}" for one in rates)

    # --- what we do

    def _work(self, tick: int, *, approve: bool = True) -> None:
        town = self.town
        town.pull()
        if tick % 10 == 0:
            town.judge_all()
        if approve and tick % 10 == 0:
            self._approve()
        with town.store.reading() as work:
            due = cases.due_to_send(work, town.clock.now())
        for case_id in due:
            if self.rng.random() < 0.05:
                self._deleted_at_the_last_moment(case_id)
            town.publish(case_id)
        reconciling.reconcile(
            town.store, town.publisher, town.clock.now(), time_limit=LIMIT, log_in=town.account_login, renew=town.renew
        )
        if tick % 2 == 0:
            town.recheck()

    def _approve(self) -> None:
        """Let people answer a few of those who wait."""
        town, now = self.town, self.town.clock.now()
        with town.store.reading() as work:
            waiting = [one for one in cases.desk(work, "complaints") if one.state == CaseState.IN_REVIEW]
        for row in waiting[:5]:
            case = town.case(row.id)
            platform, external_id = town.answers(case.id)
            if platform not in ANSWERABLE or case.by_hand:
                reviewing.dismiss(town.store, town.people[0], case.id, "answered elsewhere today", now)
                continue
            town.approve(
                case.id, f"That is our fault and we are sorry, {case.id}. We look into it now. {self.rng.random()}"
            )
            self.approved[case.id] = (platform, external_id)
            self.found.approved += 1

    def _deleted_at_the_last_moment(self, case_id: int) -> None:
        name, external_id = self.town.answers(case_id)
        for post in self.written[name]:
            if post.there and self.town.known_as(name, post) == external_id:
                self.town.platforms[name].world.delete(post.id)
                return

    # --- what came of it

    def _look(self) -> Findings:
        found, store = self.found, self.town.store
        with store.reading() as work:
            rows = work.execute(sql("SELECT platform, external_id, text FROM mention")).all()
            gaps = {one.id: one for one in watches.gaps(work, closed=True, limit=10_000)}
            of_watch = {one.id: one.source for one in watches.listed(work)}
            found.balanced = ledger.take_stock(work).balanced
        stored = {(row[0], row[1]): row[2] for row in rows}
        found.stored = len(rows)
        windows = [(of_watch[one.watch_id], one.since, one.until) for one in gaps.values()]
        for name, posts in self.written.items():
            for post in posts:
                self._account_for(name, post, stored, windows)
        self._replies()
        return found

    def _account_for(self, name: str, post: SimPost, stored: dict[Any, Any], windows: list[Any]) -> None:
        found = self.found
        found.written += 1
        key = (name, self.town.known_as(name, post))
        if key in stored:
            if (
                not post.there
                and stored[key] is not None
                and post.deleted_at < self.town.clock() - 7200
                and self.town.source(name).at_most
            ):
                found.kept_words.append(f"{key}")
            return
        at = datetime.fromtimestamp(post.at, UTC)
        if any(
            source == name and (since is None or since <= at) and (until is None or at <= until)
            for source, since, until in windows
        ):
            found.in_gaps += 1
        elif not post.there:
            found.never_seen += 1
        else:
            found.lost.append(f"{key} written {at:%H:%M:%S}")

    def _replies(self) -> None:
        found, town = self.found, self.town
        for name in set(ANSWERABLE) & set(town.platforms):
            counts = Counter(town.replies(name))
            found.doubled += [f"{name} {one}" for one, times in counts.items() if times > 1]
            self._late(name)
        for case_id, (name, external_id) in self.approved.items():
            case = town.case(case_id)
            there = any(one == external_id for one, _ in town.replies(name))
            with town.store.reading() as work:
                sent = bool(publications.standing(work, case_id))
            if sent and not there:
                found.not_settled.append(f"case {case_id}: said to be sent, and not on {name}")
            if there and not sent:
                found.not_settled.append(f"case {case_id}: on {name}, and not known to be sent ({case.state})")
            if case.state in {CaseState.APPROVED, CaseState.PUBLISHING, CaseState.UNCERTAIN}:
                found.not_settled.append(f"case {case_id} is still {case.state}")
            found.replied += sent
            found.with_people += not sent

    def _late(self, name: str) -> None:
        for post in self.town.platforms[name].world.by(self.town.own_handle(name)):
            asked = post.reply_to
            if asked is not None and not asked.there and asked.deleted_at < post.at:
                self.found.to_deleted.append(f"{name} {asked.id}")


def main() -> None:
    """Live a day and print what came of it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--posts", type=int, default=200_000)
    asked.add_argument("--hours", type=float, default=24.0)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database", default="", help="empty: SQLite in a new folder")
    given = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="amends-day-"))
    url = given.database or f"sqlite:///{folder / 'amends.sqlite3'}"
    logs.configure("json", "ERROR")
    began = time.perf_counter()
    with Town(url, folder, START) as town:
        found = Day(town.settle_in(every_s=240), given.posts, hours=given.hours, seed=given.seed).live()
    seconds = round(time.perf_counter() - began)
    sys.stdout.write(json.dumps({**vars(found), "seconds": seconds}, indent=1, default=str) + "\n")
    raise SystemExit(0 if found.clean else 1)


if __name__ == "__main__":
    main()
