"""A real server on the loopback with the town in it, and Chromium to look at it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page

from api import auth
from api.app import create_app
from monitor.domain.lifecycle import Role
from monitor.settings import Settings
from monitor.store import accounts, brands, events, migrate, users
from monitor.store.engine import Store
from responders import publishers, publishing

NAMES = {Role.AGENT: "Mara Kovač", Role.LEAD: "Ben Adeyemi", Role.ADMIN: "Sofia Lind", Role.OBSERVER: "Oto"}


@dataclass
class Site:
    """A served Amends."""

    url: str
    app: FastAPI
    data: Path
    brand_id: int
    ids: dict[Role, int] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        store: Store = self.app.state.store
        return store

    def now(self) -> datetime:
        return datetime.now(UTC)

    def cookie(self, role: Role) -> str:
        """Sign somebody in and return the cookie."""
        with self.store.unit_of_work() as work:
            return auth._open_session(work, self.ids[role], self.now(), 1)

    def relay(self) -> None:
        """Do what the relay does: number the new events, so that open pages hear of them."""
        with self.store.unit_of_work() as work:
            events.stamp(work, [one.id for one in events.unprocessed(work, 1000)], self.now())

    def send(self, case_id: int) -> str:
        """Do what the publisher's worker does once the time to undo has passed."""
        return publishing.publish_case(
            self.store, case_id, lambda account: publishers.load(account.publisher, self.data), self.now, dry_run=True
        )


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Serve a new, empty Amends from a folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(data=folder, dry_run=True)
    store = Store(settings.database)
    migrate.upgrade(store)
    app = create_app(settings)
    config = uvicorn.Config(app, "127.0.0.1", port, log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    site = Site(f"http://127.0.0.1:{port}", app, folder, 0)
    with store.unit_of_work() as work:
        site.brand_id = brands.create(work, "acme", "Acme", site.now())
        for platform in ("x", "mastodon", "reddit"):
            accounts.add(work, site.brand_id, platform, "@acme_care", "dryrun", site.now())
        for role, name in NAMES.items():
            site.ids[role] = users.add(work, f"{role}@acme.example", name, "", role, site.now())
    store.close()
    try:
        yield site
    finally:
        server.should_exit = True
        thread.join(10)


def visit(
    browser: Browser, site: Site, path: str = "/", *, role: Role = Role.AGENT, width: int = 1440, dark: bool = False
) -> tuple[Page, list[str]]:
    """Open a page as somebody; the list fills with whatever the browser complains about."""
    height = 844 if width < 600 else 900
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="en-GB"
    )
    context.add_cookies([{"name": "amends", "value": site.cookie(role), "url": site.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.url + path)
    return page, complaints
