"""Two accounts are joined by two members of staff; those that were joined before stay as they are."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FIXED = ("id", "kept_id", "gone_id", "reason", "proposed_by", "proposed_at")
UNCONFIRMED = (
    "NEW.merged_into IS NOT NULL AND NOT EXISTS (SELECT 1 FROM join_proposal p WHERE p.state = 'confirmed' "
    "AND p.kept_id = NEW.merged_into AND p.gone_id IN (NEW.id, OLD.merged_into))"
)


def upgrade() -> None:
    op.create_table(
        "join_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("gone_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'declined', 'withdrawn')", name=op.f("ck_join_proposal_state")
        ),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_join_proposal_decided_at")),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name=op.f("ck_join_proposal_decided_by")),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_join_proposal_two_accounts")),
        sa.CheckConstraint(
            "proposed_by <> kept_id AND proposed_by <> gone_id "
            "AND (decided_by IS NULL OR (decided_by <> kept_id AND decided_by <> gone_id))",
            name=op.f("ck_join_proposal_for_another"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR (state = 'withdrawn') = (decided_by = proposed_by)",
            name=op.f("ck_join_proposal_two_persons"),
        ),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_join_proposal_kept_id")),
        sa.ForeignKeyConstraint(["gone_id"], ["person.id"], name=op.f("fk_join_proposal_gone_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_join_proposal_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_join_proposal_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_proposal")),
    )
    op.create_index(
        "uq_join_proposal_open",
        "join_proposal",
        ["gone_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_join_proposal_state", "join_proposal", ["state", "id"])
    op.create_index("ix_join_proposal_kept_id", "join_proposal", ["kept_id", "gone_id"])
    refuse("join_proposal", "join_proposal_no_delete", on="DELETE", message="join_proposal: never deleted")
    refuse(
        "join_proposal",
        "join_proposal_decided_once",
        on="UPDATE",
        when=f"OLD.state <> 'open' OR {changed(*FIXED)}",
        message="join_proposal: it can only be decided, once",
    )
    refuse(
        "person",
        "person_joined_by_two",
        on="UPDATE OF merged_into",
        when=f"({changed('merged_into')}) AND {UNCONFIRMED}",
        message="person: joined without a second person",
    )


def downgrade() -> None:
    allow_again("person", "person_joined_by_two")
    allow_again("join_proposal", "join_proposal_decided_once")
    allow_again("join_proposal", "join_proposal_no_delete")
    op.drop_table("join_proposal")
