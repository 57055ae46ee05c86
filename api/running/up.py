"""What `amends up` runs, and what it says while it does."""

import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from api import auth
from api.running import lock, ports, valkey
from api.running.supervisor import Part, Supervisor
from monitor import heartbeat
from monitor.settings import Settings, environment
from monitor.store import brands, migrate
from monitor.store.engine import Store
from responders import demo

_REST = ("pull", "draft", "publish", "alert", "housekeeping")
_PYTHON = (sys.executable, "-P", "-m")  # -P: a folder called `api` where the user stands must not be taken for ours

Say = Callable[[str], None]


def up(settings: Settings, host: str, port: int, say: Say, *, with_demo: bool) -> int:
    """Run everything on this machine until stopped, and return the exit code.

    Raises `Conflict` when the data folder is in use and `BadInput` when nothing can listen there; nothing was
    started then.
    """
    with lock.only_one(settings.data):
        ports.check_free(host, port)
        here = ports.address(host, port)
        if not settings.public_url:
            settings = settings.model_copy(update={"public_url": here})
        link = _prepare(settings, with_demo=with_demo)
        folder = None if settings.broker else valkey.private_folder(settings.data)
        broker = valkey.url(folder) if folder else settings.broker
        children = environment(settings, broker_url=broker, public_url=settings.public_url)
        logs = settings.data / "logs"
        crew = Supervisor(_parts(settings, host, port, folder), children, logs, say)
        say("Starting Amends ...")
        try:
            return crew.run(lambda: _answers(f"{here}/healthz"), lambda: _tell(say, settings, link, logs))
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


def _prepare(settings: Settings, *, with_demo: bool) -> str | None:
    """Bring the database up to date; return the one-time link when nobody can sign in as admin yet."""
    store, now = Store(settings.database), datetime.now(UTC)
    try:
        migrate.upgrade(store)
        with store.reading() as work:
            first_time = not brands.all_brands(work)
        if with_demo and first_time:
            demo.install(store, now)
        path = auth.first_link(store, now)
        return f"{settings.public_url}{path}" if path else None
    finally:
        store.close()


def _parts(settings: Settings, host: str, port: int, folder: Path | None) -> Sequence[Part]:
    """Return the processes. On one machine with SQLite each worker is the only one of its kind."""
    data, amends = settings.data, (*_PYTHON, "api.cli")
    sole = ("--sole",) if not settings.database_url.get_secret_value() else ()
    web = Part("api", (*amends, "api", "--host", host, "--port", str(port)))
    broker: tuple[Part, ...] = ()
    if folder is not None:
        server = valkey.command(valkey.find_binary(), folder)
        broker = (Part("valkey", server, up=lambda: valkey.answers(folder), last=True),)
    judge = Part(
        "assess",
        (*amends, "worker", "--queues", "assess", "--one", *sole),
        nice=10,
        alive=heartbeat.mark(data, "assess"),
        patience=600.0,  # the first use of a model may load it from far away
    )
    rest = Part(
        "work", (*amends, "worker", "--queues", ",".join(_REST), *sole), alive=heartbeat.mark(data, "housekeeping")
    )
    return (web, *broker, judge, rest, Part("beat", (*amends, "beat", *sole)))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310  our own http address
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _tell(say: Say, settings: Settings, link: str | None, logs: Path) -> None:
    say(f"Amends is ready: {settings.public_url}")
    if link:
        say(f"Nobody can sign in yet. Make yourself the administrator (works once): {link}")
    say(f"Data: {settings.data.resolve()}   Logs: {logs.resolve()}   Stop: Ctrl-C")
