"""What tests of several use cases share."""

from datetime import datetime

import pytest

from monitor.store import watches
from monitor.store.engine import Store
from tests import builders
from tests.builders import House
from tests.monitor.street import Street


@pytest.fixture
def house(store: Store, now: datetime) -> House:
    return builders.house(store, now)


@pytest.fixture
def street(store: Store, now: datetime) -> Street:
    house = builders.house(store, now)
    with store.unit_of_work() as work:
        watch = watches.add(work, house.brand_id, "x", {}, now, account_id=house.account_id)
    return Street(store, house, watch, now)
