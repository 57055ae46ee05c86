"""Reddit through PRAW, fenced in: one request a call, no sleeping, no retry, no settings from files.

PRAW as it comes repeats writes on faults, sleeps before calls and on its own account posts again after a pause; it
reads `praw.ini` from wherever it is started, and parts of it break on answers that are not as expected. So it is given
a token that is ready, a session that says what an answer means before PRAW looks at it (`check`), and no say in when
to call. Whatever it still raises is turned into a fault once, in `translated`.
"""

import configparser
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any, Final, Self

import praw
import requests
from praw.config import Config
from praw.exceptions import PRAWException
from prawcore.exceptions import PrawcoreException, RequestException

from monitor.clients.faults import Denied, NoAnswer, NotReached, PlatformFault, Reason, Throttled
from monitor.clients.http import READ_S, Fenced, calls, json_of, quota_of, server_time, settle
from monitor.domain.records import Login, Presence, Usage

SITE: Final = "https://www.reddit.com"
PAGE: Final = 100  # things of one listing or look-up, at most
SOON_S: Final = 600.0  # the wait where Reddit wants fewer comments and does not say until when
_MORE_TIME: Final = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0}
_WAIT: Final = re.compile(r"(\d{1,9})\s*(millisecond|second|minute|hour)")

_CODES: Final[Mapping[str, tuple[Reason, str]]] = {
    "DELETED_COMMENT": (Reason.GONE, "The comment has been deleted."),
    "DELETED_LINK": (Reason.GONE, "The post has been deleted."),
    "DELETED_THING": (Reason.GONE, "The post has been deleted."),
    "THREAD_LOCKED": (Reason.LOCKED, "The thread is locked: Reddit takes no replies there."),
    "TOO_OLD": (Reason.LOCKED, "The thread is archived: Reddit takes no replies there any more."),
    "COMMENT_UNREPLIABLE": (Reason.LOCKED, "Reddit takes no replies to this comment."),
    "TOO_LONG": (Reason.TOO_LONG, "The text is too long for Reddit."),
    "NO_TEXT": (Reason.INVALID, "The text is empty."),
    "USER_REQUIRED": (Reason.LOGIN, "Reddit does not accept this sign-in any more."),
    "NOT_AUTHOR": (Reason.ACCESS, "This is not ours to change."),
    "SUBREDDIT_NOTALLOWED": (Reason.ACCESS, "This subreddit does not let this account write."),
    "BANNED_FROM_SUBREDDIT": (Reason.ACCESS, "This account is banned from the subreddit."),
    "USER_BLOCKED": (Reason.HIDDEN, "The author has blocked this account, or the other way round."),
    "insufficient_scope": (Reason.LOGIN, "This account was connected without a permission that is needed here."),
    "invalid_token": (Reason.LOGIN, "Reddit does not accept this sign-in any more."),
    "private": (Reason.HIDDEN, "The subreddit is private."),
    "quarantined": (Reason.HIDDEN, "The subreddit is quarantined."),
    "gold_only": (Reason.HIDDEN, "The subreddit is for paying members only."),
    "banned": (Reason.GONE, "Reddit has closed the subreddit."),
}
_BROKEN: Final = frozenset({"SOMETHING_IS_BROKEN", "SERVER_ERROR"})  # not a no: it may have been done

Thing = Mapping[str, Any]  # a post or comment as Reddit sends it; "name" is its fullname


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of things, newest first where a listing is asked. `after` is "" at its end, `at` Reddit's own time."""

    things: tuple[Thing, ...]
    after: str = ""
    at: float = 0.0
    usage: Usage = field(default_factory=Usage)


# --- what an answer means -------------------------------------------------------------------------------------------


class RedditSession(Fenced):
    """The fence, which also tells what an answer means: PRAW sees only the good ones."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send once. Raises the faults of `clients.faults`."""
        answer = super().send(request, **kwargs)
        check(answer)
        return answer


def check(answer: requests.Response) -> None:
    """Raise what an answer means, errors inside a 200 too. HTML is survived, whatever its status."""
    status, body = answer.status_code, _body(answer)
    if 300 <= status < 400:
        raise _elsewhere(answer)
    if status < 300 and answer.content:
        json_of(answer)
        inner = body.get("json")
        if isinstance(inner, dict) and inner.get("errors"):
            raise _refused(inner["errors"], inner, status)
    said = str(body.get("explanation") or body.get("message") or "")
    code = str(body.get("reason") or "") or _challenge(answer)
    no = status in {400, 401, 403, 404} and code in _CODES
    if status < 402 and isinstance(body.get("error"), str):  # the sign-in says no with 200 as well
        no, code, said = True, "invalid_token", f"{body['error']} {body.get('error_description') or ''}"
    if no:
        raise _no(code, said, status)
    settle(answer, said and f"{said}.")


