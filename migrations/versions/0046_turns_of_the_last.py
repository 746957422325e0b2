"""Who may be the last administrator of the nation is asked in turn, as `lms.access.queries.last_of` asks it, not under the root's lock.

Many hold a share of the root while they end a role over the nation; two of them that wanted it for themselves waited for each other.
"""

from alembic import op

from lms.infra.ddl import is_postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

GUARDS = ("role_grant_last", "account_last_administrator")
ROOT = "PERFORM 1 FROM unit WHERE parent_id IS NULL FOR NO KEY UPDATE;"
TURN = "PERFORM pg_advisory_xact_lock(27);"


def _put(new: str, *, instead_of: str) -> None:
    """On SQLite there is one writer, and nothing to wait for."""
    if is_postgresql():
        for guard in GUARDS:
            changed = f"replace(pg_get_functiondef('{guard}'::regproc), '{instead_of}', '{new}')"
            op.execute(f"DO $do$ BEGIN EXECUTE {changed}; END $do$")


def upgrade() -> None:
    _put(TURN, instead_of=ROOT)


def downgrade() -> None:
    _put(ROOT, instead_of=TURN)
