"""What the page of a case shows: the parts that a template cannot work out by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.pages import weighing, words
from api.pages.here import Here
from api.pages.judged import Judged, judged
from api.pages.words import Piece
from monitor import reckoning
from monitor.domain.lifecycle import OVERRULERS, CaseState
from monitor.store import cases, drafts
from monitor.store.cases import DeskRow
from monitor.store.drafts import FindingRow
from monitor.store.engine import Work
from monitor.store.events import EventRow
from monitor.store.mentions import MentionRow
from monitor.store.publications import OutboxRow
from responders.bar import length
from responders.ports import Finding, Level
from responders.replying import why_by_hand
from responders.reviewing import CaseView, check_text

ON_ITS_WAY = frozenset({CaseState.APPROVED, CaseState.PUBLISHING, CaseState.UNCERTAIN})
_MARKED = 20  # newest posts of a thread whose urgent words are underlined
_SHOWN = 100  # newest posts of a thread that are shown
_TOLD = 3
_WEIGHT = {str(Level.BLOCK): 0, str(Level.WARN): 1, str(Level.ADVISE): 2}
_ACTIONS = {
    "open": "opened the case",
    "draft_ready": "wrote a draft",
    "write": "wrote the reply",
    "edit": "changed the reply",
    "reject": "asked for another draft",
    "first_approve": "approved it, a second person is needed",
    "approve": "approved it",
    "undo": "took the approval back",
    "answer_by_hand": "answered by hand",
    "dismiss": "dismissed it",
    "gone": "found the post deleted",
    "escalate": "asked its owner",
    "owner_answer": "gave the owner's answer",
    "take_back": "took it back",
    "claim": "began to send",
    "sent": "sent it",
    "refused": "was refused by the platform",
    "deferred": "put the sending off",
    "no_answer": "got no answer from the platform",
    "found": "found it on the platform",
    "not_found": "did not find it on the platform",
    "back_to_review": "took it back to review",
    "correct": "began a correction",
    "withdraw": "began to withdraw it",
    "resolve": "closed it",
    "new_mention": "saw that the customer wrote again",
    "post_edited": "read the edited post",
    "edited": "saw that a post was edited",
    "reach": "saw that more people may see it",
    "opt_out": "wrote down not to answer this person",
    "correction": "disagreed with the judge",
    "correction_undone": "took back what was said of the judge's verdict",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with a form that could not be carried out. `text` None: nothing was typed."""

    text: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What the bar says of a text. `pieces` are the text cut at the words the findings are about."""

    text: str
    length: int
    limit: int
    findings: tuple[FindingRow, ...]
    pieces: tuple[Piece, ...]
    blocked: bool
    may_overrule: bool

    @property
    def left(self) -> int:
        """Return how much room is left, in the platform's own unit."""
        return self.limit - self.length


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of the conversation: theirs (`judged`) or ours (`reply`)."""

    when: datetime
    judged: Judged | None = None
    reply: OutboxRow | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the case's history."""

    who: str
    what: str
    when: datetime


