"""Reads RSS and Atom feeds at addresses that people gave: guarded, because an address may lead anywhere.

A feed is fetched here and parsed by feedparser, which sees bytes only.
"""

import re
import socket
from calendar import timegm
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import feedparser
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from monitor.clients.faults import Denied, NoAnswer, NotReached, Reason
from monitor.clients.http import Fenced, settle
from monitor.domain.html_text import plain_text
from monitor.domain.links import web_address

MOST_BYTES: Final = 2 * 1024 * 1024
HOPS: Final = 5  # redirects that are followed
_ACCEPT: Final = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"
_NAT64: Final = IPv6Network("64:ff9b::/96")
_TAG: Final = re.compile(
    r"</?(?:p|br|div|b|i|em|strong|a|span|img|ul|ol|li|blockquote|pre|code)\b[^<>]*>", re.IGNORECASE
)
_CALM: Final = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)  # said, and still read well


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed, title and text without markup. `at` is epoch seconds, None where it says none."""

    key: str  # the same as long as the entry is the same
    title: str
    text: str
    link: str
    author: str
    at: float | None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed as it is now, its entries in their own order; `etag` and `modified` ask for what is newer next time."""

    entries: tuple[Entry, ...]
    title: str = ""
    lang: str = ""
    etag: str = ""
    modified: str = ""
    whole: bool = field(default=True)  # False: it broke off, or is not well-formed


def entry_key(address: str, entry_id: str) -> str:
    """Return the id that an entry has with us: feeds share ids with each other, so the address is part of it."""
    return sha256(f"{address}\n{entry_id}".encode()).hexdigest()[:24]


def fetch(address: str, *, etag: str = "", modified: str = "", private: bool = False) -> Fetched | None:
    """Read a feed; None: nothing changed since `etag` or `modified`. Raises the faults of `clients.faults`.

    `private` lets addresses of this machine and its network be read.
    """
    asked = {"Accept": _ACCEPT, "If-None-Match": etag, "If-Modified-Since": modified}
    answer = _follow(_session(private=private), address, {name: value for name, value in asked.items() if value})
    if answer.status_code == 304 and (etag or modified):
        return None
    try:
        settle(answer)
    except Denied as said:  # nobody is signed in, so no answer is about a sign-in
        reason = Reason.GONE if said.status in {404, 410} else Reason.INVALID
        message = f"The feed {address} cannot be read. {said}"
        raise Denied(message, reason=reason, status=said.status) from said
    return _parsed(address, answer)


def _session(*, private: bool) -> Fenced:
    session = Fenced(most_bytes=MOST_BYTES, allowed=guard(private=private))
    if not private:
        session.mount("http://", GuardedAdapter(max_retries=0))
        session.mount("https://", GuardedAdapter(max_retries=0))
    return session


def _follow(session: Fenced, address: str, heads: Mapping[str, str]) -> requests.Response:
    """Get, and follow redirects by hand, so that every hop is guarded and bounded."""
    where = address
    for _ in range(HOPS + 1):
        try:
            answer = session.get(where, headers=dict(heads), allow_redirects=True)
        except ValueError as error:
            message = f'"{where}" is not an address that can be read.'
            raise Denied(message, reason=Reason.INVALID) from error
        if not answer.is_redirect:
            return answer
        try:
            where = urljoin(where, answer.headers["location"])
        except ValueError as error:
            message = f"The feed {address} leads to something that is no address."
            raise Denied(message, reason=Reason.INVALID) from error
    message = f"The feed {address} leads from one address to the next without end."
    raise NoAnswer(message)


# --- the guard


def guard(*, private: bool = False) -> Callable[[str], None]:
    """Return what is asked before every request. It raises `Denied` for an address that must not be read."""

    def allowed(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            message = f"Only http and https addresses without a password can be read, and {url[:200]} is none."
            raise Denied(message, reason=Reason.INVALID)
        if not private:
            for found in _resolved(parts.hostname):
                _refuse_inner(parts.hostname, found)

    return allowed


def _resolved(host: str) -> set[str]:
    try:
        return {str(one[4][0]) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        message = f"{host} cannot be found."
        raise NotReached(message) from error


def _refuse_inner(host: str, found: str) -> None:
    if not _is_public(found):
        message = (
            f"{host} is an address of this machine or its own network, and such feeds are not read "
            "unless the setting feeds_private allows it."
        )
        raise Denied(message, reason=Reason.INVALID)


def _is_public(written: str) -> bool:
    """Tell whether an address belongs to the open internet, also when it is written inside another one."""
    address: IPv4Address | IPv6Address = ip_address(written)
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return address.is_global and not address.is_multicast


def _checked(made: socket.socket) -> socket.socket:
    """Look at whom we are connected to: the name may have led elsewhere since it was asked for."""
    peer = str(made.getpeername()[0])
    try:
        _refuse_inner(peer, peer)
    except Denied:
        made.close()
        raise
    return made


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn())


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn())


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class GuardedAdapter(HTTPAdapter):
    """Connects to the open internet only, whatever a name resolves to at that moment. Raises `Denied`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make pools whose connections are looked at before anything is sent."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


# --- what a feed holds


def _parsed(address: str, answer: requests.Response) -> Fetched:
    # A stream, because feedparser takes bytes for the name of a file first.
    heads = {"content-type": answer.headers.get("content-type", ""), "content-location": answer.url}
    found: Any = feedparser.parse(BytesIO(answer.content), response_headers=heads)
    if not found.get("version") and not found.entries:
        message = f"{address} answered with something that is not a feed."
        raise NoAnswer(message)
    keyed = {one.key: one for one in (_entry(address, entry) for entry in found.entries)}
    return Fetched(
        tuple(keyed.values()),
        str(found.feed.get("title", "")),
        str(found.feed.get("language", "")).lower(),
        answer.headers.get("etag", ""),
        answer.headers.get("last-modified", ""),
        whole=not found.bozo or isinstance(found.get("bozo_exception"), _CALM),
    )


def _entry(address: str, entry: Any) -> Entry:
    link = str(entry.get("link") or "")
    title, text = _words(entry.get("title_detail")), _text(entry)
    return Entry(
        entry_key(address, str(entry.get("id") or link or f"{title}\n{text}")),
        title,
        text,
        web_address(link),
        str(entry.get("author") or ""),
        _time(entry),
        tuple(str(one.get("term")) for one in entry.get("tags") or () if one.get("term")),
    )


def _text(entry: Any) -> str:
    """Return the longest of what an entry holds: some put everything into the summary, some only its start."""
    parts = [*(entry.get("content") or ()), entry.get("summary_detail")]
    return max((_words(one) for one in parts), key=len)


def _words(detail: Any) -> str:
    """Return the words of a title or text. Plain text is taken as it is, unless a tag in it says otherwise."""
    value = str((detail or {}).get("value") or "")
    plain = (detail or {}).get("type") == "text/plain" and not _TAG.search(value)
    return value.strip() if plain else plain_text(value)


def _time(entry: Any) -> float | None:
    # Not entry.get: it would take the one for the other by itself, and warn that it will stop doing so.
    parsed = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        return float(timegm(parsed)) if parsed else None
    except (ValueError, OverflowError, TypeError):
        return None
