"""What the tests of trials share: a judge of another version, a loader, and posts that were judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select

from monitor import assessment
from monitor.domain.records import Verdict
from monitor.judging import comparing, trying
from monitor.ports import Classifier
from monitor.store import mentions, trials
from monitor.store import tables as t
from monitor.store.engine import Store
from monitor.store.trials import TrialRow
from tests.builders import House
from tests.making import ToldJudge, ago, post

TINY = "tiny"
OLD = "a year ago, and everything was well"


class Other(ToldJudge):
    """A judge of another version, which keeps count of what it read."""

    def __init__(self, says: dict[str, Verdict] | None = None, **more: object) -> None:
        super().__init__(
            {text: replace(one, version="other-1") for text, one in (says or {}).items()}, version="other-1", **more
        )
        self.read: list[str] = []

    def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence[object] = ()) -> list[Verdict]:
        found = super().assess(texts, hints)
        self.read += texts
        return [replace(one, version="other-1") for one in found]


@dataclass
class Held:
    """A loader that hands out what it was given, at once unless told otherwise."""

    load: Callable[[], Classifier]
    slow: int = 0  # how often it is not there yet
    model: str = ""
    loads: list[str] = field(default_factory=list)
    keep: Callable[[], bool] = lambda: False

    def begun(self, model: str) -> bool:
        return self.model == model

    def begin(self, model: str, keep: Callable[[], bool]) -> None:
        self.model, self.keep = model, keep
        self.loads.append(model)

    def take(self) -> Classifier | None:
        self.slow -= 1
        return None if self.slow >= 0 else self.load()

    def free(self) -> None:
        self.model = ""


def says(store: Store, house: House, now: datetime, *texts: str, judge: Classifier | None = None) -> list[int]:
    """Let customers write; `judge` (one that sees a complaint in everything) reads it."""
    with store.unit_of_work() as work:
        start = trials.count_since(work, ago(now, days=9000))
        posts = [post(f"{start}-{n}", text, written_at=now) for n, text in enumerate(texts)]
        new = mentions.add(work, house.brand_id, posts, now).new
    while assessment.assess_batch(store, judge or ToldJudge(), now):
        pass
    return list(new)


def begin(store: Store, house: House, now: datetime, model: str = TINY, **more: object) -> TrialRow:
    since = ago(now, days=30)
    return trying.start(store, house.lead, model, since, now, **{"set_model": "shipped", "folders": True, **more})


def run(store: Store, judge: Classifier | Held, now: datetime, holder: str = "me") -> None:
    loader = judge if isinstance(judge, Held) else Held(lambda: judge)
    while trying.step(store, loader, holder, lambda: now):
        pass


def tried(store: Store, house: House, now: datetime, judge: Classifier, model: str = TINY) -> TrialRow:
    """Return a trial that has read everything."""
    begin(store, house, now, model)
    run(store, judge, now)
    return newest(store)


def newest(store: Store) -> TrialRow:
    with store.reading() as work:
        return trials.all_of(work)[0]


def diff_of(store: Store, one: TrialRow) -> comparing.Diff:
    with store.reading() as work:
        return comparing.diff(work, one.id)


def versions(store: Store, mention_id: int) -> list[str]:
    """Return who judged a post, oldest first."""
    of_mention = t.assessment.c.mention_id == mention_id
    with store.reading() as work:
        wanted = select(t.assessment.c.version).where(of_mention).order_by(t.assessment.c.id)
        return list(work.execute(wanted).scalars())


def in_use(store: Store, set_model: str = "shipped") -> str:
    with store.reading() as work:
        return trying.judge_in_use(work, set_model)
