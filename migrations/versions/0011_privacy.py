"""Who saw an ID number in full, and who gave a number that another person has."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import append_only, no_longer_append_only
from lms.infra.types import Instant, SortKey

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PARTIAL = (
    (
        "ix_person_id_number_waiting",
        "person",
        ["unit_path", "name_key", "id"],
        "id_number_hash IS NOT NULL AND identity_level <> 'id_number'",
    ),
    ("ix_person_closed_at", "person", ["closed_at"], "closed_at IS NOT NULL"),
    ("ix_auth_session_purge", "auth_session", ["expires_at"], "address <> ''"),
)


def upgrade() -> None:
    op.create_table(
        "reveal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("unit_path", SortKey(200), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_reveal_actor_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reveal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal")),
    )
    op.create_index("ix_reveal_actor_id_at", "reveal", ["actor_id", "at"])
    op.create_index("ix_reveal_at", "reveal", ["at"])
    op.create_index("ix_reveal_person_id", "reveal", ["person_id"])
    op.create_table(
        "id_number_clash",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("person_id <> other_id", name=op.f("ck_id_number_clash_two")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_id_number_clash_person_id")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_id_number_clash_other_id")),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_id_number_clash")),
    )
    op.create_index("ix_id_number_clash_at", "id_number_clash", ["at"])
    op.create_index("ix_id_number_clash_other_id", "id_number_clash", ["other_id"])
    append_only("reveal")
    for name, table, columns, condition in PARTIAL:
        op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def downgrade() -> None:
    for name, table, _columns, _condition in PARTIAL:
        op.drop_index(name, table)
    no_longer_append_only("reveal")
    op.drop_table("id_number_clash")
    op.drop_table("reveal")
