"""Nothing is lost, whatever happens in whatever order: posts, faults, polls and workers that die before they keep."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitor.domain.errors import RetryLater, SourceRefused
from monitor.simulated.server import Fault
from monitor.sources import SOURCES
from tests.contracts.stands import finding
from tests.contracts.stands.base import SourceStand
from tests.contracts.watching import LATER, Watching

STANDS = dict(finding.sources(SOURCES))
EXAMPLES = 6  # for each stand: the whole file must stay within a minute

EVENTS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from([1, 3, 20, 60, 130])),
    st.tuples(st.just("fault"), st.sampled_from(Fault)),
    st.tuples(st.just("poll"), st.just(None)),
    st.tuples(st.just("poll"), st.just(None)),
    st.tuples(st.just("crash"), st.just(None)),
    st.tuples(st.just("wait"), st.sampled_from([1, 40, 600])),
)


def happen(watching: Watching, what: str, how: object) -> None:
    """Let one thing happen."""
    platform = watching.stand.platform
    if what == "write" and isinstance(how, int):
        watching.write(how, apart=0.5)
    elif what == "wait" and isinstance(how, int):
        watching.stand.move(how)
    elif what == "fault" and isinstance(how, Fault) and platform:
        platform.faults.plan(how)
    elif what in {"poll", "crash"}:
        watching.stand.move(LATER)
        with suppress(RetryLater, SourceRefused):
            page = watching.fetch()
            if what == "poll":
                watching.keep(page)


@pytest.mark.parametrize("name", sorted(STANDS))
def test_every_post_arrives_or_lies_in_a_gap_that_was_said(name: str) -> None:
    make: Callable[[], SourceStand] = STANDS[name]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # the first sequence that fails is told; searching for a shorter one takes minutes
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(EVENTS, min_size=4, max_size=14))
    def check(events: list[tuple[str, object]]) -> None:
        stand = make()
        try:
            if stand.platform:
                stand.platform.slow_s = 0.02
            watching = Watching(stand).begun()
            for what, how in events:
                happen(watching, what, how)
            stand.move(3600)
            watching.walk_through()
            if stand.platform:
                stand.platform.faults._planned.clear()
            stand.move(3600)
            watching.walk_through()  # the next time this watch has its turn
            assert watching.lost == []
        finally:
            if stand.platform:
                stand.platform.stop()
            stand.close()

    check()
