"""Draw the pages for the guide: `python -m tests.browser.screenshots [FOLDER]`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from monitor import logs
from monitor.domain.lifecycle import Actor, Role
from monitor.store import cases, drafts
from responders import reviewing
from tests.api.pages import town
from tests.browser.site import Site, served, visit
from tests.chromium import chromium

DOCS = Path(__file__).parents[2] / "docs" / "screenshots"
_SENT = ("jo.bright", "pilar_v", "olu.a")
WIDTHS = (1440, 390)


def case_of(site: Site, handle: str) -> int:
    """Return the case of a customer on the desk."""
    with site.store.reading() as work:
        rows = [*cases.desk(work, "complaints"), *cases.desk(work, "others")]
    return next(row.id for row in rows if row.handle == handle)


def live_through(site: Site) -> None:
    """Let some replies go out, and one colleague be at work."""
    town.move_in(site.store, site.brand_id, site.now())
    for handle in _SENT:
        _answer(site, case_of(site, handle))
    with site.store.unit_of_work() as work:
        cases.take(work, case_of(site, "marek.w"), site.ids[Role.LEAD], site.now())
    site.relay()


def _answer(site: Site, case_id: int) -> None:
    actor = Actor.person(site.ids[Role.LEAD], Role.LEAD, "Ben Adeyemi")
    with site.store.reading() as work:
        row = drafts.current(work, case_id)
    assert row
    reviewing.approve(site.store, actor, case_id, row.revision, site.now(), overrule="Read twice; it may go.")
    with site.store.unit_of_work() as work:
        cases.note(work, case_id, send_after=site.now())
    site.send(case_id)


def draw(browser: Browser, site: Site, folder: Path) -> None:
    """Take every picture."""
    arabic, english = case_of(site, "sami_q"), case_of(site, "tired_buyer")
    pages = {"queue": "/", "case": f"/cases/{english}", "case-arabic": f"/cases/{arabic}", "outbox": "/outbox"}
    for name, path in pages.items():
        for width in WIDTHS:
            for dark in (False, True):
                page, _ = visit(browser, site, path, width=width, dark=dark)
                page.wait_for_timeout(500)
                page.screenshot(path=folder / f"{name}-{width}-{'dark' if dark else 'light'}.png")
                page.context.close()


def main() -> None:
    """Draw into `docs/screenshots`, or the folder given."""
    logs.configure("json", "ERROR")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, served(Path(data)) as site, chromium() as browser:
        live_through(site)
        draw(browser, site, folder)


if __name__ == "__main__":
    main()
