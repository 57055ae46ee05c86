"""A browser for the session, and a served town for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from monitor import logs
from monitor.domain.lifecycle import Role
from tests.api.pages import town
from tests.browser import site as sites
from tests.browser.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    logs.configure("json", "ERROR")
    with sites.served(tmp_path) as site:
        town.move_in(site.store, site.brand_id, site.now())
        site.relay()
        yield site


class Visitor:
    """Opens pages, and afterwards checks that the browser had nothing to complain about."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self._opened: list[tuple[Page, list[str]]] = []

    def __call__(self, path: str = "/", *, role: Role = Role.AGENT, width: int = 1440, dark: bool = False) -> Page:
        page, complaints = sites.visit(self._browser, self._site, path, role=role, width=width, dark=dark)
        self._opened.append((page, complaints))
        return page

    def leave(self) -> list[str]:
        for page, _ in self._opened:
            page.context.close()
        return [said for _, complaints in self._opened for said in complaints]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visitor]:
    visitor = Visitor(browser, site)
    yield visitor
    complaints = [said for said in visitor.leave() if "the server responded with a status of 4" not in said]
    assert complaints == [], "the browser complained: a script failed or the content policy was broken"