def plain(text: str) -> str:
    """Return a text from a form as it is kept: plain line ends, no blank rim."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def platform_of(at: Here, case_id: int) -> str:
    """Return the platform a case lives on."""
    with at.store.reading() as work:
        row = cases.desk_row(work, case_id)
    return row.platform if row else ""


def by_hand(at: Here, case_id: int) -> str:
    """Return why a case cannot be answered from here, "" when it can."""
    with at.store.reading() as work:
        return why_by_hand(work, cases.get(work, case_id))


def changed(at: Here, case_id: int, revision: int, text: str) -> bool:
    """Tell whether a text differs from the revision it was based on."""
    with at.store.reading() as work:
        now = drafts.current(work, case_id)
    return now is None or now.revision != revision or now.text != text


def bar(text: str, found: Iterable[Finding | FindingRow], platform: str, *, may_overrule: bool) -> Bar:
    """Put what the bar found beside the words it is about."""
    rows = tuple(sorted((_row(one) for one in found), key=lambda one: _WEIGHT[one.level]))
    marks = [(one.start, one.end, one.rule, one.level) for one in rows if one.start is not None and one.end is not None]
    size, most = length.length(text, platform), length.limit_for(platform)
    blocked = any(one.level == Level.BLOCK for one in rows)
    return Bar(text, size, most, rows, tuple(words.marked(text, marks)), blocked, may_overrule)


def _row(one: Finding | FindingRow) -> FindingRow:
    if isinstance(one, FindingRow):
        return one
    start, end = one.span or (None, None)
    return FindingRow(one.rule, one.level, start, end, one.why, one.fix)


def news(view: CaseView, state: str, revision: int, latest: int, posts: int | None = None) -> list[str]:
    """Say what changed since the page was loaded with this state, revision, newest mention and posts."""
    said = []
    if view.case.latest_mention_id != latest:
        said.append("The customer wrote again.")
    elif posts is not None and posts != view.read:
        said.append("A post was changed or deleted.")
    if view.draft and view.draft.revision != revision:
        said.append(f"{view.draft.who or 'Amends'} saved another version of the reply.")
    if view.case.state != state:
        said.append(f"The case has moved on: {words.state(view.case.state)}.")
    return said


def taken(view: CaseView) -> list[str]:
    """Say which colleague is on it."""
    return [f"{view.claimed_by_other} is on it."] if view.claimed_by_other else []


def context(at: Here, view: CaseView, typed: Typed) -> dict[str, object]:
    """Return what the templates of a case need."""
    newest = view.latest
    saved = (view.draft.text or "") if view.draft else ""
    text = saved if typed.text is None else typed.text
    found = view.findings if text == saved else check_text(at.store, view.case.id, text, at.now)
    with at.store.reading() as work:
        told = drafts.told_others(work, view.brand.id, view.case.id, _TOLD)
        said = _conversation(work, view)
        following = _next(work, at, view.case.id)
        reckoned = reckoning.reckon(work, view.case, view.brand, view.mentions, at.now)
    return {
        "view": view,
        "case": view.case,
        "newest": newest,
        "clock": words.clock(view.case.reply_by, at.now) if view.case.reply_by else None,
        "bar": bar(text, found, newest.platform, may_overrule=at.me.user.role in OVERRULERS),
        "overrule": "",
        "by_hand": view.by_hand,
        "typed": typed,
        "text": text,
        "saved": saved,
        "revision": view.draft.revision if view.draft else 0,
        "said": said,
        "older": max(0, len(view.mentions) - _SHOWN),
        "told": told,
        "weighed": weighing.weighed(view, reckoned, at.now),
        "following": following,
        "happened": [_happened(one) for one in view.events],
        "last": view.publications[0] if view.publications else None,
        "on_its_way": ON_ITS_WAY,
        "owner": view.owner,
    }


def _happened(row: EventRow) -> Happened:
    who = row.who if row.actor == "person" else "Amends"
    what = _ACTIONS.get(row.action or row.kind, row.kind)
    if row.kind == "reach" and row.data.get("passed"):
        what = f"saw it pass {row.data['passed']:,} people"
    return Happened(who, what, row.created_at)


def _conversation(work: Work, view: CaseView) -> list[Said]:
    theirs = [_theirs(work, one, mark=place < _MARKED) for place, one in enumerate(view.mentions[: -_SHOWN - 1 : -1])]
    ours = [Said(one.finished_at or one.created_at, reply=one) for one in view.publications if one.state == "sent"]
    return sorted([*theirs, *ours], key=lambda one: one.when)


def _theirs(work: Work, row: MentionRow, *, mark: bool) -> Said:
    return Said(row.written_at or row.stored_at, judged=judged(work, row, mark=mark))


def _next(work: Work, at: Here, case_id: int) -> DeskRow | None:
    """Return the case to go to after this one: the first that no colleague is on."""
    for row in cases.desk(work, "complaints", limit=20):
        taken = row.claimed_until and row.claimed_until > at.now and row.claimed_by != at.me.user.name
        if row.id != case_id and not taken:
            return row
    return None
