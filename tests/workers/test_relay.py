from datetime import datetime, timedelta
from threading import Event, Thread

from monitor import intake
from monitor.domain.lifecycle import Action, Actor
from monitor.domain.records import Author, Post
from monitor.store import brands, events
from monitor.store.engine import Store
from workers.relay import LEASE_FOR, Relay


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Broker:
    """Remembers what was sent; can be down."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.down = False

    def send(self, task: str) -> None:
        if self.down:
            message = "no broker"
            raise ConnectionError(message)
        self.sent.append(task)


def _brand(store: Store, now: datetime) -> int:
    with store.unit_of_work() as work:
        return brands.create(work, "acme", "Acme", now)


def _post(number: int, now: datetime) -> Post:
    return Post("x", f"p{number}", "The parcel came broken.", Author("ann", "ann"), written_at=now)


def _event(store: Store, brand: int, now: datetime, kind: str, action: str | None = None) -> None:
    moved = (action, "open", "open") if action else None
    with store.unit_of_work() as work:
        events.record(work, kind, brand, Actor.worker("test"), now, moved=moved)


def _seqs(store: Store) -> list[int]:
    with store.reading() as work:
        return [row.seq for row in events.after(work, 0)]


def test_new_posts_wake_the_judge_once_however_many_came(store: Store, now: datetime) -> None:
    brand, broker = _brand(store, now), Broker()
    for number in range(3):
        intake.add_posts(store, brand, [_post(number, now)], now)
    relay = Relay(store, broker.send, Clock(now), "me")
    assert relay.tick() == 3
    assert broker.sent == ["assess"]
    assert _seqs(store) == [1, 2, 3]
    assert relay.tick() == 0
    assert broker.sent == ["assess"]


def test_each_event_wakes_whom_it_concerns(sqlite_store: Store, now: datetime) -> None:
    brand = _brand(sqlite_store, now)
    expected = {
        Action.OPEN: ["draft"],
        Action.REJECT: ["draft"],
        Action.OWNER_ANSWER: ["draft"],
        Action.TAKE_BACK: ["draft"],
        Action.NEW_MENTION: ["draft"],
        Action.APPROVE: [],  # sent when the undo window has passed, by the schedule
        Action.DISMISS: [],
    }
    for action, tasks in expected.items():
        broker = Broker()
        _event(sqlite_store, brand, now, "case", action)
        Relay(sqlite_store, broker.send, Clock(now), "me").tick()
        assert broker.sent == tasks, action
    for kind, task in {"alert": "deliver_alerts", "layer": "learn"}.items():
        broker = Broker()
        _event(sqlite_store, brand, now, kind)
        Relay(sqlite_store, broker.send, Clock(now), "me").tick()
        assert broker.sent == [task]


def test_only_one_relay_stamps_and_another_takes_over_when_it_falls_silent(store: Store, now: datetime) -> None:
    brand, clock, first, second = _brand(store, now), Clock(now), Broker(), Broker()
    one, two = Relay(store, first.send, clock, "one"), Relay(store, second.send, clock, "two")
    _event(store, brand, now, "mentions")
    one.tick()
    _event(store, brand, now, "mentions")
    assert two.tick() == 0
    clock.at = now + LEASE_FOR + timedelta(seconds=1)
    assert two.tick() == 1
    assert (first.sent, second.sent) == (["assess"], ["assess"])
    assert _seqs(store) == [1, 2]


def test_a_relay_that_leaves_makes_room_at_once(sqlite_store: Store, now: datetime) -> None:
    brand, clock = _brand(sqlite_store, now), Clock(now)
    one, two = (Relay(sqlite_store, Broker().send, clock, name) for name in ("one", "two"))
    one.tick()
    one.leave()
    _event(sqlite_store, brand, now, "mentions")
    assert two.tick() == 1


def test_an_idle_relay_keeps_its_lease(sqlite_store: Store, now: datetime) -> None:
    brand, clock = _brand(sqlite_store, now), Clock(now)
    one, two = (Relay(sqlite_store, Broker().send, clock, name) for name in ("one", "two"))
    for _ in range(10):
        clock.at += LEASE_FOR / 2
        one.tick()
    _event(sqlite_store, brand, now, "mentions")
    assert two.tick() == 0


def test_a_broker_that_is_down_delays_nudges_but_loses_no_number(sqlite_store: Store, now: datetime) -> None:
    brand, broker = _brand(sqlite_store, now), Broker()
    broker.down = True
    relay, stop = Relay(sqlite_store, broker.send, Clock(now), "me"), Event()
    _event(sqlite_store, brand, now, "mentions")
    loop = Thread(target=relay.run, args=(stop,))
    loop.start()
    while _seqs(sqlite_store) != [1]:
        Event().wait(0.05)
    broker.down = False
    _event(sqlite_store, brand, now, "mentions")
    while broker.sent != ["assess"]:
        Event().wait(0.05)
    stop.set()
    loop.join(10)
    assert not loop.is_alive()
    assert _seqs(sqlite_store) == [1, 2]


def test_many_writers_at_once_leave_no_gap_and_no_double(store: Store, now: datetime) -> None:
    brand, clock = _brand(store, now), Clock(now)
    stop, broker = Event(), Broker()
    relays = [Relay(store, broker.send, clock, "same") for _ in range(2)]
    loops = [Thread(target=relay.run, args=(stop,)) for relay in relays]
    writers = [Thread(target=lambda: [_event(store, brand, now, "mentions") for _ in range(20)]) for _ in range(3)]
    for thread in (*loops, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    while len(_seqs(store)) < 60:
        Event().wait(0.05)
    stop.set()
    for thread in loops:
        thread.join(10)
    assert _seqs(store) == list(range(1, 61))
