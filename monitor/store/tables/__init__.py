"""Every table of the chain, in the order the data flows. Foreign keys point backwards.

What the promises forbid, the schema refuses: see `publication` (P1, P2) and `mention` (P3).
"""

from monitor.store.tables.answer import draft, finding, outcome, owner_question, publication, review
from monitor.store.tables.happened import alert, delivery, event, page, route
from monitor.store.tables.house import account, brand, connecting, gap, opt_out, quota, spend, watch
from monitor.store.tables.learned import correction, layer, reach, sampled, trial, trial_verdict
from monitor.store.tables.meant import assessment, case, case_mention
from monitor.store.tables.people import invite, lease, session, token, user, written_once
from monitor.store.tables.said import author, import_run, mention, thread
from monitor.store.types import metadata

__all__ = [
    "account",
    "alert",
    "assessment",
    "author",
    "brand",
    "case",
    "case_mention",
    "connecting",
    "correction",
    "delivery",
    "draft",
    "event",
    "finding",
    "gap",
    "import_run",
    "invite",
    "layer",
    "lease",
    "mention",
    "metadata",
    "opt_out",
    "outcome",
    "owner_question",
    "page",
    "publication",
    "quota",
    "reach",
    "review",
    "route",
    "sampled",
    "session",
    "spend",
    "thread",
    "token",
    "trial",
    "trial_verdict",
    "user",
    "watch",
    "written_once",
]
