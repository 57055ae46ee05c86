"""Bluesky over XRPC: `app.bsky.*` to read, `com.atproto.*` for the session and our own records.

Thin on purpose: the SDK moves its base address by itself and lets errors of its HTTP library through.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import requests

from monitor.clients.faults import Denied, NoAnswer, Reason
from monitor.clients.http import Fenced, json_of, quota_of, server_time, settle
from monitor.domain.dates import in_utc
from monitor.domain.records import Login, Quota, Usage

POST: Final = "app.bsky.feed.post"
AT_ONCE: Final = 25  # posts or profiles that one call takes

_WRITES: Final = frozenset({"putRecord", "deleteRecord", "applyWrites"})
_SESSIONS: Final = frozenset({"createSession", "refreshSession", "deleteSession"})
_REASONS: Final = {
    "ExpiredToken": Reason.LOGIN,
    "InvalidToken": Reason.LOGIN,
    "AuthMissing": Reason.LOGIN,
    "AuthRequired": Reason.LOGIN,
    "AuthenticationRequired": Reason.LOGIN,
    "AuthFactorTokenRequired": Reason.LOGIN,
    "NotFound": Reason.GONE,
    "RecordNotFound": Reason.GONE,
    "RepoNotFound": Reason.GONE,
    "AccountTakedown": Reason.HIDDEN,
    "AccountDeactivated": Reason.HIDDEN,
    "AccountSuspended": Reason.HIDDEN,
    "RepoTakendown": Reason.HIDDEN,
    "RepoDeactivated": Reason.HIDDEN,
    "RepoSuspended": Reason.HIDDEN,
    "BlockedActor": Reason.HIDDEN,
    "BlockedByActor": Reason.HIDDEN,
}
# Servers of before 2024 give these no name of their own.
_NO_RECORD, _NO_PROFILE = "Could not locate record", "Profile not found"

Json = dict[str, Any]


class SignInExpired(Denied):
    """The access token has run out. Nothing was done; a fresh one, and the same call goes through."""

    code = "sign_in_expired"


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in as a server gives it. `lasts` is in seconds by the server's own clock, None where it does not say."""

    did: str
    handle: str
    access: str
    refresh: str
    lasts: float | None
    pds: str  # the server that the account's DID document names, "" for none
    scope: str


