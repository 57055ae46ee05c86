"""Telling people what cannot wait: each alert reaches every route of its brand once, however often it takes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor import logs
from monitor.domain.audience import Audience
from monitor.domain.errors import BadInput
from monitor.store import alerts, brands, cases
from monitor.store.alerts import PageRow, RouteRow, Told
from monitor.store.engine import Store, Work
from monitor.vault import Vault
from responders.ports import Alert, Notifier, NotifyFailed

PAGES_AT_ONCE = 20
CASES_NAMED = 5
MISSING = "Amends may be missing posts"
NO_ROUTE = "No route: nobody was told. Add one in the brand's settings."
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)

_log = logs.get(__name__)


def wait(attempt: int) -> timedelta:
    """Return how long to wait after failed try number `attempt`, from 1: 5 s, 10 s, 20 s, ... 10 minutes."""
    grown: timedelta = _FIRST_WAIT * 2 ** min(attempt - 1, 10)
    return min(grown, _LONGEST_WAIT)


def deliver_due(store: Store, notifier: Notifier, vault: Vault, public_url: str, now: datetime) -> int:
    """Deliver the pages, and the updates of pages, that are due now; returns how many got through."""
    done = 0
    for _ in range(PAGES_AT_ONCE):
        with store.unit_of_work() as work:  # one at a time: a slow route must not outlast the claims of the others
            claimed = alerts.claim_due(work, now, limit=1)
        if not claimed:
            break
        done += _deliver(store, notifier, vault, public_url, claimed[0], now)
    return done


def _deliver(store: Store, notifier: Notifier, vault: Vault, public_url: str, row: PageRow, now: datetime) -> bool:
    """Tell each route that was not told yet, and record each at once, so that none is told twice."""
    with store.reading() as work:
        told = alerts.told_by(work, row)
        alert = _alert(work, row, told, public_url)
        routes = alerts.routes_left(work, row)
    waiting = []
    for route in routes:
        try:
            _notify(store, notifier, vault, alert, row, route, now)
        except NotifyFailed as error:
            waiting.append(f"{route.name}: {error}")
    return _conclude(store, row, told[-1].id, waiting, now)


def _notify(
    store: Store, notifier: Notifier, vault: Vault, alert: Alert, row: PageRow, route: RouteRow, now: datetime
) -> None:
    """Tell one route. Raises `NotifyFailed` when it is to be tried again."""
    why = ""
    try:
        notifier.notify(alert, [vault.unlock(route.url)])
    except BadInput as error:  # the key may be put back
        raise NotifyFailed(str(error)) from error
    except NotifyFailed as error:
        if not error.permanent:
            raise
        why = f"{route.name}: {error}"
    with store.unit_of_work(durable=True) as work:
        alerts.settle_route(work, row, route.id, now, why)


def _conclude(store: Store, row: PageRow, told: int, waiting: Sequence[str], now: datetime) -> bool:
    """Record how far a page got."""
    with store.unit_of_work(durable=True) as work:
        settled = alerts.settled_routes(work, row)
        never = "; ".join(why for why in settled if why)
        if waiting:
            alerts.not_delivered(work, row, "; ".join(waiting), now + wait(row.attempts))
            _log.warning("page not delivered", page=row.id, attempt=row.attempts, why=waiting)
        elif "" in settled:
            alerts.delivered(work, row, told, now, never)
            return True
        else:
            alerts.not_delivered(work, row, never or NO_ROUTE, None)
            _log.error("page reached nobody", page=row.id, why=never or NO_ROUTE)
    return False


def _alert(work: Work, row: PageRow, told: Sequence[Told], public_url: str) -> Alert:
    """Write a page: why, how many people, where to click; never the words of a post."""
    brand = brands.get(work, row.brand_id).name
    # Watches of one account are often stopped by one thing: it is said once.
    told = list({(one.case_id, "" if one.case_id else one.reason): one for one in told}.values())
    lines = [_line(work, one, public_url) for one in told[:CASES_NAMED]]
    if len(told) > CASES_NAMED:
        lines.append(f"and {len(told) - CASES_NAMED} more in the last ten minutes")
    first = next((one for one in told if one.case_id), told[0])
    return Alert(f"{_head(row, first, len(told))} - {brand}", "\n".join(lines), _link(first, public_url))


def _head(row: PageRow, first: Told, count: int) -> str:
    """Say what it is about: a customer before a source."""
    if first.case_id is None:
        return MISSING if row.part == alerts.PAGE else f"{MISSING}: {count} more"
    return f"Urgent: {first.reason}" if row.part == alerts.PAGE else f"Urgent: {count} more"


def _line(work: Work, told: Told, public_url: str) -> str:
    if told.case_id is None:
        return f"{told.reason} {_link(told, public_url)}".strip()
    case = cases.get(work, told.case_id)
    where = _link(told, public_url) or f"case {told.case_id}"
    return f"{told.reason}, {Audience(case.audience, case.rising).words}: {where}"


def _link(told: Told, public_url: str) -> str:
    if not public_url:
        return ""
    return f"{public_url}/cases/{told.case_id}" if told.case_id else f"{public_url}/sources"
