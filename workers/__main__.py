"""`python -m workers worker|beat`: what `amends worker` and `amends beat` become."""

import argparse
import os
import socket
from collections.abc import Sequence
from threading import Event, Thread
from uuid import uuid4

from monitor import logs
from monitor.store import housekeeping
from workers import tasks
from workers.app import app
from workers.config import QUEUES
from workers.relay import LEASE, Relay
from workers.resources import here, now
from workers.sweeper import beat_table


def worker(queues: Sequence[str], pool: str, concurrency: int, *, sole: bool) -> None:
    """Work on queues until told to stop. `sole`: nobody else does, so a predecessor's claims are void."""
    if sole:
        tasks.take_over.apply(args=[list(queues)])
        here().store.close()  # connections must not cross the forks to come
        here.cache_clear()
    name = f"{queues[0]}-{os.getpid()}@{socket.gethostname()}"
    lean = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    where = ["--queues", ",".join(queues), "--pool", pool, "--concurrency", str(concurrency), "--hostname", name]
    app.worker_main(["--quiet", "worker", *where, *lean])


def beat(*, sole: bool) -> None:
    """Send what is due, and relay events, until told to stop. `sole`: a predecessor's lease is void.

    Its own process: the relay is a thread, and a process that has threads should not fork workers.
    """
    if sole:
        with here().store.unit_of_work() as work:
            housekeeping.release_lease(work, LEASE)
    stop = Event()
    relay = Relay(here().store, _send, now, f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}")
    thread = Thread(target=relay.run, args=(stop,), name="relay", daemon=True)
    app.conf.beat_schedule = beat_table()
    thread.start()
    try:
        app.Beat(quiet=True, max_interval=1).run()
    finally:
        stop.set()
        thread.join(timeout=3)
        relay.leave()


def _send(task: str) -> None:
    getattr(tasks, task).delay()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m workers")
    commands = parser.add_subparsers(dest="command", required=True)
    work = commands.add_parser("worker")
    work.add_argument("--queues", default=",".join(QUEUES))
    work.add_argument("--pool", choices=("prefork", "solo"), default="prefork")
    work.add_argument("--concurrency", type=int, default=2)
    both = (work, commands.add_parser("beat"))
    for one in both:
        one.add_argument("--sole", action="store_true")
    chosen = parser.parse_args(arguments)
    logs.configure(here().settings.log_format, here().settings.log_level)
    if chosen.command == "beat":
        beat(sole=chosen.sole)
    else:
        worker(chosen.queues.split(","), chosen.pool, chosen.concurrency, sole=chosen.sole)


if __name__ == "__main__":
    main()
