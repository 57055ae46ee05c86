import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from monitor.domain.records import Flag, Severity
from monitor.store import alerts
from monitor.store.alerts import AlertRow
from monitor.store.engine import Store
from monitor.vault import Vault
from responders import alerting
from responders.notifiers.apprise_notifier import AppriseNotifier
from responders.ports import Alert, Notifier, NotifyFailed
from tests import builders
from tests.builders import House
from tests.responders.platform import Clock
from tests.responders.servers import Inbox, webhook

URL = "https://amends.example"
VAULT = Vault(b"a key")
NO_SIGNAL = "no signal"


class Pagers:
    """Keeps what each route is sent. `broken` routes fail until they are mended; `dead` ones always will."""

    def __init__(self) -> None:
        self.got: dict[str, list[Alert]] = {}
        self.broken: set[str] = set()
        self.dead: set[str] = set()
        self.meanwhile: Callable[[], None] = lambda: None

    def notify(self, alert: Alert, routes: Sequence[str]) -> None:
        self.meanwhile()
        for url in routes:
            if url in self.broken | self.dead:
                raise NotifyFailed(NO_SIGNAL, permanent=url in self.dead)
            self.got.setdefault(url, []).append(alert)

    @property
    def titles(self) -> list[str]:
        return [alert.title for got in self.got.values() for alert in got]


@pytest.fixture
def pagers() -> Pagers:
    return Pagers()


def with_routes(store: Store, clock: Clock, *urls: str) -> House:
    house = builders.house(store, clock())
    add_routes(store, house, clock, *urls)
    return house


def add_routes(store: Store, house: House, clock: Clock, *urls: str) -> None:
    with store.unit_of_work() as work:
        for url in urls:
            alerts.add_route(work, house.brand_id, f"to {url}", VAULT.lock(url), clock())


def urgent(store: Store, house: House, clock: Clock, number: int, flag: Flag = Flag.SAFETY) -> int:
    return builders.opened(store, house, clock(), number, flags=(flag,), followers=40_000)


def deliver(store: Store, notifier: Notifier, clock: Clock) -> int:
    return alerting.deliver_due(store, notifier, VAULT, URL, clock())


def alert_of(store: Store, case_id: int) -> AlertRow:
    with store.reading() as work:
        row = alerts.of_case(work, case_id)
    assert row is not None
    return row


def test_an_urgent_case_pages_once_with_the_reason_the_audience_and_the_link(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock, "phone")
    case_id = urgent(sqlite_store, house, clock, 1)
    assert alert_of(sqlite_store, case_id).state == "pending"
    assert deliver(sqlite_store, pagers, clock) == 1
    (page,) = pagers.got["phone"]
    assert page.title == "Urgent: safety - Vela"
    assert page.body == f"safety, ~6,000 people: {URL}/cases/{case_id}"
    assert (page.url, page.urgent) == (f"{URL}/cases/{case_id}", True)
    shown = alert_of(sqlite_store, case_id)
    assert (shown.state, shown.sent_at, shown.error) == ("sent", clock(), "")
    clock.move(86_400)
    assert deliver(sqlite_store, pagers, clock) == 0
    assert len(pagers.titles) == 1


def test_the_gravest_complaint_pages_without_any_flag_and_a_mild_one_does_not(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock, "phone")
    builders.opened(sqlite_store, house, clock(), 1, severity=Severity.ACCUSATION)
    assert deliver(sqlite_store, pagers, clock) == 0
    builders.opened(sqlite_store, house, clock(), 2, severity=Severity.BLAME)
    assert deliver(sqlite_store, pagers, clock) == 1


def test_a_page_never_carries_the_words_of_the_post(sqlite_store: Store, clock: Clock, pagers: Pagers) -> None:
    house = with_routes(sqlite_store, clock, "phone")
    urgent(sqlite_store, house, clock, 1)
    deliver(sqlite_store, pagers, clock)
    (page,) = pagers.got["phone"]
    assert "kettle" not in page.title + page.body
    assert "author_1" not in page.title + page.body


