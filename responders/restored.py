"""Use case: after a backup was put back, what was approved then may be out already, and nobody here knows."""

from datetime import UTC, datetime

from monitor.domain.lifecycle import Action, Actor
from monitor.store import cases, drafts, publications
from monitor.store.engine import Store

_RESTORE = Actor.worker("restore")
_EVER = datetime.max.replace(tzinfo=UTC)


def back_to_the_desk(store: Store, now: datetime) -> int:
    """Take every approval that was not sent back to review, and return how many: a second reply is worse than a late one.

    What was being sent is another matter: it becomes uncertain and is looked up on the platform.
    """
    returned = 0
    with store.unit_of_work(durable=True) as work:
        while waiting := cases.due_to_send(work, _EVER):
            for case_id in waiting:
                cases.transition(work, case_id, Action.UNDO, _RESTORE, now, send_after=None)
                publications.call_off(work, case_id, now)
                drafts.end_reviews(work, case_id)
            returned += len(waiting)
    return returned
