"""Banks and classes lie where they do from now on: with the unit that theirs became part of, and a practice bank with the exam
bank of its course. Those whose author had moved lay where the author went; those of merged units stayed behind.
"""

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
    for table in ("bank", "training_class"):
        step = sa.text(
            f"UPDATE {table} SET unit_id = (SELECT merged_into FROM unit WHERE unit.id = {table}.unit_id)"
            " WHERE unit_id IN (SELECT id FROM unit WHERE state = 'merged')"
        )
        while op.get_bind().execute(step).rowcount:  # what took over may have been merged since
            pass


def downgrade() -> None:
    """Where they lay before is not known, and was wrong."""