class Bluesky:
    """One server, spoken to with one token. Raises the faults of `clients.faults` and nothing else."""

    def __init__(self, host: str, token: str = "") -> None:
        """Without a token it reads what is open to everybody."""
        self.host, self._token = host.rstrip("/"), token
        self._http = Fenced()
        self._quotas: dict[str, Quota] = {}

    @classmethod
    def of(cls, login: Login) -> Self:
        """Speak as a login; without a secret, to the server it names for reading."""
        token = login.secret.get("access", "")
        return cls(login.host if token else str(login.options.get("read") or login.host), token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    @property
    def signed_in(self) -> bool:
        """Tell whether it speaks as somebody."""
        return bool(self._token)

    @property
    def usage(self) -> Usage:
        """Return what the answers so far said is left."""
        return Usage(tuple(self._quotas.values()))

    def get(self, method: str, **params: str | int | Sequence[str]) -> Json:
        """Ask; empty parameters are left out, lists are repeated."""
        chosen = {name: value for name, value in params.items() if value not in ("", [], ())}
        return self._read(method, self._http.get(self._url(method), params=chosen, headers=self._heads()))

    def post(self, method: str, body: Mapping[str, object] | None = None) -> Json:
        """Have something done, once."""
        return self._read(method, self._http.post(self._url(method), json=body, headers=self._heads()))

    # --- reading

    def posts(self, uris: Sequence[str]) -> list[Json]:
        """Return the views of posts; those that cannot be seen are silently left out."""
        return self._batched("app.bsky.feed.getPosts", "uris", uris, "posts")

    def profiles(self, dids: Sequence[str]) -> list[Json]:
        """Return detailed profiles, with followers; those that cannot be seen are silently left out."""
        return self._batched("app.bsky.actor.getProfiles", "actors", dids, "profiles")

    def profile(self, actor: str) -> Json:
        """Return one profile. Denied with `HIDDEN` for an account that is suspended or switched off."""
        return self.get("app.bsky.actor.getProfile", actor=actor)

    def thread(self, uri: str) -> Json:
        """Return a post as its thread shows it: it may be there, blocked or not found."""
        return entry(self.get("app.bsky.feed.getPostThread", uri=uri, depth=0, parentHeight=0), "thread")

    def resolve(self, handle: str) -> str:
        """Return the DID behind a handle, "" when there is none."""
        try:
            return str(self.get("com.atproto.identity.resolveHandle", handle=handle).get("did") or "")
        except Denied as fault:
            if fault.reason in {Reason.INVALID, Reason.GONE}:
                return ""
            raise

    # --- our own records

    def record(self, uri: str) -> Json | None:
        """Return {"uri", "cid", "value"} of a record, None when it is certainly not there."""
        did, collection, rkey = uri.removeprefix("at://").split("/")
        try:
            found = self.get("com.atproto.repo.getRecord", repo=did, collection=collection, rkey=rkey)
        except Denied as fault:
            if fault.reason is Reason.GONE and fault.status == 400:
                return None
            raise
        return _whole(found, "uri", "cid", "value")

    def put(self, did: str, rkey: str, record: Mapping[str, object]) -> Json:
        """Write a post under a key of our own: the same record again changes nothing."""
        body = {"repo": did, "collection": POST, "rkey": rkey, "record": record}
        return _whole(self.post("com.atproto.repo.putRecord", body), "uri", "cid")

    def delete(self, did: str, rkeys: Sequence[str]) -> None:
        """Delete posts of ours, all or none, in one request."""
        if len(rkeys) == 1:
            self.post("com.atproto.repo.deleteRecord", {"repo": did, "collection": POST, "rkey": rkeys[0]})
            return
        writes = [{"$type": "com.atproto.repo.applyWrites#delete", "collection": POST, "rkey": rkey} for rkey in rkeys]
        self.post("com.atproto.repo.applyWrites", {"repo": did, "writes": writes})

    # --- the session: `refresh` and `leave` are spoken with the refresh token

    def sign_in(self, identifier: str, password: str) -> Session:
        """Open a session. Servers allow 30 in five minutes and 300 a day: keep it."""
        return self._session("createSession", {"identifier": identifier, "password": password})

    def refresh(self) -> Session:
        """Exchange the refresh token for a new pair."""
        return self._session("refreshSession", None)

    def leave(self) -> None:
        """End the session."""
        self.post("com.atproto.server.deleteSession")

    def _session(self, name: str, body: Json | None) -> Session:
        given = _whole(self.post(f"com.atproto.server.{name}", body), "did", "handle", "accessJwt", "refreshJwt")
        claims = _claims(str(given["accessJwt"]))
        ends, answer = claims.get("exp"), self._http.last
        lasts = float(ends) - server_time(answer) if isinstance(ends, int | float) and answer is not None else None
        access, refresh = str(given["accessJwt"]), str(given["refreshJwt"])
        scope = str(claims.get("scope") or "")
        return Session(str(given["did"]), str(given["handle"]), access, refresh, lasts, pds_of(given), scope)

    # --- the wire

    def _batched(self, method: str, name: str, values: Sequence[str], what: str) -> list[Json]:
        found: list[Json] = []
        for start in range(0, len(values), AT_ONCE):
            found += entries(self.get(method, **{name: list(values[start : start + AT_ONCE])}), what)
        return found

    def _url(self, method: str) -> str:
        return f"{self.host}/xrpc/{method}"

    def _heads(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _read(self, method: str, answer: requests.Response) -> Json:
        name = method.rsplit(".", 1)[-1]
        bucket = "writes" if name in _WRITES else "sign-in" if name in _SESSIONS else "all"
        self._quotas |= {one.bucket: one for one in quota_of(answer, bucket, prefix="ratelimit-")}
        if answer.status_code >= 300:
            _refuse(answer)
        found = json_of(answer) if answer.content else {}
        if not isinstance(found, dict):
            message = f"{self.host} answered {name} with something that makes no sense."
            raise NoAnswer(message)
        return found


def _refuse(answer: requests.Response) -> None:
    """Raise what an answer that is no success means: XRPC names its errors, most of them under status 400."""
    try:
        body = answer.json()
    except ValueError:
        body = {}
    name, said = (str(body.get(one) or "") for one in ("error", "message")) if isinstance(body, dict) else ("", "")
    said = f"{said[:300].rstrip('.')}." if said else ""
    reason = _REASONS.get(name)
    if reason is None and said.startswith((_NO_RECORD, _NO_PROFILE)):
        reason = Reason.GONE
    if reason is None or answer.status_code not in {400, 401, 403, 404}:
        settle(answer, said)
        message = f"Bluesky answered with a redirect that is not followed ({answer.status_code})."
        raise NoAnswer(message)
    kind = SignInExpired if name == "ExpiredToken" else Denied
    message = f"Bluesky: {_WORDS[reason]} ({name or answer.status_code}). {said}".strip()
    raise kind(message, reason=reason, status=answer.status_code)


_WORDS: Final = {
    Reason.LOGIN: "this sign-in is not accepted (any more)",
    Reason.GONE: "there is nothing there (any more)",
    Reason.HIDDEN: "that account is suspended, switched off or blocked",
}


def _whole(found: Json, *names: str) -> Json:
    """Return an answer that has all it must have. Raises `NoAnswer` for half of one."""
    missing = [name for name in names if not found.get(name)]
    if missing:
        message = f"Bluesky's answer lacks {', '.join(missing)}."
        raise NoAnswer(message)
    return found


# --- pieces of answers --------------------------------------------------------------------------------------------


def entry(given: object, name: str) -> Json:
    """Return an object inside an answer, {} where there is none."""
    found = given.get(name) if isinstance(given, dict) else None
    return found if isinstance(found, dict) else {}


def entries(given: object, name: str) -> list[Json]:
    """Return the objects of a list inside an answer, [] where there is none."""
    found = given.get(name) if isinstance(given, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def pds_of(given: Json) -> str:
    """Return the server that a DID document names for its account, "" for none."""
    for one in entries(entry(given, "didDoc"), "service"):
        if str(one.get("id") or "").endswith("#atproto_pds") and isinstance(one.get("serviceEndpoint"), str):
            return str(one["serviceEndpoint"]).rstrip("/")
    return ""


def _claims(token: str) -> Json:
    """Read what a token says of itself. It is not proven: only the server can do that."""
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def scope_of(token: str) -> str:
    """Return what a token says it may do: "com.atproto.appPass..." for an app password."""
    return str(_claims(token).get("scope") or "")


def when(written: object) -> datetime | None:
    """Read a time as records carry it. Whoever wrote the record chose it: None for what is none."""
    return in_utc(written)


def stamp(moment: datetime) -> str:
    """Write a time as records carry it, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_LETTERS: Final = "234567abcdefghijklmnopqrstuvwxyz"


def tid(micros: int, clock_id: int) -> str:
    """Write a time in microseconds and a clock id (10 bits) as a TID: 13 letters that sort by time."""
    number = (micros & (2**53 - 1)) << 10 | (clock_id & 1023)
    return "".join(_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


def own_key(key: str, at: datetime) -> str:
    """Return the record key of a reply: the same on every try, and another for every other reply.

    The time is exact to the millisecond; what is finer, and the clock id, come from `key`.
    """
    millis = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
    return tid(millis * 1000 + drawn // 1024 % 1000, drawn)


def values(labels: Iterable[Json]) -> list[str]:
    """Return the values of labels that were not taken back."""
    return [str(one["val"]) for one in labels if one.get("val") and not one.get("neg")]
