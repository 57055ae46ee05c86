"""A page about a source: what may be missing, and where to look."""

from monitor import watching
from monitor.domain.errors import Remedy
from monitor.domain.records import Flag
from monitor.store import alerts, watches
from monitor.store.engine import Store
from responders import alerting
from tests import builders
from tests.builders import House
from tests.responders.platform import Clock
from tests.responders.test_alerting import URL, VAULT, Pagers, add_routes, deliver


def with_watches(store: Store, clock: Clock, count: int = 1) -> tuple[House, list[int]]:
    house = builders.house(store, clock(), is_demo=False)
    add_routes(store, house, clock, "phone")
    with store.unit_of_work() as work:
        made = [watches.add(work, house.brand_id, "x", {"words": [f"kettle {n}"]}, clock()) for n in range(count)]
    return house, made


def fail(store: Store, clock: Clock, watch_ids: list[int], why: str, remedy: Remedy = Remedy.WAIT) -> None:
    with store.unit_of_work() as work:
        for one in watch_ids:
            watches.change(work, one, last_error=why, remedy=str(remedy), failing_since=clock())


def test_a_silent_source_pages_with_a_sentence_and_the_way_to_it(store: Store, clock: Clock) -> None:
    pagers, (_, made) = Pagers(), with_watches(store, clock)
    fail(store, clock, made, "api.x.com does not accept this sign-in any more (401).", Remedy.RECONNECT)
    watching.tell(store, clock.move(900))
    assert deliver(store, pagers, clock) == 1
    (page,) = pagers.got["phone"]
    assert page.title == "Amends may be missing posts - Vela"
    assert page.body == (
        'Nothing has come from the watch "kettle 0" on X yet. api.x.com does not accept this sign-in any more (401). '
        f"Sign in to the account again. {URL}/sources"
    )
    assert page.url == f"{URL}/sources"


def test_without_a_public_address_the_sentence_stands_alone(sqlite_store: Store, clock: Clock) -> None:
    pagers, (_, made) = Pagers(), with_watches(sqlite_store, clock)
    fail(sqlite_store, clock, made, "It is down.")
    watching.tell(sqlite_store, clock.move(900))
    alerting.deliver_due(sqlite_store, pagers, VAULT, "", clock())
    (page,) = pagers.got["phone"]
    assert page.url == ""
    assert page.body.endswith("what was missed is fetched then.")


def test_one_cap_that_stops_many_watches_is_said_once(sqlite_store: Store, clock: Clock) -> None:
    pagers, (_, made) = Pagers(), with_watches(sqlite_store, clock, 7)
    fail(sqlite_store, clock, made, "The cap of $5.00 a month is reached.", Remedy.RAISE_CAP)
    assert watching.tell(sqlite_store, clock()) == 7
    deliver(sqlite_store, pagers, clock)
    (page,) = pagers.got["phone"]
    assert page.body.count("The cap of $5.00") == 1
    assert "more in the last ten minutes" not in page.body


def test_a_customer_in_danger_comes_before_a_source(sqlite_store: Store, clock: Clock) -> None:
    pagers, (house, made) = Pagers(), with_watches(sqlite_store, clock)
    fail(sqlite_store, clock, made, "It is down.")
    watching.tell(sqlite_store, clock.move(900))
    case_id = builders.opened(sqlite_store, house, clock(), 1, flags=(Flag.SAFETY,), followers=30_000)
    deliver(sqlite_store, pagers, clock)
    (page,) = pagers.got["phone"]
    assert (page.title, page.url) == ("Urgent: safety - Vela", f"{URL}/cases/{case_id}")
    assert "It is down." in page.body


def test_many_silent_sources_in_ten_minutes_make_one_page_and_one_update(sqlite_store: Store, clock: Clock) -> None:
    pagers, (_, made) = Pagers(), with_watches(sqlite_store, clock, 3)
    fail(sqlite_store, clock, made[:1], "It is down.")
    clock.move(900)
    with sqlite_store.unit_of_work() as work:
        for one in made[1:]:
            watches.change(work, one, last_good_at=clock())
    assert watching.tell(sqlite_store, clock()) == 1
    deliver(sqlite_store, pagers, clock)
    with sqlite_store.unit_of_work() as work:
        for one in made[1:]:
            watches.add_gap(work, one, None, clock(), "The stream was cut.", clock())
    assert watching.tell(sqlite_store, clock.move(60)) == 2
    assert deliver(sqlite_store, pagers, clock) == 0
    clock.move(600)
    assert deliver(sqlite_store, pagers, clock) == 1
    assert pagers.titles[1] == "Amends may be missing posts: 2 more - Vela"


def test_a_new_episode_while_the_page_is_on_its_way_is_not_lost(sqlite_store: Store, clock: Clock) -> None:
    pagers, (house, (watch,)) = Pagers(), with_watches(sqlite_store, clock)

    def again() -> None:
        with sqlite_store.unit_of_work() as work:
            alerts.raise_on_watch(work, house.brand_id, watch, "It is down again.", clock())

    with sqlite_store.unit_of_work() as work:
        alerts.raise_on_watch(work, house.brand_id, watch, "It is down.", clock())
    deliver(sqlite_store, pagers, clock)
    again()
    clock.move(600)
    deliver(sqlite_store, pagers, clock)
    assert [one.body.split(" http")[0] for one in pagers.got["phone"]] == ["It is down.", "It is down again."]
