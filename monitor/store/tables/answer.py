"""What we say: drafts, findings, reviews, publications and what became of them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from monitor.store.types import Id, choice, count, flag, key, metadata, ref, when, words

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
    flag("standing", default=True),
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
    flag("standing", default=True),
    ref("account_id", "account"),
    words("key", 64),
    *choice("state", ("sending", "sent", "refused", "deferred", "uncertain", "missing", "undone")),
    count("attempts"),
    when("claimed_at", null=False),
    when("not_before"),
    words("external_id"),
    words("url", 2000),
    flag("simulated"),
    Column("error", Text, nullable=False, default=""),
    count("looks"),
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
