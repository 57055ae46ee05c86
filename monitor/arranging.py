"""Use case: set a watch up, and change what it looks for. What cannot work is said at the field that keeps it from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from monitor import sources
from monitor.domain.errors import BadInput, NotFound, SourceRefused
from monitor.domain.query import KINDS, Query
from monitor.store import accounts, brands, watches
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store, Work
from monitor.store.watches import WatchRow

LEAST_S: Final = 1  # seconds between two pulls
MOST_S: Final = 86_400
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """A watch as somebody describes it, not there yet."""

    brand_id: int
    source: str
    query: Mapping[str, Any]
    account_id: int | None = None


def settled(work: Work, wanted: Wanted) -> tuple[Query | None, AccountRow | None]:
    """Return the query as it will be kept, and the account to read with; the query is None where kinds are not known.

    Raises `BadInput` naming the field that is missing or cannot be.
    """
    kinds = KINDS.get(wanted.source)
    if kinds is None:
        return None, None
    try:
        query = Query.parse(wanted.source, wanted.query)
    except SourceRefused as wrong:
        raise BadInput(str(wrong), where=_field_of(wanted)) from wrong
    return query, _account(work, wanted, needed=kinds[query.kind].account)


def _field_of(wanted: Wanted) -> str:
    """Return the field that keeps a query from being read."""
    kinds = KINDS[wanted.source]
    name = str(wanted.query.get("kind") or next(iter(kinds)))
    if name not in kinds:
        return "kind"
    kind = kinds[name]
    if kind.words == "must" and not wanted.query.get("words"):
        return "words"
    return "places" if kind.places == "must" and not wanted.query.get("places") else "query"


def _account(work: Work, wanted: Wanted, *, needed: bool) -> AccountRow | None:
    if wanted.account_id is None:
        if needed:
            message = f"This watch reads with an account: connect one on {wanted.source} first, or choose it here."
            raise BadInput(message, where="account")
        return None
    try:
        account = accounts.get(work, wanted.account_id)
    except NotFound as missing:
        raise BadInput(str(missing), where="account") from missing
    if (account.brand_id, account.platform) != (wanted.brand_id, wanted.source) or not account.active:
        message = f"{account.handle} is not an account of this brand on {wanted.source}, or was let go."
        raise BadInput(message, where="account")
    if needed and not account.secret:
        message = f"{account.handle} is not signed in: connect it first."
        raise BadInput(message, where="account")
    return account


def add(store: Store, wanted: Wanted, *, every_s: int, name: str, now: datetime) -> int:
    """Begin to watch, and return the watch's id. Raises `BadInput` naming the field."""
    sources.load(wanted.source)
    with store.unit_of_work() as work:
        brands.get(work, wanted.brand_id)
        query, account = settled(work, wanted)
        return watches.add(
            work,
            wanted.brand_id,
            wanted.source,
            query.as_json() if query else wanted.query,
            now,
            every_s=_often(every_s),
            account_id=account.id if account else None,
            name=_named(name),
        )


def change(store: Store, watch_id: int, wanted: Wanted, *, every_s: int, name: str, now: datetime) -> WatchRow:
    """Change a watch and return it as it was. One that looks for something else starts anew, at once.

    Raises `NotFound`, and `BadInput` naming the field.
    """
    with store.unit_of_work() as work:
        row = found(work, watch_id, lock=True)
        query, account = settled(work, wanted)
        asked = query.as_json() if query else dict(wanted.query)
        account_id = account.id if account else None
        values: dict[str, Any] = {"name": _named(name), "every_s": _often(every_s)}
        if (asked, account_id) != (dict(row.query), row.account_id):
            # Whatever is found twice is dropped when it is stored; what the old place would skip would be lost.
            values |= {"query": asked, "account_id": account_id, "cursor": "", "next_poll_at": now}
            values |= {"last_error": "", "remedy": "", "failing_since": None, "alerted_at": None, "resumed_at": now}
        watches.change(work, watch_id, **values)
        return row


def found(work: Work, watch_id: int, *, lock: bool = False) -> WatchRow:
    """Return a watch that is in use. Raises `NotFound`."""
    row = watches.get(work, watch_id, lock=lock)
    if row is None:
        message = f"There is no watch number {watch_id}."
        raise NotFound(message)
    return row


def _often(every_s: int) -> int:
    if not LEAST_S <= every_s <= MOST_S:
        message = f"A watch is pulled every second at the most, and every {MOST_S // 3600} hours at least."
        raise BadInput(message, where="every")
    return every_s


def _named(name: str) -> str:
    return " ".join(name.split())[:_LONGEST_NAME]
