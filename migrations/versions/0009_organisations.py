"""Units are found by any part of their name; spreadsheets of units wait for their confirmation."""

import sqlalchemy as sa
from alembic import op

from lms.infra.types import Instant, Json, SortKey
from lms.organisations.domain.names import terms_of, tier_of

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_term",
        sa.Column("term", SortKey(16), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_term_unit_id")),
        sa.PrimaryKeyConstraint("term", "unit_id", name=op.f("pk_unit_term")),
    )
    op.create_index("ix_unit_term_unit_id", "unit_term", ["unit_id"])
    op.create_index("ix_unit_term_tier_term_unit_id", "unit_term", ["tier", "term", "unit_id"])
    op.create_table(
        "unit_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("rows", Json(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=True),
        sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_unit_import_applied")),
        sa.CheckConstraint("state IN ('waiting', 'applied')", name=op.f("ck_unit_import_state")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_import_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_import")),
    )
    op.create_index("ix_unit_import_actor_id", "unit_import", ["actor_id", "read_at"])
    op.create_index(
        "uq_unit_import_applied",
        "unit_import",
        ["unit_id", "sha256"],
        unique=True,
        sqlite_where=sa.text("state = 'applied'"),
        postgresql_where=sa.text("state = 'applied'"),
    )
    op.create_index("ix_unit_uscc", "unit", ["uscc"])
    _fill_terms()


def _fill_terms() -> None:
    """Units that were there before can be found as well."""
    connection = op.get_bind()
    unit = sa.table("unit", sa.column("id", sa.Uuid()), sa.column("name", sa.String()), sa.column("kind", sa.String()))
    term = sa.table("unit_term", sa.column("term"), sa.column("unit_id", sa.Uuid()), sa.column("tier"))
    rows = connection.execute(sa.select(unit.c.id, unit.c.name, unit.c.kind)).all()
    for start in range(0, len(rows), 500):
        values = [
            {"term": text, "unit_id": one.id, "tier": tier_of(place, union=one.kind != "unit")}
            for one in rows[start : start + 500]
            for place, text in enumerate(terms_of(one.name))
        ]
        if values:
            connection.execute(sa.insert(term), values)


def downgrade() -> None:
    op.drop_index("ix_unit_uscc", table_name="unit")
    op.drop_table("unit_import")
    op.drop_table("unit_term")
