"""The beat table. Two beats do no harm: every task claims what it does, and most find nothing to do."""

from typing import Any

from workers.config import QUEUES

EVERY = {  # seconds
    "publish_due": 1.0,
    "pull_due": 2.0,
    "reconcile": 5.0,
    "deliver_alerts": 5.0,
    "sweep": 15.0,
    "watch_sources": 30.0,
    "recheck": 60.0,
    "weigh_replies": 60.0,
    "learn": 60.0,
    "draw_checks": 600.0,
    "tidy": 3600.0,
}
ALIVE_EVERY = 10.0  # seconds between heartbeats through each queue


def beat_table() -> dict[str, dict[str, Any]]:
    """Return what is sent when, as Celery's beat wants it."""
    table: dict[str, dict[str, Any]] = {name: {"task": name, "schedule": every} for name, every in EVERY.items()}
    for queue in QUEUES:
        heartbeat = {"task": "alive", "schedule": ALIVE_EVERY, "args": (queue,), "options": {"queue": queue}}
        table[f"alive in {queue}"] = heartbeat
    return table
