"""Pages by Apprise: mail, chat, push and some hundred other services, one URL a route."""

import logging
import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from apprise import Apprise, AppriseAsset, AppriseResultStatus, NotifyBase, NotifyFormat, NotifyResult, NotifyType

from monitor.domain.errors import BadInput
from responders.ports import Alert, NotifyFailed

TIMEOUT_S = 15.0

# What went wrong is in the error we raise; a library's own lines might carry more of a route than we would print.
_library_log = logging.getLogger("apprise")
_library_log.addHandler(logging.NullHandler())
_library_log.propagate = False

# Services whose host is an address of the operator's own; elsewhere what stands in its place may be a token.
_HOST_IS_NO_SECRET = frozenset({"json", "jsons", "form", "forms", "xml", "xmls", "mailto", "mailtos"})
_NOT_UNDERSTOOD = (
    "Apprise does not understand this address, or a part of it is missing. Its start names the service, for example mailto://user:password@host, "
    "slack://..., ntfy://... or json://host/path."
)


def _asset(timeout: float = TIMEOUT_S) -> AppriseAsset:
    return AppriseAsset(app_id="Amends", app_desc="Amends", app_url="", service_timeout=timeout, secure_logging=True)


def _service(url: str, timeout: float = TIMEOUT_S) -> NotifyBase | None:
    return Apprise.instantiate(url, asset=_asset(timeout))


def describe(url: str) -> str:
    """Return a label of a route without its secrets, e.g. "JSON at ops.example.com".

    Raises `BadInput` for an address that Apprise does not understand.
    """
    service = _service(url)
    if service is None:
        raise BadInput(_NOT_UNDERSTOOD, where="url")
    host = f" at {service.host}" if urlsplit(url).scheme.lower() in _HOST_IS_NO_SECRET else ""
    return f"{service.service_name}{host}"


class AppriseNotifier:
    """Delivers alerts over Apprise. One that timed out may still arrive, and is tried again: twice beats never."""

    def __init__(self, timeout: float = TIMEOUT_S) -> None:
        """Give each service at most `timeout` seconds."""
        self._timeout = timeout

    def notify(self, alert: Alert, routes: Sequence[str]) -> None:
        """Deliver to every route. Raises `NotifyFailed` with a reason for each that failed, secrets left out.

        It is permanent when none of the failed routes can ever work.
        """
        failed = [one for one in (self._failure(alert, url) for url in routes) if one is not None]
        if failed:
            raise NotifyFailed("; ".join(map(str, failed)), permanent=all(one.permanent for one in failed))

    def _failure(self, alert: Alert, url: str) -> NotifyFailed | None:
        service = _service(url, self._timeout)
        if service is None:
            return NotifyFailed(_NOT_UNDERSTOOD, permanent=True)
        kind = NotifyType.FAILURE if alert.urgent else NotifyType.INFO
        body = alert.body if not alert.url or alert.url in alert.body else f"{alert.body}\n{alert.url}"
        result = Apprise(service, asset=_asset(self._timeout)).notify(
            body, title=alert.title, notify_type=kind, body_format=NotifyFormat.TEXT
        )
        if result:
            return None
        return NotifyFailed(f"{service.service_name}: {_without_secrets(_reason(list(result)), url)}")


def _reason(results: Sequence[NotifyResult]) -> str:
    """Return what Apprise logged; it raises nothing and says only that it failed."""
    if any(one.status is AppriseResultStatus.TIMEOUT for one in results):
        return "no answer in time"
    said = [entry.message.strip() for one in results for entry in one.logs()]
    return " ".join(dict.fromkeys(said)) or "it did not get through, and the service did not say why"


def _without_secrets(message: str, url: str) -> str:
    """Take every part of the address but its service and host out of a message."""
    parts = urlsplit(url)
    known = {parts.scheme.lower(), *((parts.hostname,) if parts.scheme.lower() in _HOST_IS_NO_SECRET else ())}
    for form in (url, unquote(url)):
        for secret in sorted(re.split(r"[/:@?&=#]+", form), key=len, reverse=True):
            if len(secret) > 2 and secret.lower() not in known:
                message = message.replace(secret, "***")
    return message
