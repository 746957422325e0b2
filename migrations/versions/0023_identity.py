"""A new name keeps nothing that was proved of the old one."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("named_at", Instant(), nullable=True))
    refuse(
        "person",
        "person_new_name",
        on="UPDATE OF name",
        when=f"({changed('name')}) AND NEW.identity_level <> 'declared'",
        message="a new name is confirmed anew",
    )


def downgrade() -> None:
    allow_again("person", "person_new_name")
    op.drop_column("person", "named_at")
