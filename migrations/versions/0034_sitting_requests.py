"""A make-up sitting is asked for by one person and granted by another."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

ASKED = sa.text("state = 'asked'")
FIXED = ("id", "exam_id", "person_id", "attempts", "opens_at", "closes_at", "reason", "asked_by", "asked_at")


def upgrade() -> None:
    op.create_table(
        "sitting_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("opens_at", Instant(), nullable=True),
        sa.Column("closes_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'granted', 'declined', 'withdrawn')", name=op.f("ck_sitting_request_state")
        ),
        sa.CheckConstraint("attempts BETWEEN 1 AND 5", name=op.f("ck_sitting_request_attempts")),
        sa.CheckConstraint(
            "(opens_at IS NULL) = (closes_at IS NULL) AND (closes_at IS NULL OR closes_at > opens_at)",
            name=op.f("ck_sitting_request_window"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_sitting_request_reason")),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_sitting_request_decided"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('granted', 'declined') OR decided_by <> asked_by",
            name=op.f("ck_sitting_request_two_persons"),
        ),
        sa.CheckConstraint(
            "asked_by <> person_id AND (decided_by IS NULL OR decided_by <> person_id)",
            name=op.f("ck_sitting_request_not_own"),
        ),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_sitting_request_exam_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sitting_request_person_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_sitting_request_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_sitting_request_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_request")),
    )
    op.create_index("ix_sitting_request_person_id_exam_id", "sitting_request", ["person_id", "exam_id"])
    op.create_index(
        "uq_sitting_request_asked",
        "sitting_request",
        ["exam_id", "person_id"],
        unique=True,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    refuse(
        "sitting_request",
        "sitting_request_decided_once",
        on="UPDATE",
        when=f"OLD.state <> 'asked' OR {changed(*FIXED)}",
        message="sitting_request: decided once",
    )
    refuse("sitting_request", "sitting_request_no_delete", on="DELETE", message="sitting_request is kept")


def downgrade() -> None:
    for name in ("sitting_request_decided_once", "sitting_request_no_delete"):
        allow_again("sitting_request", name)
    op.drop_table("sitting_request")
