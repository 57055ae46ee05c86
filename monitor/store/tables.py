"""Every table of the chain, in the order the data flows. Foreign keys point backwards.

What the promises forbid, the schema refuses: see `publication` (P1, P2) and `mention` (P3).
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from monitor.domain.lifecycle import Action, By, CaseState, Role
from monitor.domain.records import Kind
from monitor.store.types import Id, choice, key, ref, when, words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _flag(name: str, *, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=default)


def _count(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=null, default=None if null else 0)


def _json(name: str) -> Column[object]:
    return Column(name, JSON, nullable=False)


# --- whose customers, and where they speak -------------------------------------------------------------

brand = Table(
    "brand",
    metadata,
    key(),
    words("slug", 60),
    words("name"),
    _json("voice"),  # responders.ports.Voice
    _json("settings"),  # minutes by tier, the 6,000 line, hours, undo seconds
    _flag("is_demo"),
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
    _flag("active", default=True),
    when("created_at", null=False),
    UniqueConstraint("brand_id", "platform", "handle"),
)

watch = Table(
    "watch",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("source", 40),  # a name in the registry of sources
    _json("query"),
    Column("every_s", Integer, nullable=False, default=30),
    Column("cursor", Text, nullable=False, default=""),
    _flag("paused"),
    when("next_poll_at", null=False),
    when("last_good_at"),
    Column("last_error", Text, nullable=False, default=""),
    when("created_at", null=False),
)

# --- what was said ----------------------------------------------------------------------------------------

author = Table(
    "author",
    metadata,
    key(),
    words("platform", 40),
    words("external_id"),
    words("handle"),
    words("display_name"),
    _count("followers", null=True),
    UniqueConstraint("platform", "external_id"),
)

thread = Table(
    "thread",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("platform", 40),
    words("external_id"),
    UniqueConstraint("brand_id", "platform", "external_id"),
)

mention = Table(
    "mention",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("platform", 40),
    words("external_id"),
    ref("author_id", "author", index=True),
    ref("thread_id", "thread", index=True),
    Column("text", Text, nullable=True),  # the one home of the words; NULL once purged
    words("text_digest", 64),
    words("url", 2000),
    words("reply_to"),
    words("lang_hint", 20),
    when("written_at"),
    when("stored_at", null=False),
    when("clock_at", null=False),
    _flag("is_history"),
    _count("likes", null=True),
    _count("reposts", null=True),
    _count("replies", null=True),
    _count("views", null=True),
    _json("extra"),
    when("gone_at"),
    when("judged_at"),  # NULL: waiting
    when("claimed_until"),  # a worker is judging it until then
    _count("attempts"),
    Column("parked", Text, nullable=False, default=""),  # why judging gave up; a person looks
    *choice("aside", ("not_complaint", "history", "parked"), null=True),  # where it lies when no case took it
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
)

import_run = Table(
    "import_run",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("file_name", 500),
    words("digest", 64),  # of the file and the options that shape its posts
    _count("total"),
    _count("position"),
    _count("new"),
    _count("known"),
    _count("refused"),
    when("started_at", null=False),
    when("finished_at"),
    UniqueConstraint("brand_id", "digest"),
)

# --- what it meant ----------------------------------------------------------------------------------------

assessment = Table(
    "assessment",
    metadata,
    key(),
    ref("mention_id", "mention"),
    words("version", 100),
    words("lang", 10),
    Column("complaint", Float, nullable=False),
    _flag("is_complaint"),
    *choice("kind", Kind),
    Column("negative", Float, nullable=False),
    Column("neutral", Float, nullable=False),
    Column("positive", Float, nullable=False),
    Column("severity", Integer, nullable=False),
    _flag("needs_reply"),
    _json("flags"),  # [[flag, start, end], ...]: offsets, never words
    _json("topics"),
    when("created_at", null=False),
    UniqueConstraint("mention_id", "version"),
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
    _json("flags"),
    _json("topics"),
    _count("audience", null=True),
    _flag("rising"),
    _flag("delicate"),
    when("clock_at", null=False),
    when("reply_by"),
    # The desk's order, written by the one writer: which tab, and a key that sorts (ties: the id).
    words("desk", 20, null=True),
    words("desk_key", 40, null=True),
    _count("revision"),
    _flag("draft_stale"),
    _flag("draft_wanted"),
    when("draft_claimed_until"),
    _count("draft_attempts"),
    when("send_after"),
    ref("claimed_by", "user", null=True),
    when("claimed_until"),
    _flag("opens_again"),  # the customer wrote while a reply was on its way
    words("close_reason", 500),
    words("answer_url", 2000),  # answered by hand: where
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

# --- what we say --------------------------------------------------------------------------------------------

draft = Table(
    "draft",
    metadata,
    key(),
    ref("case_id", "case"),
    Column("revision", Integer, nullable=False),
    *choice("purpose", ("answer", "correct", "withdraw")),
    ref("mention_id", "mention"),  # the one it answers
    Column("text", Text, nullable=True),  # NULL once purged
    words("text_digest", 64),
    words("lang", 10),
    ref("user_id", "user", null=True),  # NULL: a drafter wrote it
    words("version", 100),
    words("note", 1000),
    when("created_at", null=False),
    UniqueConstraint("case_id", "revision"),
    UniqueConstraint("id", "case_id"),
)

finding = Table(
    "finding",
    metadata,
    key(),
    ref("draft_id", "draft", index=True),
    words("rule", 60),
    *choice("level", ("block", "warn", "advise")),
    Column("start", Integer, nullable=True),
    Column("end", Integer, nullable=True),
    Column("why", Text, nullable=False),
    Column("fix", Text, nullable=False),
)

review = Table(
    "review",
    metadata,
    key(),
    Column("case_id", Id, nullable=False, index=True),
    Column("draft_id", Id, nullable=False),
    ref("user_id", "user"),
    *choice("decision", ("approve", "first_approve", "reject")),
    # A review stands until it is undone or overtaken by a new revision.
    _flag("standing", default=True),
    # A person at the desk: an API token cannot review (P1).
    *choice("via", ("session",)),
    Column("reason", Text, nullable=False, default=""),
    Column("overruled", Text, nullable=False, default=""),  # the blocking rules a lead overruled
    when("created_at", null=False),
    UniqueConstraint("id", "case_id", "draft_id", "decision", "standing"),
    ForeignKeyConstraint(["draft_id", "case_id"], ["draft.id", "draft.case_id"]),
)

publication = Table(
    "publication",
    metadata,
    key(),
    Column("case_id", Id, nullable=False, index=True),
    Column("review_id", Id, nullable=False),
    Column("draft_id", Id, nullable=False),
    words("decision", 40, default="approve"),
    _flag("standing", default=True),
    ref("account_id", "account"),
    words("key", 64),
    *choice("state", ("sending", "sent", "refused", "deferred", "uncertain", "missing", "undone")),
    _count("attempts"),
    when("claimed_at", null=False),
    when("not_before"),
    words("external_id"),
    words("url", 2000),
    _flag("simulated"),
    Column("error", Text, nullable=False, default=""),
    _count("looks"),
    when("look_at"),
    when("finished_at"),
    when("created_at", null=False),
    # P1: only a standing approval of this very revision can be published, and one that was cannot be undone.
    ForeignKeyConstraint(
        ["review_id", "case_id", "draft_id", "decision", "standing"],
        ["review.id", "review.case_id", "review.draft_id", "review.decision", "review.standing"],
    ),
    CheckConstraint("decision = 'approve'", name="of_an_approval"),
    CheckConstraint("standing", name="of_a_standing_review"),
    # P2: one sending for one review, and at most one under way for a case.
    UniqueConstraint("review_id"),
    UniqueConstraint("key"),
    Index(
        "uq_publication_under_way",
        "case_id",
        unique=True,
        sqlite_where=text("state IN ('sending', 'uncertain')"),
        postgresql_where=text("state IN ('sending', 'uncertain')"),
    ),
    Index("ix_publication_state_look", "state", "look_at"),
)

outcome = Table(
    "outcome",
    metadata,
    key(),
    ref("case_id", "case", index=True),
    *choice("kind", ("recovered", "still_unhappy", "silent", "deleted", "private")),
    ref("mention_id", "mention", null=True),
    Column("note", Text, nullable=False, default=""),
    when("created_at", null=False),
)

owner_question = Table(  # the "?": what went wrong, and what is being done about it
    "owner_question",
    metadata,
    key(),
    ref("case_id", "case", index=True),
    ref("asked_by", "user", null=True),  # NULL: a rule asked
    Column("question", Text, nullable=False),
    when("asked_at", null=False),
    ref("answered_by", "user", null=True),
    Column("answer", Text, nullable=False, default=""),
    when("answered_at"),
)

# --- what happened: the audit trail and the outbox are one table ---------------------------------------------

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
    _json("data"),  # ids and figures, never the words of a post or a secret
    when("created_at", null=False),
    when("processed_at"),
    Index(
        "ix_event_unprocessed",
        "id",
        sqlite_where=text("processed_at IS NULL"),
        postgresql_where=text("processed_at IS NULL"),
    ),
)

# --- who is told -----------------------------------------------------------------------------------------------

route = Table(
    "route",
    metadata,
    key(),
    ref("brand_id", "brand"),
    words("name"),
    Column("url", LargeBinary, nullable=False),  # encrypted: it carries tokens
    _flag("active", default=True),
    when("created_at", null=False),
)

page = Table(
    "page",
    metadata,
    key(),
    ref("brand_id", "brand"),
    *choice("state", ("pending", "sent", "failed")),
    *choice("update_state", ("none", "pending", "sent", "failed")),
    _count("folded"),  # alerts that joined after the page went out
    when("opened_at", null=False),
    when("closes_at", null=False),  # until then nothing else pages this brand
    when("try_at", null=False),
    when("claimed_until"),
    _count("attempts"),
    when("sent_at"),
    Column("error", Text, nullable=False, default=""),
    Index("ix_page_brand_closes", "brand_id", "closes_at"),
)

alert = Table(
    "alert",
    metadata,
    key(),
    ref("case_id", "case"),
    ref("page_id", "page", index=True),
    words("reason", 500),
    *choice("part", ("page", "update")),  # told by the page itself, or by its update once the window has closed
    when("created_at", null=False),
    UniqueConstraint("case_id"),
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

# --- who works here --------------------------------------------------------------------------------------------

user = Table(
    "user",
    metadata,
    key(),
    words("email"),
    words("name"),
    words("password", 300),  # argon2
    *choice("role", Role),
    _flag("active", default=True),
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
