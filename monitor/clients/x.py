"""X, through tweepy: each call once, within its time, with what is left and what it costs.

tweepy knows one host only, retries nothing when told so, and shows no headers unless it hands over raw answers. Its
session is a `Fenced` that judges every answer first, so its own errors, which trip over odd bodies, never arise.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

import requests
import tweepy

from monitor.clients.faults import Denied, NoAnswer, Reason, Throttled
from monitor.clients.http import USER_AGENT, Fenced, json_of, quota_of, settle, wait_of
from monitor.domain.records import Login, Quota, Usage

Item = Mapping[str, Any]

AT_MOST: Final = 100  # posts of one page, and of one look-up
_LIBRARY_HOST: Final = "https://api.twitter.com"
_POST_FIELDS: Final = (
    "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,public_metrics,"
    "referenced_tweets,reply_settings"
)
_USER_FIELDS: Final = "name,username,protected,public_metrics,verified,verified_type"
# Only the author is asked for: every object that comes along is billed.
_FIELDS: Final = {"tweet_fields": _POST_FIELDS, "user_fields": _USER_FIELDS, "expansions": "author_id"}

for _noisy in ("tweepy", "requests_oauthlib", "oauthlib"):
    logging.getLogger(_noisy).setLevel(logging.INFO)  # at DEBUG they log tokens and texts


class StalePlace(Denied):
    """X does not take the place we had come to: `token` of a page, or the post to begin after."""

    def __init__(self, message: str, *, token: bool) -> None:
        super().__init__(message, reason=Reason.INVALID, status=400)
        self.token = token


@dataclass(frozen=True, slots=True)
class Found:
    """A page of posts as they came, with those who wrote them by id."""

    posts: tuple[Item, ...]
    users: Mapping[str, Item]
    others: Mapping[str, Item]  # posts that came along, by id
    errors: tuple[Item, ...]
    newest: str
    next: str  # token of the page to come; "" after the last
    usage: Usage


class X:
    """One login's way to X. Raises the faults of `clients.faults` and nothing else."""

    def __init__(self, login: Login) -> None:
        """The login holds an app token, keys of OAuth 1.0a or a token of OAuth 2.0, or several of them."""
        secret = login.secret
        self._signs = bool(secret.get("api_key"))
        self._app, self._user = secret.get("bearer_token", ""), secret.get("access_token", "")
        self._session = _Session(login.host.rstrip("/"))
        self._client = tweepy.Client(
            consumer_key=secret.get("api_key"),
            consumer_secret=secret.get("api_secret"),
            access_token=self._user,
            access_token_secret=secret.get("access_token_secret"),
            return_type=requests.Response,
            wait_on_rate_limit=False,
        )
        self._client.session, self._client.user_agent = self._session, USER_AGENT

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    @property
    def granted(self) -> str:
        """Return what the newest answer said of our keys (OAuth 1.0a): "read", "read-write", ...; "" for nothing."""
        return self._session.last.headers.get("x-access-level", "") if self._session.last is not None else ""

    # --- reading

    def search(self, query: str, since_id: str, token: str) -> Found:
        """Return a page of the last seven days, newest first. Raises `StalePlace` for a place that is too old."""
        by_user = self._speak_as(ours=False)
        answer = self._client.search_recent_tweets(
            query,
            user_auth=by_user,
            since_id=since_id or None,
            next_token=token or None,
            max_results=AT_MOST,
            **_FIELDS,
        )
        return _found(answer, "search", "post_read")

    def mentions(self, user_id: str, since_id: str, token: str) -> Found:
        """Return a page of the newest 800 mentions of our own account, newest first."""
        return self._timeline(self._client.get_users_mentions, "mentions", user_id, since_id, token, _FIELDS)

    def written_by(self, user_id: str, since_id: str, token: str) -> Found:
        """Return a page of our own posts, newest first."""
        fields = {"tweet_fields": _POST_FIELDS}  # we know who wrote them
        return self._timeline(self._client.get_users_tweets, "own posts", user_id, since_id, token, fields)

    def _timeline(
        self, call: Any, bucket: str, user_id: str, since_id: str, token: str, fields: Mapping[str, str]
    ) -> Found:
        by_user = self._speak_as(ours=True)
        place = {"since_id": since_id or None, "pagination_token": token or None}
        return _found(call(user_id, user_auth=by_user, max_results=AT_MOST, **place, **fields), bucket, "own_read")

    def posts(self, ids: Sequence[str], *, ours: bool = False) -> Found:
        """Look up to 100 posts up; what is missing is named in `errors`. `ours`: as our account sees them."""
        by_user = self._speak_as(ours=ours)
        return _found(self._client.get_tweets(list(ids), user_auth=by_user, **_FIELDS), "look-up", "post_read")

    def me(self) -> tuple[Item, Usage]:
        """Return our own account."""
        answer = self._client.get_me(user_auth=self._speak_as(ours=True), user_fields=_USER_FIELDS)
        return _one(answer), Usage(quotas(answer, "account"), {"user_read": 1})

    def allowance(self) -> Item | None:
        """Return what the app may read a month and has read; None: only an app token can ask."""
        if not self._app:
            return None
        self._client.bearer_token = self._app
        return _one(self._client.request("GET", "/2/usage/tweets"))

    # --- writing: one request each

    def create(self, text: str, reply_to: str) -> tuple[str, Usage]:
        """Post a reply and return its id."""
        by_user = self._speak_as(ours=True)
        answer = self._client.create_tweet(text=text, in_reply_to_tweet_id=reply_to, user_auth=by_user)
        made = _one(answer).get("id")
        if not made:
            message = "X took the reply and did not say which post it became."
            raise NoAnswer(message)
        return str(made), Usage(quotas(answer, "replies"))

    def delete(self, post_id: str) -> Usage:
        """Delete a post of ours."""
        answer = self._client.delete_tweet(post_id, user_auth=self._speak_as(ours=True))
        if _one(answer).get("deleted") is not True:
            message = "X did not delete the post."
            raise Denied(message, reason=Reason.INVALID)
        return Usage(quotas(answer, "deletions"))

    def _speak_as(self, *, ours: bool) -> bool:
        """Choose the token, and tell whether requests are signed by our keys instead.

        The app reads what everybody may read: it has larger limits, and sees no protected posts by accident.
        """
        as_app = bool(self._app) and not ours
        if not as_app and not self._user:
            message = "This needs an account of X, and only an app token is there: connect the account."
            raise Denied(message, reason=Reason.LOGIN)
        self._client.bearer_token = self._app if as_app else self._user
        return self._signs and not as_app


