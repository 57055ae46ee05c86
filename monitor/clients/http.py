"""The fence around every call to a platform: a real time-out, no retry, no hidden redirect, bounded answers.

All clients speak through `Fenced`, tweepy and praw as well: they are handed one as their session. What it raises is
in `clients.faults`.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatch
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, SSLError

from monitor.clients.faults import Denied, NoAnswer, NotReached, Reason, Throttled
from monitor.domain.records import Quota

CONNECT_S: Final = 5.0
READ_S: Final = 20.0  # between two bytes of an answer
WHOLE_S: Final = 60.0  # for all of it
MOST_BYTES: Final = 16 * 1024 * 1024
USER_AGENT: Final = "amends/0.1 (self-hosted complaint desk)"
_LONGEST: Final = 86_400.0  # seconds: a wrong header must not silence us for good
_MOST_CALLS: Final = 10**9  # more than any platform allows
_SOON = 60.0  # seconds to wait where a platform wants fewer calls and does not say until when
_NOT_SENT = (NewConnectionError, ConnectTimeoutError, NameResolutionError, SSLError)

Headers = Mapping[str, str]


class Fenced(requests.Session):
    """A session that cannot hang, cannot repeat a call by itself and cannot be led elsewhere.

    `last` is the newest answer: its headers say what is left. `rewrite` sends a library that knows only one host to
    another. `hosts` are patterns such as "*.example.com" that a redirect may lead to; none: redirects are answers.
    """

    def __init__(
        self,
        *,
        hosts: Iterable[str] = (),
        rewrite: tuple[str, str] | None = None,
        read_s: float = READ_S,
        most_bytes: int = MOST_BYTES,
        allowed: Callable[[str], None] = lambda _url: None,
    ) -> None:
        """`allowed` is asked before every request, redirected ones too; it raises `Denied` for a forbidden address."""
        super().__init__()
        self.trust_env = False  # no proxy or password from files and variables nobody thinks of
        self.headers["User-Agent"] = USER_AGENT
        self.last: requests.Response | None = None
        self._hosts, self._rewrite, self._allowed = tuple(hosts), rewrite, allowed
        self._read_s, self._most = read_s, most_bytes
        self.mount("https://", HTTPAdapter(max_retries=0))
        self.mount("http://", HTTPAdapter(max_retries=0))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send once. Raises `NotReached` or `NoAnswer`; whatever status comes back is an answer."""
        if self._rewrite and (request.url or "").startswith(self._rewrite[0]):
            request.url = self._rewrite[1] + (request.url or "")[len(self._rewrite[0]) :]
        _not_link_local(urlsplit(request.url or "").hostname or "")
        self._allowed(request.url or "")
        kwargs["timeout"] = (CONNECT_S, min(self._read_s, _number(kwargs.get("timeout")) or self._read_s))
        host = urlsplit(request.url or "").hostname or ""
        streamed = bool(kwargs.get("stream"))
        kwargs["stream"] = True
        try:
            answer = super().send(request, **kwargs)
            if not streamed:
                self._read(answer)
        except requests.RequestException as error:
            raise fault_of(error, host) from error
        self.last = answer
        return answer

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Follow a redirect of a read to an allowed host only."""
        target = super().get_redirect_target(resp)
        if target is None or resp.request.method not in {"GET", "HEAD"}:
            return None
        host = urlsplit(target).hostname or urlsplit(resp.url).hostname or ""
        return target if any(fnmatch(host, one) for one in self._hosts) else None

    def _read(self, answer: requests.Response) -> None:
        """Read an answer within its time and size. Raises `NoAnswer` when it has no end."""
        ends, parts, size = time.monotonic() + WHOLE_S, [], 0
        for part in answer.iter_content(65536):
            parts.append(part)
            size += len(part)
            if size > self._most or time.monotonic() > ends:
                answer.close()
                message = f"{urlsplit(answer.url).hostname} sent an answer that is too long or has no end."
                raise NoAnswer(message)
        answer._content = b"".join(parts)  # noqa: SLF001  how requests itself keeps what was read


def _not_link_local(host: str) -> None:
    """Refuse the addresses at which a cloud tells a machine its own secrets. No platform is there."""
    try:
        inner = ip_address(host)
    except ValueError:
        return
    if inner.is_link_local:
        message = f"{host} is an address of this machine's own network: no platform is there."
        raise Denied(message, reason=Reason.INVALID)


def _number(given: object) -> float | None:
    return float(given) if isinstance(given, int | float) else None


def fault_of(error: requests.RequestException, host: str) -> NotReached | NoAnswer:
    """Tell a connection that never came about from one that broke: after the first, nothing was sent."""
    inner: BaseException | None = error
    seen = 0
    while inner is not None and seen < 8:
        reason = getattr(inner, "reason", None)
        if isinstance(inner, _NOT_SENT) or isinstance(reason, _NOT_SENT) or isinstance(inner, requests.ConnectTimeout):
            return NotReached(f"{host} cannot be reached.")
        inner = next((one for one in inner.args if isinstance(one, BaseException)), None)
        seen += 1
    if isinstance(error, requests.Timeout):
        return NoAnswer(f"{host} did not answer in time.")
    return NoAnswer(f"The connection to {host} broke before it had answered.")


# --- answers ------------------------------------------------------------------------------------------------------


def json_of(answer: requests.Response) -> Any:
    """Read JSON. Raises `NoAnswer` for anything else, such as a page of HTML that a proxy put there."""
    try:
        return answer.json()
    except (ValueError, RecursionError) as error:
        host = urlsplit(answer.url).hostname
        message = f"{host} answered with something that is not JSON ({answer.status_code})."
        raise NoAnswer(message) from error


_REASONS = {401: Reason.LOGIN, 402: Reason.CREDITS, 403: Reason.ACCESS, 404: Reason.GONE, 410: Reason.GONE}
_WORDS = {
    Reason.LOGIN: "does not accept this sign-in any more",
    Reason.ACCESS: "does not allow this",
    Reason.CREDITS: "wants to be paid first: its credits or its monthly allowance have run out",
    Reason.GONE: "has nothing there (any more)",
    Reason.INVALID: "did not understand what was asked",
}


def settle(answer: requests.Response, said: str = "") -> None:
    """Raise what a status means: 429 `Throttled`, other 4xx `Denied`, 5xx and unfollowed redirects `NoAnswer`.

    `said` is the platform's own sentence, put behind ours. A client that knows better looks before it calls this.
    """
    status, host = answer.status_code, urlsplit(answer.url).hostname
    if status < 300:
        return
    more = f" It said: {said[:300]}" if said else ""
    if status == 429:
        after = wait_of(answer)
        message = f"{host} wants fewer calls; it takes the next one in {after:.0f} seconds."
        raise Throttled(message, after=after)
    if 400 <= status < 500 and status not in {408, 425}:
        reason = _REASONS.get(status, Reason.INVALID)
        message = f"{host} {_WORDS[reason]} ({status}).{more}"
        raise Denied(message, reason=reason, status=status)
    message = f"{host} has trouble ({status}).{more}"
    raise NoAnswer(message)


def server_time(answer: requests.Response) -> float:
    """Return the platform's own time in epoch seconds: what it says of times is measured by its clock, not ours."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return time.time()


