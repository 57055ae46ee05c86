"""The client of Mastodon, on the simulated server and on answers written here in the documented shapes."""

from collections.abc import Iterator

import pytest

from monitor.clients.faults import Denied, NoAnswer, NotReached, Reason, Throttled
from monitor.clients.mastodon import MastodonClient
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.simulated.server import Answer, Ask, Fault, Simulated

NOON = 1_772_445_600.0


class Canned(Simulated):
    """Answers everything with one body."""

    def __init__(self, body: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(clock=lambda: NOON)
        self.says = Answer(body, status, headers or {})

    def answer(self, ask: Ask) -> Answer:
        return self.says


@pytest.fixture
def server() -> Iterator[SimulatedMastodon]:
    with SimulatedMastodon(clock=lambda: NOON) as server:
        yield server


@pytest.fixture
def client(server: SimulatedMastodon) -> MastodonClient:
    return MastodonClient(server.url, server.connect("vela_care").secret["token"])


def test_a_server_that_says_nothing_of_itself_is_refused_after_two_calls(
    server: SimulatedMastodon, client: MastodonClient
) -> None:
    server.instances = ()
    with pytest.raises(Denied, match="does not look like a Mastodon server") as told:
        client.limits()
    assert told.value.reason is Reason.GONE
    assert len(server.asked) == 2
    assert client.search("kettle") == []  # and everything else goes on without it
    assert len(server.asked) == 3


def test_what_a_reply_may_be_is_read_from_either_description(server: SimulatedMastodon, client: MastodonClient) -> None:
    server.max_characters = 1234
    assert (client.limits().max_characters, client.limits().domain) == (1234, "toot.example")
    server.instances = ("v1",)
    assert client.limits().max_characters == 1234
    assert client.limits().rules == tuple(server.rules)


@pytest.mark.parametrize(
    ("told", "most"),
    [
        ({"uri": "https://old.example", "max_toot_chars": 777}, 777),
        ({"uri": "old.example", "configuration": None, "rules": None}, 500),
        ({"uri": "old.example", "configuration": {"statuses": {"max_characters": "many"}}}, 500),
    ],
)
def test_older_and_other_servers_say_less(told: dict[str, object], most: int) -> None:
    with Canned(told) as server:
        limits = MastodonClient(server.url).limits()
    assert (limits.domain, limits.max_characters, limits.characters_reserved_per_url) == ("old.example", most, 23)


def test_the_reset_is_a_written_time_by_the_servers_own_clock(
    server: SimulatedMastodon, client: MastodonClient
) -> None:
    server.faults.plan(Fault.LIMIT)
    with pytest.raises(Throttled) as told:
        client.me()
    assert told.value.after == pytest.approx(120, abs=1.5)


def test_a_page_of_html_with_429_is_a_429(server: SimulatedMastodon, client: MastodonClient) -> None:
    server.faults.plan(Fault.LIMIT_BARE)
    with pytest.raises(Throttled) as told:
        client.me()
    assert told.value.after == 60


def test_what_is_left_counts_down_and_then_it_is_too_much(server: SimulatedMastodon, client: MastodonClient) -> None:
    server.limit = 3
    left = []
    for _ in range(3):
        client.me()
        left.append(client.usage.quotas[0].remaining)
    assert left == [2, 1, 0]
    assert client.usage.quotas[0].resets_in == pytest.approx(300, abs=1.5)
    with pytest.raises(Throttled) as told:
        client.me()
    assert told.value.after == pytest.approx(300, abs=1.5)


def test_deleting_has_an_allowance_of_its_own(server: SimulatedMastodon, client: MastodonClient) -> None:
    made = client.post("Sorry.", reply_to="", visibility="public", language="en", key="1")
    client.delete(made["id"])
    (quota,) = client.usage.quotas
    assert (quota.bucket, quota.limit, quota.remaining) == ("deletes", 30, 29)


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_a_refusal_means_does_not_hang_on_its_language(
    server: SimulatedMastodon, client: MastodonClient, language: str
) -> None:
    server.language = language
    with pytest.raises(Denied) as gone:
        client.status("1")
    with pytest.raises(Denied) as long:
        client.post("x" * 501, reply_to="", visibility="public", language="en", key="1")
    assert (gone.value.reason, long.value.reason) == (Reason.GONE, Reason.INVALID)
    assert "501" in str(long.value) or "500" in str(long.value)  # the server's own sentence is there for people


def test_a_server_that_moved_is_not_followed(server: SimulatedMastodon, client: MastodonClient) -> None:
    with Canned("", 301, {"Location": "https://social.old.example/api/v1/statuses/1"}) as old:
        with pytest.raises(Denied, match=r"sends us on to social\.old\.example"):
            MastodonClient(old.url, "secret").status("1")
        with pytest.raises(Denied):
            MastodonClient(old.url, "secret").post("Hi", reply_to="", visibility="public", language="", key="1")
        assert len(old.asked) == 2


def test_ids_are_text_even_where_a_server_sends_numbers() -> None:
    with Canned({"id": 7, "unknown": {"more": []}}) as server:
        made = MastodonClient(server.url).post("Hi", reply_to="", visibility="public", language="en", key="k")
    assert made["id"] == "7"


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": ""}, [], "<html>done</html>", b"null"])
def test_an_answer_to_a_post_without_an_id_is_no_answer(body: object) -> None:
    with Canned(body) as server, pytest.raises(NoAnswer):
        MastodonClient(server.url).post("Hi", reply_to="", visibility="public", language="en", key="k")


@pytest.mark.parametrize("body", [{"statuses": None}, {}, {"statuses": {"0": {}}}, {"statuses": [None, "x"]}])
def test_a_search_without_posts_finds_none(body: object) -> None:
    with Canned(body) as server:
        assert MastodonClient(server.url).search("kettle") == []


def test_an_object_in_place_of_a_list_is_no_empty_page() -> None:
    with Canned({"error": "sleepy"}) as server, pytest.raises(NoAnswer):
        MastodonClient(server.url).tagged("kettle")


def test_an_id_cannot_lead_to_another_address(server: SimulatedMastodon, client: MastodonClient) -> None:
    with pytest.raises(Denied):
        client.status("../accounts/verify_credentials?x=")
    assert server.asked[-1][1].startswith("/api/v1/statuses/")


def test_a_server_that_is_away_has_seen_nothing(server: SimulatedMastodon) -> None:
    gone = SimulatedMastodon().start()
    gone.stop()
    with pytest.raises(NotReached):
        MastodonClient(gone.url).limits()


def test_a_key_keeps_a_post_from_being_doubled_only_once_the_first_is_done(
    server: SimulatedMastodon, client: MastodonClient
) -> None:
    for _ in range(2):
        client.post("Sorry.", reply_to="", visibility="public", language="en", key="one")
    assert len(server.world.by("vela_care")) == 1
    server.saving_s = 0.5
    hasty = MastodonClient(server.url, client.token, read_s=0.1)
    for _ in range(2):  # a proxy that gives up early, and a program that tries again at once
        with pytest.raises(NoAnswer):
            hasty.post("Sorry again.", reply_to="", visibility="public", language="en", key="two")
    assert len(server.world.by("vela_care")) == 3
