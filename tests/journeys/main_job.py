"""The main job, step by step, in a real browser: used by the journey test, and by hand with other posts.

`python -m tests.journeys.main_job FILE` walks it with the posts of a file.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.api.running.instance import PASSWORD, Instance, wait_for
from tests.chromium import chromium

REPLY = (
    "You came to us for something that works and got this instead: we are sorry, and leaving you without an answer "
    "is our fault. We are checking it now and will write to you here with what we find."
)
OTHER_REPLY = (
    "This should never have reached you in such a state. Sorry: finding out what happened is on us, not on you. "
    "One of us is going through your case right now; whatever we learn, you read it in this thread first."
)
UNDO_S = 4


@contextmanager
def house(folder: Path, model: str) -> Iterator[Instance]:
    """Run Amends with one brand whose replies go to the dry-run platform."""
    instance = Instance(folder / "data", model=model, dry_run="1")
    try:
        instance.run("brand", "add", "vela", "Vela")
        instance.run("brand", "set", "vela", f"undo_s={UNDO_S}")
        instance.run("brand", "account", "add", "vela", "x", "vela", "--publisher", "dryrun")
        instance.start("--no-demo")
        yield instance
        assert instance.stop() == 0
    finally:
        instance.close()


def ledger(instance: Instance) -> dict[str, int]:
    """Return what `amends ledger` counts."""
    counted: dict[str, int] = json.loads(instance.run("ledger", "--json", check=False).stdout)
    return counted


@dataclass
class Desk:
    """The administrator at the browser."""

    page: Page
    instance: Instance

    @classmethod
    def sit_down(cls, browser: Browser, instance: Instance) -> "Desk":
        """Follow the one-time link of the terminal and take a seat."""
        wait_for(lambda: "/welcome/" in instance.output, 20)
        link = re.findall(r"http://\S+/welcome/\S+", instance.output)[-1]
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(link)
        page.get_by_label("E-mail").fill("ada@example.com")
        page.get_by_label("Name").fill("Ada")
        page.get_by_label("Password").first.fill(PASSWORD)
        page.locator("form button").last.click()
        page.wait_for_url(instance.url + "/**")
        return cls(page, instance)

    def queue(self) -> list[str]:
        """Open the queue and return the ids of its rows, top first."""
        self.page.goto(self.instance.url + "/")
        return [str(row.get_attribute("data-id")) for row in self.page.locator(".row").all()]

    def open(self, case_id: str) -> None:
        """Open a case."""
        self.page.goto(f"{self.instance.url}/cases/{case_id}")

    def approve(self, case_id: str, text: str) -> None:
        """Put one's own words and approve them."""
        self.open(case_id)
        self.page.locator("#text").fill(text)
        expect(self.page.locator("#bar mark.block")).to_have_count(0)
        self.page.keyboard.press("Control+Enter")
        expect(self.page.locator(".sending [data-until]")).to_have_text(re.compile(r"in \d+ s"))

    def plain_cases(self) -> list[str]:
        """Return the cases of the queue that need no second person and have a draft, in its order."""
        return [str(row["id"]) for row in self.rows() if row["revision"] and not row["delicate"]]

    def rows(self) -> list[dict[str, Any]]:
        """Return the whole tab of complaints, as the API gives it to whoever is signed in."""
        found, after = list[dict[str, Any]](), ""
        while True:
            query = f"/api/v1/cases?tab=complaints&limit=100&after={after}"
            page = self.page.request.get(self.instance.url + query).json()
            found += page["items"]
            after = page["next"]
            if not after:
                return found


def in_order(desk: Desk) -> None:
    """Check the order of the queue: earliest reply-by first, then the higher tier."""
    due = [(row["reply_by"][:19], -row["tier"]) for row in desk.rows()]
    assert due
    assert due == sorted(due)


def walk(browser: Browser, instance: Instance, file: Path) -> Desk:
    """Import, approve one, dismiss another, escalate a third, undo a fourth, take the third back."""
    desk = Desk.sit_down(browser, instance)
    instance.run("import", str(file), "--as-live", "--platform", "x")
    wait_for(lambda: ledger(instance)["waiting"] == 0, 300)
    wait_for(lambda: len(desk.plain_cases()) >= 4, 300)
    in_order(desk)
    first, second, third, fourth = desk.plain_cases()[:4]
    desk.approve(first, REPLY)
    expect(desk.page.locator(".done")).to_contain_text("nobody outside has seen it", timeout=30_000)

    desk.open(second)
    desk.page.get_by_text("Dismiss", exact=True).first.click()
    desk.page.get_by_label("not about us").check()
    desk.page.locator("form[action$=dismiss] button").click()

    desk.open(third)
    desk.page.locator("summary, button, a", has_text="Escalate").first.click()
    desk.page.locator("#question").fill("What went wrong here?")
    desk.page.locator("form[action$=escalate] button").last.click()
    desk.page.wait_for_load_state()

    desk.approve(fourth, OTHER_REPLY)  # another one: the bar stops the same words twice
    desk.page.keyboard.press("z")
    expect(desk.page.locator("#text")).to_be_visible()

    desk.page.goto(instance.url + "/outbox")
    expect(desk.page.locator(".row")).to_have_count(1)
    expect(desk.page.locator(".row")).to_contain_text("You came to us for something that works")

    desk.open(third)
    desk.page.get_by_text("Take it back").click()
    wait_for(lambda: third in {str(row["id"]) for row in desk.rows()}, 30)
    return desk


def main() -> None:
    """Walk it with somebody's posts and print the ledger."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, house(Path(folder), "shipped") as instance:
        desk = walk(browser, instance, Path(sys.argv[1]))
        desk.queue()
        desk.page.screenshot(path="main-job.png")
        print(ledger(instance))  # noqa: T201


if __name__ == "__main__":
    main()
