"""What a supervisor asks: alive, ready, and the figures."""

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from api.auth import caller
from monitor import logs, watching
from monitor.domain.lifecycle import CaseState
from monitor.domain.prices import MICROS, PRICES
from monitor.store import alerts, events, figures, ledger, migrate, operating, publications
from monitor.store.engine import Store, Work
from monitor.watching import SourceHealth, State

RELAY = "relay"
_UNWELL = frozenset({State.FAILING, State.SILENT})
HEARTBEAT = timedelta(seconds=60)
_SCHEMA = {
    "empty": "the database is empty: run amends migrate",
    "behind": "the database is older than this program: run amends migrate",
    "newer": "the database was made by a newer Amends: install that version, or restore a backup",
    "current": "ok",
}

router = APIRouter(tags=["health"])
_log = logs.get("api.health")


@router.get("/healthz", summary="Is the process alive?")
def healthz() -> PlainTextResponse:
    """Answer as long as requests are answered at all."""
    return PlainTextResponse("ok\n")


@router.get(
    "/readyz", summary="Can people work here?", responses={503: {"description": "Not now; each check says why."}}
)
def readyz(request: Request) -> JSONResponse:
    """Check the database, its schema, and that the relay that moves work along is alive."""
    checks = _checks(request.app.state.store, request.app.state.clock())
    ready = all(said == "ok" for said in checks.values())
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


def _checks(store: Store, now: datetime) -> dict[str, str]:
    try:
        schema = _SCHEMA[operating.schema(store)]
    except migrate.DatabaseUnreachable as error:
        _log.warning("database unreachable", why=str(error))  # not told to strangers: it may name hosts and people
        return {"database": "cannot be reached: see the log and AMENDS_DATABASE_URL"}
    if schema != "ok":
        return {"database": "ok", "schema": schema}
    with store.reading() as work:
        beat = figures.lease_until(work, RELAY)
    alive = beat is not None and now - beat <= HEARTBEAT
    return {"database": "ok", "schema": schema, "relay": "ok" if alive else _no_relay(beat)}


def _no_relay(beat: datetime | None) -> str:
    since = f"since {beat.isoformat(timespec='seconds')}" if beat else "yet"
    return f"no sign of life {since}: is amends worker running?"


class Figures:
    """The figures of one process: requests it served, and what the database holds when it is asked."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "amends_http_request_seconds",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"} else "other"
        self._seconds.labels(known, route, str(status)).observe(seconds)


class _Database:
    """What the database holds, read in one transaction."""

    def __init__(self, work: Work, now: datetime) -> None:
        self._work, self._now = work, now

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        work = self._work
        cases = {state.value: 0 for state in CaseState} | ledger.cases_by_state(work)
        yield _gauge("amends_cases", "Cases by state.", cases.items(), "state")
        yield _gauge("amends_publications", "Sendings by state.", publications.count_by_state(work).items(), "state")
        count, oldest = figures.waiting(work)
        yield _gauge("amends_mentions_waiting", "Mentions not judged yet, up to 10,000.", [("", count)])
        yield _gauge("amends_mentions_waiting_oldest_seconds", "Age of the oldest of them.", [("", self._age(oldest))])
        yield _gauge("amends_pages_undelivered", "Pages to people that wait.", [("", alerts.undelivered(work))])
        count, oldest = events.backlog(work)
        yield _gauge("amends_events_backlog", "Events the relay has not passed on.", [("", count)])
        yield _gauge("amends_events_backlog_oldest_seconds", "Age of the oldest of them.", [("", self._age(oldest))])
        yield from self._sources()

    def _sources(self) -> Iterator[Metric]:
        """Yield how the watches that are not paused are doing, by number: never a name or a handle."""
        found = watching.sources(self._work, self._now)
        running = [(one, one.row) for each in found for one in each.watches if not one.row.paused]
        by = ("watch", "source")
        ages = [((str(row.id), row.source), self._age(row.last_good_at or row.created_at)) for _, row in running]
        yield _gauge("amends_watch_last_good_age_seconds", "Since the last good poll, or since it was made.", ages, *by)
        failing = [((str(row.id), row.source), float(one.state in _UNWELL)) for one, row in running]
        yield _gauge("amends_watch_failing", "1: it does not answer, or is silent.", failing, *by)
        gaps = [((str(row.id), row.source), float(len(one.gaps))) for one, row in running]
        yield _gauge("amends_watch_open_gaps", "Windows that may lack posts and that nobody took note of.", gaps, *by)
        yield from _spending(found)

    def _age(self, since: datetime | None) -> float:
        return max(0.0, (self._now - since).total_seconds()) if since else 0.0


def _spending(found: Iterable[SourceHealth]) -> Iterator[Metric]:
    """Yield what is left of quotas, and what accounts cost. Everybody without an account shares one quota."""
    quotas = {(row.scope, row.bucket): float(row.remaining) for one in found for row in one.quotas}
    yield _gauge("amends_quota_remaining", "Calls a platform still allows.", quotas.items(), "scope", "bucket")
    paid = [one for one in found if one.account and one.platform in PRICES]
    costs = [((str(one.account.id), one.platform), one.month / MICROS) for one in paid if one.account]
    yield _gauge("amends_spend_month_dollars", "Cost of this calendar month (UTC).", costs, "account", "platform")


def _gauge(name: str, words: str, values: Iterable[tuple[str | tuple[str, ...], float]], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels or None)
    for which, value in values:
        named = (which,) if isinstance(which, str) else which
        family.add_metric(named if labels else (), value)
    return family


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """Return the figures. From this machine they are open; from elsewhere an API token is needed."""
    if not _is_local(request):
        caller(request)
    own: Figures = request.app.state.figures
    store: Store = request.app.state.store
    held = CollectorRegistry(auto_describe=False)
    with store.reading() as work:
        held.register(_Database(work, request.app.state.clock()))
        body = generate_latest(own.registry) + generate_latest(held)
    return Response(body, media_type=CONTENT_TYPE_LATEST)


def _is_local(request: Request) -> bool:
    """Tell whether the asker sits at this machine; one that came through a proxy does not."""
    if request.client is None or {"x-forwarded-for", "forwarded"} & set(request.headers.keys()):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
