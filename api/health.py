"""What a supervisor asks: alive, ready, and the figures."""

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from api.auth import caller
from monitor import logs
from monitor.domain.lifecycle import CaseState
from monitor.store import alerts, events, figures, ledger, migrate, operating, publications
from monitor.store.engine import Store, Work

RELAY = "relay"
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

    def _age(self, since: datetime | None) -> float:
        return max(0.0, (self._now - since).total_seconds()) if since else 0.0


def _gauge(name: str, words: str, values: Iterable[tuple[str, float]], label: str = "") -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label] if label else None)
    for which, value in values:
        family.add_metric([which] if label else [], value)
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
