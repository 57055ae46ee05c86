"""A running application over a real database, people of every role, and a case to decide about."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import auth, passwords
from api.app import create_app
from monitor import assessment, intake
from monitor.domain.lifecycle import Role
from monitor.domain.records import Author, Kind, Post, Sentiment, Severity, Span, Verdict
from monitor.settings import Settings
from monitor.store import accounts, brands, users
from monitor.store.engine import Store

PASSWORD = "correct horse battery"


class Clock:
    """The application's clock, moved by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Judge:
    """A classifier that takes every text with "lost" in it for a complaint."""

    version = "test"

    def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: object = ()) -> list[Verdict]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Verdict:
        unhappy = "lost" in text
        kind = Kind.COMPLAINT if unhappy else Kind.NONE
        feeling = Sentiment(0.9, 0.1, 0.0) if unhappy else Sentiment(0.1, 0.8, 0.1)
        degree = 0.9 if unhappy else 0.1
        return Verdict("en", degree, unhappy, kind, feeling, Severity.DISAPPROVAL, unhappy, (), (), self.version)

    def why(self, text: str, layer: object = None) -> tuple[Span, ...]:
        return ()


@dataclass
class House:
    """An application with its people, at work."""

    app: FastAPI
    clock: Clock
    stack: ExitStack
    ids: dict[Role, int] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        store: Store = self.app.state.store
        return store

    def client(self, **headers: str) -> TestClient:
        """A program or a browser that nobody is signed in at."""
        return TestClient(self.app, headers=headers, raise_server_exceptions=False, follow_redirects=False)

    def browser(self, role: Role = Role.AGENT) -> TestClient:
        """A browser with a person of this role signed in, whose scripts send the CSRF header."""
        client = self.client()
        with self.store.unit_of_work() as work:
            value = auth._open_session(work, self.ids[role], self.clock(), 14)
            found = users.session_of(work, auth.digest(value), self.clock())
        assert found
        client.cookies.set(auth.cookie_name(self.app.state.settings), value)
        client.headers[auth.CSRF_HEADER] = found[1]
        return client

    def program(self, role: Role = Role.AGENT) -> TestClient:
        """A program with the API token of a person of this role."""
        value, digest = auth.new_token()
        with self.store.unit_of_work() as work:
            users.add_token(work, self.ids[role], "test", digest, self.clock())
        return self.client(Authorization=f"Bearer {value}")

    def brand(self, slug: str = "acme") -> int:
        with self.store.unit_of_work() as work:
            made = brands.create(work, slug, slug.title(), self.clock())
            accounts.add(work, made, "mastodon", "@acme", "dryrun", self.clock())
            return made

    def says(self, brand_id: int, *texts: str) -> list[int]:
        """Let customers write, and let the judge read it."""
        posts = [
            Post("mastodon", f"{text}{number}", text, Author(f"{text}{number}", "maria"), self.clock())
            for number, text in enumerate(texts)
        ]
        new = intake.add_posts(self.store, brand_id, posts, self.clock()).new
        while assessment.assess_batch(self.store, Judge(), self.clock()):
            pass
        return list(new)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """One hash for everybody: making one takes long by design."""
    return passwords.hashed(PASSWORD)


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    return Settings(data=tmp_path, public_url="http://testserver")


@pytest.fixture
def start(settings: Settings, now: datetime, password_hash: str) -> Iterator[Callable[..., House]]:
    """Start an application, with other settings when given."""
    with ExitStack() as stack:

        def begin(**changes: object) -> House:
            clock = Clock(now)
            app = create_app(settings.model_copy(update=changes), clock)
            house = House(app, clock, stack)
            stack.enter_context(TestClient(app))
            with house.store.unit_of_work() as work:
                for role in Role:
                    email = f"{role}@acme.example"
                    house.ids[role] = users.add(work, email, role.title(), password_hash, role, clock())
            return house

        yield begin


@pytest.fixture
def house(start: Callable[..., House]) -> House:
    return start()


@pytest.fixture
def case_id(house: House) -> int:
    """A complaint on the desk, number 1."""
    house.says(house.brand(), "You lost my parcel <b>again</b> & nobody answers.")
    queue = house.browser().get("/api/v1/cases").json()["items"]
    return int(queue[0]["id"])
