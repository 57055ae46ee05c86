"""How Celery runs here. The broker carries ids and nudges only: it may lose everything, the database is the truth."""

from typing import Any

from monitor.settings import Settings

QUEUES = ("pull", "assess", "draft", "publish", "alert", "housekeeping")

SEND_LIMIT = 60  # seconds: the hard limit of one sending, with its look before and a sign-in that is renewed
TASK_LIMIT = 300  # seconds: the hard limit of anything else; nothing honest takes that long
SLICE = 5.0  # seconds a judging or drafting task works before it hands over to its successor: quick to stop

_REDIS = {
    # A message of a killed worker is seen again after this. Longer than any slice, short because all may run twice.
    "visibility_timeout": 90,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 15,  # longer than a blocking pop, so that a dead link is noticed
    "socket_keepalive": True,
    "health_check_interval": 10,
}
_PUBLISHING = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}


def configuration(settings: Settings) -> dict[str, Any]:
    """Return the configuration of the Celery app over these settings."""
    return {
        "broker_url": settings.broker,
        "broker_transport_options": _REDIS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_connection_timeout": 2,
        "task_publish_retry_policy": _PUBLISHING,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_create_missing_queues": True,
        "task_default_queue": "housekeeping",
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": TASK_LIMIT,
        "timezone": "UTC",
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_enable_remote_control": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_soft_shutdown_timeout": SLICE,
        "beat_scheduler": "celery.beat:Scheduler",  # keeps no file: everything in the table is cheap to repeat
    }
