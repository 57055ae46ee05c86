"""Headers of platforms are believed within what can be."""

from collections.abc import Mapping
from datetime import datetime

import pytest
import requests

from monitor import budgets
from monitor.clients.faults import Denied, NoAnswer, Throttled
from monitor.clients.http import Fenced, json_of, quota_of, settle, wait_of
from monitor.domain.budgets import LONGEST_WAIT
from monitor.domain.records import Usage
from monitor.store import spending
from monitor.store.engine import Store

DAY = 86_400.0
NONSENSE = (
    "nan",
    "inf",
    "-inf",
    "",
    "many",
    "9" * 5000,
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "0001-01-01T00:00:00+14:00",
)


def answer(headers: Mapping[str, str], status: int = 200, body: bytes = b"{}") -> requests.Response:
    made = requests.Response()
    made.status_code, made.url, made._content = status, "https://platform.example/", body
    made.headers.update(headers)
    return made


@pytest.mark.parametrize("written", [*NONSENSE, "1e300", "-5", "4000000000"])
def test_no_header_silences_us_for_longer_than_a_day(written: str) -> None:
    for name in ("retry-after", "x-ratelimit-reset"):
        assert 1.0 <= wait_of(answer({name: written}, 429)) <= DAY
    with pytest.raises(Throttled, match="wants fewer calls"):
        settle(answer({"retry-after": written, "date": written}, 429))


@pytest.mark.parametrize("limit", [*NONSENSE, "1e300", "-5"])
@pytest.mark.parametrize("reset", ["60", "1e300", "inf", "-1"])
def test_no_header_keeps_a_page_out_of_the_store(store: Store, now: datetime, limit: str, reset: str) -> None:
    heads = {"x-ratelimit-remaining": limit, "x-ratelimit-limit": limit, "x-ratelimit-reset": reset}
    with store.unit_of_work() as work:
        budgets.book(work, None, "watch:1", Usage(quota_of(answer(heads), "all")), now, platform="mastodon")
        for row in spending.quotas(work):
            assert 0 <= row.remaining <= 10**9
            assert now <= row.resets_at <= now + LONGEST_WAIT


@pytest.mark.parametrize("body", [b"[" * 100_000, b"<html>", b"9" * 10_000, b"\xff\xfe\x00"])
def test_what_is_no_json_is_no_answer(body: bytes) -> None:
    with pytest.raises(NoAnswer, match="not JSON"):
        json_of(answer({}, body=body))


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest/meta-data", "http://[fe80::1]/x"])
def test_the_addresses_where_a_cloud_keeps_its_secrets_are_never_called(address: str) -> None:
    with Fenced() as session, pytest.raises(Denied, match="no platform is there"):
        session.get(address)
