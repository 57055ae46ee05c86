"""Structured logs with ids on every line, and never the words of a post or a secret."""

import logging
import sys
from typing import Any, cast

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, clear_contextvars
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

__all__ = ["bind_contextvars", "bound_contextvars", "clear_contextvars", "configure", "get"]

# Names under which words of a post or a secret might slip in. A test feeds each of them.
_NEVER = frozenset({"text", "body", "reply", "draft", "password", "token", "secret", "cookie", "url_secret", "key"})


def _censor(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    return {name: "(not logged)" if name in _NEVER else value for name, value in line.items()}


def configure(form: str = "auto", level: str = "INFO") -> None:
    """Send our logs and those of libraries to standard error: for people on a terminal, else as JSON lines."""
    # Tracebacks are plain: the fancy ones print local variables, and those hold the words of posts.
    pretty = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _censor,
    ]
    last = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if pretty
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        last,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=renderer)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in (
        "httpx",
        "httpx2",
        "httpcore",
        "celery.app.trace",
        "celery.worker.strategy",
        "celery.beat",
        "apprise",
        "urllib3",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get(name: str) -> FilteringBoundLogger:
    """Return a logger. Say what happened as `event`, and give ids: mention, case, publication, task, request."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))
