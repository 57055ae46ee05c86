"""The client of Hacker News' search, on a server that answers as it does."""

from collections.abc import Iterator

import pytest

from monitor.clients.faults import Denied, NoAnswer, NotReached, Throttled
from monitor.clients.hackernews import HackerNews
from monitor.simulated.hackernews import BASE, SimulatedHackerNews
from monitor.simulated.server import Answer, Ask, Fault

BEGAN = 1_772_445_600


class Canned(SimulatedHackerNews):
    """Answers every call with the same."""

    canned = Answer({})

    def answer(self, ask: Ask) -> Answer:
        return self.canned


@pytest.fixture
def platform() -> Iterator[SimulatedHackerNews]:
    with SimulatedHackerNews(clock=lambda: float(BEGAN)) as platform:
        yield platform


@pytest.fixture
def client(platform: SimulatedHackerNews) -> HackerNews:
    return HackerNews(platform.url + BASE)


def canned(body: object, status: int = 200) -> Iterator[HackerNews]:
    with Canned() as platform:
        platform.canned = Answer(body, status)
        yield HackerNews(platform.url + BASE)


def test_words_in_a_phrase_stand_together(platform: SimulatedHackerNews, client: HackerNews) -> None:
    platform.customer("ana", "My Vela kettle leaks.")
    platform.customer("ben", "A kettle by Vela leaks.")
    assert [hit["author"] for hit in client.search("vela kettle").hits] == ["ana"]
    assert [hit["author"] for hit in client.search("vela").hits] == ["ben", "ana"]


def test_a_search_is_bounded_by_time_the_later_end_included(platform: SimulatedHackerNews, client: HackerNews) -> None:
    platform.clock = lambda: BEGAN + 60.0
    made = [platform.customer("ana", "vela", title="A story", at=BEGAN + second).id for second in range(4)]
    found = client.search("vela", after=BEGAN, until=BEGAN + 2).hits
    assert [hit["objectID"] for hit in found] == [made[2], made[1]]


def test_an_empty_page_that_claims_to_have_hits_is_no_answer(platform: SimulatedHackerNews, client: HackerNews) -> None:
    platform.customer("ana", "vela")
    platform.faults.plan(Fault.MISSING_PAGE)
    with pytest.raises(NoAnswer, match="says that it has 1 hits"):
        client.search("vela")


def test_too_many_calls_are_told_as_such_and_it_says_not_until_when(
    platform: SimulatedHackerNews, client: HackerNews
) -> None:
    platform.limit = 1
    client.search("vela")
    with pytest.raises(Throttled) as told:
        client.search("vela")
    assert told.value.after == 60


def test_what_is_deleted_is_told_apart_from_a_wrong_address(platform: SimulatedHackerNews, client: HackerNews) -> None:
    post = platform.customer("ana", "vela")
    assert (client.item(post.id) or {})["author"] == "ana"
    platform.world.delete(post.id)
    assert client.item(post.id) is None
    for elsewhere in canned("<html>no such page</html>", 404):
        with pytest.raises(NoAnswer):
            elsewhere.item(post.id)
    for elsewhere in canned({"service": "another one"}, 404):
        with pytest.raises(Denied):
            elsewhere.item(post.id)


@pytest.mark.parametrize("body", [{"id": 5, "author": "ana"}, [], "<html></html>", {}, None])
def test_another_answer_than_the_post_is_not_taken_for_it(body: object) -> None:
    for client in canned(body):
        with pytest.raises(NoAnswer):
            client.item("7")


@pytest.mark.parametrize("body", [[], {"hits": None}, {"message": "hello"}, 5])
def test_an_answer_without_hits_is_not_taken_for_a_quiet_hour(body: object) -> None:
    for client in canned(body):
        with pytest.raises(NoAnswer, match="without hits"):
            client.search("vela")


def test_unknown_fields_and_odd_hits_do_no_harm() -> None:
    hits = [{"objectID": "1", "created_at_i": 5, "new_field": {"a": 1}}, None, "odd"]
    for client in canned({"hits": hits, "exhaustive": {"typo": True}}):
        found = client.search("vela")
        assert ([one["objectID"] for one in found.hits], found.last) == (["1"], True)


def test_an_address_that_is_none_is_refused_and_one_that_is_silent_is_not_reached() -> None:
    with pytest.raises(Denied, match="not the address"):
        HackerNews("hn.example").search("vela")
    with pytest.raises(NotReached):
        HackerNews("http://127.0.0.1:9").search("vela")
