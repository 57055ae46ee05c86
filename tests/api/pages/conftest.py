"""The house with the town's customers at its door."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pytest
from fastapi.testclient import TestClient

from monitor.domain.lifecycle import Role
from monitor.store import accounts, brands, cases, drafts
from monitor.store.cases import CaseRow
from monitor.store.drafts import DraftRow
from tests.api.conftest import House
from tests.api.pages import town

HTML = {"accept": "text/html"}


@dataclass
class Town:
    """The house, its one brand, and what the tests ask of them."""

    house: House
    brand_id: int

    def browser(self, role: Role = Role.AGENT) -> TestClient:
        client = self.house.browser(role)
        client.headers["accept"] = "text/html"
        return client

    def case_of(self, handle: str) -> int:
        with self.house.store.reading() as work:
            rows = [row for tab in ("complaints", "others", "escalated") for row in cases.desk(work, tab)]
        return next(row.id for row in rows if row.handle == handle)

    def case(self, case_id: int) -> CaseRow:
        with self.house.store.reading() as work:
            return cases.get(work, case_id)

    def draft(self, case_id: int) -> DraftRow:
        with self.house.store.reading() as work:
            found = drafts.current(work, case_id)
        assert found
        return found

    def writes(self, *people: town.Customer) -> None:
        """Let more customers write."""
        town.move_in(self.house.store, self.brand_id, self.house.clock(), people, drafts=False)


@pytest.fixture
def place(house: House) -> Town:
    """A brand that answers on three platforms, and everybody's posts judged and drafted."""
    with house.store.unit_of_work() as work:
        brand_id = brands.create(work, "acme", "Acme", house.clock())
        for platform in ("x", "mastodon", "reddit"):
            accounts.add(work, brand_id, platform, "@acme_care", "dryrun", house.clock())
    town.move_in(house.store, brand_id, house.clock())
    return Town(house, brand_id)


class Answer(Protocol):
    """What a test client returns."""

    @property
    def text(self) -> str: ...


def said(answer: Answer) -> str:
    """The words of a page, without its markup."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def in_order(text: str, words: Sequence[str]) -> bool:
    """Tell whether all words occur, each after the one before."""
    places = [text.find(word) for word in words]
    return -1 not in places and places == sorted(places)
