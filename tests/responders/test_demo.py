"""The demo comes once, goes without a trace, and takes nobody else with it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from monitor.domain.records import Flag
from monitor.ports import MentionSource
from monitor.pulling import pull
from monitor.sources.replay import Replay
from monitor.store import accounts, alerts, brands, events, operating, removal, watches
from monitor.store.engine import Store
from monitor.store.ledger import take_stock
from responders import demo, publishing, reviewing
from responders.publishers.dryrun import DryRunPublisher
from tests import builders


def counts(store: Store) -> dict[str, int]:
    with store.reading() as work:
        return operating.counts(work)


def test_its_customers_write_as_soon_as_it_is_there(store: Store, now: datetime) -> None:
    demo.install(store, now)
    with store.reading() as work:
        row = brands.by_slug(work, "demo")
        (watch,) = watches.listed(work)
        platforms = {one.platform for one in accounts.of_brand(work, row.id)}
        assert accounts.answering(work, row.id, "review") is None  # there a reply is posted by hand
    assert row.is_demo
    assert (row.name, row.voice["brand"]) == ("Vela", "Vela")
    assert platforms == {"x", "reddit", "mastodon", "bluesky"}
    source: MentionSource = Replay(lambda: now + timedelta(minutes=1))
    load: Callable[[str], MentionSource] = lambda _name: source  # noqa: E731
    pull(store, watch.id, load, now)
    with store.reading() as work:
        stock = take_stock(work, row.id)
    assert stock.mentions > 5
    assert stock.balanced


def test_it_plays_as_fast_as_asked_and_not_backwards(store: Store, now: datetime) -> None:
    with pytest.raises(BadInput, match="above 0"):
        demo.install(store, now, speed=0)
    demo.install(store, now, speed=60)
    with store.reading() as work:
        assert watches.listed(work)[0].query["speed"] == 60


def test_a_second_one_is_declined_kindly(store: Store, now: datetime) -> None:
    demo.install(store, now)
    before = counts(store)
    with pytest.raises(Conflict, match="there already: nothing was changed"):
        demo.install(store, now)
    assert counts(store) == before


def test_a_brand_of_ones_own_called_demo_is_left_alone(store: Store, now: datetime) -> None:
    with store.unit_of_work() as work:
        brands.create(work, "demo", "Demolition Ltd", now)
    with pytest.raises(Conflict, match="A brand of yours"):
        demo.install(store, now)
    with pytest.raises(NotFound):
        demo.remove(store)


def lived_in(store: Store, house: builders.House, now: datetime, publisher: DryRunPublisher) -> None:
    """Let everything happen that leaves a row: replies sent, put off and undone, alerts, questions, outcomes."""
    sent = builders.approved(store, house, now, 1)
    publishing.publish_case(store, sent, lambda _name: publisher, lambda: now, dry_run=True)
    reviewing.resolve(store, house.lead, sent, "recovered", now)
    reviewing.undo(store, house.lead, builders.approved(store, house, now, 2), now)
    reviewing.escalate(store, house.lead, builders.in_review(store, house, now, 3), "What happened?", now)
    builders.opened(store, house, now, 4, flags=[Flag.SAFETY])
    with store.unit_of_work() as work:
        route = alerts.add_route(work, house.brand_id, "PR lead", b"locked", now)
        for page in alerts.claim_due(work, now):
            alerts.settle_route(work, page, route, now)
        watches.add(work, house.brand_id, "replay", {"path": "demo"}, now)
        waiting = [one.id for one in events.unprocessed(work, 1000)]
        events.stamp(work, waiting, now)


def test_removing_it_leaves_no_row_behind_and_others_untouched(store: Store, now: datetime, tmp_path: Path) -> None:
    publisher = DryRunPublisher(tmp_path / "dryrun.sqlite3")
    own = builders.house(store, now, slug="acme", is_demo=False)
    lived_in(store, own, now, publisher)
    before = counts(store)
    with store.unit_of_work() as work:
        demo_id = brands.create(work, "demo", "Vela", now, settings={"undo_s": 0}, is_demo=True)
        account = accounts.add(work, demo_id, "x", "vela", "dryrun", now)
    vela = builders.House(demo_id, account, own.lead, own.second)
    lived_in(store, vela, now, publisher)  # by the same authors ...
    builders.opened(store, vela, now, 99)  # ... and one more
    during = counts(store)
    for name in (
        "publication",
        "review",
        "draft",
        "finding",
        "alert",
        "delivery",
        "owner_question",
        "outcome",
        "event",
    ):
        assert during[name] > before[name], name
    with store.reading() as work:
        last = events.last_seq(work)

    demo.remove(store)
    after = counts(store)
    assert {name: after[name] - before[name] for name in before if after[name] != before[name]} == {"event": 1}
    with store.reading() as work:
        assert events.last_seq(work) == last  # open pages wait for a higher number: none is given out twice
        assert take_stock(work).balanced


def test_the_only_brand_can_go_too(store: Store, now: datetime) -> None:
    before = counts(store)
    demo.install(store, now)
    demo.remove(store)
    assert counts(store) == before
    with pytest.raises(NotFound, match="no demo"):
        demo.remove(store)


def test_a_real_brand_is_never_removed(store: Store, now: datetime) -> None:
    own = builders.house(store, now, slug="acme", is_demo=False)
    with pytest.raises(NotAllowed, match="is not a demo"), store.unit_of_work() as work:
        removal.remove_brand(work, own.brand_id)
    with store.reading() as work:
        assert [one.slug for one in brands.all_brands(work)] == ["acme"]
