"""What an answer nobody can read means for a reply."""

import pytest

from responders.ports import LONGEST_WAIT_S, PublishDeferred, PublishUncertain
from responders.publishers.sending import sending


@pytest.mark.parametrize("broken", [KeyError("id"), TypeError("None"), ValueError("not a number"), AttributeError("x")])
def test_an_answer_that_cannot_be_read_leaves_open_whether_it_was_sent(broken: Exception) -> None:
    with pytest.raises(PublishUncertain, match="may have been sent") as told, sending():
        raise broken
    assert told.value.__cause__ is broken


@pytest.mark.parametrize(("named", "kept"), [(1e300, LONGEST_WAIT_S), (-5.0, 0.0), (30.0, 30.0)])
def test_a_platform_may_name_any_wait(named: float, kept: float) -> None:
    assert PublishDeferred("later", after=named).after == kept
