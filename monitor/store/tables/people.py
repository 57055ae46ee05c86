"""Who works here, and small things only one may hold."""

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from monitor.domain.lifecycle import Role
from monitor.store.types import choice, flag, key, metadata, ref, when, words

user = Table(
    "user",
    metadata,
    key(),
    words("email"),
    words("name"),
    words("password", 300),  # argon2
    *choice("role", Role),
    flag("active", default=True),
    when("created_at", null=False),
    UniqueConstraint("email"),
)

session = Table(
    "session",
    metadata,
    key(),
    words("digest", 64),
    ref("user_id", "user"),
    words("csrf", 64),
    when("created_at", null=False),
    when("expires_at", null=False),
    UniqueConstraint("digest"),
)

invite = Table(
    "invite",
    metadata,
    key(),
    words("digest", 64),
    *choice("role", Role),
    when("expires_at", null=False),
    when("used_at"),
    UniqueConstraint("digest"),
)

token = Table(
    "token",
    metadata,
    key(),
    ref("user_id", "user"),
    words("name"),
    words("digest", 64),
    when("created_at", null=False),
    when("used_at"),
    when("revoked_at"),
    UniqueConstraint("digest"),
)

written_once = Table(  # Idempotency-Key: the answer given the first time
    "written_once",
    metadata,
    key(),
    ref("user_id", "user"),
    words("key", 200),
    words("request_digest", 64),
    Column("status", Integer, nullable=False, default=0),
    Column("body", Text, nullable=False, default=""),
    when("created_at", null=False),
    UniqueConstraint("user_id", "key"),
)

lease = Table(  # who may do a thing that only one may do: the relay, the demo
    "lease",
    metadata,
    Column("name", String(60), primary_key=True),
    words("holder", 100),
    when("until", null=False),
)
