"""What the tests of the answering side share."""

from datetime import datetime

import pytest

from monitor.store.engine import Store
from tests.responders.desk import Desk, open_desk
from tests.responders.platform import Clock


@pytest.fixture
def clock(now: datetime) -> Clock:
    """A clock that a test moves."""
    return Clock(now)


@pytest.fixture
def desk(store: Store, now: datetime) -> Desk:
    """A desk with a brand and people, on each database."""
    return open_desk(store, now)
