"""Whose customers, and where they speak."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text, UniqueConstraint

from monitor.store.types import flag, json, key, metadata, ref, when, words

brand = Table(
    "brand",
    metadata,
    key(),
    words("slug", 60),
    words("name"),
    json("voice"),  # responders.ports.Voice
    json("settings"),  # minutes by tier, the 6,000 line, hours, undo seconds
    flag("is_demo"),
    when("created_at", null=False),
    UniqueConstraint("slug"),
)

account = Table(
    "account",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("platform", 40),
    words("handle"),
    words("publisher", 40),  # a name in the registry of publishers
    Column("secret", LargeBinary, nullable=True),  # encrypted; the key is not in the database
    flag("active", default=True),
    when("created_at", null=False),
    UniqueConstraint("brand_id", "platform", "handle"),
)

watch = Table(
    "watch",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("source", 40),  # a name in the registry of sources
    json("query"),
    Column("every_s", Integer, nullable=False, default=30),
    Column("cursor", Text, nullable=False, default=""),
    flag("paused"),
    when("next_poll_at", null=False),
    when("last_good_at"),
    Column("last_error", Text, nullable=False, default=""),
    when("created_at", null=False),
)
