"""Accounts and watches by command, against a simulated Mastodon."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from monitor.simulated.mastodon import SimulatedMastodon
from monitor.store import accounts, watches
from monitor.store.engine import Store
from tests.api.cli.conftest import Amends
from tests.keys import keys_heard


@pytest.fixture
def platform() -> Iterator[SimulatedMastodon]:
    with SimulatedMastodon() as found:
        yield found


@pytest.fixture
def token(platform: SimulatedMastodon, tmp_path: Path) -> Path:
    """A file with the token of vela_care."""
    path = tmp_path / "token.txt"
    path.write_text(f"{platform.connect('vela_care').secret['token']}\n")
    return path


def connected(amends: Amends, platform: SimulatedMastodon, token: Path) -> int:
    amends("brand", "add", "acme", "Acme")
    fields = ("--field", f"host={platform.url}", "--field", f"token=@{token}")
    said = amends("account", "connect", "mastodon", "--brand", "acme", *fields)
    assert said.code == 0, said.err
    assert "can read, can reply" in said.out
    found = re.search(r"account (\d+) of Acme", said.out)
    assert found
    return int(found[1])


def test_an_account_is_connected_with_a_token_from_a_file(
    amends: Amends, platform: SimulatedMastodon, token: Path, stored: Store
) -> None:
    number = connected(amends, platform, token)
    listed = amends("account", "list", "--json")
    assert (listed.data[0]["number"], listed.data[0]["can_reply"]) == (number, True)
    checked = amends("account", "check", str(number), "--json")
    assert checked.data["can_reply"]
    secret = token.read_text().strip()
    assert secret not in listed.out + checked.out + amends("account", "list").out
    with stored.reading() as work:
        locked = accounts.get(work, number).secret
    assert locked
    assert secret.encode() not in locked


def test_a_secret_is_not_taken_from_the_command_line(amends: Amends) -> None:
    amends("brand", "add", "acme", "Acme")
    said = amends("account", "connect", "mastodon", "--brand", "acme", "--field", "token=hush-hush")
    assert said.code == 2
    assert "history" in said.err
    assert "hush-hush" not in said.err
    stray = amends("account", "connect", "mastodon", "--brand", "acme", "--field", "pin=1")
    assert (stray.code, "host=" in stray.err) == (2, True)
    assert amends("account", "connect", "nowhere").code == 1


def test_questions_are_answered_and_an_account_is_let_go(
    amends: Amends, platform: SimulatedMastodon, token: Path, stored: Store
) -> None:
    number = str(connected(amends, platform, token))
    assert "Who sees our replies" in amends("account", "options", number).out
    said = amends("account", "options", number, "visibility=public", "--json")
    assert said.data == [{"name": "visibility", "value": "public", "question": "Who sees our replies"}]
    assert amends("account", "options", number, "visibility=friends").code == 1
    assert amends("account", "options", number, "cap=12").code == 0
    assert amends("account", "let-go", number, stdin="n\n").out.endswith("It was kept.\n")
    assert "was let go" in amends("account", "let-go", number, "--yes").out
    with stored.reading() as work:
        row = accounts.get(work, int(number))
    assert (row.secret, row.active, row.cap_micros) == (None, False, 12_000_000)
    assert amends("account", "check", number).code == 1


def test_a_watch_is_tried_and_added_with_the_only_account(
    amends: Amends, platform: SimulatedMastodon, token: Path, stored: Store
) -> None:
    number = connected(amends, platform, token)
    platform.customer("ana", "@vela_care The lid broke.\x1b[2J", language="en")
    asked = ("acme", "mastodon", "--kind", "mentions")
    tried = amends("watch", "preview", *asked)
    assert "1 found. Nothing was stored." in tried.out
    assert "\x1b" not in tried.out, "a post cannot command a terminal"
    assert amends("watch", "preview", *asked, "--json").data["posts"][0]["author"] == "ana"
    assert amends("watch", "list", "--json").data == []
    assert amends("watch", "add", *asked, "--lang", "en,el", "--without", "jobs", "--every", "60").code == 0
    with stored.reading() as work:
        (row,) = watches.listed(work)
    assert row.query == {"kind": "mentions", "langs": ["en", "el"], "without": ["jobs"]}
    assert (row.account_id, row.every_s) == (number, 60)


def test_a_watch_that_cannot_work_says_what_is_missing(amends: Amends) -> None:
    amends("brand", "add", "acme", "Acme")
    assert "Say which words" in amends("watch", "add", "acme", "x", "--kind", "search").err
    assert "connect one on x first" in amends("watch", "add", "acme", "x", "--words", "acme").err
    assert "choose one of" in amends("watch", "add", "acme", "x", "--kind", "dreams").err
    assert amends("watch", "add", "acme", "replay", "--words", "acme").code == 2
    assert amends("watch", "list", "--json").data == []


def begin(data: Path, *words: str) -> subprocess.Popen[str]:
    """Start a command that waits for somebody."""
    environment = {**os.environ, "AMENDS_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    with keys_heard():
        return subprocess.Popen(
            [sys.executable, "-m", "api.cli", *words],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def until(process: subprocess.Popen[str], words: str) -> str:
    """Read what a command says up to a line with these words."""
    assert process.stdout
    heard = ""
    for line in process.stdout:
        heard += line
        if words in line:
            return heard
    raise AssertionError(heard + (process.stderr.read() if process.stderr else ""))


@pytest.mark.slow
def test_signing_in_at_the_platform_the_address_that_comes_back_is_pasted(
    amends: Amends, data: Path, platform: SimulatedMastodon, stored: Store
) -> None:
    amends("brand", "add", "acme", "Acme")
    platform.connect("vela_care")
    with begin(data, "account", "connect", "mastodon", "--brand", "acme", "--field", f"host={platform.url}") as process:
        heard = until(process, "Paste that address")
        address = next(line for line in heard.splitlines() if line.startswith(platform.url))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["redirect_uri"] == "http://127.0.0.1:8000/accounts/connected"
        form = {**asked, "account": "vela_care", "allow": "yes"}
        back = requests.post(address.partition("?")[0], data=form, allow_redirects=False, timeout=5)
        out, err = process.communicate(back.headers["Location"] + "\n", timeout=60)
    assert process.returncode == 0, err
    assert "Connected as vela_care@" in out
    with stored.reading() as work:
        (row,) = accounts.of_brand(work)
    assert (row.publisher, row.error) == ("mastodon", "")


@pytest.mark.slow
def test_the_demo_plays_a_platform_until_it_is_stopped(amends: Amends, data: Path, stored: Store) -> None:
    assert amends("demo", "--platform", "nowhere").code == 1
    with begin(data, "demo", "--platform", "mastodon", "--speed", "60") as process:
        heard = until(process, "Ctrl-C ends it.")
        assert "Simulated: Mastodon at http://127.0.0.1:" in heard
        assert "amends up" in heard
        with stored.reading() as work:
            assert len(watches.listed(work)) == 2
        assert process.stderr is not None
        assert any("mastodon: " in line for line in process.stderr), "it says what its customers do"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "amends demo --remove" in out
    with stored.reading() as work:
        assert watches.listed(work) == []
    assert amends("demo", "--remove").code == 0
