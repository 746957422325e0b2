"""Help that two persons give together to who has nobody above them, and the one-time codes that come of it."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FIXED = ("id", "person_id", "help", "reason", "asked_by", "asked_at")


def _ways(ways: str, issued: str) -> None:
    """Which ways a one-time code may take, and which of them somebody issued."""
    with op.batch_alter_table("sign_in_code") as batch:
        batch.drop_constraint(op.f("ck_sign_in_code_way"), type_="check")
        batch.drop_constraint(op.f("ck_sign_in_code_issued_by"), type_="check")
        batch.create_check_constraint(op.f("ck_sign_in_code_way"), f"way IN {ways}")
        batch.create_check_constraint(op.f("ck_sign_in_code_issued_by"), f"({issued}) = (issued_by IS NOT NULL)")


def upgrade() -> None:
    with op.batch_alter_table("sign_in_code") as batch:
        batch.alter_column("way", existing_type=sa.String(length=4), type_=sa.String(length=8), nullable=False)
    _ways("('slip', 'mail', 'sms', 'joint', 'operator')", "way IN ('slip', 'joint')")
    op.create_table(
        "joint_help",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("help", sa.String(length=13), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.CheckConstraint("help IN ('sign_in_code', 'second_factor')", name=op.f("ck_joint_help_help")),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'declined', 'withdrawn', 'lapsed')", name=op.f("ck_joint_help_state")
        ),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_joint_help_decided_at")),
        sa.CheckConstraint(
            "(state IN ('open', 'lapsed')) = (decided_by IS NULL)", name=op.f("ck_joint_help_decided_by")
        ),
        sa.CheckConstraint(
            "asked_by <> person_id AND (decided_by IS NULL OR decided_by <> person_id)",
            name=op.f("ck_joint_help_for_another"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR (state = 'withdrawn') = (decided_by = asked_by)",
            name=op.f("ck_joint_help_two_persons"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_joint_help_person_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_joint_help_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_joint_help_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_help")),
    )
    op.create_index(
        "uq_joint_help_open",
        "joint_help",
        ["person_id", "help"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_joint_help_state", "joint_help", ["state", "asked_at"])
    refuse("joint_help", "joint_help_no_delete", on="DELETE", message="joint_help: never deleted")
    refuse(
        "joint_help",
        "joint_help_decided_once",
        on="UPDATE",
        when=f"OLD.state <> 'open' OR {changed(*FIXED)}",
        message="joint_help: it can only be decided, once",
    )


def downgrade() -> None:
    allow_again("joint_help", "joint_help_decided_once")
    allow_again("joint_help", "joint_help_no_delete")
    op.drop_table("joint_help")
    op.execute("DELETE FROM sign_in_code WHERE way IN ('joint', 'operator')")
    _ways("('slip', 'mail', 'sms')", "way = 'slip'")
    with op.batch_alter_table("sign_in_code") as batch:
        batch.alter_column("way", existing_type=sa.String(length=8), type_=sa.String(length=4), nullable=False)
