"""Platforms: logins, gaps, allowances, costs, and what was looked at again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "quota",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("bucket", sa.String(length=100), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=True),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("resets_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("scope", "bucket", name=op.f("uq_quota_scope_bucket")),
    )
    op.create_table(
        "connecting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("state_digest", sa.String(length=64), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_connecting_brand_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_connecting_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connecting")),
        sa.UniqueConstraint("state_digest", name=op.f("uq_connecting_state_digest")),
    )
    op.create_table(
        "opt_out",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name=op.f("fk_opt_out_author_id")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_opt_out_brand_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_opt_out_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
        sa.UniqueConstraint("brand_id", "author_id", name=op.f("uq_opt_out_brand_id_author_id")),
    )
    op.create_table(
        "spend",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("used_by", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("objects", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_spend_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spend")),
        sa.UniqueConstraint("account_id", "day", "used_by", "kind", name=op.f("uq_spend_account_id_day_used_by_kind")),
    )
    op.create_table(
        "gap",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("watch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["user.id"], name=op.f("fk_gap_closed_by")),
        sa.ForeignKeyConstraint(["watch_id"], ["watch.id"], name=op.f("fk_gap_watch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
    )
    op.create_index(op.f("ix_gap_watch_id"), "gap", ["watch_id"], unique=False)

    op.add_column("account", sa.Column("host", sa.String(length=2000), server_default="", nullable=False))
    op.add_column("account", sa.Column("external_id", sa.String(length=255), server_default="", nullable=False))
    op.add_column("account", sa.Column("options", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("account", sa.Column("cap_micros", sa.BigInteger(), nullable=True))
    op.add_column("account", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("error", sa.Text(), server_default="", nullable=False))
    op.add_column("account", sa.Column("standing", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("alert", recreate="auto") as batch_op:
        batch_op.add_column(sa.Column("watch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.alter_column("case_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_alert_watch_id"), ["watch_id"])
        batch_op.create_foreign_key(batch_op.f("fk_alert_watch_id"), "watch", ["watch_id"], ["id"])
        batch_op.create_check_constraint(
            batch_op.f("ck_alert_is_on_one_thing"), "(case_id IS NULL) <> (watch_id IS NULL)"
        )

    op.add_column("case", sa.Column("by_hand", sa.String(length=500), server_default="", nullable=False))

    _link("mention", "watch_id", "watch")
    op.add_column("mention", sa.Column("check_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mention", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mention", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_mention_check",
        "mention",
        ["check_at"],
        unique=False,
        sqlite_where=sa.text("check_at IS NOT NULL"),
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )

    _link("watch", "account_id", "account")
    op.add_column("watch", sa.Column("name", sa.String(length=200), server_default="", nullable=False))
    op.add_column("watch", sa.Column("remedy", sa.String(length=20), server_default="", nullable=False))
    op.add_column("watch", sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("watch", sa.Column("last_new_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("watch", sa.Column("buckets", sa.Text(), server_default="", nullable=False))
    for name in ("resumed_at", "down_at", "back_at", "alerted_at"):
        op.add_column("watch", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("watch", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))


def _link(table: str, column: str, target: str) -> None:
    """Add a column that refers to another table. SQLite could do so only by a rebuild, unless it is said at once."""
    if op.get_bind().dialect.name == "sqlite":
        name = f"CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {name}")
        return
    op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
    op.create_foreign_key(f"fk_{table}_{column}", table, target, [column], ["id"])
