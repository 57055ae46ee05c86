"""What a platform, or somebody on it, writes into a post never keeps it, or the posts beside it, out of the store."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor import intake
from monitor.domain.fitting import fitted
from monitor.domain.records import Author, Engagement, Post
from monitor.store import brands, ledger
from monitor.store.engine import Store
from tests.making import post

PLAIN = post("7", written_at=datetime(2026, 3, 2, 10, tzinfo=UTC))
DEEP: list[Any] = []
for _ in range(500):
    DEEP = [DEEP]

ODD: dict[str, Post] = {
    "a null in the text": replace(PLAIN, text="My kettle\0 leaks"),
    "half a character": replace(PLAIN, text="My kettle \ud83d leaks"),
    "a text without end": replace(PLAIN, text="kettle " * 1_000_000),
    "a number too large": replace(PLAIN, engagement=Engagement(10**30, -(10**30), 3, 4)),
    "no number at all": replace(PLAIN, engagement=Engagement(1.5, float("nan"), "9", [])),  # type: ignore[arg-type]
    "long names": replace(PLAIN, author=Author("u" * 5000, "h" * 5000, "n\0" * 5000, 10**30)),
    "a name of nothing": replace(PLAIN, author=Author("", "\ud800", "")),
    "a long thread": replace(PLAIN, thread="t" * 5000, reply_to="r\0"),
    "a long address": replace(PLAIN, url="https://example.invalid/" + "a" * 5000, lang="\0" * 500),
    "year one": replace(PLAIN, written_at=datetime(1, 1, 1, tzinfo=UTC)),
    "the last year": replace(PLAIN, written_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC)),
    "facts of any kind": replace(PLAIN, extra={"a": float("inf"), "b\0": ["\ud800", {"c": 10**40}]}),
    "facts too deep": replace(PLAIN, extra={"a": DEEP}),
    "facts without end": replace(PLAIN, extra={"a": "b" * 1_000_000}),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_post_is_stored_all_the_same(store: Store, now: datetime, what: str) -> None:
    fit = fitted(ODD[what])
    assert fit is not None
    assert fitted(fit) == fit
    with store.unit_of_work() as work:
        brand_id = brands.create(work, "acme", "Acme", now)
    assert len(intake.add_posts(store, brand_id, [fit], now).new) == 1
    with store.reading() as work:
        assert ledger.take_stock(work).mentions == 1


def test_what_fits_is_left_as_it_is() -> None:
    assert fitted(PLAIN) is PLAIN


@pytest.mark.parametrize("external_id", ["", "9" * 5000, "7\0", "\ud800"])
def test_a_post_whose_id_cannot_be_kept_is_not_given_another(external_id: str) -> None:
    assert fitted(replace(PLAIN, external_id=external_id)) is None


def test_a_link_or_an_id_that_is_too_long_is_left_out_and_not_cut() -> None:
    fit = fitted(replace(ODD["a long address"], thread="t" * 5000))
    assert fit is not None
    assert (fit.url, fit.thread) == ("", "")


def test_two_authors_with_ids_too_long_are_not_taken_for_one() -> None:
    first, second = (fitted(replace(ODD["long names"], external_id=one)) for one in "12")
    assert first
    assert second
    assert first.author.external_id != second.author.external_id
