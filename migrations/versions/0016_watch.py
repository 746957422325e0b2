"""Policies of watching, presence checks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import append_only, is_postgresql, no_longer_append_only
from lms.infra.types import Instant, Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _lease_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("policy_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("threshold_percent", sa.Integer(), server_default="95", nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("playlist_at", Instant(), nullable=True),
        sa.Column("presence_seconds", sa.Integer(), nullable=True),
        sa.Column("presence_due_ms", sa.Integer(), nullable=True),
        sa.Column("presence_item_id", sa.Uuid(), nullable=True),
        sa.Column("presence_asked_at", Instant(), nullable=True),
        sa.Column("presence_id", sa.Uuid(), nullable=True),
    )


def upgrade() -> None:
    _policies()
    _checks()
    for column in _lease_columns():
        op.add_column("watch_lease", column)
    op.execute("UPDATE watch_lease SET playlist_at = opened_at")  # the rule is younger than these
    nothing = "'{}'::jsonb" if is_postgresql() else "'{}'"
    op.add_column("watch_progress", sa.Column("trims", Json(), server_default=sa.text(nothing), nullable=False))


def _policies() -> None:
    op.create_table(
        "watch_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("threshold_percent", sa.Integer(), nullable=False),
        sa.Column("max_rate_percent", sa.Integer(), nullable=False),
        sa.Column("seek_courtesy", sa.Boolean(), nullable=False),
        sa.Column("pause_when_hidden", sa.Boolean(), nullable=False),
        sa.Column("presence", sa.Boolean(), nullable=False),
        sa.Column("presence_from_minutes", sa.Integer(), nullable=False),
        sa.Column("presence_to_minutes", sa.Integer(), nullable=False),
        sa.Column("presence_seconds", sa.Integer(), nullable=False),
        sa.Column("presence_kind", sa.String(length=6), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_watch_policy_version")),
        sa.CheckConstraint("threshold_percent BETWEEN 50 AND 100", name=op.f("ck_watch_policy_threshold")),
        sa.CheckConstraint("max_rate_percent BETWEEN 100 AND 200", name=op.f("ck_watch_policy_rate")),
        sa.CheckConstraint(
            "presence_from_minutes >= 1 AND presence_to_minutes BETWEEN presence_from_minutes AND 120",
            name=op.f("ck_watch_policy_minutes"),
        ),
        sa.CheckConstraint("presence_seconds BETWEEN 30 AND 600", name=op.f("ck_watch_policy_seconds")),
        sa.CheckConstraint("presence_kind IN ('button', 'item')", name=op.f("ck_watch_policy_kind")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_watch_policy_reason")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_watch_policy_course_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_watch_policy_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_policy")),
        sa.UniqueConstraint("course_id", "version", name=op.f("uq_watch_policy_course_id_version")),
    )
    append_only("watch_policy")


def _checks() -> None:
    op.create_table(
        "presence_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("lost_ms", sa.Integer(), nullable=False),
        sa.CheckConstraint("answered_at >= asked_at", name=op.f("ck_presence_check_span")),
        sa.CheckConstraint("lost_ms >= 0", name=op.f("ck_presence_check_lost")),
        sa.CheckConstraint("(item_version_id IS NULL) = (correct IS NULL)", name=op.f("ck_presence_check_correct")),
        sa.ForeignKeyConstraint(["lease_id"], ["watch_lease.id"], name=op.f("fk_presence_check_lease_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_check_person_id")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_presence_check_item_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_check")),
    )
    op.create_index("ix_presence_check_lease_id", "presence_check", ["lease_id"])
    op.create_index("ix_presence_check_person_id_answered_at", "presence_check", ["person_id", "answered_at"])
    append_only("presence_check")


def downgrade() -> None:
    op.drop_column("watch_progress", "trims")
    for column in _lease_columns():
        op.drop_column("watch_lease", column.name)
    for table in ("presence_check", "watch_policy"):
        no_longer_append_only(table)
        op.drop_table(table)