def _body(answer: requests.Response) -> dict[str, Any]:
    """Return the JSON object of an answer, {} where there is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _challenge(answer: requests.Response) -> str:
    found = re.search(r'error="?(\w+)', answer.headers.get("www-authenticate", ""))
    return found[1] if found else ""


def _elsewhere(answer: requests.Response) -> Denied:
    where = answer.headers.get("location", "")
    if "/subreddits/search" in where:
        return Denied("Reddit has no subreddit of this name.", reason=Reason.GONE, status=answer.status_code)
    message = "Reddit sent us to another page instead of answering: it may want this account to be connected again."
    return Denied(message, reason=Reason.LOGIN, status=answer.status_code)


def _refused(errors: object, inner: Mapping[str, Any], status: int) -> PlatformFault:
    """Return what the first of Reddit's errors means: each is a code, a sentence and a field."""
    first = errors[0] if isinstance(errors, list) else errors
    parts = [str(one or "") for one in first] if isinstance(first, list) else [str(first)]
    code, said = parts[0], parts[1] if len(parts) > 1 else ""
    if code == "RATELIMIT":
        after = _wait(inner.get("ratelimit"), said)
        return Throttled(f"Reddit wants this account to write less often{_quoted(said)}.", after=after)
    if code in _BROKEN:
        return NoAnswer(f"Reddit has trouble ({code}){_quoted(said)}.")
    return _no(code, said, status)


def _no(code: str, said: str, status: int) -> Denied:
    reason, sentence = _CODES.get(code, (Reason.INVALID, f"Reddit refused this ({code})."))
    return Denied(f"{sentence[:-1]}{_quoted(said)}.", reason=reason, status=status)


def _quoted(said: str) -> str:
    return f' (it said: "{said.strip()[:300]}")' if said.strip() else ""


def _wait(exact: object, said: str) -> float:
    """Return the seconds to wait: the figure where there is one, else what the sentence hints at."""
    if isinstance(exact, int | float) and 0 < exact < 86_400:
        return float(exact)
    hint = _WAIT.search(said)
    return min(max(int(hint[1]) * _MORE_TIME[hint[2]], 1.0), 86_400.0) if hint else SOON_S


_KNOWN_BREAKS: Final = (
    PrawcoreException,
    PRAWException,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    AssertionError,
)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what PRAW raises into a fault. What it stumbles over has been answered, so a write may have been done."""
    try:
        yield
    except RequestException as error:
        inner = error.original_exception
        if isinstance(inner, PlatformFault):
            raise inner from error
        if isinstance(inner, requests.RequestException):  # faults on the way are ours: this one never left
            message = f"The address of Reddit cannot be used: {inner}."
            raise NotReached(message) from error
        message = "The call to Reddit broke off before there was an answer."
        raise NoAnswer(message) from error
    except _KNOWN_BREAKS as error:
        message = "Reddit answered in a way that cannot be read."
        raise NoAnswer(message) from error


# --- PRAW, tamed ----------------------------------------------------------------------------------------------------


class _Once:
    """A strategy that never tries again."""

    def sleep(self) -> None:
        """Go on at once."""

    def should_retry_on_failure(self) -> bool:
        return False


class _Unhurried:
    """A rate limiter that neither sleeps nor reads headers: the quotas are kept where all workers see them.

    A header that is not a whole number would break a call that went well.
    """

    def call(self, *, method: str, url: str, request_function: Any, set_header_callback: Any, **kwargs: Any) -> Any:
        return request_function(method, url, headers=set_header_callback(), **kwargs)


def user_agent(handle: str) -> str:
    """Say who calls, in the form Reddit asks for."""
    return f"server:amends:0.1 (self-hosted complaint desk of u/{handle or 'nobody'})"


def _tame(login: Login, session: requests.Session) -> praw.Reddit:
    """Return a PRAW that uses this login's token as it is. Everything is given, so that nothing is looked up."""
    packaged = configparser.ConfigParser(interpolation=None)
    packaged.read_string(files("praw").joinpath("praw.ini").read_text())
    Config.CONFIG = packaged  # or it reads praw.ini in the working directory and in the home
    reddit = praw.Reddit(
        "DEFAULT",
        requestor_kwargs={"session": session},
        oauth_url=login.host,
        reddit_url=str(login.options.get("site") or SITE),
        user_agent=user_agent(login.handle),
        client_id=login.secret.get("client_id") or "amends",
        **dict.fromkeys(("client_secret", "redirect_uri", "refresh_token", "username", "password")),
        check_for_updates=False,
        check_for_async=False,
        ratelimit_seconds=-1,  # even 0 makes it sleep and post again
    )
    token, scope = login.secret["access_token"], login.secret.get("scope", "*")
    reddit.auth.implicit(access_token=token, expires_in=3600, scope=scope)
    core: Any = reddit._core  # noqa: SLF001  there is no public way to either of these; tests hold them in place
    core._retry_strategy_class = _Once  # noqa: SLF001
    core._rate_limiter = _Unhurried()  # noqa: SLF001
    return reddit


