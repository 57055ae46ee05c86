import math

import pytest

from monitor.domain.rates import wilson


def test_the_interval_is_wilsons() -> None:
    rate = wilson(8, 10)
    assert rate
    assert (rate.value, round(rate.low, 4), round(rate.high, 4)) == (0.8, 0.4902, 0.9433)


@pytest.mark.parametrize(("hits", "low", "high"), [(0, 0.0, 0.2775), (10, 0.7225, 1.0)])
def test_all_or_nothing_of_a_few_is_not_called_certain(hits: int, low: float, high: float) -> None:
    rate = wilson(hits, 10)
    assert rate
    assert math.isclose(rate.low, low, abs_tol=1e-4)
    assert math.isclose(rate.high, high, abs_tol=1e-4)


def test_of_nothing_there_is_no_share() -> None:
    assert wilson(0, 0) is None