def token(host: str, form: Mapping[str, str], client_secret: str = "", call: str = "token") -> Item:
    """Ask for tokens of OAuth 2.0, or give them back (`call` "revoke"). Raises `Denied` for a code or token refused."""
    with Fenced() as session, _usable():
        auth = (form["client_id"], client_secret) if client_secret else None
        answer = session.post(f"{host.rstrip('/')}/2/oauth2/{call}", data=dict(form), auth=auth)
    if answer.status_code in {400, 401}:
        body = _object(answer)
        said = _sentence({"title": body.get("error_description") or body.get("error")})
        message = f"X does not accept this sign-in (any more). It said: {said}"
        raise Denied(message, reason=Reason.LOGIN, status=answer.status_code)
    judge(answer)
    given = json_of(answer)
    if not isinstance(given, dict) or (call == "token" and not given.get("access_token")):
        message = "X answered the sign-in without a token."
        raise NoAnswer(message)
    return given


@contextmanager
def _usable() -> Iterator[None]:
    """Refuse an address or a key that no request can be made of. The library's own words would repeat the key."""
    try:
        yield
    except ValueError:
        message = "The address or a key of this account cannot be used: it holds something that does not belong there."
        raise Denied(message, reason=Reason.LOGIN) from None


class _Session(Fenced):
    def __init__(self, host: str) -> None:
        super().__init__()
        self._host = host

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send to the host that was set. Changed before it is signed, because OAuth 1.0a signs the address."""
        with _usable():
            return super().request(method, str(url).replace(_LIBRARY_HOST, self._host, 1), *args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send once, and raise at once what a refusal means."""
        answer = super().send(request, **kwargs)
        judge(answer)
        return answer


# --- what answers mean --------------------------------------------------------------------------------------------

_MONEY: Final = ("usage-capped", "usagecap", "usage cap", "credit", "spend-cap", "spendcap", "spending limit")
_SAID: Final = (
    ("duplicate content", Reason.DUPLICATE),
    ("deleted or not visible", Reason.GONE),
    ("too long", Reason.TOO_LONG),
    ("not been mentioned", Reason.LOCKED),
    ("not allowed to reply", Reason.LOCKED),
    ("restricted who can reply", Reason.LOCKED),
    ("blocked", Reason.HIDDEN),
    ("not-authorized-for-resource", Reason.HIDDEN),
    ("resource-not-found", Reason.GONE),
)


def judge(answer: requests.Response) -> None:
    """Raise what a refusal of X means. Branches on status and type first, then on X's English sentence."""
    status = answer.status_code
    if status < 300:
        return
    body = _object(answer)
    said = _sentence(body)
    if status in {402, 403, 429} and any(one in _kind(body) for one in _MONEY):
        message = f"X wants to be paid first: the credits or the monthly allowance have run out. It said: {said}"
        raise Denied(message, reason=Reason.CREDITS, status=status)
    if status == 429:
        after = _wait(answer)
        message = f"X wants fewer calls; it takes the next one in {after:.0f} seconds."
        raise Throttled(message, after=after)
    if status == 400:
        _stale(body, said)
    if status == 403 and not body:
        message = "Something before X turned this away (403)."
        raise NoAnswer(message)
    if status in {400, 403}:
        _refused(body, status)
    settle(answer, said)


