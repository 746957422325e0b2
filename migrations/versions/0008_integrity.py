"""Every official row has a mark, and marks and audit entries are sealed in a chain of batches."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, no_longer_append_only, refuse
from lms.infra.types import Instant, SortKey

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ENTRY = (
    *("id", "at", "actor_id", "role", "action", "object_type", "object_id"),
    *("result", "address", "request_id", "details", "mac"),
)
MARK = ("id", "source", "row_id", "version", "mac")
UNSEALED = sa.text("seal_no IS NULL")
NOT_OK = sa.text("result <> 'ok'")
FOUND_BY = {
    "ix_audit_entry_actor_id_id": ["actor_id", "id"],
    "ix_audit_entry_action_id": ["action", "id"],
    "ix_audit_entry_object_id_id": ["object_id", "id"],
    "ix_audit_entry_address_id": ["address", "id"],
    "ix_audit_entry_request_id_id": ["request_id", "id"],
    "ix_audit_entry_seal_no_id": ["seal_no", "id"],
}


def _sealed_once(table: str, columns: tuple[str, ...]) -> None:
    """Rows are never changed but for the number of their seal, once, and never deleted."""
    refuse(
        table,
        f"{table}_no_update",
        on="UPDATE",
        when=f"OLD.seal_no IS NOT NULL OR NEW.seal_no IS NULL OR {changed(*columns)}",
        message=f"{table} is append-only",
    )


def upgrade() -> None:
    allow_again("audit_entry", "audit_entry_no_update")
    op.add_column("audit_entry", sa.Column("role", sa.String(length=200), server_default=sa.text("''"), nullable=False))
    op.add_column("audit_entry", sa.Column("seal_no", sa.Integer(), nullable=True))
    op.drop_index("ix_audit_entry_at", "audit_entry")
    op.drop_index("ix_audit_entry_object", "audit_entry")
    for name, columns in FOUND_BY.items():
        op.create_index(name, "audit_entry", columns)
    op.create_index("ix_audit_entry_unsealed", "audit_entry", ["id"], sqlite_where=UNSEALED, postgresql_where=UNSEALED)
    op.create_index("ix_audit_entry_not_ok", "audit_entry", ["id"], sqlite_where=NOT_OK, postgresql_where=NOT_OK)
    _sealed_once("audit_entry", ENTRY)

    op.create_table(
        "integrity_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", SortKey(length=40), nullable=False),
        sa.Column("row_id", SortKey(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("seal_no", sa.Integer(), nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_integrity_mark_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_mark")),
    )
    op.create_index(
        "uq_integrity_mark_source_row_id_version", "integrity_mark", ["source", "row_id", "version"], unique=True
    )
    op.create_index("ix_integrity_mark_seal_no_id", "integrity_mark", ["seal_no", "id"])
    op.create_index(
        "ix_integrity_mark_unsealed", "integrity_mark", ["id"], sqlite_where=UNSEALED, postgresql_where=UNSEALED
    )
    _sealed_once("integrity_mark", MARK)
    refuse("integrity_mark", "integrity_mark_no_delete", on="DELETE", message="integrity_mark is append-only")

    op.create_table(
        "seal",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.CheckConstraint("no >= 1", name=op.f("ck_seal_no")),
        sa.CheckConstraint("entries >= 1", name=op.f("ck_seal_entries")),
        sa.CheckConstraint("(no = 1) = (previous = '')", name=op.f("ck_seal_previous")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_seal")),
        sa.UniqueConstraint("previous", name=op.f("uq_seal_previous")),
    )
    append_only("seal")


def downgrade() -> None:
    no_longer_append_only("seal")
    op.drop_table("seal")
    no_longer_append_only("integrity_mark")
    op.drop_table("integrity_mark")
    allow_again("audit_entry", "audit_entry_no_update")
    op.drop_index("ix_audit_entry_not_ok", "audit_entry")
    op.drop_index("ix_audit_entry_unsealed", "audit_entry")
    for name in FOUND_BY:
        op.drop_index(name, "audit_entry")
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_type", "object_id"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.drop_column("audit_entry", "seal_no")
    op.drop_column("audit_entry", "role")
    refuse("audit_entry", "audit_entry_no_update", on="UPDATE", message="audit_entry is append-only")
