"""What stands on a simulated platform: people, their posts, and what became of them."""

import itertools
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import RLock


@dataclass
class SimUser:
    """Somebody with an account there."""

    id: str
    handle: str
    name: str
    followers: int = 0
    at: float = 0.0  # joined; epoch seconds
    protected: bool = False
    extra: dict[str, object] = field(default_factory=dict)


@dataclass
class SimPost:
    """A post. Times are epoch seconds; 0: never."""

    id: str
    number: int  # order of arrival, from 1
    author: SimUser
    text: str
    at: float
    reply_to: "SimPost | None" = None
    place: str = ""  # subreddit, story, feed: whatever holds posts there
    title: str = ""
    edited_at: float = 0.0
    deleted_at: float = 0.0
    likes: int = 0
    reposts: int = 0
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def root(self) -> "SimPost":
        """Return the post that its thread began with."""
        first = self
        while first.reply_to is not None:
            first = first.reply_to
        return first

    @property
    def there(self) -> bool:
        """Tell whether it can still be seen."""
        return not self.deleted_at


@dataclass(frozen=True)
class Change:
    """Something that happened to a post: made, edited or deleted."""

    number: int
    at: float
    what: str
    post: SimPost


class World:
    """Everything a platform holds, safe to use from many threads. Posts arrive in the order of their times."""

    def __init__(self, clock: Callable[[], float], make_id: Callable[[int, float], str]) -> None:
        """`make_id` turns a number of arrival and a time into an id as that platform writes them."""
        self.lock = RLock()
        self.users: dict[str, SimUser] = {}
        self.posts: dict[str, SimPost] = {}
        self.order: list[SimPost] = []
        self.changes: list[Change] = []
        self._times: list[float] = []
        self._replies: defaultdict[str, list[SimPost]] = defaultdict(list)
        self._by: defaultdict[str, list[SimPost]] = defaultdict(list)
        self._numbers = itertools.count(1)
        self._clock, self._make_id = clock, make_id

    def count_from(self, number: int) -> None:
        """Number the next posts from here: a world that starts anew then gives out other ids than the one before."""
        self._numbers = itertools.count(number)

    def user(self, handle: str, *, followers: int | None = None, **extra: object) -> SimUser:
        """Return the account of this handle, made on first use."""
        with self.lock:
            found = self.users.get(handle)
            if found is None:
                found = SimUser(str(1000 + len(self.users)), handle, handle.replace("_", " ").title(), at=self._clock())
                self.users[handle] = found
            if followers is not None:
                found.followers = followers
            found.extra.update(extra)
            return found

    def post(
        self,
        handle: str,
        text: str,
        *,
        at: float | None = None,
        reply_to: SimPost | None = None,
        place: str = "",
        title: str = "",
        post_id: str = "",
        **extra: object,
    ) -> SimPost:
        """Put a post there, now or at a later time than the newest."""
        with self.lock:
            when = max(self._clock() if at is None else at, self._times[-1] if self._times else 0.0)
            number = next(self._numbers)
            made = SimPost(
                post_id or self._make_id(number, when),
                number,
                self.user(handle),
                text,
                when,
                reply_to,
                place or (reply_to.place if reply_to else ""),
                title,
                extra=extra,
            )
            self.posts[made.id] = made
            self.order.append(made)
            self._times.append(when)
            self._by[handle].append(made)
            if reply_to is not None:
                self._replies[reply_to.id].append(made)
            self._changed("made", made)
            return made

    def edit(self, post_id: str, text: str) -> SimPost:
        """Change the words of a post."""
        with self.lock:
            post = self.posts[post_id]
            post.text, post.edited_at = text, self._clock()
            self._changed("edited", post)
            return post

    def delete(self, post_id: str) -> SimPost:
        """Delete a post as its author would."""
        with self.lock:
            post = self.posts[post_id]
            post.deleted_at = self._clock()
            self._changed("deleted", post)
            return post

    def _changed(self, what: str, post: SimPost) -> None:
        self.changes.append(Change(len(self.changes) + 1, self._clock(), what, post))

    def by(self, handle: str) -> list[SimPost]:
        """Return what somebody posted and did not delete, oldest first."""
        with self.lock:
            return [one for one in self._by[handle] if one.there]

    def replies_to(self, post_id: str) -> list[SimPost]:
        """Return the direct replies to a post that are there, oldest first."""
        with self.lock:
            return [one for one in self._replies[post_id] if one.there]

    def newest_first(self, until: float | None = None, since: float | None = None) -> Iterator[SimPost]:
        """Yield the posts of [since, until) that are there, newest first."""
        with self.lock:
            end = len(self.order) if until is None else bisect_left(self._times, until)
            start = 0 if since is None else bisect_left(self._times, since)
            chosen = self.order[start:end]
        return (one for one in reversed(chosen) if one.there)

    def oldest_first(self, since: float | None = None) -> Iterator[SimPost]:
        """Yield the posts from a time on that are there, oldest first."""
        with self.lock:
            chosen = self.order[0 if since is None else bisect_left(self._times, since) :]
        return (one for one in chosen if one.there)
