"""One row of somebody else's data becomes a post, or is refused in words that say where and why."""

from datetime import UTC, datetime

import pytest

from monitor.domain.errors import BadInput
from monitor.domain.rows import TEXT_LIMIT, Note, RowRefused, read_row, to_post


def test_an_export_of_x_is_understood_without_a_mapping() -> None:
    post = to_post(
        {
            "tweet_id": "570306133677760513",
            "Full Text": "@vela where is my kettle?",
            "User": "@teapot_tessa",
            "tweet_created": "2015-02-24 11:35:52 -0800",
            "retweet_count": "1,234",
            "Favorite Count": "12.4K",
            "lang": "en-GB",
        },
        default_platform="twitter",
    )
    assert (post.platform, post.external_id, post.author.handle) == ("x", "570306133677760513", "teapot_tessa")
    assert post.written_at == datetime(2015, 2, 24, 19, 35, 52, tzinfo=UTC)
    assert (post.engagement.reposts, post.engagement.likes, post.engagement.views) == (1234, 12_400, None)
    assert post.lang == "en"


def test_nested_authors_and_counts_of_an_api_are_understood() -> None:
    post = to_post(
        {
            "id": 7,
            "text": "hello",
            "author": {"id": 99, "username": "wren", "name": "Wren", "followers_count": 5, "city": "Millbrook"},
            "public_metrics": {"like_count": 3, "impression_count": 40},
        }
    )
    assert (post.author.external_id, post.author.handle, post.author.display_name) == ("99", "wren", "Wren")
    assert (post.author.followers, post.engagement.likes, post.engagement.views) == (5, 3, 40)
    assert post.extra == {"author.city": "Millbrook"}


def test_source_is_not_taken_for_the_platform_and_unknown_fields_are_kept() -> None:
    post = to_post({"text": "late again", "label": "complaint", "source": "survey", "scores": [1, {"a": None}]})
    assert post.platform == "import"
    assert post.extra == {"label": "complaint", "source": "survey", "scores": [1, {"a": None}]}


def test_a_mapping_wins_over_the_usual_names_and_can_leave_a_column_out() -> None:
    row = {"text": "internal note", "Body": "broken lid", "id": "5.7E+17", "likes": "many"}
    post = to_post(row, {"text": "body", "id": "", "likes": ""})
    assert post.text == "broken lid"
    assert post.extra == {"text": "internal note", "id": "5.7E+17", "likes": "many"}


def test_a_mapping_to_no_field_is_refused_with_the_fields_there_are() -> None:
    with pytest.raises(BadInput, match=r'no field "txt".*text, id'):
        to_post({"text": "x"}, {"txt": "text"})


def test_the_same_post_without_an_id_has_the_same_id_and_another_text_another() -> None:
    row = {"text": "broken", "author": "bo", "date": "2024-05-31"}
    first, again, other = to_post(row), to_post(row | {"likes": 9}), to_post(row | {"text": "broken!"})
    assert first.external_id == again.external_id != other.external_id
    assert Note.NO_ID in read_row(row).notes


def test_two_posts_without_an_author_are_not_by_one_person() -> None:
    assert to_post({"text": "one"}).author.external_id != to_post({"text": "two"}).author.external_id


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2024-05-31T14:05:00Z", 14),
        ("2024-05-31 14:05", 14),
        ("2024/05/31 14:05:00 UTC", 14),
        ("2024-05-31T16:05:00.123456+02:00", 14),
        ("2024-05-31 16:05:00 +0200", 14),
        ("Fri, 31 May 2024 16:05:00 +0200", 14),
        ("Fri May 31 14:05:00 +0000 2024", 14),
        ("31/05/2024 14:05", 14),
        ("05/31/2024 2:05 PM", 14),
        ("31.05.2024 14:05:00", 14),
        ("May 31, 2024 2:05 pm", 14),
        ("31 May 2024 14:05:00", 14),
        ("20240531140500", 14),
        (1717164300, 14),
        ("1717164300000", 14),
        (1717164300.5, 14),
        ("2024-05-31", 0),
    ],
)
def test_dates_are_read_as_people_and_platforms_write_them(written: object, hour: int) -> None:
    at = to_post({"text": "x", "date": written}).written_at
    assert at is not None
    assert (at.year, at.month, at.day, at.hour, at.tzinfo) == (2024, 5, 31, hour, UTC)


