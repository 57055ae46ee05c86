"""The live demo: platforms with people on them, a brand that is connected to them, and nothing left running after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import requests

from monitor import connectors, sources
from monitor.domain.errors import Conflict
from monitor.domain.records import Login
from monitor.live_demo import SLUG, LiveDemo
from monitor.logins import Logins
from monitor.ports import Connector
from monitor.pulling import pull
from monitor.settings import Settings
from monitor.store import accounts, brands, watches
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from monitor.store.ledger import take_stock
from monitor.vault import Vault

VAULT = Vault(b"key")


@contextmanager
def live(store: Store, now: datetime, *names: str) -> Iterator[LiveDemo]:
    demo = LiveDemo(store, VAULT, names)
    demo.open(now)
    try:
        yield demo
    finally:
        demo.close(now)


def pulled(store: Store, at: datetime) -> dict[str, str]:
    """Pull every watch of the demo once, and return what went wrong by source."""
    settings = Settings()

    def connector(name: str) -> Connector | None:
        return connectors.load(name, settings.platform(name)) if name in connectors.CONNECTORS else None

    logins = Logins(store, VAULT, settings.platform, connector, "test")

    def log_in(account: AccountRow | None, platform: str, when: datetime) -> Login:
        return logins.of(account, when) if account else logins.without_account(platform)

    with store.reading() as work:
        ids = [one.id for one in watches.listed(work)]
    for one in ids:
        while pull(store, one, sources.load, at, log_in=log_in):
            pass
    with store.reading() as work:
        return {one.source: one.last_error for one in watches.listed(work) if one.last_error}


@pytest.mark.parametrize("name", ["x", "reddit", "mastodon", "bluesky", "hackernews", "feed"])
def test_what_its_customers_write_reaches_the_brand(sqlite_store: Store, now: datetime, name: str) -> None:
    with live(sqlite_store, now, name):
        assert pulled(sqlite_store, now) == {}
        with sqlite_store.reading() as work:
            brand = brands.by_slug(work, SLUG)
            assert take_stock(work, brand.id).mentions >= 5
            answering = accounts.answering(work, brand.id, name)
        assert brand.is_demo
        assert (answering.publisher if answering else "") == ("" if name in {"hackernews", "feed"} else name)


def test_when_it_ends_its_watches_end_its_accounts_are_let_go_and_what_was_said_stays(
    store: Store, now: datetime
) -> None:
    with live(store, now, "mastodon") as demo:
        url = demo.scenes[0].stage.url
        pulled(store, now)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    with store.reading() as work:
        brand = brands.by_slug(work, SLUG)
        assert watches.listed(work, brand.id) == []
        assert accounts.of_brand(work, brand.id) == []
        before = take_stock(work, brand.id).mentions
    assert before > 0
    with live(store, now, "mastodon"), store.reading() as work:
        (again,) = accounts.of_brand(work, brand.id)
        assert again.secret
        assert take_stock(work, brand.id).mentions == before


def test_a_second_run_gives_out_other_ids(sqlite_store: Store, now: datetime) -> None:
    seen: list[set[str]] = []
    for start in (now.timestamp(), now.timestamp() + 60):
        demo = LiveDemo(sqlite_store, VAULT, ["reddit", "hackernews"], clock=lambda start=start: start)  # type: ignore[misc]
        demo.open(now)
        seen.append({one for scene in demo.scenes for one in scene.stage.world.posts})
        demo.close(now)
    assert len(seen[0]) >= 10
    assert not seen[0] & seen[1], "else the second run's customers would be taken for the first one's"


@pytest.mark.parametrize("name", ["x", "reddit", "mastodon", "bluesky"])
def test_customers_answer_what_stands_there_and_we_hear_of_it(sqlite_store: Store, now: datetime, name: str) -> None:
    with live(sqlite_store, now, name) as demo:
        pulled(sqlite_store, now)
        before = mentions_of(sqlite_store)
        (scene,) = demo.scenes
        world = scene.stage.world
        ours = scene.login.handle.partition("@")[0]
        answers = []
        for _ in range(3):
            post = next(one for one in world.newest_first() if one.author.handle != ours)
            world.post(ours, "We send you a new lid today.", reply_to=post)
            answers.append(demo.act())
        assert sum("answers our reply" in one for one in answers) == 2
        assert sum("is silent" in one for one in answers) == 1
        assert pulled(sqlite_store, now + timedelta(minutes=5)) == {}
        assert mentions_of(sqlite_store) == before + 2


def mentions_of(store: Store) -> int:
    with store.reading() as work:
        return take_stock(work, brands.by_slug(work, SLUG).id).mentions


def test_some_customers_delete_what_they_wrote(sqlite_store: Store, now: datetime) -> None:
    with live(sqlite_store, now, "mastodon") as demo:
        told = [demo.act() for _ in range(30)]
        assert any("deletes what they wrote" in one for one in told)
        assert any(not one.there for one in demo.scenes[0].stage.world.posts.values())


def test_a_brand_of_ones_own_by_that_name_is_left_alone(sqlite_store: Store, now: datetime) -> None:
    with sqlite_store.unit_of_work() as work:
        brands.create(work, SLUG, "Demolition Live Ltd", now)
    demo = LiveDemo(sqlite_store, VAULT, ["mastodon"])
    with pytest.raises(Conflict, match="A brand of yours"):
        demo.open(now)
    demo.scenes[0].stage.stop()


def test_platforms_say_no_wrong_language_of_what_customers_write(sqlite_store: Store, now: datetime) -> None:
    with live(sqlite_store, now, "mastodon") as demo:
        for _ in range(60):
            demo.act()
        foreign = [one for one in demo.scenes[0].stage.world.posts.values() if "ر" in one.text]
    assert foreign
    assert [one.text for one in foreign if one.extra["language"] == "en"] == []
