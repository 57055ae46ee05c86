"""Draw the pages for the guide: `python -m tests.browser.screenshots [FOLDER]`."""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

from monitor import budgets, logs
from monitor.domain.lifecycle import Actor, Role
from monitor.domain.records import Login, Quota, Usage
from monitor.logins import lock
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.store import accounts, cases, drafts, watches
from responders import reviewing
from tests.api.pages import town
from tests.browser.site import Site, served, visit
from tests.chromium import chromium

DOCS = Path(__file__).parents[2] / "docs" / "screenshots"
_SENT = ("jo.bright", "pilar_v", "olu.a")
WIDTHS = (1440, 390)
_FOUND = (
    ("ana", "en", "The lid of my kettle broke on the second morning #acmekettles"),
    ("dimitra", "el", "Τρίτη εβδομάδα χωρίς απάντηση από την εξυπηρέτηση #acmekettles"),
    ("rami", "ar", "وصلت الغلاية اليوم وهي مكسورة، ولا أحد يرد #acmekettles"),
    ("kasia", "pl", "Kupiłam czajnik z polecenia i jestem zachwycona #acmekettles"),
)
_STANDING = {
    "can_read": True,
    "can_reply": True,
    "notes": ["May reply to people who mention or quote @acme_help: X allows no other replies on this plan."],
}


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


def connect(site: Site, platform: SimulatedMastodon) -> tuple[int, int]:
    """Connect a brand's accounts and let them listen for a while; return those of X and of Mastodon."""
    now, vault, brand = site.now(), site.app.state.vault, site.brand_id
    x, there = Login("x", "https://api.x.com", "acme_help", secret={"access_token": "x"}), platform.connect("acme_help")
    with site.store.unit_of_work() as work:
        kept = {"standing": _STANDING, "checked_at": now - timedelta(hours=2)}
        on_x = accounts.add(
            work,
            brand,
            "x",
            x.handle,
            "x",
            now,
            secret=lock(x, vault),
            cap_micros=40_000_000,
            options={"approval_held": "yes"},
            **kept,
        )
        elsewhere = accounts.add(
            work, brand, "mastodon", there.handle, "mastodon", now, secret=lock(there, vault), host=there.host, **kept
        )
        heard = {"last_good_at": now - timedelta(seconds=12), "last_new_at": now - timedelta(minutes=4)}
        for source, query, account in (
            ("x", {"kind": "mentions"}, on_x),
            ("x", {"kind": "search", "words": ["acme kettle", "acmecare"]}, on_x),
            ("mastodon", {"kind": "hashtag", "places": ["acmekettles"]}, elsewhere),
            ("hackernews", {"kind": "search", "words": ["acme"]}, None),
        ):
            one = watches.add(work, brand, source, query, now, account_id=account)
            watches.change(work, one, **heard, next_poll_at=now + timedelta(seconds=40))
        why = "The search was down for longer than it reaches back."
        watches.add_gap(work, one, now - timedelta(hours=3), now - timedelta(hours=2), why, now)
        mine = accounts.get(work, on_x)
        for day in range(14):
            read = Usage((Quota("search", 450, 423, 600),), {"post_read": 40 + day * 37 % 120})
            budgets.book(work, mine, "watch:1", read, now - timedelta(days=day))
    return on_x, elsewhere


def draw_platforms(browser: Browser, site: Site, folder: Path) -> None:
    """Take the pictures of accounts, watches and sources, at work on a simulated platform."""
    with SimulatedMastodon() as platform:
        for who, lang, text in _FOUND:
            platform.customer(who, text, language=lang)
        on_x, elsewhere = connect(site, platform)
        new = f"/watches/new?source=mastodon&kind=hashtag&account={elsewhere}"
        pages = {"connect": "/accounts/connect", "account": f"/accounts/{on_x}", "sources": "/sources", "watch": new}
        pages["by-hand"] = f"/cases/{case_of(site, 'claire.d')}"
        for name, path in pages.items():
            small = [(390, True)] if name in {"sources", "by-hand"} else []
            for width, dark in [(1440, False), *small]:
                page, _ = visit(browser, site, path, role=Role.LEAD, width=width, dark=dark)
                if name == "watch":
                    _preview(page)
                _keep(page, folder, name, width, dark=dark)


def _preview(page: Page) -> None:
    page.get_by_label("Hashtag").fill("acmekettles")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("status", name="Preview").wait_for()


def _keep(page: Page, folder: Path, name: str, width: int, *, dark: bool) -> None:
    page.wait_for_timeout(500)
    page.screenshot(path=folder / f"{name}-{width}-{'dark' if dark else 'light'}.png")
    page.context.close()


def draw(browser: Browser, site: Site, folder: Path) -> None:
    """Take every picture."""
    arabic, english = case_of(site, "sami_q"), case_of(site, "tired_buyer")
    pages = {"queue": "/", "case": f"/cases/{english}", "case-arabic": f"/cases/{arabic}", "outbox": "/outbox"}
    for name, path in pages.items():
        for width in WIDTHS:
            for dark in (False, True):
                page, _ = visit(browser, site, path, width=width, dark=dark)
                _keep(page, folder, name, width, dark=dark)


def main() -> None:
    """Draw into `docs/screenshots`, or the folder given."""
    logs.configure("json", "ERROR")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, served(Path(data)) as site, chromium() as browser:
        live_through(site)
        draw(browser, site, folder)
        draw_platforms(browser, site, folder)


if __name__ == "__main__":
    main()
