"""What the tests of accounts and watches share: a simulated Mastodon and somebody at its page of consent."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import requests
from fastapi.testclient import TestClient
from httpx2 import Response

from monitor.simulated.mastodon import SimulatedMastodon
from monitor.simulated.server import Simulated
from tests.api.conftest import Clock


@contextmanager
def mastodon(clock: Clock) -> Iterator[SimulatedMastodon]:
    """A server on loopback, at the time of the house, where vela_care has an account."""
    with SimulatedMastodon(clock=lambda: clock().timestamp()) as platform:
        platform.connect("vela_care")
        yield platform


def link_in(page: str, words: str) -> str:
    """Return where a link that says this leads."""
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>{re.escape(words)}', page)
    assert found, f"no link says {words}"
    return html.unescape(found[1])


def allow(url: str, account: str = "vela_care", *, yes: bool = True) -> str:
    """Decide on the platform's page, and return the path of ours that it sends the person back to."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    page = url.partition("?")[0]
    decided = {**asked, "account": account, "allow": "yes" if yes else "no", "authorize": "Allow" if yes else "Decline"}
    back = requests.post(page, data=decided, allow_redirects=False, timeout=5).headers["Location"]
    assert back.startswith("http://testserver/accounts/connected?")
    return back.removeprefix("http://testserver")


def begin(client: TestClient, brand_id: int, platform: Simulated, **given: str) -> str:
    """Fill in our form and return the platform's page that it leads to."""
    typed = {f"given_{name}": value for name, value in {"host": platform.url, **given}.items()}
    form = {"brand": str(brand_id), "platform": platform.name, **typed}
    page = client.post("/accounts/connect", data=form)
    assert page.status_code == 200, page.text
    return link_in(page.text, "Sign in at")


def connect(client: TestClient, brand_id: int, platform: SimulatedMastodon) -> int:
    """Connect vela_care, and return the account's number."""
    landed: Response = client.get(allow(begin(client, brand_id, platform)))
    return int(landed.headers["location"].split("?")[0].rsplit("/", 1)[-1])
