"""Plays a file of posts on the clock, at any speed: the demo, and a rehearsal with an old export."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from itertools import islice
from pathlib import Path
from typing import Final

from monitor.domain.errors import BadInput, SourceRefused
from monitor.domain.records import Login, Looked, Page, Post, Presence, Seen, Watch
from monitor.sources.files import Options, read

PAGE: Final = 100  # posts of one fetch, at most
HELD: Final = 100_000  # posts of one file, at most, because all are held in memory
FURTHEST: Final = 315_576_000  # ten years, in seconds
DEMO: Final = "demo"  # the path that means the packaged posts

_YEARS: Final = (1990, 9000)  # so that no sum of times leaves the calendar
_Clock = Callable[[], datetime]


def factory(clock: _Clock) -> "Replay":
    """Make the source."""
    return Replay(clock)


@dataclass(frozen=True, slots=True)
class _Cue:
    """A post and its place in the play, in seconds from the start; what is past at the start has a place below 0."""

    offset: float
    post: Post


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a play has come: when it began and how many posts have been handed over."""

    began: datetime
    position: int = 0

    def cursor(self) -> str:
        return json.dumps({"began": self.began.isoformat(), "position": self.position})


class Replay:
    """A `MentionSource` over a file; the query is `{"path", "speed"?, "start"?}`.

    `path` is a file or "demo", `speed` how many seconds of the file pass in one, and `start` an ISO time at which the
    play begins (the first fetch where there is none). Posts are dated as if they were written as they are played. A row
    may say `offset_s`, seconds from the start, in place of its date; below 0 it was written before the start.
    """

    at_most = 0  # a file knows nothing of deletions

    def __init__(self, clock: _Clock, *, held: int = HELD) -> None:
        self._clock = clock
        self._held = held
        self._plays: dict[Path, tuple[tuple[int, int], tuple[_Cue, ...]]] = {}

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return up to `PAGE` posts that are due. Raises `SourceRefused` for an unusable query, file or cursor."""
        now = self._clock()
        speed = _speed(watch.query)
        place = _resumed(cursor) if cursor else _Place(_start(watch.query) or now)
        cues = self._cues(_path(watch.query))
        elapsed = (now - place.began).total_seconds() * speed
        due = [cue for cue in cues[place.position : place.position + PAGE + 1] if cue.offset <= elapsed]
        if elapsed < 0:  # the past is told when the play begins, not before
            due = []
        posts = tuple(_live(cue, place.began, speed) for cue in due[:PAGE])
        return Page(posts, replace(place, position=place.position + len(posts)).cursor(), more=len(due) > PAGE)

    def _cues(self, path: str) -> tuple[_Cue, ...]:
        try:
            if path != DEMO:
                return self._read(Path(path))
            with as_file(files("monitor.sources.demo") / "posts.jsonl") as demo:
                return self._read(demo)
        except BadInput as error:
            message = f"this file cannot be played: {error}"
            raise SourceRefused(message) from error

    def _read(self, path: Path) -> tuple[_Cue, ...]:
        version = _version(path)
        play = self._plays.get(path)
        if play is None or play[0] != version:
            play = version, tuple(sorted(_cued(path, self._held), key=lambda cue: cue.offset))
            self._plays[path] = play
        return play[1]

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say that nothing is known."""
        del login
        return Looked(tuple(Seen(one, Presence.UNKNOWN) for one in external_ids))


def _version(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return 0, 0  # the reader says what is wrong, better than this could
    return found.st_mtime_ns, found.st_size


def _cued(path: Path, limit: int) -> Iterator[_Cue]:
    usable = (row.post for row in read(path, Options(platform="replay")) if row.post)
    posts = list(islice(usable, limit + 1))
    if not posts or len(posts) > limit:
        message = f"a play holds 1 to {limit:,} posts, and this file has {'more' if posts else 'none that can be used'}"
        raise BadInput(message, where=str(path))
    dates = [post.written_at for post in posts if post.written_at]
    first = min(dates, default=datetime.min.replace(tzinfo=UTC))
    for post in posts:
        offset = post.extra.get("offset_s")
        if isinstance(offset, int | float | str):
            yield _Cue(_number(offset), replace(post, extra={k: v for k, v in post.extra.items() if k != "offset_s"}))
        else:
            yield _Cue(((post.written_at or first) - first).total_seconds(), post)


def _live(cue: _Cue, began: datetime, speed: float) -> Post:
    # Speed hastens what is to come. Two hours ago stays two hours ago, or history would turn into news.
    seconds = cue.offset / speed if cue.offset > 0 else cue.offset
    return replace(cue.post, written_at=began + timedelta(seconds=seconds))


def _number(value: object) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = float("nan")
    if not abs(seconds) <= FURTHEST:  # written so that NaN is refused as well
        message = f'"{value}" is not a number of seconds within ten years'
        raise BadInput(message, where="offset_s")
    return seconds


def _path(query: Mapping[str, object]) -> str:
    given = query.get("path")
    if not isinstance(given, str) or not given.strip():
        message = f'a replay needs a "path": a file of posts, or "{DEMO}" for the packaged ones'
        raise SourceRefused(message)
    return given


def _speed(query: Mapping[str, object]) -> float:
    given = query.get("speed", 1)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < float("inf"):
        message = f'the speed of a replay must be a number above 0, not "{given}"'
        raise SourceRefused(message)
    return float(given)


def _start(query: Mapping[str, object]) -> datetime | None:
    given = query.get("start")
    return _aware(str(given), "the start of a replay") if given else None


def _resumed(cursor: str) -> _Place:
    try:
        kept = json.loads(cursor)
        position = int(kept["position"])
        return _Place(_aware(kept["began"], "the cursor of a replay"), max(position, 0))
    except (ValueError, TypeError, KeyError) as error:
        message = "the place this replay had come to cannot be read: start it anew with a new watch"
        raise SourceRefused(message) from error


def _aware(written: str, what: str) -> datetime:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        found = datetime.min.replace(tzinfo=UTC)
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        message = f'{what} must be a time like 2024-05-31T14:05:00Z, not "{written}"'
        raise SourceRefused(message)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
