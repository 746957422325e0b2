"""Drafts of items that came from a file: more types, everything the file said, no revision; never drawn, never published."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TYPE_BEFORE = "type IN ('single', 'multiple', 'true_false')"
TYPE_NOW = "type IN ('single', 'multiple', 'true_false', 'fill_in', 'matching', 'short_answer', 'case')"
NEW_CHECKS = {
    "imported": "revision_id IS NOT NULL OR (state = 'draft' AND content IS NOT NULL)",
    "scored": "state = 'draft' OR type IN ('single', 'multiple', 'true_false')",
}
FROZEN = ("type", "stem", "options", "answer", "explanation", "sources", "bank_code", "revision_id")
DRAFT_REF = "uq_item_version_imported_ref"


@contextmanager
def _altered() -> Iterator[Any]:
    """SQLite writes the table anew; its triggers go with the old one and are set again."""
    allow_again("item_version", "item_version_frozen")
    allow_again("item_version", "item_version_kept")
    with op.batch_alter_table("item_version") as batch:
        yield batch


def _guarded(*frozen: str) -> None:
    refuse(
        "item_version",
        "item_version_frozen",
        on="UPDATE",
        when=f"OLD.state <> 'draft' AND ({changed(*frozen)})",
        message="an item's version never changes",
    )
    refuse(
        "item_version",
        "item_version_kept",
        on="DELETE",
        when="OLD.state <> 'draft'",
        message="an item's version is kept",
    )


def upgrade() -> None:
    with _altered() as batch:
        batch.alter_column("revision_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("content", Json(), nullable=True))
        batch.drop_constraint(op.f("ck_item_version_type"), type_="check")
        batch.create_check_constraint(op.f("ck_item_version_type"), TYPE_NOW)
        for name, text in NEW_CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_item_version_{name}"), text)
    where = sa.text("revision_id IS NULL")
    op.create_index(
        DRAFT_REF, "item_version", ["bank_code", "ref"], unique=True, sqlite_where=where, postgresql_where=where
    )
    _guarded(*FROZEN, "content")


def downgrade() -> None:
    """Imported drafts go: nothing points to them, and the older schema has no place for them."""
    op.drop_index(DRAFT_REF, table_name="item_version")
    op.execute("DELETE FROM item_version WHERE revision_id IS NULL")
    with _altered() as batch:
        for name in NEW_CHECKS:
            batch.drop_constraint(op.f(f"ck_item_version_{name}"), type_="check")
        batch.drop_constraint(op.f("ck_item_version_type"), type_="check")
        batch.create_check_constraint(op.f("ck_item_version_type"), TYPE_BEFORE)
        batch.drop_column("content")
        batch.alter_column("revision_id", existing_type=sa.Uuid(), nullable=False)
    _guarded(*FROZEN)
