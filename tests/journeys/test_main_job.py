"""What a newcomer comes for, through the commands and a real browser."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.main_job import house, ledger, walk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

THINGS = ("kettle", "oven", "sofa", "lamp", "drill", "toaster", "parcel", "chair")
FAULTS = ("broke after two days, terrible", "arrived damaged and nobody answers", "never arrived, still waiting")


def posts(path: Path) -> Path:
    """Write some complaints, a question, thanks and small talk."""
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["id", "author", "text"])
        said = [f"My {thing} {fault}." for thing in THINGS for fault in FAULTS]
        said += ["When do you open on Sundays?", "Thank you so much, great help!", "Walked past the river today."]
        lines.writerows([f"p{n}", f"customer_{n}", text] for n, text in enumerate(said))
    return path


def test_a_reply_goes_out_once_and_every_post_is_accounted_for(browser: Browser, tmp_path: Path) -> None:
    with house(tmp_path, "rules") as instance:
        desk = walk(browser, instance, posts(tmp_path / "posts.csv"))
        counted = ledger(instance)
        assert counted["balanced"] is True
        assert (counted["mentions"], counted["answered"], counted["closed"]) == (27, 1, 1)

        # A reply that went out is withdrawn; the outbox keeps the trace.
        desk.page.goto(instance.url + "/outbox")
        desk.page.locator(".row a.said").first.click()
        desk.page.locator("#withdraw summary").click()
        desk.page.locator("#withdraw input[name=reason]").fill("Said to the wrong customer")
        desk.page.locator("#withdraw button").click()
        desk.page.locator("#approve").click()
        desk.page.wait_for_timeout(8_000)
        desk.page.goto(instance.url + "/outbox")
        expect(desk.page.locator(".row")).to_have_count(2)
        expect(desk.page.locator(".row").first).to_contain_text("a withdrawal")
        assert ledger(instance)["balanced"] is True
