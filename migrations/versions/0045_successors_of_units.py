"""A unit that was merged knows the unit that has its people and papers now, however many mergers ago that was."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

KNOWN = sa.text("successor_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("unit", sa.Column("successor_id", sa.Uuid(), nullable=True))
    op.execute(sa.text("UPDATE unit SET successor_id = merged_into"))
    step = sa.text(
        "UPDATE unit SET successor_id = (SELECT merged_into FROM unit AS next WHERE next.id = unit.successor_id)"
        " WHERE successor_id IN (SELECT id FROM unit WHERE merged_into IS NOT NULL)"
    )
    while op.get_bind().execute(step).rowcount:  # what took over may have been merged since
        pass
    with op.batch_alter_table("unit") as batch:
        batch.create_foreign_key(op.f("fk_unit_successor_id"), "unit", ["successor_id"], ["id"])
        batch.create_check_constraint(op.f("ck_unit_successor"), "(state = 'merged') = (successor_id IS NOT NULL)")
        batch.create_index("ix_unit_successor_id", ["successor_id"], sqlite_where=KNOWN, postgresql_where=KNOWN)


def downgrade() -> None:
    with op.batch_alter_table("unit") as batch:
        batch.drop_index("ix_unit_successor_id")
        batch.drop_constraint(op.f("ck_unit_successor"), type_="check")
        batch.drop_constraint(op.f("fk_unit_successor_id"), type_="foreignkey")
        batch.drop_column("successor_id")
