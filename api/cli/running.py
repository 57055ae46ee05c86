"""Commands that run Amends: everything at once, or one part at a time."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Data
from api.cli.support import made
from monitor.domain.errors import BadInput

if TYPE_CHECKING:
    from monitor.settings import Settings

ALL_QUEUES = "pull,assess,draft,publish,alert,housekeeping"
_OLDEST_SIGN = 90.0  # seconds

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Sole = Annotated[
    bool, typer.Option("--sole", help="Nothing else of this kind runs: take over at once what a predecessor held.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (up, api, worker, beat, migrate):
        app.command()(command)


def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Start with a brand to try things on.")] = True,
    data: Data = None,
) -> None:
    """Run everything on this machine: pages, workers and a private broker. Ctrl-C stops it."""
    from api.running.up import up as run_all

    chosen = _settings(data)
    made(chosen.data)
    raise typer.Exit(run_all(chosen, host, port, lambda line: print(line, flush=True), with_demo=demo))


def api(host: Host = "127.0.0.1", port: Port = 8000, data: Data = None) -> None:
    """Serve the pages and the JSON API."""
    import uvicorn

    from api.app import create_app
    from monitor import logs

    chosen = _ready(_settings(data))
    logs.configure(chosen.log_format, chosen.log_level)
    uvicorn.run(
        create_app(chosen),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,  # open event streams would otherwise keep it
    )


def worker(
    queues: Annotated[str, typer.Option(help="Queues to work on, separated by commas.")] = ALL_QUEUES,
    concurrency: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    one: Annotated[bool, typer.Option("--one", help="One process only: for the queue that loads the model.")] = False,
    sole: Sole = False,
    check: Annotated[bool, typer.Option("--check", help="Only tell whether a running worker takes tasks.")] = False,
    data: Data = None,
) -> None:
    """Work on queues: judge, draft, publish, page."""
    names = queues.split(",")
    unknown = sorted(set(names) - set(ALL_QUEUES.split(",")))
    if unknown:
        message = f"There is no queue called {', '.join(unknown)}. The queues are {ALL_QUEUES}."
        raise typer.BadParameter(message, param_hint="--queues")
    chosen = _settings(data)
    if check:
        raise typer.Exit(_check(chosen, names))
    pool = ["--pool", "solo"] if one else ["--concurrency", str(concurrency)]
    _become(chosen, ["worker", "--queues", queues, *pool, *_sole(sole)])


def beat(sole: Sole = False, data: Data = None) -> None:
    """Send what is due, and pass events on. Two of them do no harm."""
    _become(_settings(data), ["beat", *_sole(sole)])


def migrate(data: Data = None) -> None:
    """Create the database, or bring it up to date. Safe to repeat."""
    from monitor.store import migrate as migrations
    from monitor.store.engine import Store

    chosen = _settings(data)
    if not chosen.database_url.get_secret_value():
        made(chosen.data)
    store = Store(chosen.database)
    try:
        before = migrations.status(store)
        migrations.upgrade(store)
    finally:
        store.close()
    done = {"empty": "created", "behind": "brought up to date"}
    print(f"The database is {done.get(before, 'up to date already')}.")


def _settings(data: Path | None) -> "Settings":
    from monitor.settings import load  # slow to import, and `amends --help` should not wait for it

    return load(data)


def _sole(wanted: bool) -> list[str]:
    return ["--sole"] if wanted else []


def _ready(chosen: "Settings") -> "Settings":
    """Return the settings when their database fits this program. Raises `BadInput` saying what to do."""
    from monitor.store import migrate as migrations
    from monitor.store.engine import Store

    if not chosen.database_url.get_secret_value() and not chosen.data.exists():
        message = f"There is no data in {chosen.data}. Run `amends up`, or `amends migrate` first."
        raise BadInput(message)
    store = Store(chosen.database)
    try:
        status = migrations.status(store)
    finally:
        store.close()
    if status == "newer":
        message = "The database was made by a newer Amends. Nothing was started. Install that version."
        raise BadInput(message)
    if status != "current":
        message = f"The database is {status}. Nothing was started. Run `amends migrate` first."
        raise BadInput(message)
    return chosen


def _become(chosen: "Settings", arguments: Sequence[str]) -> None:
    """Replace this process by a worker process over the same settings."""
    from monitor.settings import environment

    if not chosen.broker:
        message = "No broker is set. Set AMENDS_BROKER_URL (redis://...), or run everything with `amends up`."
        raise BadInput(message, where="AMENDS_BROKER_URL")
    command = [sys.executable, "-P", "-m", "workers", *arguments]
    os.execve(command[0], command, environment(_ready(chosen)))  # noqa: S606  our own command line


def _check(chosen: "Settings", queues: Sequence[str]) -> int:
    from monitor import heartbeat

    ages = {name: heartbeat.age(chosen.data, name) for name in queues}
    silent = sorted(name for name, age in ages.items() if age is None or age > _OLDEST_SIGN)
    print(f"No task was taken lately from: {', '.join(silent)}." if silent else "Tasks are being taken.")
    return 1 if silent else 0
