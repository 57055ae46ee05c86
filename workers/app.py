"""The Celery app, and the one way to register a task."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from celery import Celery, signals

from monitor import logs, settings
from monitor.domain.errors import AppError
from workers import config, resources, retry

P = ParamSpec("P")

_log = logs.get(__name__)

_queue_of: dict[str, str] = {}


def _route(name: str, *_args: object, **_more: object) -> dict[str, str]:
    """Return where a task goes when its sender names no queue."""
    return {"queue": _queue_of[name]} if name in _queue_of else {}


def _configuration() -> dict[str, Any]:
    return {**config.configuration(settings.load()), "task_routes": (_route,)}


app = Celery("amends", include=["workers.tasks"])
app.add_defaults(_configuration)  # the settings are read when first needed, not on import


@signals.setup_logging.connect  # type: ignore[untyped-decorator]  # being connected also keeps Celery's own set-up away
def _log_like_the_rest(**_: object) -> None:
    chosen = settings.load()
    logs.configure(chosen.log_format, chosen.log_level)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _own_connections(**_: object) -> None:
    """Let a forked process open its own database: connections must not cross a fork."""
    resources.here.cache_clear()


def job(
    queue: str, *, expires: float | None = None, repeatable: bool = True, time_limit: int = config.TASK_LIMIT
) -> Callable[[Callable[P, None]], Any]:
    """Register a task on a queue. It takes ids, or nothing.

    `expires`: seconds after which a nudge that nobody took is worthless. `repeatable`: it may run twice; if not, its
    message is taken off the queue before it runs, and it is never retried. `time_limit` in seconds kills its process.
    """

    def register(run: Callable[P, None]) -> Any:
        @wraps(run)
        def outermost(task: Any, *args: P.args, **kwargs: P.kwargs) -> None:
            again: float | None = None
            with logs.bound_contextvars(task=run.__name__, task_id=task.request.id):
                try:
                    run(*args, **kwargs)
                except Exception as error:  # noqa: BLE001  # the outermost frame: whatever it was, the worker lives on
                    again = retry.decide(error, task.request.retries) if repeatable else None
                    _tell(error, again)
            if again is not None:
                raise task.retry(countdown=again, max_retries=None)

        _queue_of[run.__name__] = queue
        options = {"acks_late": repeatable, "reject_on_worker_lost": repeatable, "time_limit": time_limit}
        return app.task(outermost, bind=True, name=run.__name__, expires=expires, **options)

    return register


def _tell(error: Exception, again: float | None) -> None:
    if again is not None:
        _log.warning("task put off", why=str(error), again_in_s=again)
    elif isinstance(error, AppError):
        _log.error("task gave up", why=str(error), code=error.code)
    else:
        _log.error("task failed", kind=type(error).__name__, exc_info=error)
