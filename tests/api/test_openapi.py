"""The description of the API, for programs and for people."""

import json
from pathlib import Path

import pytest

from tests.api.conftest import House

DESCRIBED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_description_in_the_docs_is_the_one_that_is_served(house: House) -> None:
    served = house.client().get("/openapi.json").json()
    assert served == json.loads(DESCRIBED.read_text()), "run: python -m api.reference > docs/openapi.json"


def test_every_operation_says_what_it_does_and_how_it_fails(house: House) -> None:
    described = house.app.openapi()
    for path, operations in described["paths"].items():
        for method, one in operations.items():
            assert one["summary"], path
            assert one["description"], path
            if path.startswith("/api/"):
                assert {"401", "403", "422"} <= one["responses"].keys(), (method, path)
                for status, answer in one["responses"].items():
                    kinds = answer.get("content", {}).keys()
                    assert kinds <= {"application/problem+json" if status >= "400" else "application/json"}, path


def test_reference_for_people_needs_no_script(house: House) -> None:
    page = house.client().get("/docs")
    assert page.status_code == 200
    assert "/api/v1/cases/{case_id}/approve" in page.text
    assert "MentionIn" in page.text


@pytest.mark.parametrize("name", ["Shown", "password_hash", "secret"])
def test_description_holds_no_field_for_what_must_not_come_out(house: House, name: str) -> None:
    fields = {
        field for one in house.app.openapi()["components"]["schemas"].values() for field in one.get("properties", {})
    }
    assert name not in fields
