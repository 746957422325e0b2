"""Content: review, video, item banks, catalogue."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, no_longer_append_only, refuse
from lms.infra.types import Instant, Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_bank")),
    )
    op.create_table(
        "teacher",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("institution", sa.String(length=120), nullable=False),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher")),
        sa.UniqueConstraint("name", "institution", "post", name=op.f("uq_teacher_name_institution_post")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("bank_code", sa.String(length=20), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_course_author_id")),
        sa.ForeignKeyConstraint(["bank_code"], ["bank.code"], name=op.f("fk_course_bank_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
    )
    op.create_table(
        "media_asset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("source_name", sa.String(length=200), nullable=False),
        sa.Column("source_bytes", sa.BigInteger(), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("segment_count", sa.Integer(), nullable=True),
        sa.Column("package_bytes", sa.BigInteger(), nullable=True),
        sa.Column("package_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ready_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state <> 'ready' OR (duration_ms > 0 AND segment_count > 0 AND package_bytes > 0 AND package_sha256 IS NOT NULL)",
            name=op.f("ck_media_asset_ready"),
        ),
        sa.CheckConstraint(
            "state IN ('checking', 'queued', 'encoding', 'ready', 'refused', 'failed')",
            name=op.f("ck_media_asset_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('refused', 'failed') OR reason IS NOT NULL", name=op.f("ck_media_asset_reason")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_media_asset_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_asset")),
    )
    with op.batch_alter_table("media_asset", schema=None) as batch_op:
        batch_op.create_index("ix_media_asset_owner_id", ["owner_id"], unique=False)

    op.create_table(
        "revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("unit_path", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'province_review', 'national_review', 'approved', 'published', 'returned', 'declined', 'retracted', 'superseded', 'suspended', 'retired')",
            name=op.f("ck_revision_state"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_revision_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.create_index("ix_revision_author_id_changed_at", ["author_id", "changed_at"], unique=False)
        batch_op.create_index("ix_revision_state_unit_path", ["state", "unit_path"], unique=False)
        batch_op.create_index("ix_revision_subject_id", ["subject_id"], unique=False)

    op.create_table(
        "caption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["media_asset.id"], name=op.f("fk_caption_asset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caption")),
    )
    with op.batch_alter_table("caption", schema=None) as batch_op:
        batch_op.create_index("ix_caption_asset_id", ["asset_id"], unique=False)

    op.create_table(
        "item_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.String(length=20), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("answer", Json(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("sources", Json(), nullable=False),
        sa.Column("knowledge_point", sa.String(length=60), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("is_case", sa.Boolean(), nullable=False),
        sa.Column("void_rule", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_item_version_state")),
        sa.CheckConstraint("type IN ('single', 'multiple', 'true_false')", name=op.f("ck_item_version_type")),
        sa.CheckConstraint("difficulty BETWEEN 1 AND 5", name=op.f("ck_item_version_difficulty")),
        sa.ForeignKeyConstraint(["bank_code"], ["bank.code"], name=op.f("fk_item_version_bank_code")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_item_version_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_version")),
        sa.UniqueConstraint("revision_id", "position", name=op.f("uq_item_version_revision_id_position")),
    )
    with op.batch_alter_table("item_version", schema=None) as batch_op:
        batch_op.create_index("ix_item_version_bank_code_state_type", ["bank_code", "state", "type"], unique=False)

    op.create_table(
        "lecture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("live_revision_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_lecture_course_id")),
        sa.ForeignKeyConstraint(["live_revision_id"], ["revision.id"], name=op.f("fk_lecture_live_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lecture")),
        sa.UniqueConstraint("course_id", "position", name=op.f("uq_lecture_course_id_position")),
    )
    with op.batch_alter_table("lecture", schema=None) as batch_op:
        batch_op.create_index("ix_lecture_live_revision_id", ["live_revision_id"], unique=False)

    op.create_table(
        "revision_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("old", sa.String(length=20), nullable=False),
        sa.Column("new", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_revision_event_actor_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_revision_event_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision_event")),
    )
    with op.batch_alter_table("revision_event", schema=None) as batch_op:
        batch_op.create_index("ix_revision_event_revision_id", ["revision_id"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.CheckConstraint("length(content_hash) = 64", name=op.f("ck_submission_hash")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_submission_author_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_submission_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("revision_id", "round", name=op.f("uq_submission_revision_id_round")),
    )
    op.create_table(
        "lecture_version",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("lecture_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=False),
        sa.Column("outline", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("caption_id", sa.Uuid(), nullable=True),
        sa.Column("credit_hours", sa.Integer(), nullable=True),
        sa.CheckConstraint("credit_hours IS NULL OR credit_hours > 0", name=op.f("ck_lecture_version_credit_hours")),
        sa.ForeignKeyConstraint(["asset_id"], ["media_asset.id"], name=op.f("fk_lecture_version_asset_id")),
        sa.ForeignKeyConstraint(["caption_id"], ["caption.id"], name=op.f("fk_lecture_version_caption_id")),
        sa.ForeignKeyConstraint(["lecture_id"], ["lecture.id"], name=op.f("fk_lecture_version_lecture_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_lecture_version_revision_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["teacher.id"], name=op.f("fk_lecture_version_teacher_id")),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_lecture_version")),
    )
    with op.batch_alter_table("lecture_version", schema=None) as batch_op:
        batch_op.create_index("ix_lecture_version_asset_id", ["asset_id"], unique=False)
        batch_op.create_index("ix_lecture_version_lecture_id", ["lecture_id"], unique=False)

    op.create_table(
        "review",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("credit_hours", sa.Integer(), nullable=True),
        sa.Column("findings", Json(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(level = 'national' AND decision = 'approve') = (credit_hours IS NOT NULL)", name=op.f("ck_review_hours")
        ),
        sa.CheckConstraint("decision = 'approve' OR comment <> ''", name=op.f("ck_review_reason")),
        sa.CheckConstraint("decision IN ('approve', 'return', 'decline')", name=op.f("ck_review_decision")),
        sa.CheckConstraint("level IN ('province', 'national')", name=op.f("ck_review_level")),
        sa.CheckConstraint("credit_hours IS NULL OR credit_hours > 0", name=op.f("ck_review_positive_hours")),
        sa.CheckConstraint("reviewer_id <> author_id", name=op.f("ck_review_not_the_author")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_review_reviewer_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_review_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", "level", name=op.f("pk_review")),
        sa.UniqueConstraint("submission_id", "reviewer_id", name=op.f("uq_review_submission_id_reviewer_id")),
    )
    op.create_index("ix_review_reviewer_id", "review", ["reviewer_id"])
    op.create_index("ix_course_author_id", "course", ["author_id"])
    append_only("submission")
    append_only("review")
    append_only("revision_event")
    refuse(
        "review",
        "review_of_the_submitted",
        on="INSERT",
        when="NEW.content_hash <> (SELECT content_hash FROM submission WHERE id = NEW.submission_id)",
        message="a review decides on the submitted content hash",
    )
    refuse(
        "review",
        "review_province_first",
        on="INSERT",
        when="NEW.level = 'national' AND NOT EXISTS (SELECT 1 FROM review AS first WHERE first.submission_id = "
        "NEW.submission_id AND first.level = 'province' AND first.decision = 'approve')",
        message="the national review follows the province's approval",
    )
    refuse(
        "lecture",
        "lecture_live_only_approved",
        on="UPDATE",
        when="NEW.live_revision_id IS NOT NULL AND (SELECT COUNT(DISTINCT review.level) FROM review "
        "JOIN submission ON submission.id = review.submission_id WHERE submission.revision_id = NEW.live_revision_id "
        "AND review.decision = 'approve' AND submission.round = (SELECT MAX(round) FROM submission "
        "WHERE revision_id = NEW.live_revision_id)) < 2",
        message="only content with both approvals goes live",
    )
    refuse(
        "lecture",
        "lecture_begins_unpublished",
        on="INSERT",
        when="NEW.live_revision_id IS NOT NULL",
        message="only content with both approvals goes live",
    )
    refuse(
        "lecture_version",
        "lecture_version_frozen",
        on="UPDATE",
        when=f"({changed('lecture_id', 'title', 'teacher_id', 'outline', 'asset_id', 'caption_id')}) AND "
        "(SELECT state FROM revision WHERE id = OLD.revision_id) <> 'draft'",
        message="content changes only in a draft",
    )
    refuse(
        "item_version",
        "item_version_frozen",
        on="UPDATE",
        when="OLD.state <> 'draft' AND "
        f"({changed('type', 'stem', 'options', 'answer', 'explanation', 'sources', 'bank_code', 'revision_id')})",
        message="an item's version never changes",
    )
    refuse(
        "item_version",
        "item_version_kept",
        on="DELETE",
        when="OLD.state <> 'draft'",
        message="an item's version is kept",
    )
    refuse(
        "media_asset",
        "media_asset_ready_is_final",
        on="UPDATE",
        when=f"OLD.state = 'ready' AND ({changed('state', 'duration_ms', 'source_sha256', 'package_sha256')})",
        message="a playable asset never changes",
    )


def downgrade() -> None:
    allow_again("media_asset", "media_asset_ready_is_final")
    allow_again("item_version", "item_version_kept")
    allow_again("item_version", "item_version_frozen")
    allow_again("lecture_version", "lecture_version_frozen")
    allow_again("lecture", "lecture_begins_unpublished")
    allow_again("lecture", "lecture_live_only_approved")
    allow_again("review", "review_province_first")
    allow_again("review", "review_of_the_submitted")
    no_longer_append_only("revision_event")
    no_longer_append_only("review")
    no_longer_append_only("submission")
    op.drop_table("review")
    with op.batch_alter_table("lecture_version", schema=None) as batch_op:
        batch_op.drop_index("ix_lecture_version_lecture_id")
        batch_op.drop_index("ix_lecture_version_asset_id")

    op.drop_table("lecture_version")
    op.drop_table("submission")
    with op.batch_alter_table("revision_event", schema=None) as batch_op:
        batch_op.drop_index("ix_revision_event_revision_id")

    op.drop_table("revision_event")
    with op.batch_alter_table("lecture", schema=None) as batch_op:
        batch_op.drop_index("ix_lecture_live_revision_id")

    op.drop_table("lecture")
    with op.batch_alter_table("item_version", schema=None) as batch_op:
        batch_op.drop_index("ix_item_version_bank_code_state_type")

    op.drop_table("item_version")
    with op.batch_alter_table("caption", schema=None) as batch_op:
        batch_op.drop_index("ix_caption_asset_id")

    op.drop_table("caption")
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_index("ix_revision_subject_id")
        batch_op.drop_index("ix_revision_state_unit_path")
        batch_op.drop_index("ix_revision_author_id_changed_at")

    op.drop_table("revision")
    with op.batch_alter_table("media_asset", schema=None) as batch_op:
        batch_op.drop_index("ix_media_asset_owner_id")

    op.drop_table("media_asset")
    op.drop_table("course")
    op.drop_table("teacher")
    op.drop_table("bank")
