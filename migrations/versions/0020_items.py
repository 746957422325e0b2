"""Banks belong to a unit and are for exams or for practice; files of items wait to be confirmed."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant, Json

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OWNER = (
    "UPDATE bank SET unit_id = (SELECT p.unit_id FROM course c JOIN person p ON p.id = c.author_id "
    "WHERE c.bank_code = bank.code ORDER BY c.created_at LIMIT 1)"
)


def upgrade() -> None:
    with op.batch_alter_table("bank") as batch:
        batch.add_column(sa.Column("kind", sa.String(10), nullable=False, server_default="exam"))
        batch.add_column(sa.Column("unit_id", sa.Uuid(), nullable=True))
        batch.create_check_constraint(op.f("ck_bank_kind"), "kind IN ('exam', 'practice')")
        batch.create_foreign_key(op.f("fk_bank_unit_id"), "unit", ["unit_id"], ["id"])
    with op.batch_alter_table("bank") as batch:
        batch.alter_column("kind", server_default=None, existing_type=sa.String(10), existing_nullable=False)
    op.create_index("ix_bank_unit_id", "bank", ["unit_id"])
    op.execute(OWNER)
    refuse("bank", "bank_kind_fixed", on="UPDATE", when=changed("kind", "code"), message="a bank keeps its kind")
    op.create_table(
        "item_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("format", sa.String(12), nullable=False),
        sa.Column("items", Json(), nullable=False),
        sa.Column("faults", Json(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=True),
        sa.CheckConstraint("(state = 'stored') = (stored_at IS NOT NULL)", name=op.f("ck_item_import_stored")),
        sa.CheckConstraint("state IN ('waiting', 'stored')", name=op.f("ck_item_import_state")),
        sa.ForeignKeyConstraint(["bank_code"], ["bank.code"], name=op.f("fk_item_import_bank_code")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_item_import_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_import")),
    )
    op.create_index("ix_item_import_actor_id", "item_import", ["actor_id", "read_at"])
    op.create_index("ix_item_import_read_at", "item_import", ["read_at"])


def downgrade() -> None:
    op.drop_table("item_import")
    allow_again("bank", "bank_kind_fixed")
    op.drop_index("ix_bank_unit_id", table_name="bank")
    with op.batch_alter_table("bank") as batch:
        batch.drop_constraint(op.f("fk_bank_unit_id"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_bank_kind"), type_="check")
        batch.drop_column("unit_id")
        batch.drop_column("kind")
