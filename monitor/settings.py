"""Settings: the environment (`AMENDS_*`, and `AMENDS_*_FILE` for secrets) over one optional TOML file.

The only reader of the environment. `describe` says what is set and from where, without printing a secret.
"""

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from monitor.domain.errors import BadInput

PREFIX = "AMENDS_"
KEY_FILE = "secret.key"
DATABASE_FILE = "amends.sqlite3"


class Settings(BaseSettings):
    """What an operator can set. Every field is `AMENDS_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data: Path = Field(
        default=Path("amends-data"), description="Folder for the database, the key and the dry-run posts."
    )
    database_url: SecretStr = Field(
        default=SecretStr(""), description="PostgreSQL address; empty: SQLite in the data folder."
    )
    broker_url: SecretStr = Field(
        default=SecretStr(""), description="Redis address; empty: the Valkey that amends up starts."
    )
    public_url: str = Field(default="", description="Address that links carry, e.g. https://amends.example.com.")
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Encrypts tokens and routes; empty: a file in the data."
    )
    model: str = Field(
        default="shipped",
        description="The judge: shipped, rules, a folder, a Hugging Face hub id, or several with commas.",
    )
    model_labels: str = Field(
        default="", description="What a foreign model's labels mean, e.g. anger=negative,joy=positive,other=neutral."
    )
    threshold: float | None = Field(
        default=None, ge=0, le=1, description="Complaint from this probability; empty: the model's."
    )
    drafter: str = Field(default="composing", description="A name in the registry of drafters.")
    history_hours: float = Field(default=48.0, gt=0, description="Posts older than this on arrival are history.")
    dry_run: bool = Field(
        default=False, description="Send nothing to any platform: every account uses the dry-run publisher."
    )
    log_format: str = Field(default="auto", pattern="^(auto|console|json)$", description="auto, console or json.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    session_days: int = Field(default=14, ge=1, description="How long a sign-in lasts.")
    x_url: str = Field(default="https://api.x.com", description="Where the interface of X is.")
    x_site_url: str = Field(default="https://x.com", description="Where people sign in to X.")
    reddit_url: str = Field(default="https://www.reddit.com", description="Where people sign in to Reddit.")
    reddit_api_url: str = Field(default="https://oauth.reddit.com", description="Where the interface of Reddit is.")
    mastodon_url: str = Field(default="https://mastodon.social", description="The Mastodon server to propose.")
    bluesky_url: str = Field(default="https://bsky.social", description="Where Bluesky accounts sign in.")
    bluesky_read_url: str = Field(
        default="https://public.api.bsky.app", description="Where Bluesky is read without an account."
    )
    bluesky_stream_url: str = Field(
        default="wss://jetstream2.us-east.bsky.network", description="Where Bluesky's stream of changes is."
    )
    bluesky_hosts: str = Field(
        default="bsky.social,*.host.bsky.network",
        description="Servers that a Bluesky sign-in may lead to, comma separated.",
    )
    hackernews_url: str = Field(default="https://hn.algolia.com/api/v1", description="Where Hacker News is searched.")
    feeds_private: bool = Field(default=False, description="Let feeds be read from private and loopback addresses.")
    faults: str = Field(default="", description="Faults of the dry-run platform, e.g. fail=0.1,timeout=0.05,limit=0.1.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: given in code, environment, secret files, TOML file."""
        del dotenv_settings, file_secret_settings
        toml = TomlConfigSettingsSource(settings_cls, toml_file=os.environ.get(f"{PREFIX}CONFIG", "amends.toml"))
        return init_settings, env_settings, _SecretFiles(settings_cls), toml

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def history_after(self) -> timedelta:
        """Return the age from which a post is history."""
        return timedelta(hours=self.history_hours)

    @property
    def database(self) -> str:
        """Return the address of the database."""
        given = self.database_url.get_secret_value()
        return given or f"sqlite:///{(self.data / DATABASE_FILE).resolve()}"

    @property
    def broker(self) -> str:
        """Return the address of the broker; empty when none is set and none was started."""
        return self.broker_url.get_secret_value()

    def platform(self, name: str) -> dict[str, str]:
        """Return a platform's addresses as set: "host", and what else its client needs to find its way."""
        return {
            "x": {"host": self.x_url, "site": self.x_site_url},
            "reddit": {"host": self.reddit_api_url, "site": self.reddit_url},
            "mastodon": {"host": self.mastodon_url},
            "bluesky": {
                "host": self.bluesky_url,
                "read": self.bluesky_read_url,
                "stream": self.bluesky_stream_url,
                "hosts": self.bluesky_hosts,
            },
            "hackernews": {"host": self.hackernews_url},
            "feed": {"host": "", "private": "yes" if self.feeds_private else ""},
        }.get(name, {"host": ""})

    def key(self) -> bytes:
        """Return the key that encrypts secrets at rest, made once in the data folder when none is set."""
        given = self.secret_key.get_secret_value()
        if given:
            return given.encode()
        path = self.data / KEY_FILE
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_bytes().strip()

    def with_data(self, data: Path | None) -> Self:
        """Return the same settings over another data folder."""
        return self if data is None else self.model_copy(update={"data": data})


class _SecretFiles(PydanticBaseSettingsSource):
    """`AMENDS_X_FILE=/run/secrets/x` stands for the content of that file, for the secret settings."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        if field.annotation is not SecretStr:
            return None, field_name, False
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def load(data: Path | None = None) -> Settings:
    """Read the settings now. Raises `BadInput` naming what cannot be used, never its value: it may be a secret."""
    try:
        return Settings().with_data(data)
    except ValidationError as wrong:
        told = [f"{PREFIX}{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in wrong.errors()]
        message = f"Settings that cannot be used. {'; '.join(told)}."
        raise BadInput(message, where="settings") from None
    except (OSError, ValueError) as wrong:
        message = f"The settings cannot be read: {wrong}."
        raise BadInput(message, where="settings") from wrong


def strays() -> dict[str, str]:
    """Return the variables that look like settings and are none, each with the nearest name ("" when none is near)."""
    fields = Settings.model_fields
    known = {f"{PREFIX}CONFIG", *(f"{PREFIX}{name.upper()}" for name in fields)}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name, field in fields.items() if field.annotation is SecretStr}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    return {name: next(iter(get_close_matches(name, known, 1)), "") for name in unknown}


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Return the environment a child process needs to see the same settings."""
    own: Mapping[str, str] = {f"{PREFIX}DATA": str(settings.data.resolve())}
    return {**os.environ, **own, **{f"{PREFIX}{name.upper()}": value for name, value in more.items()}}


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Return (name, value, where from) of every setting; a secret shows only that it is set."""
    rows = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        shown = ("set" if value.get_secret_value() else "") if isinstance(value, SecretStr) else str(value)
        variable = f"{PREFIX}{name.upper()}"
        source = "default" if value == field.default else "file"
        source = variable if variable in os.environ else source
        source = f"{variable}_FILE" if f"{variable}_FILE" in os.environ else source
        rows.append((name, shown, source))
    return rows
