"""People, brands, watches and routes, by command."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from api import passwords
from monitor.store import alerts, brands, users
from monitor.store.engine import Store
from tests.api.cli.conftest import Amends

WORDS = "seven quiet kettles"


def test_a_person_who_was_added_has_the_password_that_was_given(amends: Amends, stored: Store) -> None:
    said = amends("user", "add", "Ann@acme.example", "--name", "Ann", "--role", "lead", stdin=f"{WORDS}\n")
    assert said.code == 0
    assert WORDS not in said.out + said.err
    with stored.reading() as work:
        ann = users.by_email(work, "ann@acme.example")
    assert ann is not None
    assert passwords.matches(WORDS, ann.password)
    assert amends("user", "list", "--json").data == [
        {"email": "ann@acme.example", "name": "Ann", "role": "lead", "active": True}
    ]


def test_a_password_can_come_from_a_file_and_be_changed(amends: Amends, stored: Store, tmp_path: Path) -> None:
    (tmp_path / "first").write_text(f"{WORDS}\n")
    (tmp_path / "second").write_text("nine loud teapots\n")
    amends("user", "add", "ann@acme.example", "--name", "Ann", "--password-file", str(tmp_path / "first"))
    assert amends("user", "password", "ann@acme.example", "--password-file", str(tmp_path / "second")).code == 0
    with stored.reading() as work:
        ann = users.by_email(work, "ann@acme.example")
    assert ann is not None
    assert passwords.matches("nine loud teapots", ann.password)


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        (("ann@acme.example", "--name", "Ann"), "short", "10 to 1000 characters"),
        (("ann", "--name", "Ann"), WORDS, "is not an e-mail address"),
        (("ann@acme.example", "--name", "Ann", "--role", "king"), WORDS, "king"),
    ],
)
def test_who_cannot_be_added_is_said_why(amends: Amends, words: tuple[str, ...], stdin: str, told: str) -> None:
    said = amends("user", "add", *words, stdin=stdin)
    assert said.code in {1, 2}
    assert told in said.err
    assert amends("user", "list", "--json").data == []


def test_the_last_admin_stays_one(amends: Amends) -> None:
    amends("user", "add", "ann@acme.example", "--name", "Ann", "--role", "admin", stdin=WORDS)
    for change in (("role", "ann@acme.example", "agent"), ("deactivate", "ann@acme.example")):
        said = amends("user", *change)
        assert said.code == 1
        assert "is the last admin" in said.err
    amends("user", "add", "bob@acme.example", "--name", "Bob", "--role", "admin", stdin=WORDS)
    assert amends("user", "deactivate", "ann@acme.example").code == 0
    assert [one["active"] for one in amends("user", "list", "--json").data] == [False, True]
    assert amends("user", "activate", "ann@acme.example").code == 0
    assert amends("user", "role", "ann@acme.example", "observer").code == 0


def test_an_invitation_is_a_link_to_this_instance(amends: Amends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_PUBLIC_URL", "https://amends.example.com/")
    assert amends("user", "invite", "--role", "lead").out.startswith("https://amends.example.com/welcome/")


def test_a_brand_is_set_by_name_and_value(amends: Amends, stored: Store) -> None:
    amends("brand", "add", "acme", "Acme")
    said = amends(
        "brand", "set", "acme", "threshold=0.35", "minutes=1440,240,60,15", "hours=Mon-Fri 9:00-17:00 Europe/Warsaw",
        "voice.signature=Maria", "voice.formal=true", "name=Acme Lamps",
    )  # fmt: skip
    assert said.code == 0
    with stored.reading() as work:
        row = brands.by_slug(work, "acme")
    assert row.name == "Acme Lamps"
    assert row.settings["threshold"] == 0.35
    assert row.promises.hours.days == {0, 1, 2, 3, 4}
    assert (row.voice["signature"], row.voice["formal"]) == ("Maria", True)
    amends("brand", "set", "acme", "threshold=", "hours=")
    (listed,) = amends("brand", "list", "--json").data
    assert listed["settings"] == {"minutes": [1440, 240, 60, 15]}


def test_a_setting_that_cannot_be_is_refused_and_changes_nothing(amends: Amends) -> None:
    amends("brand", "add", "acme", "Acme")
    said = amends("brand", "set", "acme", "undo_s=20", "threshold=7")
    assert said.code == 2
    assert "threshold=7: this must be a probability from 0 to 1" in said.err
    assert amends("brand", "list", "--json").data[0]["settings"] == {}


def test_a_real_brand_gets_no_account_that_sends_nothing(amends: Amends, monkeypatch: pytest.MonkeyPatch) -> None:
    amends("brand", "add", "acme", "Acme")
    said = amends("brand", "account", "add", "acme", "X", "@acme")
    assert said.code == 1
    assert "AMENDS_DRY_RUN" in said.err
    monkeypatch.setenv("AMENDS_DRY_RUN", "true")
    assert amends("brand", "account", "add", "acme", "X", "@acme").code == 0
    assert amends("brand", "account", "list", "--json").data == [
        {"brand": "acme", "platform": "x", "handle": "acme", "publisher": "dryrun"}
    ]
    assert "has that account already" in amends("brand", "account", "add", "acme", "x", "acme").err


def test_a_watch_is_added_paused_resumed_and_removed(amends: Amends, tmp_path: Path) -> None:
    amends("brand", "add", "acme", "Acme")
    (tmp_path / "old.csv").write_text("text\nThe lamp broke\n")
    assert amends("watch", "add", "acme", "replay", "path=old.csv", "speed=10", "--every", "5").code == 0
    (row,) = amends("watch", "list", "--json").data
    assert row["query"] == {"path": str(tmp_path / "old.csv"), "speed": 10.0}
    assert (row["every_s"], row["paused"]) == (5, False)
    amends("watch", "pause", "1")
    assert amends("watch", "list", "--json").data[0]["paused"] is True
    amends("watch", "resume", "1")
    assert amends("watch", "list", "--json").data[0]["paused"] is False
    assert amends("watch", "remove", "1").code == 0
    assert amends("watch", "pause", "1").err == "There is no watch number 1.\n"
    assert amends("watch", "add", "acme", "telepathy", "path=x").code == 2


class Ops(BaseHTTPRequestHandler):
    """Takes pages."""

    pages: list[dict[str, str]]

    def do_POST(self) -> None:
        self.pages.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def ops() -> Iterator[HTTPServer]:
    """Somebody who is paged, on this machine."""
    Ops.pages = []
    server = HTTPServer(("127.0.0.1", 0), Ops)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_route_is_kept_secret_and_pages(amends: Amends, stored: Store, ops: HTTPServer) -> None:
    amends("brand", "add", "acme", "Acme")
    address = f"json://ann:hunter2@127.0.0.1:{ops.server_port}/page"
    said = amends("route", "add", "acme", "PR lead", stdin=address)
    assert said.code == 0
    listed = amends("route", "list")
    assert "PR lead" in listed.out
    assert "hunter2" not in said.out + listed.out
    with stored.reading() as work:
        (route,) = alerts.routes(work, brands.by_slug(work, "acme").id)
    assert b"hunter2" not in route.url
    assert amends("route", "test", "1").out == "It was delivered.\n"
    assert [one["title"] for one in Ops.pages] == ["Amends: a test"]
    assert amends("route", "remove", "1").code == 0
    assert amends("route", "test", "1").err == "There is no route number 1. See: amends route list\n"


def test_a_page_that_does_not_get_through_is_said(amends: Amends, ops: HTTPServer) -> None:
    amends("brand", "add", "acme", "Acme")
    ops.server_close()
    amends("route", "add", "acme", "PR lead", f"json://127.0.0.1:{ops.server_port}")
    said = amends("route", "test", "1")
    assert said.code == 1
    assert said.err


def test_an_address_that_nobody_understands_is_refused(amends: Amends) -> None:
    amends("brand", "add", "acme", "Acme")
    assert amends("route", "add", "acme", "PR lead", "carrier-pigeon").code == 1
    assert amends("route", "list", "--json").data == []
