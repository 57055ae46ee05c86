"""Whose customers, and where they speak."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text, UniqueConstraint

from monitor.store.types import count, flag, json, key, metadata, ref, when, words

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
    words("host", 2000, server_default=""),  # base address of its API; "": the platform's own, as set
    words("external_id", 255, server_default=""),  # our own id there
    json("options", default={}),  # what a person set, e.g. approval_held
    count("cap_micros", null=True),  # the most it may cost in a month, in millionths of a dollar; NULL: no limit
    when("checked_at"),  # when the platform last said who we are
    Column("error", Text, nullable=False, default="", server_default=""),  # why it cannot be used; "": it can
    json("standing", default={}),  # what it said we may do: can_read, can_reply, notes
    flag("active", default=True),
    when("created_at", null=False),
    UniqueConstraint("brand_id", "platform", "handle"),
)

connecting = Table(  # a sign-in under way at a platform
    "connecting",
    metadata,
    key(),
    words("state_digest", 64),
    ref("brand_id", "brand"),
    ref("user_id", "user", null=True),  # NULL: begun by a command
    words("platform", 40),
    Column("kept", LargeBinary, nullable=False),  # encrypted
    when("expires_at", null=False),
    UniqueConstraint("state_digest"),
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
    ref("account_id", "account", null=True),  # whose login it reads with; NULL: what is open to everybody
    words("name", server_default=""),
    words("remedy", 20, server_default=""),  # what a person can do about last_error
    when("failing_since"),
    when("last_new_at"),  # when it last found a post that was new
    Column("buckets", Text, nullable=False, default="", server_default=""),  # allowances its polls use up, one a line
    when("resumed_at"),  # when its last pause ended
    when("down_at"),  # when it last stopped being served, and until when
    when("back_at"),
    when("alerted_at"),  # when people were told that it fails; NULL: it does not, or nobody was told yet
    when("removed_at"),  # its posts, gaps and costs stay
    when("created_at", null=False),
)

gap = Table(  # a window in which a watch may have missed posts
    "gap",
    metadata,
    key(),
    ref("watch_id", "watch", index=True),
    when("since"),
    when("until"),
    Column("why", Text, nullable=False),
    when("created_at", null=False),
    when("closed_at"),  # filled, or taken note of
    ref("closed_by", "user", null=True),  # NULL: filled by a later poll
    when("told_at"),  # when people were told of it
)

quota = Table(  # what a platform still allows, as it said last: shared by everybody with the same login
    "quota",
    metadata,
    key(),
    words("scope", 60),  # "account:3", or the platform where there is no account
    words("bucket", 100),
    count("limit", null=True),
    count("remaining"),
    when("resets_at", null=False),
    when("read_at", null=False),
    UniqueConstraint("scope", "bucket"),
)

spend = Table(  # what a platform bills for
    "spend",
    metadata,
    key(),
    ref("account_id", "account"),
    words("day", 10),  # in UTC, 2026-03-02
    words("used_by", 40),  # "watch:3", "reply", "recheck"
    words("kind", 40),  # of object
    count("objects"),
    count("micros"),  # millionths of a dollar
    UniqueConstraint("account_id", "day", "used_by", "kind"),
)

opt_out = Table(  # somebody who does not want to hear from us
    "opt_out",
    metadata,
    key(),
    ref("brand_id", "brand"),
    ref("author_id", "author"),
    ref("user_id", "user", null=True),  # who wrote it down; NULL: they said so themselves
    words("why", 500),
    when("created_at", null=False),
    UniqueConstraint("brand_id", "author_id"),
)
