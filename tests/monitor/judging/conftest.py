"""Who corrects."""

from datetime import datetime

import pytest

from monitor.domain.lifecycle import Actor, Role
from monitor.store import users
from monitor.store.engine import Store


@pytest.fixture
def ann(store: Store, now: datetime) -> Actor:
    with store.unit_of_work() as work:
        return Actor.person(users.add(work, "ann@example.com", "Ann", "-", Role.AGENT, now), Role.AGENT, "Ann")
