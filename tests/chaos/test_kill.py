"""Kill -9 at random moments, again and again, while posts come in and replies are approved (`make chaos`).

AMENDS_CHAOS_ROUNDS sets how often, AMENDS_CHAOS_SEED repeats a run.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import httpx
import psutil
import pytest

from api import passwords
from monitor.domain.lifecycle import Action, CaseState, Role
from monitor.store import accounts, brands, cases, events, migrate, publications, users
from monitor.store.engine import Store
from monitor.store.events import EventRow
from responders.publishers import dryrun
from tests.api.running.instance import PASSWORD, Instance, wait_for

ROUNDS = int(os.environ.get("AMENDS_CHAOS_ROUNDS", "20"))
SEED = int(os.environ.get("AMENDS_CHAOS_SEED", str(random.randrange(10**6))))
FILES, POSTS = 10, 200  # one after the other, so that some import is nearly always under way
TARGETS = ("api", "assess", "work", "pool 1", "beat", "valkey", "parent", "import", "everything")

_WHATS = ("order", "parcel", "refund", "sofa", "invoice", "table", "voucher", "delivery")
_WOES = (
    "never arrived and nobody answers me. Terrible service!",
    "is broken again. This is the third time, I am so angry.",
    "was late, wrong and filthy. I want my money back.",
    "is lost and your hotline hung up on me. Unacceptable.",
    "works fine, thank you.",
)

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]


class Approver(Thread):
    """A person at the desk who approves whatever waits, and goes on when the page does not answer."""

    def __init__(self, instance: Instance, stop: Event) -> None:
        super().__init__(daemon=True)
        self.instance, self.stop, self.done = instance, stop, set[int]()
        self.surprises: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self.instance.url, timeout=20) as browser:
            signed_in = False
            while not self.stop.is_set():
                try:
                    signed_in = signed_in or self._sign_in(browser)
                    self._approve_what_waits(browser)
                except httpx.TransportError:
                    self.stop.wait(0.2)

    def _sign_in(self, browser: httpx.Client) -> bool:
        form = {"email": "ada@example.com", "password": PASSWORD}
        if browser.post("/sign-in", data=form).status_code == 303:
            self.instance.with_csrf(browser)
            return True
        return False

    def _approve_what_waits(self, browser: httpx.Client) -> None:
        found = browser.get("/api/v1/cases", params={"limit": 100})
        lines = found.json()["items"] if found.status_code == 200 else []
        for line in lines:
            if self.stop.is_set() or line["state"] != "in_review" or line["delicate"] or line["id"] in self.done:
                continue
            self._approve(browser, line["id"], line["revision"])
        self.stop.wait(0.3)

    def _approve(self, browser: httpx.Client, case: int, revision: int) -> None:
        words = (
            f"We are sorry, case {case} is our fault. {random.choice(_WHATS)} {random.getrandbits(64):x} is on its way."
        )
        path = f"/api/v1/cases/{case}"
        saved = browser.post(f"{path}/save", json={"text": words, "based_on": revision})
        if saved.status_code == 200:
            decision = {"revision": saved.json()["revision"], "overrule": "A drill."}
            saved = browser.post(f"{path}/approve", json=decision)
            if saved.status_code == 200:
                self.done.add(case)
        if saved.status_code not in {200, 409}:
            self.surprises.append(f"case {case}: {saved.status_code} {saved.text[:300]}")


class Importer(Thread):
    """Imports file after file, and repeats the command for each until it ended well."""

    def __init__(self, instance: Instance, files: Sequence[Path]) -> None:
        super().__init__(daemon=True)
        self.instance, self.files = instance, files
        self.process: subprocess.Popen[bytes] | None = None
        self.tries = 0

    def run(self) -> None:
        for file in self.files:
            while self._import(file) != 0 and self.tries < 100:
                pass
            time.sleep(1)

    def _import(self, file: Path) -> int:
        self.tries += 1
        words = ["import", str(file), "--brand", "vela", "--as-live", "--data", str(self.instance.data)]
        command = [sys.executable, "-P", "-m", "api.cli", *words]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=self.instance.environment)
        return self.process.wait()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(tmp_path / "data", faults="timeout=0.05,fail=0.05,slow=0.2")
    made.data.mkdir()
    store, now = Store(f"sqlite:///{made.data / 'amends.sqlite3'}"), datetime.now(UTC)
    migrate.upgrade(store)
    with store.unit_of_work() as work:
        brand = brands.create(work, "vela", "Vela", now, settings={"undo_s": 1}, is_demo=True)
        accounts.add(work, brand, "x", "vela", "dryrun", now)
        users.add(work, "ada@example.com", "Ada", passwords.hashed(PASSWORD), Role.LEAD, now)
    store.close()
    yield made
    made.close()


def _posts(folder: Path, chance: random.Random) -> list[Path]:
    now, files = datetime.now(UTC).isoformat(), []
    for which in range(FILES):
        files.append(folder / f"posts{which}.jsonl")
        with files[-1].open("w") as lines:
            for number in range(which * POSTS, (which + 1) * POSTS):
                text = f"My {chance.choice(_WHATS)} {number} {chance.choice(_WOES)}"
                post = {"id": f"p{number}", "platform": "x", "author": f"c{number}", "text": text, "created_at": now}
                lines.write(json.dumps(post) + "\n")
    return files


def _kill(instance: Instance, importer: Importer, target: str) -> None:
    """Kill -9 a part, or everything at once. What the parent does not start again is started here."""
    family = instance.family()
    victims = list(family.values()) if target == "everything" else [family[target]] if target in family else []
    if target in {"import", "everything"} and importer.process is not None and importer.process.poll() is None:
        victims.append(psutil.Process(importer.process.pid))
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    if target in {"parent", "everything"}:
        assert instance.process is not None
        instance.process.wait(10)
        wait_for(lambda: not [one for one in family.values() if _lives(one)], 10, "for the orphans to go")
        instance.start("--no-demo")


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _quiet(store: Store) -> bool:
    """Tell whether nothing moves by itself any more."""
    with store.reading() as work:
        sent = publications.count_by_state(work)
        waiting = events.backlog(work)[0] + len(cases.due_to_send(work, datetime.now(UTC)))
        moving = [row for row in _approved(store) if row in _IN_MOTION]
    return not waiting and not moving and not {"sending", "uncertain", "deferred"} & {k for k, n in sent.items() if n}


_IN_MOTION = frozenset({CaseState.APPROVED, CaseState.PUBLISHING, CaseState.UNCERTAIN})


def _events(store: Store) -> list[EventRow]:
    found: list[EventRow] = []
    with store.reading() as work:
        while more := events.after(work, found[-1].seq if found else 0, 1000):
            found += more
    return found


def _approved(store: Store) -> list[CaseState]:
    ids = {row.case_id for row in _events(store) if row.action == Action.APPROVE}
    with store.reading() as work:
        return [cases.get(work, one).state for one in ids if one is not None]


def _drill(instance: Instance, importer: Importer, approver: Approver, chance: random.Random) -> None:
    """Kill in every round, each time after some replies more were approved."""
    for number in range(ROUNDS):
        wanted = len(approver.done) + 2
        wait_for(lambda enough=wanted: len(approver.done) >= enough or approver.surprises, 120, "for approvals")
        time.sleep(chance.uniform(0, 3))
        target = TARGETS[number] if number < len(TARGETS) else chance.choice(TARGETS)
        _say(f"{number + 1:3}: kill -9 {target}   ({len(approver.done)} approved)")
        _kill(instance, importer, target)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def test_nothing_is_lost_and_nothing_is_sent_twice(instance: Instance, tmp_path: Path) -> None:
    _say(f"\nseed {SEED}, {ROUNDS} rounds")
    chance, stop = random.Random(SEED), Event()
    files = _posts(tmp_path, chance)
    instance.start("--no-demo")
    importer, approver = Importer(instance, files), Approver(instance, stop)
    importer.start()
    approver.start()
    _drill(instance, importer, approver, chance)
    importer.join(300)
    stop.set()
    approver.join(60)
    assert not approver.surprises

    store = Store(f"sqlite:///{instance.data / 'amends.sqlite3'}")
    ledger: dict[str, int] = {}

    def settled() -> bool:
        quiet = _quiet(store)
        ledger.update(json.loads(instance.run("ledger", "--json").stdout))
        return quiet and ledger["waiting"] == 0

    wait_for(settled, 600, "for quiet")
    assert ledger["mentions"] == FILES * POSTS
    assert ledger["balanced"]
    assert ledger["unaccounted"] == 0

    seqs = [row.seq for row in _events(store)]
    assert seqs == list(range(1, len(seqs) + 1))

    replies = Counter(post.in_reply_to for post in dryrun.posts(instance.data / dryrun.FILE))
    assert max(replies.values()) == 1, f"answered twice: {replies.most_common(3)}"

    ends = Counter(_approved(store))
    _say(
        f"approved cases ended { ({str(end): many for end, many in ends.items()}) }; {importer.tries} imports for {FILES} files; {ledger}"
    )
    hands = {CaseState.IN_REVIEW, CaseState.FAILED, CaseState.OPEN, CaseState.ESCALATED}
    assert ends.keys() <= {CaseState.REPLIED} | hands
    assert ends[CaseState.REPLIED] == sum(replies.values())
    assert ends.total() >= len(approver.done)
    store.close()
    assert instance.stop() == 0
