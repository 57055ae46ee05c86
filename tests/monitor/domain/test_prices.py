"""What X bills, added up."""

from datetime import timedelta

import pytest

from monitor.domain import prices


def test_the_objects_of_a_page_are_billed_one_by_one() -> None:
    assert prices.cost("x", {"post_read": 3, "user_read": 2}) == 3 * 5_000 + 2 * 10_000
    assert prices.cost("x", {"post_with_url": 1}) == 200_000
    assert prices.cost("x", {"own_read": 100}) == 100_000


def test_what_nobody_bills_costs_nothing() -> None:
    assert prices.cost("mastodon", {"post_read": 1_000}) == 0
    assert prices.cost("x", {"never heard of": 7}) == 0


def test_reading_our_own_mentions_is_the_cheapest_way() -> None:
    assert prices.largest_page("x", "search") == 1_500_000
    assert prices.largest_page("x", "mentions") == 1_100_000
    assert prices.largest_page("reddit", "search") == 0


@pytest.mark.parametrize(
    ("micros", "over", "month"),
    [
        (1_000_000, timedelta(days=1), 30_000_000),
        (1_000_000, timedelta(days=30), 1_000_000),
        (1_000, timedelta(0), 720_000),  # the first page of a watch does not stand for a second
    ],
)
def test_a_month_goes_on_as_it_began(micros: int, over: timedelta, month: int) -> None:
    assert prices.a_month(micros, over) == month


def test_amounts_are_written_as_people_write_them() -> None:
    assert [prices.dollars(one) for one in (0, 5_000, 12_500, 1_204_500_000)] == [
        "$0.00",
        "$0.005",
        "$0.01",
        "$1,204.50",
    ]