def _refused(body: Item, status: int) -> None:
    kind = _kind(body)
    reason = next((reason for words, reason in _SAID if words in kind), None)
    if reason is not None:
        message = f"X refused. It said: {_sentence(body)}"
        raise Denied(message, reason=reason, status=status)


def _stale(body: Item, said: str) -> None:
    for error in _items(body.get("errors")):
        names = error.get("parameters")
        for name in names if isinstance(names, dict) else ():
            if name in {"since_id", "next_token", "pagination_token"}:
                raise StalePlace(said, token=name != "since_id")


def _wait(answer: requests.Response) -> float:
    """A post a day too many says so in headers of its own, beside those of the quarter of an hour."""
    spent = [quota.resets_in for quota in quotas(answer, "") if quota.remaining == 0]
    return max(*spent, 1.0) if spent else wait_of(answer)


def quotas(answer: requests.Response, bucket: str) -> tuple[Quota, ...]:
    """Return what is left of a call, and of a day's posts where X says."""
    days = ("x-user-limit-24hour-", "x-app-limit-24hour-")
    daily = tuple(quota for prefix in days for quota in quota_of(answer, prefix[2:-1], prefix))
    return quota_of(answer, bucket, "x-rate-limit-") + daily


def _object(answer: requests.Response) -> Item:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _items(given: object) -> tuple[Item, ...]:
    return tuple(one for one in given if isinstance(one, dict)) if isinstance(given, list) else ()


def _sentence(body: Item) -> str:
    inner = next((one.get("message") or one.get("detail") for one in _items(body.get("errors"))), None)
    said = str(inner or body.get("detail") or body.get("title") or "")[:300]
    return said if not said or said.endswith((".", "!", "?")) else f"{said}."


def _kind(body: Item) -> str:
    return " ".join(str(body.get(name, "")) for name in ("type", "title", "detail")).casefold()


def _body(answer: requests.Response) -> Item:
    body = json_of(answer)
    if not isinstance(body, dict):
        message = "X answered with something that is not what it describes."
        raise NoAnswer(message)
    return body


def _one(answer: requests.Response) -> Item:
    """Return the one object of an answer. X says no within a 200, too."""
    body = _body(answer)
    data = body.get("data")
    if isinstance(data, dict):
        return data
    for error in _items(body.get("errors")):
        _refused(error, answer.status_code)
        message = f"X refused. It said: {_sentence(error)}"
        raise Denied(message, reason=Reason.INVALID, status=answer.status_code)
    message = "X answered without saying anything."
    raise NoAnswer(message)


def _found(answer: requests.Response, bucket: str, billed_as: str) -> Found:
    body = _body(answer)
    errors, meta = _items(body.get("errors")), body.get("meta")
    if not isinstance(body.get("data"), list) and not isinstance(meta, dict) and bucket != "look-up":
        _one(answer)  # nothing at all: X says no, or says nothing
    if not errors and body.get("data") is None and bucket == "look-up":
        message = "X answered without saying what became of the posts."
        raise NoAnswer(message)
    meta = meta if isinstance(meta, dict) else {}
    included = body.get("includes")
    included = included if isinstance(included, dict) else {}
    posts = tuple(one for one in _items(body.get("data")) if one.get("id"))
    users = _by_id(_items(included.get("users")))
    others = _by_id((*_items(included.get("tweets")), *_items(included.get("posts"))))
    ids = sorted((str(one["id"]) for one in posts), key=_number)
    newest = str(meta.get("newest_id") or (ids[-1] if ids else ""))
    billed = {billed_as: len(posts) + len(others), "user_read": len(users)}
    usage = Usage(quotas(answer, bucket), {kind: count for kind, count in billed.items() if count})
    return Found(posts, users, others, errors, newest, str(meta.get("next_token") or ""), usage)


def _by_id(items: Iterable[Item]) -> dict[str, Item]:
    return {str(one["id"]): one for one in items if one.get("id")}


def _number(written: str) -> int:
    return int(written) if written.isdecimal() else 0


def together(*used: Usage) -> Usage:
    """Return what several calls used up: what is left by the newest of them, what is billed by all."""
    left = {quota.bucket: quota for one in used for quota in one.quotas}
    billed: dict[str, int] = {}
    for one in used:
        for kind, count in one.billed.items():
            billed[kind] = billed.get(kind, 0) + count
    return Usage(tuple(left.values()), billed)
