"""A membership whose end was only planned goes on when what should have followed was taken back before it began; what was
taken back holds on no day, and so overlaps with nothing."""

from lms.infra.ddl import allow_again, changed, refuse

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE, NAME, ONE_PRIMARY = "membership", "membership_ends_once", "membership_one_primary"
MESSAGE = "membership: only the end can be set, once"
FIXED = ("id", "person_id", "unit_id", "is_primary", "from_on", "recorded_at")
GOES_ON = (
    "NEW.until_on IS NULL AND OLD.is_primary AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = OLD.person_id "
    "AND m.is_primary AND m.id <> OLD.id AND m.from_on = OLD.until_on AND m.until_on = m.from_on) "
    "AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.person_id = OLD.person_id AND m.is_primary AND m.id <> OLD.id "
    "AND (m.until_on IS NULL OR (m.until_on > OLD.until_on AND m.until_on > m.from_on)))"
)


def _one_primary(*, beside: str) -> None:
    """Refuses a primary membership that shares a day with another one; `beside` narrows which ones are looked at."""
    allow_again(TABLE, ONE_PRIMARY)
    overlap = (
        "NEW.is_primary AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = NEW.person_id AND m.is_primary "
        "AND m.id <> NEW.id AND (m.until_on IS NULL OR m.until_on > NEW.from_on) "
        f"AND (NEW.until_on IS NULL OR NEW.until_on > m.from_on) AND {beside})"
    )
    refuse(TABLE, ONE_PRIMARY, on="INSERT", when=overlap, message="membership: one primary a day")


def upgrade() -> None:
    _one_primary(beside="(m.until_on IS NULL OR m.until_on > m.from_on)")
    allow_again(TABLE, NAME)
    refuse(
        TABLE,
        NAME,
        on="UPDATE",
        when=f"(OLD.until_on IS NOT NULL AND NOT ({GOES_ON})) OR {changed(*FIXED)}",
        message=MESSAGE,
    )


def downgrade() -> None:
    _one_primary(beside="1 = 1")
    allow_again(TABLE, NAME)
    refuse(TABLE, NAME, on="UPDATE", when=f"OLD.until_on IS NOT NULL OR {changed(*FIXED)}", message=MESSAGE)
