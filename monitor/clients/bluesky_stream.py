"""Bluesky's stream of everything that is posted and deleted (Jetstream), read in short gulps."""

import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import ClientConnection, connect

from monitor.clients.bluesky import POST
from monitor.clients.faults import Denied, NoAnswer, NotReached, Reason, Throttled
from monitor.clients.http import CONNECT_S, USER_AGENT

_MOST_BYTES: Final = 1024 * 1024  # of one event; posts are a few kilobytes
_SOON: Final = 60.0


def events(
    url: str, cursor: int, *, lasts_s: float, quiet_s: float, opens_s: float = 3.0
) -> Generator[dict[str, Any], None, None]:
    """Yield what happened to posts from `cursor` (microseconds since 1970) on, oldest first.

    Ends after `lasts_s` seconds, or when nothing came for `quiet_s`: we have caught up. The first event may take
    `opens_s`: the server opens its archive at our place. Raises the faults of `clients.faults`.
    """
    host = urlsplit(url).hostname or url
    query = urlencode({"wantedCollections": POST, "cursor": cursor})
    ends, got = time.monotonic() + opens_s, False
    with _connected(f"{url.rstrip('/')}/subscribe?{query}", host) as stream:
        while (left := ends - time.monotonic()) > 0:
            try:
                given = stream.recv(timeout=min(left, quiet_s) if got else left)
            except TimeoutError:
                return
            except ConnectionClosed as error:
                if got:
                    return  # what came before is good, and the next gulp begins behind it
                message = f"The connection to {host} broke before anything had come."
                raise NoAnswer(message) from error
            if not got:
                ends, got = time.monotonic() + lasts_s, True
            yield from _event(given)


def _event(given: str | bytes) -> Iterator[dict[str, Any]]:
    """Yield an event if it is one about a post; others, and what cannot be read, are passed over."""
    try:
        found = json.loads(given)
    except ValueError:
        return
    if isinstance(found, dict) and isinstance(found.get("time_us"), int) and isinstance(found.get("commit"), dict):
        yield found


@contextmanager
def _connected(url: str, host: str) -> Iterator[ClientConnection]:
    try:
        # No proxy from the environment and no compression: a surprise each.
        stream = connect(
            url,
            open_timeout=CONNECT_S,
            close_timeout=0.2,  # who leaves in the middle does not wait for the rest
            max_size=_MOST_BYTES,
            proxy=None,
            compression=None,
            user_agent_header=USER_AGENT,
        )
    except InvalidStatus as error:
        raise _fault(error, host) from error
    except InvalidURI as error:
        message = f'"{url}" is no address of a stream.'
        raise Denied(message, reason=Reason.INVALID) from error
    except InvalidHandshake as error:
        message = f"{host} does not speak as a stream of posts should: {error}."
        raise NoAnswer(message) from error
    except (OSError, EOFError) as error:  # time-outs are among them
        message = f"{host} cannot be reached."
        raise NotReached(message) from error
    with stream:
        yield stream


def _fault(error: InvalidStatus, host: str) -> Throttled | NoAnswer | Denied:
    status = error.response.status_code
    if status == 429:
        said = error.response.headers.get("retry-after", "")
        wait = min(float(said), 86_400.0) if said.isdecimal() else _SOON
        return Throttled(f"{host} wants fewer connections; it takes the next one in {wait:.0f} seconds.", after=wait)
    if 400 <= status < 500:
        return Denied(f"{host} does not open its stream ({status}).", reason=Reason.INVALID, status=status)
    return NoAnswer(f"{host} has trouble ({status}).")
