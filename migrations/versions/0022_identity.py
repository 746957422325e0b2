"""A new name keeps nothing that was proved of the old one; a planned end comes sooner where the unit itself ends."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLE, NAME = "membership", "membership_ends_once"
MESSAGE = "membership: only the end can be set, once"
FIXED = ("id", "person_id", "unit_id", "is_primary", "from_on", "recorded_at")
GOES_ON = (  # as in 0014
    "NEW.until_on IS NULL AND OLD.is_primary AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = OLD.person_id "
    "AND m.is_primary AND m.id <> OLD.id AND m.from_on = OLD.until_on AND m.until_on = m.from_on) "
    "AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.person_id = OLD.person_id AND m.is_primary AND m.id <> OLD.id "
    "AND (m.until_on IS NULL OR (m.until_on > OLD.until_on AND m.until_on > m.from_on)))"
)
ENDS_WITH_ITS_UNIT = (
    "NEW.until_on IS NOT NULL AND NEW.until_on < OLD.until_on AND NEW.until_on >= OLD.from_on "
    "AND EXISTS (SELECT 1 FROM unit u WHERE u.id = OLD.unit_id AND u.state = 'merged')"
)


def _ends_once(*but: str) -> None:
    """Refuses another end than the first, but where one of the conditions holds."""
    allow_again(TABLE, NAME)
    allowed = " OR ".join(f"({one})" for one in but)
    when = f"(OLD.until_on IS NOT NULL AND NOT ({allowed})) OR {changed(*FIXED)}"
    refuse(TABLE, NAME, on="UPDATE", when=when, message=MESSAGE)


def upgrade() -> None:
    _ends_once(GOES_ON, ENDS_WITH_ITS_UNIT)
    op.add_column("person", sa.Column("named_at", Instant(), nullable=True))
    op.execute(  # what was kept of accounts that were joined into a closed one is purged with it
        "UPDATE person SET closed_at = (SELECT k.closed_at FROM person k WHERE k.id = person.merged_into) "
        "WHERE merged_into IS NOT NULL AND closed_at IS NULL"
    )
    refuse(
        "person",
        "person_new_name",
        on="UPDATE OF name",
        when=f"({changed('name')}) AND NEW.identity_level <> 'declared'",
        message="a new name is confirmed anew",
    )


def downgrade() -> None:
    _ends_once(GOES_ON)
    allow_again("person", "person_new_name")
    op.drop_column("person", "named_at")
