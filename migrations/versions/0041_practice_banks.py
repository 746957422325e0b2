"""A practice bank lies with the exam bank of its course: those whose author had moved before lay where the author went."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE bank SET unit_id = (SELECT exam.unit_id FROM course JOIN bank AS exam ON exam.code = course.bank_code"
            " WHERE course.practice_bank_code = bank.code)"
            " WHERE code IN (SELECT practice_bank_code FROM course WHERE practice_bank_code IS NOT NULL)"
        )
    )


def downgrade() -> None:
    """Where they lay before is not known, and was wrong."""
