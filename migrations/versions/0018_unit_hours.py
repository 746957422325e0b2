"""Messages to people; hours entered by units; totals of units."""

import sqlalchemy as sa
from alembic import op

from lms.infra.types import Instant, Json

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.String(400), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("link", sa.String(200), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("mailed_at", Instant(), nullable=True),
        sa.CheckConstraint("link = '' OR link LIKE '/%'", name=op.f("ck_notice_link")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_person_id_id", "notice", ["person_id", "id"])
    op.create_index("ix_notice_created_at", "notice", ["created_at"])
    for name, columns, where in (
        ("ix_notice_unread", ["person_id"], "read_at IS NULL"),
        ("uq_notice_key", ["person_id", "kind", "key"], "key <> ''"),
    ):
        op.create_index(
            name,
            "notice",
            columns,
            unique=name.startswith("uq_"),
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def upgrade() -> None:
    _notices()


def downgrade() -> None:
    op.drop_table("notice")
