"""When to try again: a pure function of the error and the attempt."""

from monitor.domain.errors import RetryLater
from responders.ports import PublishDeferred

MOST_ATTEMPTS = 5
LONGEST_WAIT = 30.0  # seconds; what must wait longer is due in the database, and the beat comes for it


def decide(error: BaseException, attempt: int) -> float | None:
    """Return after how many seconds to try once more, or None: leave it to the sweeper, or to a person.

    `attempt` counts from 0. Errors that say how long they last are believed; a broken connection is tried again
    after 1, 2, 4, ... seconds.
    """
    if attempt >= MOST_ATTEMPTS:
        return None
    if isinstance(error, RetryLater | PublishDeferred):
        return max(error.after, 1.0) if error.after <= LONGEST_WAIT else None
    if isinstance(error, ConnectionError | TimeoutError):
        return min(2.0**attempt, LONGEST_WAIT)
    return None
