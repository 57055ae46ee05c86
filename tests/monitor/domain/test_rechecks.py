from datetime import datetime, timedelta

import pytest

from monitor.domain.rechecks import next_check, same_words


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(minutes=5), timedelta(hours=1)),
        (timedelta(hours=23), timedelta(hours=1)),
        (timedelta(days=1), timedelta(days=1)),
        (timedelta(days=29), timedelta(days=1)),
        (timedelta(days=30), timedelta(weeks=1)),
        (timedelta(days=364), timedelta(weeks=1)),
        (timedelta(days=365), timedelta(weeks=4)),
        (timedelta(days=4000), timedelta(weeks=4)),
        (timedelta(hours=-3), timedelta(hours=1)),
    ],
    ids=str,
)
def test_a_post_is_looked_at_ever_more_rarely_and_never_not(now: datetime, age: timedelta, wait: timedelta) -> None:
    assert next_check(now - age, now, waits=True, billed=True) == now + wait


def test_a_post_that_nobody_is_about_to_answer_is_looked_at_daily_from_the_start(now: datetime) -> None:
    assert next_check(now - timedelta(minutes=5), now) == now + timedelta(days=1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("My kettle leaks.", "My kettle leaks."),
        ("My kettle\r\nleaks. ", "My  kettle\nleaks."),
        ("Cafe\u0301 closed", "Caf\u00e9 closed"),
        ("Look: https://t.co/Ab12", "Look: https://shop.example/kettles/7"),
        ("Look: https://shop.example/kettles/seven", "Look: shop.example/kettles/sev…"),
        ("Look: https://www.shop.example/", "Look: http://shop.example"),
    ],
)
def test_white_space_and_the_way_a_link_is_shown_are_no_edit(before: str, after: str) -> None:
    assert same_words(before, after)
    assert same_words(after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("My kettle leaks.", "My kettle works."),
        ("My kettle leaks.", "My kettle leaks!"),
        ("It was 10.30", "It was 10.50"),
        ("See https://shop.example/a", "See https://shop.example/b"),
        ("See https://shop.example/a", "See"),
        ("See https://t.co/a", "See https://t.co/a https://t.co/b"),
        ("Never again", ""),
    ],
)
def test_other_words_are_an_edit(before: str, after: str) -> None:
    assert not same_words(before, after)
    assert not same_words(after, before)


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(minutes=5), timedelta(minutes=20)),
        (timedelta(hours=4), timedelta(hours=1)),
        (timedelta(days=2), timedelta(hours=6)),
        (timedelta(days=8), timedelta(days=1)),
    ],
    ids=str,
)
def test_where_looking_is_free_what_waits_is_looked_at_more_often(
    now: datetime, age: timedelta, wait: timedelta
) -> None:
    assert next_check(now - age, now, waits=True) == now + wait
    assert next_check(now - age, now) == now + timedelta(days=1), "and no more so once it is answered"


def test_what_spreads_fast_is_looked_at_soonest_and_less_often_where_it_costs(now: datetime) -> None:
    for age in (timedelta(minutes=5), timedelta(days=3)):
        assert next_check(now - age, now, waits=True, fast=True) == now + timedelta(minutes=10)
        assert next_check(now - age, now, waits=True, fast=True, billed=True) == now + timedelta(minutes=30)
        assert next_check(now - age, now, fast=True) == now + timedelta(days=1), "nobody is about to answer it"
