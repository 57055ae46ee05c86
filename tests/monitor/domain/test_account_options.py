import pytest

from monitor.domain.account_options import dollars, read_cap, read_options
from monitor.domain.errors import BadInput


def test_answers_are_read_as_people_write_them() -> None:
    assert read_options("x", {"approval_held": "Yes", "tier": ""}) == {"approval_held": True, "tier": ""}
    assert read_options("x", {"approval_held": ""}) == {"approval_held": False}
    assert read_options("reddit", {"no_reply_in": "r/tea, kettles\n/r/tea"}) == {"no_reply_in": "tea, kettles"}
    assert read_options("mastodon", {"visibility": "public"}) == {"visibility": "public"}


@pytest.mark.parametrize(
    ("platform", "name", "value"),
    [
        ("x", "approval_held", "perhaps"),
        ("x", "tier", "gold"),
        ("mastodon", "approval_held", "yes"),
        ("bluesky", "tier", ""),
    ],
)
def test_an_answer_that_is_none_is_named(platform: str, name: str, value: str) -> None:
    with pytest.raises(BadInput) as wrong:
        read_options(platform, {name: value})
    assert wrong.value.where == name


@pytest.mark.parametrize(
    ("written", "micros"), [("", None), ("50", 50_000_000), ("$1,200.50", 1_200_500_000), ("0", 0), (" 0.25 ", 250_000)]
)
def test_a_cap_is_read_in_dollars(written: str, micros: int | None) -> None:
    assert read_cap(written) == micros
    assert read_cap(dollars(micros)) == micros


@pytest.mark.parametrize("written", ["-1", "much", "NaN", "Infinity", "1e9"])
def test_a_cap_that_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(BadInput, match="amount of dollars"):
        read_cap(written)
