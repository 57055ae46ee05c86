"""What the team taught the judge, trials of other judges, and how far posts travelled."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = '0003'
down_revision: str | None = '0002'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table('layer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('brand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('base', sa.String(length=100), nullable=False),
    sa.Column('weights', sa.LargeBinary(), nullable=False),
    sa.Column('learned_from', sa.BigInteger(), nullable=False),
    sa.Column('held_back', sa.BigInteger(), nullable=False),
    sa.Column('scores', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('promoted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('candidate', 'in_use', 'refused', 'retired')", name=op.f('ck_layer_state_is_known')),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_layer_brand_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_layer')),
    sa.UniqueConstraint('brand_id', 'number', name=op.f('uq_layer_brand_id_number'))
    )
    op.create_index('ix_layer_in_use', 'layer', ['brand_id'], unique=True, sqlite_where=sa.text("state = 'in_use'"), postgresql_where=sa.text("state = 'in_use'"))

    op.create_table('trial',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('model', sa.String(length=1000), nullable=False),
    sa.Column('version', sa.String(length=100), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('done', sa.BigInteger(), nullable=False),
    sa.Column('last_mention', sa.BigInteger(), nullable=False),
    sa.Column('changed', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('error', sa.String(length=1000), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('copied_to', sa.BigInteger(), nullable=False),
    sa.Column('copied_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('running', 'ready', 'taken_over', 'dropped', 'failed')", name=op.f('ck_trial_state_is_known')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_trial_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trial'))
    )
    for name, state in (('ix_trial_running', 'running'), ('ix_trial_in_use', 'taken_over')):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, 'trial', ['state'], unique=True, sqlite_where=where, postgresql_where=where)

    op.create_table('correction',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('brand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('judged_by', sa.String(length=100), nullable=False),
    sa.Column('is_complaint', sa.Integer(), nullable=True),
    sa.Column('severity', sa.Integer(), nullable=True),
    sa.Column('topics', sa.JSON(), server_default='{}', nullable=False),
    sa.Column('given_in', sa.String(length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("given_in IN ('queue', 'case', 'check', 'api')", name=op.f('ck_correction_given_in_is_known')),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_correction_brand_id')),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_correction_mention_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_correction_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    op.create_index('ix_correction_brand', 'correction', ['brand_id', 'id'], unique=False)
    op.create_index('ix_correction_mention_id', 'correction', ['mention_id'], unique=False)

    op.create_table('reach',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('likes', sa.BigInteger(), nullable=True),
    sa.Column('reposts', sa.BigInteger(), nullable=True),
    sa.Column('replies', sa.BigInteger(), nullable=True),
    sa.Column('views', sa.BigInteger(), nullable=True),
    sa.Column('followers', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_reach_mention_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reach')),
    sa.UniqueConstraint('mention_id', 'seen_at', name=op.f('uq_reach_mention_id_seen_at'))
    )
    op.create_table('sampled',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('brand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('probability', sa.Float(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_sampled_brand_id')),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_sampled_mention_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sampled')),
    sa.UniqueConstraint('mention_id', name=op.f('uq_sampled_mention_id'))
    )
    op.create_index('ix_sampled_brand', 'sampled', ['brand_id', 'answered_at'], unique=False)

    op.create_table('trial_verdict',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('trial_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mention_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('verdict', sa.JSON(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_trial_verdict_mention_id')),
    sa.ForeignKeyConstraint(['trial_id'], ['trial.id'], name=op.f('fk_trial_verdict_trial_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trial_verdict')),
    sa.UniqueConstraint('trial_id', 'mention_id', name=op.f('uq_trial_verdict_trial_id_mention_id'))
    )
    op.create_index('ix_trial_verdict_changed', 'trial_verdict', ['trial_id', 'changed', 'id'], unique=False)

    op.add_column("assessment", sa.Column("noise", sa.String(length=20), server_default="", nullable=False))
    _link("assessment", "layer_id", "layer")
    op.add_column("assessment", sa.Column("why", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("assessment", sa.Column("why_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_mention_judged", "mention", ["brand_id", "judged_at"])
    asked = sa.text("why_asked_at IS NOT NULL")
    op.create_index("ix_assessment_why_asked", "assessment", ["why_asked_at"], sqlite_where=asked, postgresql_where=asked)
    op.add_column("case", sa.Column("audience_low", sa.BigInteger(), nullable=True))
    op.add_column("case", sa.Column("audience_high", sa.BigInteger(), nullable=True))


def _link(table: str, column: str, target: str) -> None:
    """Add a column that refers to another table. SQLite could do so only by a rebuild, unless it is said at once."""
    if op.get_bind().dialect.name == "sqlite":
        name = f"CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {name}")
        return
    op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
    op.create_foreign_key(f"fk_{table}_{column}", table, target, [column], ["id"])
