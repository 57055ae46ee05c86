import pytest

from monitor.domain.errors import BadInput, RetryLater, SourceRefused
from responders.ports import PublishDeferred, PublishUncertain
from workers.retry import LONGEST_WAIT, MOST_ATTEMPTS, decide


def test_an_error_that_says_how_long_it_lasts_is_believed() -> None:
    assert decide(RetryLater("busy", after=12), 0) == 12
    assert decide(PublishDeferred("limit", after=7), 2) == 7


def test_a_long_wait_is_left_to_the_schedule() -> None:
    assert decide(RetryLater("limit", after=900), 0) is None


def test_a_broken_connection_is_tried_again_at_growing_intervals() -> None:
    waits = [decide(ConnectionResetError(), attempt) for attempt in range(MOST_ATTEMPTS)]
    assert waits == [1, 2, 4, 8, 16]
    assert max(w for w in waits if w) <= LONGEST_WAIT


@pytest.mark.parametrize("error", [RetryLater("busy"), TimeoutError()])
def test_nothing_is_tried_for_ever(error: Exception) -> None:
    assert decide(error, MOST_ATTEMPTS) is None


@pytest.mark.parametrize(
    "error", [SourceRefused("no"), BadInput("no"), PublishUncertain("?"), ValueError(), KeyError()]
)
def test_what_a_person_must_see_to_is_not_repeated(error: Exception) -> None:
    assert decide(error, 0) is None
