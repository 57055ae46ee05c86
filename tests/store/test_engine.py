"""What no column holds is the giver's mistake, on both databases."""

import pytest
from sqlalchemy import select

from monitor.domain.errors import BadInput
from monitor.store.engine import Store
from monitor.store.tables import brand


@pytest.mark.parametrize("column", ["id", "slug"])
def test_what_no_column_holds_is_said_in_plain_words(store: Store, column: str) -> None:
    given = {"id": 10**30, "slug": "half a character \udcff"}[column]
    with store.reading() as work, pytest.raises(BadInput, match="too large, or a text holds what is no character"):
        work.execute(select(brand.c.id).where(brand.c[column] == given)).first()
