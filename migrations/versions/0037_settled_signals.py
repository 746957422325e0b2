"""What statistics say of an item can be settled by somebody who looked at it."""

import sqlalchemy as sa
from alembic import op

from lms.infra.types import Instant

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("item_signal", sa.Column("settled_at", Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("item_signal", "settled_at")
