"""What stands behind the simulated Mastodon: its accounts, who may see what, what is found where, and its limits."""

import time
from bisect import insort
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from monitor.domain.records import Login
from monitor.simulated.mastodon_oauth import Refused, SignIns
from monitor.simulated.mastodon_shapes import TAG, Shapes, iso, words_of
from monitor.simulated.server import Ask, Simulated
from monitor.simulated.world import SimPost, SimUser

SCOPES: Final = "read write:statuses"
Row = tuple[int, SimPost]
_SAID: Final = {
    "en": {"gone": "Record not found", "long": "Validation failed: Text character limit of {} exceeded"},
    "de": {
        "gone": "Datensatz nicht gefunden",
        "long": "Gültigkeitsprüfung fehlgeschlagen: Text ist länger als {} Zeichen",
    },
}


class MastodonServer(Simulated):
    """One server. What it says of itself and how it treats its users can be set before and while it runs."""

    name = "mastodon"

    def __init__(self, *, clock: Callable[[], float] = time.time, port: int = 0, seed: int = 0) -> None:
        """`clock` is the server's own."""
        super().__init__(clock=clock, port=port, seed=seed)
        self.domain = "toot.example"
        self.version = "4.5.0"
        self.batches = True  # False: as before 4.3
        self.instances: tuple[str, ...] = ("v2", "v1")  # which descriptions of itself it serves
        self.open_to_all = True  # False: hashtags are for members
        self.max_characters = 500
        self.rules: list[str] = ["Be kind.", "Bots may mention only those who mentioned them first."]
        self.language = "en"  # of its error messages
        self.limit, self.window_s = 300, 300.0
        self.saving_s = 0.0  # how long it takes from accepting a post to remembering its key
        self.sign_ins = SignIns()
        self.shapes = Shapes(self.url, self._find)
        self._windows: dict[str, tuple[float, int]] = {}
        self.tags: defaultdict[str, list[Row]] = defaultdict(list)
        self.words: defaultdict[str, list[Row]] = defaultdict(list)
        self.told: defaultdict[str, list[Row]] = defaultdict(list)  # notifications of a local account
        self._indexed, self._notices = 0, 0

    # --- for tests and the demo

    def connect(self, handle: str, *, scopes: str = SCOPES, **kind: Any) -> Login:
        """Return a login of a local account, ready to use. `kind`: facts of the account, such as bot=True."""
        user = self.world.user(self._local(handle), **kind)
        app = self.sign_ins.register(
            {"client_name": "Amends", "redirect_uris": "https://amends.example", "scopes": scopes}
        )
        secret = {name: str(app[name]) for name in ("client_id", "client_secret")}
        secret["token"] = self.sign_ins.make(user.handle, secret["client_id"], scopes)
        options = {
            "scopes": scopes,
            "domain": self.domain,
            "account_id": user.id,
            "max_characters": self.max_characters,
        }
        address = str(self.shapes.account(user)["url"])
        return Login("mastodon", self.url, f"{user.handle}@{self.domain}", address, secret, options)

    def customer(
        self,
        handle: str,
        text: str,
        *,
        to: str = "",
        reply_to: SimPost | None = None,
        late_s: float = 0.0,
        **kind: Any,
    ) -> SimPost:
        """Let somebody post; a handle with a server ("ana@other.example") is somebody from there.

        `to` is mentioned. `late_s`: written so long ago, and only now here. `kind`: visibility, spoiler, language.
        """
        if late_s:
            written = self.clock() - late_s
            kind |= {"post_id": str((int(written * 1000) << 16) + len(self.world.order) + 1), "written": written}
        text = f"@{self._local(to)} {text}" if to else text
        with self.world.lock:
            post = self.world.post(handle, text, reply_to=reply_to, **kind)
            self.index()
        return post

    def standing(self, handle: str) -> list[tuple[str, str]]:
        """Return an account's replies that are there: (id of the post they answer, text)."""
        return [(one.reply_to.id, one.text) for one in self.world.by(self._local(handle)) if one.reply_to]

    def external_id(self, post: SimPost) -> str:
        """Return the id by which a post is known."""
        return post.id

    def make_id(self, number: int, at: float) -> str:
        """Return a number that grows with time, as a text."""
        return str((int(at * 1000) << 16) + number)

    def limit_headers(self) -> dict[str, str]:
        """Return the headers of a 429: the time of the reset is written out."""
        reset = iso(self.clock() + 120)
        return {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}

    def counted(self, ask: Ask) -> dict[str, str]:
        """Count a call, and refuse it when the window is used up."""
        deleting, now = ask.method == "DELETE", self.clock()
        limit, length = (30, 1800.0) if deleting else (self.limit, self.window_s)
        who = f"{ask.bearer}{deleting}"
        since, used = self._windows.get(who, (now, 0))
        if now >= since + length:
            since, used = now, 0
        self._windows[who] = since, used + 1
        reset = iso(since + length)
        heads = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(max(limit - used - 1, 0))}
        heads["X-RateLimit-Reset"] = reset
        if used >= limit:
            refused = Refused(429, "Too many requests")
            refused.answer.headers = heads
            raise refused
        return heads

    def index(self) -> None:
        """Take in what was posted since the last call. What came late stands where its id belongs."""
        for post in self.world.order[self._indexed :]:
            row = int(post.id), post
            for tag in {one.casefold() for one in TAG.findall(post.text)}:
                _put(self.tags[tag], row)
            for word in words_of(post.text):
                _put(self.words[word], row)
            for user in self.shapes.mentioned(post.text):
                if "@" not in user.handle and user is not post.author:
                    self._notices += 1
                    self.told[user.handle].append((self._notices, post))
            self._indexed += 1

    # --- who asks, and what they may see

    def say(self, what: str) -> str:
        """Return an error message in the language of the account."""
        return _SAID[self.language][what]

    def _local(self, handle: str) -> str:
        return handle.lstrip("@").removesuffix(f"@{self.domain}")

    def _find(self, name: str, server: str) -> SimUser | None:
        return self.world.users.get(name if server in {"", self.domain} else f"{name}@{server}")

    def viewer(self, ask: Ask, scope: str, *, must: bool = True) -> SimUser | None:
        """Return who asks, None for nobody. Raises `Refused` for a bad token or one that does not cover the scope."""
        token = self.sign_ins.tokens.get(ask.bearer)
        if ask.bearer and (token is None or token.expired):
            raise Refused(401, "The access token is invalid")
        if token is None or not token.handle:
            if must:
                raise Refused(401, "This method requires an authenticated user")
            return None
        if not token.allows(scope):
            raise Refused(403, "This action is outside the authorized scopes")
        return self.world.users[token.handle]

    def me(self, ask: Ask, scope: str) -> SimUser:
        """Return the account that asks. Raises `Refused`."""
        viewer = self.viewer(ask, scope)
        assert viewer is not None
        return viewer

    def sees(self, viewer: SimUser | None, post: SimPost) -> bool:
        """Tell whether somebody may see a post."""
        if not post.there or post.author.extra.get("suspended"):
            return False
        if post.extra.get("visibility", "public") in {"public", "unlisted"}:
            return True
        return viewer is not None and (viewer is post.author or viewer in self.shapes.mentioned(post.text))

    def seen(self, viewer: SimUser | None, post_id: str) -> SimPost:
        """Return a post that somebody may see. Raises `Refused`."""
        post = self.world.posts.get(post_id)
        if post is None or not self.sees(viewer, post):
            raise Refused(404, self.say("gone"))
        if post.author.extra.get("forbidden"):
            raise Refused(403, "This action is not allowed")
        return post


def _put(rows: list[Row], row: Row) -> None:
    if rows and rows[-1][0] > row[0]:
        insort(rows, row, key=number)
    else:
        rows.append(row)


def number(row: Row) -> int:
    """Return what rows are ordered by."""
    return row[0]
