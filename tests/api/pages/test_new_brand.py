"""The first brand, for somebody who has just signed in to an empty Amends."""

import pytest

from monitor.domain.lifecycle import Role
from monitor.store import brands
from tests.api.conftest import House
from tests.api.pages.conftest import HTML, Town, said


@pytest.mark.parametrize("path", ["/accounts/connect", "/watches/new?source=hackernews&kind=search"])
def test_without_a_brand_one_is_asked_for_first(house: House, path: str) -> None:
    admin = house.browser(Role.ADMIN)
    admin.headers.update(HTML)
    assert "Add a brand" in said(admin.get("/sources"))
    assert "There is no brand to listen for." in said(admin.get("/"))
    assert admin.get(path).headers["location"] == "/brands/new"
    added = admin.post("/brands", data={"name": " Café  Noir "})
    with house.store.reading() as work:
        (brand,) = brands.all_brands(work)
    assert (brand.slug, brand.name, brand.is_demo) == ("cafe-noir", "Café Noir", False)
    assert added.headers["location"] == f"/accounts/connect?brand={brand.id}"
    assert admin.get(path).status_code == 200


def test_a_name_that_cannot_be_used_comes_back_with_the_reason(place: Town) -> None:
    lead = place.browser(Role.LEAD)
    assert lead.post("/brands", data={"name": "  "}).status_code == 422
    lead.post("/brands", data={"name": "Acme Lamps"})
    again = lead.post("/brands", data={"name": "acme lamps"})
    assert again.status_code == 422
    assert "There is a brand called acme-lamps already" in said(again)
    assert 'value="acme lamps"' in again.text


def test_a_name_in_any_script_will_do(place: Town) -> None:
    assert place.browser(Role.LEAD).post("/brands", data={"name": "فيلا"}).status_code == 303
    with place.house.store.reading() as work:
        assert brands.by_slug(work, "brand").name == "فيلا"


def test_an_agent_adds_no_brand(place: Town) -> None:
    agent = place.browser()
    assert agent.get("/brands/new").status_code == 403
    assert agent.post("/brands", data={"name": "Mine"}).status_code == 403