def test_a_date_that_can_be_two_days_is_refused_until_told_how_to_read_it() -> None:
    row = {"text": "x", "date": "04/05/2024"}
    with pytest.raises(RowRefused, match="two days") as caught:
        to_post(row, line=7)
    assert caught.value.where == "line 7, date"
    assert to_post(row, day_first=True).written_at == datetime(2024, 5, 4, tzinfo=UTC)
    assert to_post(row, day_first=False).written_at == datetime(2024, 4, 5, tzinfo=UTC)


def test_a_date_without_a_zone_is_utc_and_said_so() -> None:
    assert Note.NO_ZONE in read_row({"text": "x", "date": "2024-05-31 10:00"}).notes
    assert Note.NO_ZONE not in read_row({"text": "x", "date": "2024-05-31 10:00Z"}).notes


def test_a_date_in_the_future_is_kept_as_given() -> None:
    assert to_post({"text": "x", "date": "2999-01-01T00:00Z"}).written_at == datetime(2999, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("text", " \u200b\n", "blank"),
        ("text", 12, "string"),
        ("date", "yesterday", "not a date"),
        ("date", "31/02/2024", "not a date"),
        ("date", "0001-01-01T00:00:00+14:00", "not a date"),
        ("date", True, "string or a number"),
        ("likes", "lots", "whole number"),
        ("likes", -3, "whole number"),
        ("likes", 1.5, "whole number"),
        ("likes", True, "whole number"),
        ("followers", 10**30, "whole number"),
        ("author", ["a"], "string or a whole number"),
        ("id", "5.70306E+17", "spreadsheet rounded"),
        ("id", "9" * 300, "longer than"),
        ("platform", "!!!", "short name"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_with_its_line(field: str, value: object, reason: str) -> None:
    with pytest.raises(RowRefused, match=reason) as caught:
        to_post({"text": "hello"} | {field: value}, line=3)
    assert (caught.value.line, caught.value.field, caught.value.where) == (3, field, f"line 3, {field}")


def test_a_row_without_a_text_is_refused_with_the_fields_it_has() -> None:
    with pytest.raises(RowRefused, match="the fields are Kommentar, stars"):
        to_post({"Kommentar": "kaputt", "stars": 1})


@pytest.mark.parametrize(
    ("written", "count"), [("", None), ("n/a", None), ("5.0", 5), ("1.234", 1234), ("2m", 2 * 10**6)]
)
def test_counts_are_read_and_missing_ones_stay_missing(written: str, count: int | None) -> None:
    assert to_post({"text": "x", "views": written}).engagement.views == count


@pytest.mark.parametrize(
    "text",
    [
        "😤😤😤",
        '<script>alert("x")</script> & <b>late</b>',
        "price \u202etxt.exe\u202c 100%",
        " ".join(f"#tag{n}" for n in range(500)),
        "  two  spaces\r\nand a line  ",
    ],
)
def test_a_text_is_kept_as_it_was_written(text: str) -> None:
    assert to_post({"text": text}).text == text


def test_null_characters_go_and_halves_of_characters_are_replaced_everywhere() -> None:
    post = to_post({"text": "a\0b\ud83d", "author": "n\0ed", "note": ["\udc00", float("nan")]})
    assert (post.text, post.author.handle, post.extra) == ("ab\ufffd", "ned", {"note": ["\ufffd", None]})


def test_a_very_long_text_is_cut_and_its_length_kept() -> None:
    reading = read_row({"text": "é" * (TEXT_LIMIT + 5)})
    assert len(reading.post.text) == TEXT_LIMIT
    assert reading.post.extra == {"text_length": TEXT_LIMIT + 5}
    assert Note.TEXT_CUT in reading.notes


def test_only_a_web_address_becomes_a_link() -> None:
    assert to_post({"text": "x", "url": "https://example.invalid/1"}).url == "https://example.invalid/1"
    post = to_post({"text": "x", "url": "javascript:alert(1)"})
    assert (post.url, post.extra) == ("", {"url": "javascript:alert(1)"})


def test_an_unknown_field_nested_beyond_reason_is_refused() -> None:
    deep: object = "end"
    for _ in range(50):
        deep = [deep]
    with pytest.raises(RowRefused, match="levels deep"):
        to_post({"text": "x", "blob": deep})
