"""The tasks: a few lines each, taking ids or nothing. The rules are in the use cases."""

import time
from collections.abc import Callable
from datetime import timedelta

from monitor import assessment, heartbeat, pulling, rechecking, watching
from monitor.judging import explaining, sampling, teaching, trying
from monitor.store import cases, explanations, housekeeping, mentions, rechecks, trials, watches
from monitor.store.engine import checkpoint
from responders import alerting, drafting, publishing, reconciling, replying
from workers.app import job
from workers.config import SEND_LIMIT, SLICE
from workers.resources import here, now

FORGOTTEN_WITHIN = timedelta(days=1)  # a worker that died in between is made up for by the next
FOLDED_WITHIN = timedelta(minutes=3)  # more than one run of what looks for it


def _for_a_while(one_batch: Callable[[], int]) -> bool:
    """Repeat until nothing is left or the slice is over. True: there may be more."""
    ends = time.monotonic() + SLICE
    while one_batch():
        if time.monotonic() > ends:
            return True
    return False


@job("pull", expires=10)
def pull_due() -> None:
    """Send for every watch whose time has come."""
    with here().store.reading() as work:
        due = watches.due(work, now())
    for watch_id in due:
        pull.delay(watch_id)


@job("pull", expires=30)
def pull(watch_id: int) -> None:
    """Fetch one page of a watch, and at once the next when there is one."""
    mine = here()
    history_after = mine.settings.history_after
    if pulling.pull(mine.store, watch_id, mine.source, now(), history_after, log_in=mine.log_in, renew=mine.renew):
        pull.delay(watch_id)


@job("pull", expires=60)
def recheck() -> None:
    """Look at stored posts again, and forget what is gone everywhere it was."""
    mine = here()
    rechecking.recheck_due(mine.store, mine.source, now(), log_in=mine.log_in)
    mine.forget_replies(now() - FORGOTTEN_WITHIN)
    with mine.store.reading() as work:
        lately = rechecks.gone_since(work, now() - FOLDED_WITHIN)
    if lately:
        checkpoint(mine.store)


@job("draft", expires=60)
def weigh_replies() -> None:
    """Ask the publishers again which cases must be answered by hand."""
    replying.weigh_again(here().store, here().may_reply)


@job("assess", expires=60)
def assess() -> None:
    """Judge what waits."""
    mine = here()
    threshold = mine.settings.threshold
    if _for_a_while(lambda: assessment.assess_batch(mine.store, mine.classifier, now(), threshold=threshold)):
        assess.delay()


@job("assess", expires=60)
def explain() -> None:
    """Say which words moved the judge, where somebody asked."""
    mine = here()
    if _for_a_while(lambda: explaining.answer_next(mine.store, mine.classifier, now())):
        explain.delay()


@job("assess", expires=60)
def try_judge() -> None:
    """Let another judge read old posts while nothing waits to be judged."""
    mine = here()
    threshold = mine.settings.threshold
    if _for_a_while(lambda: trying.step(mine.store, mine.on_trial, mine.name, now, threshold)):
        try_judge.delay()


@job("assess", expires=600)
def learn() -> None:
    """Let the layers of brands learn from what people corrected, one brand after the other."""
    mine = here()
    with mine.store.reading() as work:
        if not teaching.possible(work):
            return
    if teaching.learn_next(mine.store, mine.classifier, now(), threshold=mine.settings.threshold):
        learn.delay()


@job("draft", expires=60)
def draft() -> None:
    """Draft for the cases that want it."""
    mine = here()
    if _for_a_while(lambda: drafting.draft_batch(mine.store, mine.drafter, now(), may_reply=mine.may_reply)):
        draft.delay()


@job("publish", expires=5)
def publish_due() -> None:
    """Send for every approved reply whose undo window has passed."""
    for case_id in publishing.due(here().store, now()):
        publish.delay(case_id)


@job("publish", expires=10, repeatable=False, time_limit=SEND_LIMIT)
def publish(case_id: int) -> None:
    """Bring one approved reply to its platform. The claim in the database lets only one worker do it."""
    mine = here()
    dry_run = mine.settings.dry_run
    publishing.publish_case(
        mine.store,
        case_id,
        mine.publisher,
        now,
        dry_run=dry_run,
        log_in=mine.account_login,
        renew=mine.renew,
        load_look=mine.look,
    )


@job("publish", expires=10)
def reconcile() -> None:
    """Make sendings without a result uncertain, and look for the uncertain ones on their platforms."""
    _reconcile(timedelta(seconds=SEND_LIMIT))


def _reconcile(time_limit: timedelta) -> None:
    mine = here()
    logins = {"log_in": mine.account_login, "renew": mine.renew}
    reconciling.reconcile(mine.store, mine.publisher, now(), time_limit=time_limit, **logins)


@job("alert", expires=10)
def deliver_alerts() -> None:
    """Page the people whose pages are due."""
    mine = here()
    alerting.deliver_due(mine.store, mine.notifier, mine.vault, mine.settings.public_url, now())


@job("alert", expires=30)
def watch_sources() -> None:
    """Have people told of a source that is silent, or that may have missed posts."""
    watching.tell(here().store, now())


@job("housekeeping", expires=15)
def sweep() -> None:
    """Send again, by state, for what a lost message left behind."""
    with here().store.reading() as work:
        unjudged, undrafted = mentions.waiting(work), cases.undrafted(work)
        asked, on_trial = explanations.waiting(work), trials.unfinished(work)
    if unjudged:
        assess.delay()
    if undrafted:
        draft.delay()
    if asked:
        explain.delay()
    if on_trial:
        try_judge.delay()


@job("housekeeping", expires=600)
def draw_checks() -> None:
    """Draw the "not complaints" that people are asked to check today."""
    with here().store.unit_of_work() as work:
        sampling.draw_due(work, now())


@job("housekeeping", expires=600)
def tidy() -> None:
    """Delete what has run out, and fold SQLite's log."""
    with here().store.unit_of_work() as work:
        housekeeping.sweep_out(work, now())
    checkpoint(here().store)


@job("housekeeping", expires=30)
def alive(queue: str) -> None:
    """Leave a mark that this queue is worked on; sent through each queue in turn."""
    heartbeat.beat(here().settings.data, queue)


@job("housekeeping")
def take_over(queues: list[str]) -> None:
    """Take up at once what a dead predecessor on these queues held. Only for the one worker that works on them.

    What it was sending becomes uncertain, never approved again: it may have been sent.
    """
    with here().store.unit_of_work() as work:
        if "assess" in queues:
            housekeeping.release_mentions(work)
            housekeeping.release_lease(work, trying.LEASE)
        if "draft" in queues:
            housekeeping.release_drafts(work)
    if "publish" in queues:
        _reconcile(timedelta(0))
