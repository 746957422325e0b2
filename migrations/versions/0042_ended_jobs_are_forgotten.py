"""An index of the ended jobs that nobody asks for by a key: they leave after a week."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_FORGETTABLE = sa.text("dedup_key IS NULL AND finished_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_job_forgettable", "job", ["finished_at"], sqlite_where=_FORGETTABLE, postgresql_where=_FORGETTABLE
    )


def downgrade() -> None:
    op.drop_index("ix_job_forgettable", "job")
