"""Hours that a daily cap puts off to the next day with room."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = "deferred_hours"
WAITS = sa.text("settled_at IS NULL")
FIXED = (
    "id",
    "person_id",
    "course_id",
    "enrolment_id",
    "hours",
    "rule_id",
    "completed_at",
    "unit_id",
    "unit_path",
    "credit_on",
)
REFERS = {"person": False, "course": False, "enrolment": True, "unit": False}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(f"{name}_id", sa.Uuid(), nullable=nullable) for name, nullable in REFERS.items()),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=False),
        sa.Column("unit_path", sa.String(length=200), nullable=False),
        sa.Column("credit_on", sa.Date(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("hours > 0", name=op.f("ck_deferred_hours_hours")),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}.id"], name=op.f(f"fk_deferred_hours_{name}_id"))
            for name in REFERS
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["hours_rule.id"], name=op.f("fk_deferred_hours_rule_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["credit_entry.id"], name=op.f("fk_deferred_hours_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferred_hours")),
    )
    one_waits, by_day = ["person_id", "course_id"], ["credit_on", "id"]
    op.create_index(
        "uq_deferred_hours_waiting", TABLE, one_waits, unique=True, sqlite_where=WAITS, postgresql_where=WAITS
    )
    op.create_index("ix_deferred_hours_credit_on", TABLE, by_day, sqlite_where=WAITS, postgresql_where=WAITS)
    op.create_index("ix_deferred_hours_person_id", TABLE, ["person_id", "credit_on"])
    op.create_index("ix_deferred_hours_entry_id", TABLE, ["entry_id"])
    refuse(TABLE, "deferred_hours_no_delete", on="DELETE", message="deferred_hours is append-only")
    refuse(
        TABLE,
        "deferred_hours_settled_once",
        on="UPDATE",
        when=f"OLD.settled_at IS NOT NULL OR {changed(*FIXED)}",
        message="deferred_hours: only the settling is written, once",
    )


def downgrade() -> None:
    allow_again(TABLE, "deferred_hours_settled_once")
    allow_again(TABLE, "deferred_hours_no_delete")
    op.drop_table(TABLE)