def test_without_a_public_address_a_page_names_the_case(sqlite_store: Store, clock: Clock, pagers: Pagers) -> None:
    house = with_routes(sqlite_store, clock, "phone")
    case_id = urgent(sqlite_store, house, clock, 1)
    alerting.deliver_due(sqlite_store, pagers, VAULT, "", clock())
    (page,) = pagers.got["phone"]
    assert (page.body, page.url) == (f"safety, ~6,000 people: case {case_id}", "")


def test_a_page_that_does_not_get_through_is_tried_until_it_does_with_growing_waits(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock, "phone")
    case_id = urgent(sqlite_store, house, clock, 1)
    pagers.broken = {"phone"}
    assert deliver(sqlite_store, pagers, clock) == 0
    shown = alert_of(sqlite_store, case_id)
    assert (shown.state, shown.error) == ("pending", "to phone: no signal")
    tries = 0

    def count() -> None:
        nonlocal tries
        tries += 1

    pagers.meanwhile = count
    for number, wait in enumerate((5, 10, 20), start=1):
        clock.move(wait - 1)
        deliver(sqlite_store, pagers, clock)
        assert tries == number - 1
        clock.move(1)
        deliver(sqlite_store, pagers, clock)
        assert tries == number
    pagers.broken = set()
    clock.move(40)
    assert deliver(sqlite_store, pagers, clock) == 1
    assert alert_of(sqlite_store, case_id).state == "sent"
    assert len(pagers.titles) == 1


