"""What it meant: assessments and cases."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)

from monitor.domain.lifecycle import CaseState
from monitor.domain.records import Kind
from monitor.store.types import Id, choice, count, flag, json, key, metadata, ref, when, words

assessment = Table(
    "assessment",
    metadata,
    key(),
    ref("mention_id", "mention"),
    words("version", 100),
    words("lang", 10),
    Column("complaint", Float, nullable=False),
    flag("is_complaint"),
    *choice("kind", Kind),
    Column("negative", Float, nullable=False),
    Column("neutral", Float, nullable=False),
    Column("positive", Float, nullable=False),
    Column("severity", Integer, nullable=False),
    flag("needs_reply"),
    json("flags"),  # [[flag, start, end], ...]: offsets, never words
    json("topics"),
    words("noise", 20, server_default=""),  # why it is no complaint though it may look like one; "": nothing to say
    ref("layer_id", "layer", null=True),  # the brand's own layer that had a say
    # {"words": [[start, end, weight], ...]}; {"another_judge": true}: it judges no more, and cannot be asked;
    # {}: nobody asked, or the answer is on its way
    json("why", default={}),
    when("why_asked_at"),  # somebody waits for it
    when("created_at", null=False),
    UniqueConstraint("mention_id", "version"),
    Index(
        "ix_assessment_why_asked",
        "why_asked_at",
        sqlite_where=text("why_asked_at IS NOT NULL"),
        postgresql_where=text("why_asked_at IS NOT NULL"),
    ),
    CheckConstraint("severity BETWEEN 0 AND 3", name="severity_in_range"),
    CheckConstraint("complaint BETWEEN 0 AND 1", name="complaint_is_a_probability"),
)

case = Table(
    "case",
    metadata,
    key(),
    ref("brand_id", "brand"),
    ref("author_id", "author", index=True),
    ref("thread_id", "thread"),
    ref("mention_id", "mention"),  # the one it opened with
    ref("latest_mention_id", "mention"),  # the newest still there: what a reply answers
    *choice("state", CaseState),
    *choice("kind", Kind),
    words("lang", 10),
    Column("severity", Integer, nullable=False, default=0),
    Column("tier", Integer, nullable=False, default=0),
    json("flags"),
    json("topics"),
    count("audience", null=True),
    count("audience_low", null=True),  # between these the audience lies, as far as anybody can tell
    count("audience_high", null=True),
    flag("rising"),
    flag("delicate"),
    when("clock_at", null=False),
    when("reply_by"),
    # The desk's order, written by the one writer: which tab, and a key that sorts (ties: the id).
    words("desk", 20, null=True),
    words("desk_key", 40, null=True),
    count("revision"),
    flag("draft_stale"),
    flag("draft_wanted"),
    when("draft_claimed_until"),
    count("draft_attempts"),
    when("send_after"),
    ref("claimed_by", "user", null=True),
    when("claimed_until"),
    flag("opens_again"),  # the customer wrote while a reply was on its way
    words("close_reason", 500),
    words("answer_url", 2000),  # answered by hand: where
    words("by_hand", 500, server_default=""),  # why the platform takes no reply from us; "": it does
    when("opened_at", null=False),
    when("changed_at", null=False),
    # One customer in one thread is one case; others in that thread get their own.
    UniqueConstraint("thread_id", "author_id"),
    CheckConstraint("tier BETWEEN 0 AND 3", name="tier_in_range"),
    CheckConstraint("kind = 'complaint' OR reply_by IS NULL", name="only_complaints_are_promised"),
    Index("ix_case_desk", "desk", "desk_key", "id"),
    Index("ix_case_brand_desk", "brand_id", "desk", "desk_key", "id"),
    Index(
        "ix_case_undrafted",
        "id",
        sqlite_where=text("draft_wanted"),
        postgresql_where=text("draft_wanted"),
    ),
    Index("ix_case_state_send", "state", "send_after"),
)

case_mention = Table(
    "case_mention",
    metadata,
    Column("mention_id", Id, primary_key=True),
    ref("case_id", "case", index=True),
    ForeignKeyConstraint(["mention_id"], ["mention.id"]),
)
