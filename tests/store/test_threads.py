"""What belongs together stays together, also where a platform names only what a post answers."""

from dataclasses import replace
from datetime import datetime

from monitor.store import brands, mentions
from monitor.store.engine import Store
from tests import builders
from tests.making import post


def threads(store: Store, ids: tuple[int, ...]) -> list[int]:
    with store.reading() as work:
        return [one.thread_id for one in mentions.get_many(work, ids)]


def test_a_chain_of_answers_is_one_thread_in_whatever_order_it_comes(store: Store, now: datetime) -> None:
    first, second, third = post("1"), replace(post("2"), reply_to="1"), replace(post("3"), reply_to="2", thread="2")
    with store.unit_of_work() as work:
        brand = brands.create(work, "vela", "Vela", now)
        together = mentions.add(work, brand, [third, first, second], now).new
        later = mentions.add(work, brand, [replace(post("4"), reply_to="3")], now).new
    assert len(set(threads(store, together + later))) == 1


def test_an_answer_to_our_reply_belongs_to_the_thread_we_replied_in(store: Store, now: datetime) -> None:
    house = builders.house(store, now)
    case_id = builders.approved(store, house, now)
    builders.sent(store, case_id, now, "our-1")
    with store.unit_of_work() as work:
        (new,) = mentions.add(work, house.brand_id, [replace(post("9"), reply_to="our-1")], now).new
    with store.reading() as work:
        assert mentions.get_many(work, [new])[0].thread_id == builders.thread_of(work, case_id)


def test_answers_that_turn_in_a_circle_are_stored_all_the_same(store: Store, now: datetime) -> None:
    with store.unit_of_work() as work:
        brand = brands.create(work, "vela", "Vela", now)
        round_about = [replace(post("1"), reply_to="2"), replace(post("2"), reply_to="1")]
        assert len(mentions.add(work, brand, round_about, now).new) == 2


def test_the_same_name_on_another_platform_is_another_thread(store: Store, now: datetime) -> None:
    with store.unit_of_work() as work:
        brand = brands.create(work, "vela", "Vela", now)
        said = [post("1"), replace(post("2", platform="mastodon"), reply_to="1")]
        ids = mentions.add(work, brand, said, now).new
    assert len(set(threads(store, ids))) == 2
