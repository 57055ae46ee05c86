"""Mastodon.py, a client that knows nothing of this project, finds a Mastodon server in the simulated one."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonNotFoundError, MastodonRatelimitError, MastodonUnauthorizedError

from monitor.simulated.mastodon import SimulatedMastodon

NOON = 1_772_445_600.0


@pytest.fixture
def server() -> Iterator[SimulatedMastodon]:
    with SimulatedMastodon(clock=lambda: NOON) as server:
        yield server


def client(server: SimulatedMastodon, token: str) -> Any:
    return Mastodon(access_token=token, api_base_url=server.url, ratelimit_method="throw", request_timeout=5)


@pytest.fixture
def witness(server: SimulatedMastodon) -> Any:
    return client(server, server.connect("vela_care").secret["token"])


def test_it_registers_and_signs_in(server: SimulatedMastodon) -> None:
    server.world.user("vela_care")
    scopes, back = ["read", "write:statuses"], "https://amends.example/back"
    client_id, secret = Mastodon.create_app("witness", scopes, back, api_base_url=server.url)
    api: Any = Mastodon(client_id, secret, api_base_url=server.url, request_timeout=5)
    url = api.auth_request_url(redirect_uris=back, scopes=scopes, state="1")
    assert "witness" in requests.get(url, timeout=5).text
    form = {"client_id": client_id, "redirect_uri": back, "scope": " ".join(scopes)}
    form |= {"allow": "yes", "account": "vela_care"}
    done = requests.post(f"{server.url}/oauth/authorize", form, allow_redirects=False, timeout=5)
    code = done.headers["location"].split("code=")[1].split("&")[0]
    api.log_in(code=code, redirect_uri=back, scopes=scopes)
    assert api.me().acct == "vela_care"
    assert api.app_verify_credentials().name == "witness"
    api.revoke_access_token()
    assert server.sign_ins.tokens == {}


def test_it_walks_a_hashtag_forward_without_holes(server: SimulatedMastodon, witness: Any) -> None:
    ids = [server.customer("ana@other.example", f"Lid {number} #vela").id for number in range(100)]
    page = witness.timeline_hashtag("vela", min_id=ids[0], limit=40)
    assert [str(one.id) for one in page] == ids[40:0:-1]
    onward = witness.fetch_previous(page)
    assert [str(one.id) for one in onward] == ids[80:40:-1]
    newest = witness.timeline_hashtag("vela", since_id=ids[0], limit=40)  # what since_id skips
    assert [str(one.id) for one in newest] == ids[:59:-1]
    older = witness.fetch_next(newest)
    assert [str(one.id) for one in older] == ids[59:19:-1]
    assert page[0].account.acct == "ana@other.example"
    assert page[0].tags[0].name == "vela"


def test_it_searches_with_an_offset(server: SimulatedMastodon, witness: Any) -> None:
    ids = [server.customer("ana", f"Kettle {number}").id for number in range(60)]
    first = witness.search_v2("kettle", result_type="statuses", resolve=False).statuses
    second = witness.search_v2("kettle", result_type="statuses", resolve=False, offset=len(first)).statuses
    assert [str(one.id) for one in (*first, *second)] == ids[: -len(first) - len(second) - 1 : -1]


def test_it_reads_mentions(server: SimulatedMastodon, witness: Any) -> None:
    post = server.customer("ana", "it broke", to="vela_care")
    (told,) = witness.notifications(types=["mention"])
    assert (told.type, str(told.status.id), told.status.mentions[0].acct) == ("mention", post.id, "vela_care")
    assert witness.notifications(types=["mention"], min_id=told.id) == []


def test_it_posts_once_for_one_key_edits_and_deletes(server: SimulatedMastodon, witness: Any) -> None:
    post = server.customer("ana", "it broke", to="vela_care")
    made = [
        witness.status_post("@ana Sorry.", in_reply_to_id=post.id, visibility="unlisted", idempotency_key="k")
        for _ in range(2)
    ]
    assert made[0].id == made[1].id
    assert str(made[0].in_reply_to_id) == post.id
    edited = witness.status_update(made[0].id, "@ana Sorry, truly.")
    assert edited.edited_at is not None
    assert witness.status_source(made[0].id).text == "@ana Sorry, truly."
    witness.status_delete(made[0].id)
    with pytest.raises(MastodonNotFoundError):
        witness.status(made[0].id)


def test_it_looks_up_several_posts(server: SimulatedMastodon, witness: Any) -> None:
    ids = [server.customer("ana", "Lid").id for _ in range(3)]
    server.world.delete(ids[1])
    assert [str(one.id) for one in witness.statuses(ids)] == [ids[0], ids[2]]
    own = server.world.post("vela_care", "News")
    assert [str(one.id) for one in witness.account_statuses(witness.me())] == [own.id]


def test_it_learns_what_the_server_takes(server: SimulatedMastodon, witness: Any) -> None:
    server.max_characters = 640
    assert witness.instance_v2().configuration.statuses.max_characters == 640
    assert witness.instance_v1().uri == "toot.example"


def test_it_understands_each_no(server: SimulatedMastodon, witness: Any) -> None:
    with pytest.raises(MastodonAPIError) as told:
        witness.status_post("x" * 501)
    assert told.value.args[1] == 422
    with pytest.raises(MastodonUnauthorizedError):
        client(server, "made up").me()
    with pytest.raises(MastodonAPIError) as told:
        client(server, server.connect("reader", scopes="read").secret["token"]).status_post("Hi")
    assert told.value.args[1] == 403
    server.limit = 1
    api = client(server, server.connect("busy").secret["token"])
    api.me()
    with pytest.raises(MastodonRatelimitError):
        api.me()
    assert api.ratelimit_limit == 1
    assert api.ratelimit_reset - time.time() == pytest.approx(300, abs=10)  # it counts by its own clock


def test_further_hashtags_are_followed_up_to_four_and_none_behind_an_unknown_one(server: SimulatedMastodon) -> None:
    for tag in ("a", "b", "c", "d", "e"):
        server.customer("ana", f"#{tag}")
    more = {"any[]": ["b", "c", "d", "e"]}
    shown = requests.get(f"{server.url}/api/v1/timelines/tag/a", more, timeout=5).json()
    assert [one["tags"][0]["name"] for one in shown] == ["d", "c", "b", "a"]
    assert requests.get(f"{server.url}/api/v1/timelines/tag/unknown", more, timeout=5).status_code == 404
