"""What the team taught the judge, and what a new judge makes of old posts."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, Table, UniqueConstraint, text

from monitor.store.types import choice, count, json, key, metadata, ref, when, words

correction = Table(  # a person's word on one post beside the judge's; the newest that stands counts
    "correction",
    metadata,
    key(),
    ref("brand_id", "brand"),
    ref("mention_id", "mention", index=True),
    ref("user_id", "user", null=True),
    words("judged_by", 100),  # the version whose verdict the person saw
    Column("is_complaint", Integer, nullable=True),  # 0 or 1; NULL: nothing was said of it
    Column("severity", Integer, nullable=True),  # 0 to 3
    json("topics", default={}),  # {"names": [...]}; {}: nothing was said of them
    *choice("given_in", ("queue", "case", "check", "api")),
    when("created_at", null=False),
    when("undone_at"),
    Index("ix_correction_brand", "brand_id", "id"),
)

layer = Table(  # a brand's own layer on the frozen encoder, versioned: one is in use at most
    "layer",
    metadata,
    key(),
    ref("brand_id", "brand"),
    Column("number", Integer, nullable=False),  # 1, 2, 3, ... of this brand
    words("base", 100),  # the version of the judge it stands on; it is worth nothing on another
    Column("weights", LargeBinary, nullable=False),
    count("learned_from"),
    count("held_back"),
    json("scores"),  # {"before": {...}, "after": {...}} on the corrections held back
    *choice("state", ("candidate", "in_use", "refused", "retired")),
    words("reason", 500),
    when("created_at", null=False),
    when("promoted_at"),
    when("retired_at"),
    UniqueConstraint("brand_id", "number"),
    Index(
        "ix_layer_in_use",
        "brand_id",
        unique=True,
        sqlite_where=text("state = 'in_use'"),
        postgresql_where=text("state = 'in_use'"),
    ),
)

sampled = Table(  # "not complaints" drawn by lot, which the queue asks somebody to check: misses are seen too
    "sampled",
    metadata,
    key(),
    ref("brand_id", "brand"),
    ref("mention_id", "mention"),
    Column("probability", Float, nullable=False),  # the chance it had of being drawn
    when("drawn_at", null=False),
    when("answered_at"),
    UniqueConstraint("mention_id"),
    Index("ix_sampled_brand", "brand_id", "answered_at"),
)

trial = Table(  # another judge reads old posts beside the one in use, and takes over only when a person says so
    "trial",
    metadata,
    key(),
    words("model", 1000),
    words("version", 100),
    ref("user_id", "user", null=True),
    *choice("state", ("running", "ready", "taken_over", "dropped", "failed")),
    when("since", null=False),  # posts stored from here on
    count("total"),
    count("done"),
    count("last_mention"),  # it goes on behind this one
    count("changed"),
    count("attempts"),  # loads of the model since it last read a post: it may be what brings the worker down
    words("error", 1000),
    when("started_at", null=False),
    when("finished_at"),
    when("taken_at"),  # when it last took over
    count("copied_to"),  # its verdicts became assessments up to this mention
    when("copied_at"),  # when they all had
    # One reads at a time, and one has taken over at most.
    Index(
        "ix_trial_running",
        "state",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
    Index(
        "ix_trial_in_use",
        "state",
        unique=True,
        sqlite_where=text("state = 'taken_over'"),
        postgresql_where=text("state = 'taken_over'"),
    ),
)

trial_verdict = Table(
    "trial_verdict",
    metadata,
    key(),
    ref("trial_id", "trial"),
    ref("mention_id", "mention"),
    json("verdict"),  # as an assessment, without its words
    Column("changed", Integer, nullable=False, default=0),  # bits: in what it differs from the verdict in use
    UniqueConstraint("trial_id", "mention_id"),
    Index("ix_trial_verdict_changed", "trial_id", "changed", "id"),
)

reach = Table(  # how far a post had travelled each time we looked: its speed is the difference
    "reach",
    metadata,
    key(),
    ref("mention_id", "mention"),
    when("seen_at", null=False),
    count("likes", null=True),
    count("reposts", null=True),
    count("replies", null=True),
    count("views", null=True),
    count("followers", null=True),
    UniqueConstraint("mention_id", "seen_at"),
)
