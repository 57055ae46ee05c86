import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from api import auth
from monitor.domain.lifecycle import Role
from monitor.store import alerts, brands, mentions, users
from tests.api.conftest import PASSWORD, House
from tests.api.pages.conftest import HTML, Town, in_order, said


def test_signing_in_leads_back_to_where_one_was_going(house: House) -> None:
    client = house.client(**HTML)
    page = client.get("/sign-in?next=/cases/7")
    assert 'name="to" value="/cases/7"' in page.text
    wrong = client.post("/sign-in", data={"email": "agent@acme.example", "password": "wrong", "to": "/cases/7"})
    assert wrong.status_code == 401
    assert "do not fit together" in said(wrong)
    assert 'value="agent@acme.example"' in wrong.text
    assert "wrong" not in wrong.text.split("<form")[1], "a password is never sent back"
    form = {"email": "agent@acme.example", "password": PASSWORD, "to": "/cases/7"}
    assert client.post("/sign-in", data=form).headers["location"] == "/cases/7"
    assert client.post("/sign-in", data={**form, "to": "//evil.example"}).headers["location"] == "/"


def test_signing_out_ends_the_session(place: Town) -> None:
    client = place.browser()
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    assert client.get("/").status_code == 303


def test_a_one_time_link_lets_one_person_in(house: House) -> None:
    link = auth.invite(house.store, Role.AGENT, house.clock())
    client = house.client(**HTML)
    assert "You were invited as agent: answers customers" in said(client.get(link))
    form = {"name": "Noor", "email": "noor@acme.example", "password": "short"}
    refused = client.post(link, data=form)
    assert refused.status_code == 422
    assert "A password has 10" in said(refused)
    assert 'value="Noor"' in refused.text, "what was typed is kept"
    assert client.post(link, data={**form, "password": "a few unrelated words"}).headers["location"] == "/"
    used = house.client(**HTML).get(link)
    assert used.status_code == 404
    assert "This link was used" in said(used)


def test_only_an_admin_sees_the_people(place: Town) -> None:
    for role in (Role.AGENT, Role.LEAD, Role.OBSERVER):
        refused = place.browser(role).get("/people")
        assert refused.status_code == 403
        assert "This page is for the role admin." in said(refused)
        assert place.browser(role).post("/people/invite", data={"role": "admin"}).status_code == 403
        assert place.browser(role).post("/people/1/role", data={"role": "admin"}).status_code == 403
    assert in_order(said(place.browser(Role.ADMIN).get("/people")), ["Admin", "Agent", "Lead"])


def test_an_admin_invites_changes_and_lets_go(place: Town) -> None:
    admin, agent = place.browser(Role.ADMIN), place.house.ids[Role.AGENT]
    page = admin.post("/people/invite", data={"role": "lead"})
    link = page.text.split('<code id="link">')[1].split("</code>")[0]
    assert link.startswith("http://testserver/welcome/")
    assert "lead" in said(place.house.client(**HTML).get(link.removeprefix("http://testserver")))
    assert admin.post("/people/invite", data={"role": "emperor"}).status_code == 422
    assert admin.post(f"/people/{agent}/role", data={"role": "lead"}).status_code == 303
    assert admin.post(f"/people/{agent}/active", data={"active": "false"}).status_code == 303
    with place.house.store.reading() as work:
        row = users.get(work, agent)
    assert (row.role, row.active) == (Role.LEAD, False)
    assert "cannot sign in" in said(admin.get("/people"))


def test_the_last_admin_cannot_lock_everybody_out(place: Town) -> None:
    admin, me = place.browser(Role.ADMIN), place.house.ids[Role.ADMIN]
    for path, form in ((f"/people/{me}/role", {"role": "agent"}), (f"/people/{me}/active", {"active": "false"})):
        answer = admin.post(path, data=form)
        assert answer.status_code == 409
        assert "This is the only admin." in said(answer)
    assert admin.get("/people").status_code == 200