class RedditClient:
    """Reddit as one login sees it. Use it in a `with`. All methods raise the faults of `clients.faults`."""

    def __init__(self, login: Login, *, read_s: float = READ_S) -> None:
        """Raise `Denied` where the login has no token. `read_s`: seconds to wait for an answer."""
        if not login.secret.get("access_token"):
            message = "No Reddit account is connected here: connect one first."
            raise Denied(message, reason=Reason.LOGIN)
        self._session = RedditSession(read_s=read_s)
        self._reddit = _tame(login, self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    @property
    def usage(self) -> Usage:
        """Return what the newest answer says is left."""
        return usage_of(self._session.last)

    @property
    def at(self) -> float:
        """Return Reddit's time at its newest answer, in epoch seconds; 0 before the first."""
        return server_time(self._session.last) if self._session.last is not None else 0.0

    def listing(self, path: str, **params: str) -> Listing:
        """Return a page of posts and comments; other kinds of things are left out."""
        with translated():
            found = self._reddit.request(method="GET", path=path, params={"limit": PAGE, **params})
            data = found["data"]
            children = [one["data"] for one in data["children"] if one["kind"] in {"t1", "t3"}]
            things = tuple(one for one in children if one.get("name"))
            return Listing(things, str(data.get("after") or ""), self.at, self.usage)

    def info(self, fullnames: Sequence[str]) -> Listing:
        """Return what there is of up to 100 things. What Reddit does not show us is left out."""
        return self.listing("/api/info", id=",".join(fullnames))

    def own_comments(self, handle: str, after: str = "") -> Listing:
        """Return an account's comments, newest first. Reddit may show a listing some seconds old."""
        return self.listing(f"/user/{handle}/comments", sort="new", **({"after": after} if after else {}))

    def me(self) -> Thing:
        """Return the account of this login."""
        with translated():
            found: Thing = self._reddit.request(method="GET", path="/api/v1/me", params={})
            if not found["name"]:
                raise KeyError
            return found

    def reply(self, fullname: str, text: str) -> Thing:
        """Write a comment beneath a post or comment and return it.

        Raises `NoAnswer` where Reddit took it and shows nothing: a filter may have swallowed it, or not.
        """
        kind, _, short = fullname.partition("_")
        with translated():
            above = self._reddit.comment(short) if kind == "t1" else self._reddit.submission(short)
            made = above.reply(text)
        if made is None:
            message = "Reddit took the reply but does not show it: a filter may be holding it back."
            raise NoAnswer(message)
        with translated():
            return _plain(made)

    def edit(self, fullname: str, text: str) -> Thing:
        """Replace the text of a comment of ours and return it."""
        with translated():
            return _plain(self._reddit.comment(fullname.partition("_")[2]).edit(text))

    def delete(self, fullname: str) -> None:
        """Delete a comment of ours. Reddit says the same when it was gone already."""
        with translated():
            self._reddit.comment(fullname.partition("_")[2]).delete()


def _plain(made: Any) -> Thing:
    """Return the fields of PRAW's object that were sent. Looking for a missing one would make it call Reddit."""
    known = vars(made)
    return {"name": f"t1_{known['id']}", "permalink": known.get("permalink") or "", "body": known.get("body") or ""}


def usage_of(answer: requests.Response | None) -> Usage:
    """Return the quota of an answer's headers. The limit is what was used and what is left of it."""
    if answer is None:
        return Usage()
    quotas = quota_of(answer, "all")
    try:
        used = calls(answer.headers["x-ratelimit-used"])
    except (KeyError, ValueError, OverflowError):
        return Usage(quotas)
    return Usage(tuple(replace(one, limit=one.remaining + used) for one in quotas))


# --- what became of a thing -----------------------------------------------------------------------------------------

DELETED: Final = "[deleted]"
_TAKEN_DOWN: Final = frozenset({"[removed]", "[ removed by reddit ]", "[removed by reddit]"})


def presence(thing: Thing) -> Presence:
    """Tell whether everybody can see a thing: deleted by its author is gone, removed or shut away is hidden."""
    body = str(thing.get("body") or thing.get("selftext") or "").strip()
    why = thing.get("removed_by_category")
    if body == DELETED or thing.get("title") == "[deleted by user]" or why in {"deleted", "author"}:
        return Presence.GONE
    shut = thing.get("quarantine") is True or thing.get("subreddit_type") == "private"
    removed = body.casefold() in _TAKEN_DOWN or why or thing.get("removed") is True  # moderators see it all the same
    return Presence.HIDDEN if removed or shut else Presence.THERE