def wait_of(answer: requests.Response) -> float:
    """Return the seconds after which a platform takes calls again: at least 1, and a day at the most."""
    for name in ("retry-after", "x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"):
        found = seconds_until(answer, answer.headers.get(name, ""))
        if found is not None:
            return min(max(found, 1.0), _LONGEST)
    return _SOON


def seconds_until(answer: requests.Response, written: str) -> float | None:
    """Read a time as platforms write it: seconds, epoch seconds, ISO 8601 or an HTTP date. None: it is none."""
    now = server_time(answer)
    try:
        number = float(written)
        if not math.isfinite(number):
            return None
        return number - now if number > 1e9 else number
    except ValueError:
        pass
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            when = read(written)
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def quota_of(answer: requests.Response, bucket: str, prefix: str = "x-ratelimit-") -> tuple[Quota, ...]:
    """Read the rate-limit headers that start with `prefix`; () when they are not there or make no sense."""
    heads = answer.headers
    try:
        remaining = calls(heads[f"{prefix}remaining"])
        limit = calls(heads[f"{prefix}limit"]) if f"{prefix}limit" in heads else None
    except (KeyError, ValueError, OverflowError):
        return ()
    resets = seconds_until(answer, heads.get(f"{prefix}reset", ""))
    return () if resets is None else (Quota(bucket, limit, remaining, min(max(resets, 0.0), _LONGEST)),)


def calls(written: str) -> int:
    """Read a number of calls, within what can be."""
    return min(max(int(float(written)), 0), _MOST_CALLS)