def test_a_lead_sets_voice_and_promise(place: Town) -> None:
    client, base = place.browser(Role.LEAD), f"/settings/brand/{place.brand_id}"
    client.post(f"{base}/voice", data={"signature": "Mara <3", "contact": "", "formal": "yes"})
    form = {"minutes": ["600", "120", "", "10"], "six_thousand": "5000", "undo_s": "0"}
    assert client.post(f"{base}/promise", data=form).status_code == 303
    with place.house.store.reading() as work:
        brand = brands.get(work, place.brand_id)
    assert brand.promises.minutes == (600, 120, 60, 10)
    assert (brand.promises.six_thousand, brand.undo.total_seconds()) == (5000, 0)
    assert brand.voice["signature"] == "Mara <3"
    assert (brand.voice["formal"], brand.voice["thanks"]) == (True, False)
    assert 'value="Mara &lt;3"' in client.get(base).text


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"minutes": ["60", "240", "60", "15"]}, "cannot wait longer"),
        ({"minutes": ["1440", "240", "60"]}, "There are 4 promises"),
        ({"minutes": ["1440", "240", "60", "-5"]}, "A promise is a whole number"),
        ({"minutes": ["1440", "240", "60", "15"], "undo_s": "99999"}, "The time to undo is a whole number"),
    ],
)
def test_a_promise_that_makes_no_sense_changes_nothing(place: Town, form: dict[str, object], why: str) -> None:
    answer = place.browser(Role.LEAD).post(f"/settings/brand/{place.brand_id}/promise", data=form)
    assert answer.status_code == 422
    assert why in said(answer)
    with place.house.store.reading() as work:
        assert brands.get(work, place.brand_id).settings == {}


def test_an_agent_does_not_reach_the_settings(place: Town) -> None:
    client, base = place.browser(), f"/settings/brand/{place.brand_id}"
    assert client.get(base).status_code == 403
    for path in ("voice", "promise", "routes"):
        assert client.post(f"{base}/{path}", data={"minutes": ["1", "1", "1", "1"], "url": "x"}).status_code == 403
    assert place.browser(Role.PR_LEAD).post(f"{base}/voice", data={}).status_code == 403


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A service on the loopback that is paged."""
    heard: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/secret-path", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_route_is_added_tried_and_removed_and_never_shown(
    place: Town, hook: tuple[str, list[dict[str, str]]]
) -> None:
    url, heard = hook
    client, base = place.browser(Role.PR_LEAD), f"/settings/brand/{place.brand_id}"
    assert "Nobody is paged yet" in said(client.get(base))
    assert client.post(f"{base}/routes", data={"url": "nonsense"}).status_code == 422
    assert client.post(f"{base}/routes", data={"url": url}).status_code == 303
    page = client.get(base)
    assert "secret-path" not in page.text
    with place.house.store.reading() as work:
        (route,) = alerts.routes(work, place.brand_id)
    assert "secret-path" not in route.name
    tried = client.post(f"{base}/routes/{route.id}/test")
    assert "The test page got through." in said(tried)
    assert heard[0]["title"] == "A test from Amends"
    assert client.post(f"/settings/brand/99/routes/{route.id}/remove").status_code == 404, "not another brand's"
    assert client.post(f"{base}/routes/{route.id}/remove").status_code == 303
    assert client.post(f"{base}/routes/{route.id}/test").status_code == 404


def test_the_ledger_accounts_for_everybody(place: Town) -> None:
    words = said(place.browser().get("/ledger"))
    assert "23 posts, all accounted for." in words
    assert "20 are open: somebody will answer" in words
    assert "2 are not complaints" in words
    assert "1 were old when they arrived" in words


def test_the_ledger_says_what_is_unaccounted_for(place: Town) -> None:
    with place.house.store.unit_of_work() as work:
        aside = mentions.set_aside(work, brand_id=None, place="not_complaint")
        mentions.took_from_aside(work, aside[0].id)
    words = said(place.browser().get("/ledger"))
    assert "1 unaccounted for." in words
    assert str(aside[0].id) in words


def test_an_unknown_page_is_calm(place: Town) -> None:
    answer = place.browser().get("/no/such/page")
    assert answer.status_code == 404
    assert "There is nothing here." in said(answer)
    assert "Go to the queue" in said(answer)
