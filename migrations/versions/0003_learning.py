"""Learning: classes, leases, progress, hours."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, is_postgresql, no_longer_append_only, refuse
from lms.infra.types import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lease_milliseconds = (
        "EXTRACT(EPOCH FROM (COALESCE(ended_at, last_beat_at) - opened_at)) * 1000"
        if is_postgresql()
        else "(COALESCE(ended_at, last_beat_at) - opened_at)"
    )
    op.create_table(
        "training_class",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("target_group", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.Column("enrolment", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("certificate_name", sa.String(length=120), nullable=False),
        sa.Column("certificate_kind", sa.String(length=4), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("enrolment IN ('open', 'closed')", name=op.f("ck_training_class_enrolment")),
        sa.CheckConstraint("kind IN ('centralized', 'self_study')", name=op.f("ck_training_class_kind")),
        sa.CheckConstraint("phase IN ('design', 'implement', 'summarise')", name=op.f("ck_training_class_phase")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_training_class_dates")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_training_class_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_class")),
    )
    with op.batch_alter_table("training_class", schema=None) as batch_op:
        batch_op.create_index("ix_training_class_unit_id", ["unit_id"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'declined', 'waitlisted', 'withdrawn', 'completed')",
            name=op.f("ck_enrolment_state"),
        ),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_enrolment_class_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("class_id", "person_id", name=op.f("uq_enrolment_class_id_person_id")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index("ix_enrolment_person_id", ["person_id"], unique=False)

    op.create_table(
        "class_course",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_class_course_class_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_class_course_course_id")),
        sa.PrimaryKeyConstraint("class_id", "course_id", name=op.f("pk_class_course")),
        sa.UniqueConstraint("class_id", "position", name=op.f("uq_class_course_class_id_position")),
    )
    with op.batch_alter_table("class_course", schema=None) as batch_op:
        batch_op.create_index("ix_class_course_course_id", ["course_id"], unique=False)

    op.create_table(
        "course_completion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("completed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_completion_course_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_course_completion_enrolment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_course_completion_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_completion")),
        sa.UniqueConstraint("person_id", "course_id", name=op.f("uq_course_completion_person_id_course_id")),
    )
    op.create_table(
        "hours_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("parameters", Json(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint("kind IN ('fixed', 'step', 'per_minutes')", name=op.f("ck_hours_rule_kind")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_hours_rule_version")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_hours_rule_course_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_hours_rule_decided_by")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_hours_rule_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_rule")),
        sa.UniqueConstraint("course_id", "version", name=op.f("uq_hours_rule_course_id_version")),
    )
    op.create_table(
        "watch_progress",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("watched", Json(), nullable=False),
        sa.Column("covered_ms", sa.Integer(), nullable=False),
        sa.Column("position_ms", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint("covered_ms >= 0", name=op.f("ck_watch_progress_covered")),
        sa.ForeignKeyConstraint(["asset_id"], ["media_asset.id"], name=op.f("fk_watch_progress_asset_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_watch_progress_person_id")),
        sa.PrimaryKeyConstraint("person_id", "asset_id", name=op.f("pk_watch_progress")),
    )
    op.create_table(
        "credit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ledger", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("earned_at", Instant(), nullable=False),
        sa.Column("count_year", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_path", sa.String(length=200), nullable=False),
        sa.Column("reversal_of", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ledger IN ('self_study', 'centralized')", name=op.f("ck_credit_entry_ledger")),
        sa.CheckConstraint(
            "reversal_of IS NULL OR (reason <> '' AND actor_id IS NOT NULL)", name=op.f("ck_credit_entry_reversal")
        ),
        sa.CheckConstraint("(reversal_of IS NULL) = (hours > 0)", name=op.f("ck_credit_entry_sign")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_credit_entry_actor_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_credit_entry_enrolment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credit_entry_person_id")),
        sa.ForeignKeyConstraint(["reversal_of"], ["credit_entry.id"], name=op.f("fk_credit_entry_reversal_of")),
        sa.ForeignKeyConstraint(["rule_id"], ["hours_rule.id"], name=op.f("fk_credit_entry_rule_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_credit_entry_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entry")),
    )
    with op.batch_alter_table("credit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_credit_entry_person_id_count_year", ["person_id", "count_year"], unique=False)
        batch_op.create_index(
            "uq_credit_entry_once",
            ["person_id", "source", "source_id", "count_year", "round"],
            unique=True,
            sqlite_where=sa.text("reversal_of IS NULL"),
            postgresql_where=sa.text("reversal_of IS NULL"),
        )
        batch_op.create_index(
            "uq_credit_entry_reversal_of",
            ["reversal_of"],
            unique=True,
            sqlite_where=sa.text("reversal_of IS NOT NULL"),
            postgresql_where=sa.text("reversal_of IS NOT NULL"),
        )

    op.create_table(
        "watch_lease",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("last_beat_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("held_ms", sa.Integer(), nullable=False),
        sa.Column("credited_ms", sa.Integer(), nullable=False),
        sa.Column("max_rate_percent", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'active') = (ended_at IS NULL)", name=op.f("ck_watch_lease_ended")),
        sa.CheckConstraint(
            "state IN ('active', 'ended', 'superseded', 'expired', 'revoked')", name=op.f("ck_watch_lease_state")
        ),
        sa.CheckConstraint("credited_ms >= 0 AND held_ms >= 0", name=op.f("ck_watch_lease_not_negative")),
        sa.CheckConstraint(
            f"credited_ms * 100 <= {lease_milliseconds} * max_rate_percent", name=op.f("ck_watch_lease_paid")
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= opened_at", name=op.f("ck_watch_lease_span")),
        sa.ForeignKeyConstraint(["asset_id"], ["media_asset.id"], name=op.f("fk_watch_lease_asset_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_watch_lease_course_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_watch_lease_enrolment_id")),
        sa.ForeignKeyConstraint(["lecture_id"], ["lecture.id"], name=op.f("fk_watch_lease_lecture_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_watch_lease_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_lease")),
    )
    with op.batch_alter_table("watch_lease", schema=None) as batch_op:
        batch_op.create_index("ix_watch_lease_asset_id", ["asset_id"], unique=False)
        batch_op.create_index("ix_watch_lease_person_id_opened_at", ["person_id", "opened_at"], unique=False)
        batch_op.create_index("ix_watch_lease_state_last_beat_at", ["state", "last_beat_at"], unique=False)
        batch_op.create_index(
            "uq_watch_lease_live",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    append_only("hours_rule")
    append_only("credit_entry")
    append_only("course_completion")
    if is_postgresql():
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            "ALTER TABLE watch_lease ADD CONSTRAINT ex_watch_lease_overlap "
            "EXCLUDE USING gist (person_id WITH =, tstzrange(opened_at, ended_at) WITH &&)"
        )
    else:
        forever = 2**62
        overlap = (
            "EXISTS (SELECT 1 FROM watch_lease AS other WHERE other.person_id = NEW.person_id AND other.id <> NEW.id "
            f"AND other.opened_at < COALESCE(NEW.ended_at, {forever}) "
            f"AND COALESCE(other.ended_at, {forever}) > NEW.opened_at "
            f"AND COALESCE(other.ended_at, {forever}) > other.opened_at "
            f"AND COALESCE(NEW.ended_at, {forever}) > NEW.opened_at)"
        )
        message = "leases of one person never overlap"
        refuse("watch_lease", "watch_lease_overlap_insert", on="INSERT", when=overlap, message=message)
        moved = changed("opened_at", "ended_at", "person_id")
        refuse(
            "watch_lease", "watch_lease_overlap_update", on="UPDATE", when=f"({moved}) AND {overlap}", message=message
        )


def downgrade() -> None:
    if not is_postgresql():
        allow_again("watch_lease", "watch_lease_overlap_update")
        allow_again("watch_lease", "watch_lease_overlap_insert")
    no_longer_append_only("course_completion")
    no_longer_append_only("credit_entry")
    no_longer_append_only("hours_rule")
    with op.batch_alter_table("watch_lease", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_watch_lease_live",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_watch_lease_state_last_beat_at")
        batch_op.drop_index("ix_watch_lease_person_id_opened_at")
        batch_op.drop_index("ix_watch_lease_asset_id")

    op.drop_table("watch_lease")
    with op.batch_alter_table("credit_entry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_credit_entry_reversal_of",
            sqlite_where=sa.text("reversal_of IS NOT NULL"),
            postgresql_where=sa.text("reversal_of IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_credit_entry_once",
            sqlite_where=sa.text("reversal_of IS NULL"),
            postgresql_where=sa.text("reversal_of IS NULL"),
        )
        batch_op.drop_index("ix_credit_entry_person_id_count_year")

    op.drop_table("credit_entry")
    op.drop_table("watch_progress")
    op.drop_table("hours_rule")
    op.drop_table("course_completion")
    with op.batch_alter_table("class_course", schema=None) as batch_op:
        batch_op.drop_index("ix_class_course_course_id")

    op.drop_table("class_course")
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index("ix_enrolment_person_id")

    op.drop_table("enrolment")
    with op.batch_alter_table("training_class", schema=None) as batch_op:
        batch_op.drop_index("ix_training_class_unit_id")

    op.drop_table("training_class")
