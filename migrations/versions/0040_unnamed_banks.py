"""A bank has no title until a lecture of its course was published: what its author calls the draft is theirs.

Banks of before lose the titles that they took from such drafts; the first publication names them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_KNOWN = "('published', 'suspended', 'superseded', 'retired')"


def upgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE bank SET title = '' WHERE EXISTS"
            " (SELECT 1 FROM course WHERE bank.code IN (course.bank_code, course.practice_bank_code))"
            " AND NOT EXISTS (SELECT 1 FROM course JOIN lecture ON lecture.course_id = course.id"
            " JOIN revision ON revision.subject_id = lecture.id"
            f" WHERE bank.code IN (course.bank_code, course.practice_bank_code) AND revision.state IN {_KNOWN})"
        )
    )


def downgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE bank SET title = coalesce((SELECT min(course.title) FROM course"
            " WHERE bank.code IN (course.bank_code, course.practice_bank_code)), code) WHERE title = ''"
        )
    )
