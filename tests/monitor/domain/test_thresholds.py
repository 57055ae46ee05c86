"""From where on a post is a complaint: the language's point, the brand's, the operator's, the judge's."""

from hypothesis import given
from hypothesis import strategies as st

from monitor import assessment
from monitor.domain.records import Flag, FlagHit, Kind, Sentiment, Severity, Span, Verdict
from monitor.domain.thresholds import Judged, Thresholds, flags_of, thresholds_of


def test_the_languages_point_wins_then_the_brands_then_the_operators() -> None:
    own = thresholds_of({"threshold": 0.4, "thresholds": {"pl": 0.2}}, 0.6)
    assert (own.of("pl"), own.of("en"), own.lowest) == (0.2, 0.4, 0.2)
    assert thresholds_of({"thresholds": {"pl": 0.2}}, 0.6).of("en") == 0.6
    assert thresholds_of({}).of("en") is None
    assert thresholds_of({}).lowest is None


PROBABILITIES = st.integers(0, 100).map(lambda n: n / 100)


@given(
    PROBABILITIES,
    PROBABILITIES,
    st.sampled_from(Kind),
    st.frozensets(st.sampled_from(Flag), max_size=2),
    st.none() | PROBABILITIES,
)
def test_a_stored_verdict_is_read_as_the_judgement_itself_reads_it(
    complaint: float, own: float, kind: Kind, flags: frozenset[Flag], threshold: float | None
) -> None:
    thresholds, unhappy = Thresholds(threshold), complaint >= own
    hits = tuple(FlagHit(flag, Span(0, 3)) for flag in flags)
    verdict = Verdict("en", complaint, unhappy, kind, Sentiment(1, 0, 0), Severity.BLAME, unhappy, hits, (), "v")
    stored = flags_of([[flag, 0, 3] for flag in flags])
    replayed = Judged(1, "en", complaint, unhappy, kind, stored).kind_by(thresholds)
    assert replayed is assessment._weighed(verdict, thresholds).kind
