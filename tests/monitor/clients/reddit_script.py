"""A Reddit that answers what a test wrote down: shapes and headers a well-behaved one never sends."""

from collections import deque
from typing import Any

from monitor.domain.records import Login
from monitor.simulated.server import Answer, Ask, Simulated


class ScriptedReddit(Simulated):
    """Gives its answers in order, the last one for ever."""

    name = "reddit"

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.answers = deque(answers)
        self.asks: list[Ask] = []

    def answer(self, ask: Ask) -> Answer:
        self.asks.append(ask)
        return self.answers.popleft() if len(self.answers) > 1 else self.answers[0]

    @property
    def login(self) -> Login:
        return Login("reddit", self.url, "vela_care", "t2_1", {"access_token": "token"}, {"site": self.url})


def listing(*things: dict[str, Any], after: str | None = None, kind: str = "t1") -> Answer:
    return Answer(
        {"kind": "Listing", "data": {"after": after, "children": [{"kind": kind, "data": t} for t in things]}}
    )


def comment(name: str = "t1_c1", **fields: Any) -> dict[str, Any]:
    shape = {"name": name, "author": "ana", "body": "The lid broke.", "created_utc": 1_772_445_600.0}
    return {**shape, "link_id": "t3_p1", "parent_id": "t3_p1", "permalink": "/r/kettles/comments/p1/a/c1/", **fields}
