"""What happened, and who is told. The event table is the audit trail and the outbox in one."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Table, Text, UniqueConstraint, text

from monitor.domain.lifecycle import Action, By
from monitor.store.types import Id, choice, count, flag, json, key, metadata, ref, when, words

event = Table(
    "event",
    metadata,
    key(),
    Column("seq", Id, nullable=True, unique=True),  # stamped by the relay: no gaps
    words("kind", 40),
    ref("brand_id", "brand"),
    ref("case_id", "case", null=True, index=True),
    *choice("action", Action, null=True),
    words("from_state", 20, null=True),
    words("to_state", 20, null=True),
    *choice("actor", By),
    words("actor_name", 60),
    ref("user_id", "user", null=True),
    json("data"),  # ids and figures, never the words of a post or a secret
    when("created_at", null=False),
    when("processed_at"),
    Index(
        "ix_event_unprocessed",
        "id",
        sqlite_where=text("processed_at IS NULL"),
        postgresql_where=text("processed_at IS NULL"),
    ),
)


route = Table(
    "route",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("name"),
    Column("url", LargeBinary, nullable=False),  # encrypted: it carries tokens
    flag("active", default=True),
    when("created_at", null=False),
)

page = Table(
    "page",
    metadata,
    key(),
    ref("brand_id", "brand"),
    *choice("state", ("pending", "sent", "failed")),
    *choice("update_state", ("none", "pending", "sent", "failed")),
    count("folded"),  # alerts that joined after the page went out
    when("opened_at", null=False),
    when("closes_at", null=False),  # until then nothing else pages this brand
    when("try_at", null=False),
    when("claimed_until"),
    count("attempts"),
    when("sent_at"),
    Column("error", Text, nullable=False, default=""),
    Index("ix_page_brand_closes", "brand_id", "closes_at"),
)

alert = Table(
    "alert",
    metadata,
    key(),
    ref("case_id", "case", null=True),
    ref("watch_id", "watch", null=True),  # an alert is on a case, or on a watch that went silent
    ref("page_id", "page", index=True),
    words("reason", 500),
    *choice("part", ("page", "update")),  # told by the page itself, or by its update once the window has closed
    when("created_at", null=False),
    UniqueConstraint("case_id"),
    UniqueConstraint("watch_id"),
    CheckConstraint("(case_id IS NULL) <> (watch_id IS NULL)", name="is_on_one_thing"),
)

delivery = Table(  # a route that is settled for a page or its update: it is never told twice
    "delivery",
    metadata,
    key(),
    ref("page_id", "page"),
    ref("route_id", "route"),
    *choice("part", ("page", "update")),
    Column("error", Text, nullable=False, default=""),  # empty: it got through; else why it never will
    when("created_at", null=False),
    UniqueConstraint("page_id", "route_id", "part"),
)
