"""A reviewer may let the hours of a lecture follow from its length: the version keeps the rule by which they were fixed."""

from alembic import op

from lms.infra.ddl import is_postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added in place: a table that SQLite rebuilds would lose its triggers.
    op.execute(f"ALTER TABLE lecture_version ADD COLUMN length_rule {'JSONB' if is_postgresql() else 'TEXT'}")


def downgrade() -> None:
    op.execute("ALTER TABLE lecture_version DROP COLUMN length_rule")
