"""What was said."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, UniqueConstraint, text

from monitor.store.types import choice, count, flag, json, key, metadata, ref, when, words

author = Table(
    "author",
    metadata,
    key(),
    words("platform", 40),
    words("external_id", 255),
    words("handle", 255),
    words("display_name", 255),
    count("followers", null=True),
    UniqueConstraint("platform", "external_id"),
)

thread = Table(
    "thread",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("platform", 40),
    words("external_id", 255),
    UniqueConstraint("brand_id", "platform", "external_id"),
)

mention = Table(
    "mention",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("platform", 40),
    words("external_id", 255),
    ref("author_id", "author", index=True),
    ref("thread_id", "thread", index=True),
    Column("text", Text, nullable=True),  # the one home of the words; NULL once purged
    words("text_digest", 64),
    words("url", 2000),
    words("reply_to", 255),
    words("lang_hint", 20),
    when("written_at"),
    when("stored_at", null=False),
    when("clock_at", null=False),
    flag("is_history"),
    count("likes", null=True),
    count("reposts", null=True),
    count("replies", null=True),
    count("views", null=True),
    json("extra"),
    when("gone_at"),
    when("judged_at"),  # NULL: waiting
    when("claimed_until"),  # a worker is judging it until then
    count("attempts"),
    Column("parked", Text, nullable=False, default=""),  # why judging gave up; a person looks
    *choice("aside", ("not_complaint", "history", "parked"), null=True),  # where it lies when no case took it
    ref("watch_id", "watch", null=True),  # what found it first
    when("check_at"),  # when to look whether it is still there; NULL: its platform cannot be asked
    when("checked_at"),
    when("edited_at"),  # when we saw that its author had changed it
    # Two brands of one house may both be meant by one post, and each answers for itself.
    UniqueConstraint("brand_id", "platform", "external_id"),
    CheckConstraint("length(external_id) > 0", name="has_external_id"),
    Index(
        "ix_mention_waiting",
        "is_history",
        "id",
        sqlite_where=text("judged_at IS NULL"),
        postgresql_where=text("judged_at IS NULL"),
    ),
    Index("ix_mention_aside", "aside", "id"),
    Index("ix_mention_judged", "brand_id", "judged_at"),
    Index(
        "ix_mention_check",
        "check_at",
        sqlite_where=text("check_at IS NOT NULL"),
        postgresql_where=text("check_at IS NOT NULL"),
    ),
)

import_run = Table(
    "import_run",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("file_name", 500),
    words("digest", 64),  # of the file and the options that shape its posts
    count("total"),
    count("position"),
    count("new"),
    count("known"),
    count("refused"),
    when("started_at", null=False),
    when("finished_at"),
    UniqueConstraint("brand_id", "digest"),
)
