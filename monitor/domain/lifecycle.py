"""The one table of what may happen to a case, and who may do it.

The pages' buttons, the API's 409s and the only writer of `case.state` all read it from here.
"""

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.errors import Conflict, NotAllowed


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHING = "publishing"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    ESCALATED = "escalated"
    REPLIED = "replied"
    DISMISSED = "dismissed"
    CLOSED = "closed"


class Action(StrEnum):
    """What can happen to a case."""

    OPEN = "open"
    DRAFT_READY = "draft_ready"
    WRITE = "write"
    EDIT = "edit"
    REJECT = "reject"
    FIRST_APPROVE = "first_approve"
    APPROVE = "approve"
    UNDO = "undo"
    ANSWER_BY_HAND = "answer_by_hand"
    DISMISS = "dismiss"
    GONE = "gone"
    ESCALATE = "escalate"
    OWNER_ANSWER = "owner_answer"
    TAKE_BACK = "take_back"
    CLAIM = "claim"
    SENT = "sent"
    REFUSED = "refused"
    DEFERRED = "deferred"
    NO_ANSWER = "no_answer"
    FOUND = "found"
    NOT_FOUND = "not_found"
    BACK_TO_REVIEW = "back_to_review"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    RESOLVE = "resolve"
    NEW_MENTION = "new_mention"
    POST_EDITED = "post_edited"


class Role(StrEnum):
    """What a person may do here."""

    OBSERVER = "observer"
    AGENT = "agent"
    PR_LEAD = "pr_lead"
    LEAD = "lead"
    ADMIN = "admin"


class By(StrEnum):
    """Who acts: a signed-in person, or one of the workers."""

    PERSON = "person"
    WORKER = "worker"


_O, _R, _A = CaseState.OPEN, CaseState.IN_REVIEW, CaseState.APPROVED
_P, _U, _F = CaseState.PUBLISHING, CaseState.UNCERTAIN, CaseState.FAILED
_E, _D, _X, _C = CaseState.ESCALATED, CaseState.REPLIED, CaseState.DISMISSED, CaseState.CLOSED

# from -> action -> to. `None` stands for "no case yet".
TRANSITIONS: dict[CaseState | None, dict[Action, CaseState]] = {
    None: {Action.OPEN: _O},
    _O: {
        Action.DRAFT_READY: _R,
        Action.WRITE: _R,
        Action.ANSWER_BY_HAND: _D,
        Action.DISMISS: _X,
        Action.GONE: _X,
        Action.ESCALATE: _E,
        Action.NEW_MENTION: _O,
        Action.POST_EDITED: _O,
    },
    _R: {
        Action.EDIT: _R,
        Action.REJECT: _O,
        Action.FIRST_APPROVE: _R,
        Action.APPROVE: _A,
        Action.ANSWER_BY_HAND: _D,
        Action.DISMISS: _X,
        Action.GONE: _X,
        Action.ESCALATE: _E,
        Action.NEW_MENTION: _R,
        Action.POST_EDITED: _R,
    },
    _A: {
        Action.UNDO: _R,
        Action.NEW_MENTION: _R,
        Action.POST_EDITED: _R,
        Action.CLAIM: _P,
        Action.DISMISS: _X,
        Action.GONE: _X,
    },
    _P: {
        Action.SENT: _D,
        Action.REFUSED: _F,
        Action.DEFERRED: _A,
        Action.NO_ANSWER: _U,
        Action.NEW_MENTION: _P,
        Action.POST_EDITED: _P,
    },
    _U: {
        Action.FOUND: _D,
        Action.NOT_FOUND: _R,
        Action.NEW_MENTION: _U,
        Action.POST_EDITED: _U,
    },
    _F: {
        Action.BACK_TO_REVIEW: _R,
        Action.ANSWER_BY_HAND: _D,
        Action.DISMISS: _X,
        Action.GONE: _X,
        Action.NEW_MENTION: _F,
        Action.POST_EDITED: _F,
    },
    _E: {
        Action.OWNER_ANSWER: _O,
        Action.TAKE_BACK: _O,
        Action.DISMISS: _X,
        Action.GONE: _X,
        Action.RESOLVE: _C,
        Action.NEW_MENTION: _E,
        Action.POST_EDITED: _E,
    },
    _D: {
        Action.CORRECT: _R,
        Action.WITHDRAW: _R,
        Action.ESCALATE: _E,
        Action.RESOLVE: _C,
        Action.NEW_MENTION: _O,
    },
    _X: {Action.NEW_MENTION: _O},
    _C: {Action.NEW_MENTION: _O},
}

_WORKER_ONLY = frozenset(
    {
        Action.DRAFT_READY,
        Action.GONE,
        Action.CLAIM,
        Action.SENT,
        Action.REFUSED,
        Action.DEFERRED,
        Action.NO_ANSWER,
        Action.FOUND,
        Action.NOT_FOUND,
        Action.NEW_MENTION,
        Action.POST_EDITED,
    }
)
_WORKER_TOO = frozenset({Action.OPEN, Action.ESCALATE, Action.RESOLVE, Action.UNDO})

_ANY_HANDS = frozenset({Role.AGENT, Role.PR_LEAD, Role.LEAD, Role.ADMIN})
OVERRULERS = frozenset({Role.LEAD, Role.ADMIN})  # may approve over a blocking finding, with a reason

# What a person still has to do something about: the states that keep a case on the desk.
ON_DESK = frozenset({_O, _R, _F})
LIVE = frozenset({_O, _R, _A, _P, _U, _F, _E})
# A draft that exists in these states no longer answers all the customer wrote, once they write again.
STALE_ON_NEW_MENTION = frozenset({_O, _R, _A, _F, _E})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. A worker has no user id; its `name` is the task's."""

    by: By
    user_id: int | None = None
    role: Role | None = None
    name: str = ""

    @classmethod
    def worker(cls, name: str) -> "Actor":
        """Return an actor for a background task."""
        return cls(By.WORKER, name=name)

    @classmethod
    def person(cls, user_id: int, role: Role, name: str = "") -> "Actor":
        """Return an actor for a signed-in person."""
        return cls(By.PERSON, user_id, role, name)


def may(actor: Actor, action: Action) -> bool:
    """Tell whether this actor may ever do this, whatever the state."""
    if actor.by is By.WORKER:
        return action in _WORKER_ONLY or action in _WORKER_TOO
    return action not in _WORKER_ONLY and actor.role in _ANY_HANDS


def actions(state: CaseState, actor: Actor) -> frozenset[Action]:
    """Return what this actor may do to a case in this state: the page's buttons."""
    return frozenset(action for action in TRANSITIONS[state] if may(actor, action))


def next_state(state: CaseState | None, action: Action, actor: Actor) -> CaseState:
    """Return where the action leads. Raises `NotAllowed` for the wrong hands, `Conflict` for the wrong state."""
    if not may(actor, action):
        who = actor.role or actor.by
        message = f"A {str(who).replace('_', ' ')} cannot {action.replace('_', ' ')} a case."
        raise NotAllowed(message)
    target = TRANSITIONS[state].get(action)
    if target is None:
        here = "that does not exist" if state is None else f"that is {state.replace('_', ' ')}"
        message = f"Cannot {action.replace('_', ' ')} a case {here}. It changed meanwhile: look at it again."
        raise Conflict(message)
    return target