def test_the_waits_double_from_five_seconds_to_ten_minutes() -> None:
    waits = [alerting.wait(attempt).total_seconds() for attempt in range(1, 10)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert alerting.wait(10_000) == timedelta(minutes=10)


def test_a_route_that_works_is_not_paged_again_while_another_is_down(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock, "phone", "mail")
    case_id = urgent(sqlite_store, house, clock, 1)
    pagers.broken = {"mail"}
    for _ in range(3):
        deliver(sqlite_store, pagers, clock)
        clock.move(60)
    assert alert_of(sqlite_store, case_id).state == "pending"
    pagers.broken = set()
    assert deliver(sqlite_store, pagers, clock) == 1
    assert [len(pagers.got[url]) for url in ("phone", "mail")] == [1, 1]


def test_a_route_that_can_never_work_is_shown_and_does_not_hold_up_the_page(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock, "phone", "pigeon")
    case_id = urgent(sqlite_store, house, clock, 1)
    pagers.dead = {"pigeon"}
    assert deliver(sqlite_store, pagers, clock) == 1
    shown = alert_of(sqlite_store, case_id)
    assert (shown.state, shown.error) == ("sent", "to pigeon: no signal")


def test_when_no_route_can_ever_work_the_page_has_failed_and_is_left(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock, "pigeon")
    case_id = urgent(sqlite_store, house, clock, 1)
    pagers.dead = {"pigeon"}
    assert deliver(sqlite_store, pagers, clock) == 0
    pagers.dead = set()
    clock.move(86_400)
    assert deliver(sqlite_store, pagers, clock) == 0
    shown = alert_of(sqlite_store, case_id)
    assert (shown.state, shown.error) == ("failed", "to pigeon: no signal")


def test_a_brand_without_a_route_sees_on_the_case_that_nobody_was_told(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock)
    first, second = urgent(sqlite_store, house, clock, 1), 0
    assert deliver(sqlite_store, pagers, clock) == 0
    shown = alert_of(sqlite_store, first)
    assert (shown.state, shown.error) == ("failed", alerting.NO_ROUTE)
    clock.move(60)
    second = urgent(sqlite_store, house, clock, 2)
    add_routes(sqlite_store, house, clock, "phone")
    clock.move(600)
    assert deliver(sqlite_store, pagers, clock) == 1
    (page,) = pagers.got["phone"]
    assert f"/cases/{first}" in page.body
    assert f"/cases/{second}" in page.body
    assert [alert_of(sqlite_store, one).state for one in (first, second)] == ["sent", "sent"]


def test_a_key_that_does_not_fit_is_said_and_tried_again(sqlite_store: Store, clock: Clock, pagers: Pagers) -> None:
    house = with_routes(sqlite_store, clock, "phone")
    case_id = urgent(sqlite_store, house, clock, 1)
    alerting.deliver_due(sqlite_store, pagers, Vault(b"another key"), URL, clock())
    assert "restore secret.key" in alert_of(sqlite_store, case_id).error
    clock.move(5)
    assert deliver(sqlite_store, pagers, clock) == 1


def test_a_removed_route_is_not_paged(sqlite_store: Store, clock: Clock, pagers: Pagers) -> None:
    house = with_routes(sqlite_store, clock, "phone", "mail")
    urgent(sqlite_store, house, clock, 1)
    deliver(sqlite_store, pagers, clock)
    with sqlite_store.unit_of_work() as work:
        mail = alerts.routes(work, house.brand_id)[1]
        assert alerts.remove_route(work, mail.id)
        assert not alerts.remove_route(work, mail.id)
    clock.move(700)
    urgent(sqlite_store, house, clock, 2)
    deliver(sqlite_store, pagers, clock)
    assert [len(pagers.got[url]) for url in ("phone", "mail")] == [2, 1]


# --- many at once -------------------------------------------------------------------------------------------------------


def test_in_ten_minutes_a_brand_is_paged_once_and_the_rest_is_counted(
    store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(store, clock, "phone")
    urgent(store, house, clock, 0)
    deliver(store, pagers, clock)
    later = []
    for number in range(1, 8):
        clock.move(60)
        later.append(urgent(store, house, clock, number, Flag.MONEY))
        deliver(store, pagers, clock)
    assert pagers.titles == ["Urgent: safety - Vela"]
    assert alert_of(store, later[0]).state == "pending"
    clock.move(179)
    assert deliver(store, pagers, clock) == 0
    clock.move(1)
    assert deliver(store, pagers, clock) == 1
    update = pagers.got["phone"][1]
    assert update.title == "Urgent: 7 more - Vela"
    assert update.body.splitlines()[0] == f"money taken, ~6,000 people: {URL}/cases/{later[0]}"
    assert update.body.splitlines()[-1] == "and 2 more in the last ten minutes"
    shown = alert_of(store, later[0])
    assert (shown.state, shown.sent_at) == ("sent", clock())
    clock.move(3600)
    assert deliver(store, pagers, clock) == 0


def test_what_joins_while_nothing_gets_through_is_told_by_the_first_page_that_does(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock, "phone")
    pagers.broken = {"phone"}
    ids = []
    for number in range(3):
        ids.append(urgent(sqlite_store, house, clock, number))
        deliver(sqlite_store, pagers, clock)
        clock.move(500)
    pagers.broken = set()
    assert deliver(sqlite_store, pagers, clock) == 1
    (page,) = pagers.got["phone"]
    assert [f"/cases/{case_id}" in page.body for case_id in ids] == [True] * 3
    clock.move(60)
    urgent(sqlite_store, house, clock, 9)  # the ten minutes run from the page that arrived
    assert deliver(sqlite_store, pagers, clock) == 0
    clock.move(540)
    assert deliver(sqlite_store, pagers, clock) == 1


@pytest.mark.parametrize("arrived_before", [0, 1])
def test_what_joins_while_a_page_is_on_its_way_is_told_later_and_not_lost(
    store: Store, clock: Clock, pagers: Pagers, arrived_before: int
) -> None:
    house = with_routes(store, clock, "phone")
    urgent(store, house, clock, 1)
    if arrived_before:  # then it is the update that is on its way
        deliver(store, pagers, clock)
        urgent(store, house, clock, 2)
        clock.move(600)
    joined: list[int] = []

    def one_more() -> None:
        if not joined:
            clock.move(-1 if arrived_before else 0)  # a worker whose clock is a second behind
            joined.append(urgent(store, house, clock, 3))
            clock.move(1 if arrived_before else 0)

    pagers.meanwhile = one_more
    for _ in range(3):
        deliver(store, pagers, clock)
        clock.move(600)
    told = [alert for alert in pagers.got["phone"] if f"/cases/{joined[0]}" in alert.body]
    assert len(told) == 1
    assert alert_of(store, joined[0]).state == "sent"


def test_brands_do_not_share_a_page(sqlite_store: Store, clock: Clock, pagers: Pagers) -> None:
    vela = with_routes(sqlite_store, clock, "phone")
    orca = builders.house(sqlite_store, clock(), slug="orca")
    add_routes(sqlite_store, orca, clock, "radio")
    urgent(sqlite_store, vela, clock, 1)
    urgent(sqlite_store, orca, clock, 2)
    assert deliver(sqlite_store, pagers, clock) == 2
    assert {url: len(got) for url, got in pagers.got.items()} == {"phone": 1, "radio": 1}


def test_two_workers_at_once_page_once(store: Store, clock: Clock, pagers: Pagers) -> None:
    house = with_routes(store, clock, "phone", "mail")
    urgent(store, house, clock, 1)
    start = Barrier(3)

    def work() -> None:
        start.wait()
        deliver(store, pagers, clock)

    workers = [Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert [len(pagers.got[url]) for url in ("phone", "mail")] == [1, 1]


def test_a_worker_that_dies_between_two_routes_does_not_page_the_first_again(
    sqlite_store: Store, clock: Clock, pagers: Pagers
) -> None:
    house = with_routes(sqlite_store, clock, "phone", "mail")
    case_id = urgent(sqlite_store, house, clock, 1)

    def die_at_the_second() -> None:
        if pagers.got:
            raise KeyboardInterrupt

    pagers.meanwhile = die_at_the_second
    with pytest.raises(KeyboardInterrupt):
        deliver(sqlite_store, pagers, clock)
    pagers.meanwhile = lambda: None
    clock.move(121)
    assert deliver(sqlite_store, pagers, clock) == 1
    assert [len(pagers.got[url]) for url in ("phone", "mail")] == [1, 1]
    assert alert_of(sqlite_store, case_id).state == "sent"


# --- the whole way ------------------------------------------------------------------------------------------------------


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with webhook() as inbox:
        yield inbox


def test_a_webhook_that_fails_first_is_told_once_in_the_end(sqlite_store: Store, clock: Clock, inbox: Inbox) -> None:
    house = with_routes(sqlite_store, clock, inbox.url)
    case_id = urgent(sqlite_store, house, clock, 1)
    inbox.answers = [503, 500]
    for _ in range(4):
        deliver(sqlite_store, AppriseNotifier(), clock)
        clock.move(30)
    (got,) = inbox.got
    assert got["title"] == "Urgent: safety - Vela"
    assert f"{URL}/cases/{case_id}" in json.dumps(got)


def test_what_is_shown_of_a_failed_page_holds_no_secret(sqlite_store: Store, clock: Clock, inbox: Inbox) -> None:
    house = with_routes(sqlite_store, clock)
    with sqlite_store.unit_of_work() as work:
        alerts.add_route(work, house.brand_id, "hook", VAULT.lock(inbox.url), clock())
    case_id = urgent(sqlite_store, house, clock, 1)
    inbox.answers = [500]
    deliver(sqlite_store, AppriseNotifier(), clock)
    shown = alert_of(sqlite_store, case_id).error
    assert shown.startswith("hook: JSON: Failed to send JSON POST notification")
    assert "s3cr3t" not in shown
