"""Mentions from a script: stored once, all or nothing, with errors that name line and field."""

from datetime import timedelta

import pytest

from monitor.domain.lifecycle import Role
from monitor.store import brands, mentions
from tests.api.conftest import House


@pytest.mark.parametrize(
    "body",
    [
        {"text": "One", "id": "1"},
        [{"text": "One", "id": "1"}],
        {"mentions": [{"text": "One", "id": "1"}]},
    ],
)
def test_one_a_list_or_an_object_of_them(house: House, body: object) -> None:
    answer = house.program().post("/api/v1/mentions", json=body)
    assert answer.status_code == 201
    assert answer.json() == {"new": 1, "known": 0, "ids": [1]}
    assert house.program().post("/api/v1/mentions", json=body).json() == {"new": 0, "known": 1, "ids": []}


def test_first_mention_makes_a_brand_and_the_next_uses_the_only_one(house: House) -> None:
    program = house.program()
    program.post("/api/v1/mentions", json={"text": "One"})
    program.post("/api/v1/mentions", json={"text": "Two"})
    with house.store.reading() as work:
        assert [one.slug for one in brands.all_brands(work)] == ["default"]
    house.brand("acme")
    unclear = program.post("/api/v1/mentions", json={"text": "Three"})
    assert unclear.status_code == 422
    assert "acme, default" in unclear.json()["detail"]
    assert program.post("/api/v1/mentions?brand=acme", json={"text": "Three"}).json()["new"] == 1
    assert program.post("/api/v1/mentions?brand=nobody", json={"text": "Four"}).status_code == 404


def test_one_bad_row_stores_nothing_and_every_bad_row_is_named(house: House) -> None:
    rows = [{"text": "Fine"}, {"text": "  "}, "not an object", {"text": "Fine too", "followers": "many"}]
    answer = house.program().post("/api/v1/mentions", json=rows)
    assert answer.status_code == 422
    problem = answer.json()
    assert "3 of 4" in problem["detail"]
    assert [(one["line"], one.get("field", "")) for one in problem["errors"]] == [
        (2, "text"),
        (3, ""),
        (4, "followers"),
    ]
    assert problem["errors"][0]["message"] == "the text is blank"
    assert house.program().get("/api/v1/ledger").json()["mentions"] == 0


def test_row_that_needs_a_text_says_what_it_has_instead(house: House) -> None:
    answer = house.program().post("/api/v1/mentions", json={"title": "No words"})
    assert "title" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("rows", [[], [{"text": "a"}] * 1001])
def test_too_few_and_too_many_are_refused(house: House, rows: list[object]) -> None:
    answer = house.program().post("/api/v1/mentions", json=rows)
    assert answer.status_code == 422
    assert "1 to 1000" in answer.json()["detail"]


def test_thousand_at_once_are_taken(house: House) -> None:
    rows = [{"text": f"Post {number}", "id": str(number)} for number in range(1000)]
    assert house.program().post("/api/v1/mentions", json=rows).json()["new"] == 1000


def test_unknown_fields_are_kept(house: House) -> None:
    row = {"text": "One", "shop": "Graz", "order": {"no": 7}}
    [number] = house.program().post("/api/v1/mentions", json=row).json()["ids"]
    from sqlalchemy import select

    from monitor.store.tables import mention

    with house.store.reading() as work:
        extra = work.execute(select(mention.c.extra).where(mention.c.id == number)).scalar_one()
    assert extra == {"shop": "Graz", "order": {"no": 7}}


def test_a_post_from_anywhere_keeps_the_address_where_it_is_answered_by_hand(house: House) -> None:
    where = "https://forum.example/t/7?post=3#answer"
    for row in ({"url": where}, {"permalink": where}, {"url": "javascript:alert(1)"}):
        house.program().post(
            "/api/v1/mentions", json={"text": "lost again", "platform": "forum", **row, "id": str(row)}
        )
    house.says(1)
    pages = [house.browser().get(f"/cases/{number}").text for number in (1, 2, 3)]
    assert [f'href="{where}"' in page for page in pages] == [True, True, False]
    assert "lost again" in pages[2]
    assert "javascript:alert" not in pages[2]


def test_old_posts_are_history_unless_sent_as_live(house: House) -> None:
    old = (house.clock() - timedelta(days=30)).isoformat()
    program = house.program()
    program.post("/api/v1/mentions", json={"text": "Old", "id": "1", "created_at": old})
    program.post("/api/v1/mentions?as_live=true", json={"text": "Old", "id": "2", "created_at": old})
    with house.store.reading() as work:
        assert [row.is_history for row in mentions.get_many(work, [1, 2])] == [True, False]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "مرحبا 👋 \u202e", "a\u0000b", "'; DROP TABLE mention; --"]
)
def test_whatever_somebody_writes_is_text(house: House, text: str) -> None:
    house.program().post("/api/v1/mentions", json={"text": f"{text} lost"})
    house.says(1)
    [row] = house.browser(Role.OBSERVER).get("/api/v1/cases").json()["items"]
    assert row["text"] == f"{text} lost".replace("\u0000", "")


def test_half_a_character_in_a_name_does_not_break_the_answer(house: House) -> None:
    body = b'{"text": "One", "\\ud83d": {"a": 1}, "followers": "many"}'
    answer = house.program().post("/api/v1/mentions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "followers"


@pytest.mark.parametrize("body", [b'{"text": "\xff\xfe"}', b"[" * 100_000])
def test_a_body_that_no_decoder_takes_is_said(house: House, body: bytes) -> None:
    answer = house.program().post("/api/v1/mentions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert "UTF-8, or is nested too deep. Nothing was done." in answer.json()["detail"]
