"""Items of a bank have versions, a review of their own, flags, knowledge points to choose from and an index of what is alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, no_longer_append_only, refuse
from lms.infra.types import Instant, SortKey

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

GUARDS = {
    "item_version_frozen": ("UPDATE", "an item's version never changes"),
    "item_version_kept": ("DELETE", "an item's version is kept"),
}
FROZEN = ("type", "stem", "options", "answer", "explanation", "sources", "bank_code", "revision_id", "content")
FROZEN_NOW = (*FROZEN, "item_id", "version_no", "ref", "valid_until")
ON_ITS_WAY = "revision_id IS NULL AND state IN ('draft', 'province_review', 'national_review', 'returned')"
WAITING = "state IN ('province_review', 'national_review')"
DECIDED = (
    "(SELECT count(DISTINCT e.level) FROM item_event e WHERE e.version_id = NEW.id AND e.round = NEW.round"
    " AND e.action = 'approved') < 2"
)
WROTE = (
    "NEW.level IS NOT NULL AND EXISTS (SELECT 1 FROM item_event e WHERE e.version_id = NEW.version_id"
    " AND e.action IN ('written', 'handed_in') AND e.actor_id = NEW.actor_id)"
)
PROVINCE_FIRST = (
    "NEW.level = 'national' AND NOT EXISTS (SELECT 1 FROM item_event e WHERE e.version_id = NEW.version_id"
    " AND e.round = NEW.round AND e.level = 'province' AND e.action = 'approved')"
)
INDEXES = (
    ("ix_item_version_item_id_version_no", ["item_id", "version_no"]),
    ("ix_item_version_bank_code_created_at_id", ["bank_code", "created_at", "id"]),
    ("ix_item_version_bank_code_state_created_at", ["bank_code", "state", "created_at", "id"]),
    ("ix_item_version_bank_code_difficulty", ["bank_code", "difficulty", "created_at", "id"]),
    ("ix_item_version_bank_code_knowledge_point", ["bank_code", "knowledge_point", "created_at", "id"]),
    ("ix_item_version_bank_code_valid_until", ["bank_code", "valid_until"]),
)


@contextmanager
def _altered(*frozen: str) -> Iterator[Any]:
    """SQLite writes the table anew: its triggers go with the old one and are set again."""
    for guard in GUARDS:
        allow_again("item_version", guard)
    with op.batch_alter_table("item_version") as batch:
        yield batch
    for guard, (on, message) in GUARDS.items():
        beyond = "OLD.state NOT IN ('draft', 'returned')" if on == "DELETE" else "OLD.state <> 'draft'"
        when = beyond if on == "DELETE" else f"{beyond} AND ({changed(*frozen)})"
        refuse("item_version", guard, on=on, when=when, message=message)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.drop_index("uq_item_version_imported_ref", table_name="item_version")
    with op.batch_alter_table("item_version") as batch:
        batch.add_column(sa.Column("item_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("version_no", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("author_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
        batch.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("compared", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE item_version SET item_id = id")
    with _altered(*FROZEN_NOW) as batch:
        batch.alter_column("item_id", existing_type=sa.Uuid(), nullable=False)
        for column, kind in (("version_no", sa.Integer()), ("round", sa.Integer()), ("compared", sa.Boolean())):
            batch.alter_column(column, existing_type=kind, existing_nullable=False, server_default=None)
        batch.alter_column("state", existing_type=sa.String(10), type_=sa.String(16), existing_nullable=False)
        for name in ("state", "imported"):
            batch.drop_constraint(op.f(f"ck_item_version_{name}"), type_="check")
        batch.create_check_constraint(
            op.f("ck_item_version_state"),
            "state IN ('draft', 'province_review', 'national_review', 'returned', 'published', 'withdrawn')",
        )
        batch.create_check_constraint(
            op.f("ck_item_version_of_a_lecture"), "revision_id IS NULL OR state IN ('draft', 'published', 'withdrawn')"
        )
        batch.create_check_constraint(op.f("ck_item_version_own"), "revision_id IS NOT NULL OR content IS NOT NULL")
        batch.create_check_constraint(op.f("ck_item_version_numbers"), "version_no >= 1 AND round >= 0")
        batch.create_foreign_key(op.f("fk_item_version_author_id"), "person", ["author_id"], ["id"])
    _partial("uq_item_version_on_its_way", "item_version", ["bank_code", "ref"], ON_ITS_WAY, unique=True)
    _partial("ix_item_version_unread", "item_version", ["id"], "compared = false")
    _partial("ix_item_version_waiting", "item_version", ["state", "created_at"], WAITING)
    for name, columns in INDEXES:
        op.create_index(name, "item_version", columns)
    _new_tables()
    refuse(
        "item_version",
        "item_version_own_begins_as_draft",
        on="INSERT",
        when="NEW.revision_id IS NULL AND NEW.state <> 'draft'",
        message="an own item begins as a draft",
    )
    refuse(
        "item_version",
        "item_version_two_levels",
        on="UPDATE",
        when=f"NEW.revision_id IS NULL AND ((NEW.state = 'published' AND OLD.state <> 'published' AND {DECIDED})"
        " OR (NEW.state = 'withdrawn' AND OLD.state NOT IN ('published', 'withdrawn')))",
        message="an own item is published after a decision at each level, and withdrawn only then",
    )
    append_only("item_event")
    refuse(
        "item_event", "item_event_not_own", on="INSERT", when=WROTE, message="who wrote an item decides nothing on it"
    )
    refuse(
        "item_event",
        "item_event_province_first",
        on="INSERT",
        when=PROVINCE_FIRST,
        message="the province decides first",
    )


def downgrade() -> None:
    """Own items that are no drafts go unless a paper holds them; the older schema knows no others."""
    for guard in ("item_event_province_first", "item_event_not_own"):
        allow_again("item_event", guard)
    no_longer_append_only("item_event")
    for guard in ("item_version_two_levels", "item_version_own_begins_as_draft", *GUARDS):
        allow_again("item_version", guard)
    for table in ("item_twin", "item_piece", "knowledge_point", "item_flag", "item_event"):
        op.drop_table(table)
    for name in (
        "uq_item_version_on_its_way",
        "ix_item_version_unread",
        "ix_item_version_waiting",
        *(name for name, _ in INDEXES),
    ):
        op.drop_index(name, table_name="item_version")
    op.execute("DELETE FROM item_version WHERE revision_id IS NULL AND state <> 'draft'")
    with op.batch_alter_table("item_version") as batch:
        batch.drop_constraint(op.f("fk_item_version_author_id"), type_="foreignkey")
        for name in ("numbers", "own", "of_a_lecture", "state"):
            batch.drop_constraint(op.f(f"ck_item_version_{name}"), type_="check")
        for column in ("compared", "round", "valid_until", "author_id", "version_no", "item_id"):
            batch.drop_column(column)
        batch.alter_column("state", existing_type=sa.String(16), type_=sa.String(10), existing_nullable=False)
    with op.batch_alter_table("item_version") as batch:
        batch.create_check_constraint(op.f("ck_item_version_state"), "state IN ('draft', 'published', 'withdrawn')")
        batch.create_check_constraint(
            op.f("ck_item_version_imported"),
            "revision_id IS NOT NULL OR (state = 'draft' AND content IS NOT NULL)",
        )
    for guard, (on, message) in GUARDS.items():
        beyond = "OLD.state <> 'draft'"
        when = beyond if on == "DELETE" else f"{beyond} AND ({changed(*FROZEN)})"
        refuse("item_version", guard, on=on, when=when, message=message)
    _partial("uq_item_version_imported_ref", "item_version", ["bank_code", "ref"], "revision_id IS NULL", unique=True)


def _new_tables() -> None:
    op.create_table(
        "item_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("level", sa.String(10), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("comment", sa.String(500), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "action IN ('written', 'handed_in', 'approved', 'returned', 'withdrawn')", name=op.f("ck_item_event_action")
        ),
        sa.CheckConstraint("level IN ('province', 'national')", name=op.f("ck_item_event_level")),
        sa.CheckConstraint(
            "(action IN ('approved', 'returned')) = (level IS NOT NULL)", name=op.f("ck_item_event_decision")
        ),
        sa.CheckConstraint(
            "action NOT IN ('returned', 'withdrawn') OR comment <> ''", name=op.f("ck_item_event_reason")
        ),
        sa.CheckConstraint("level IS NULL OR actor_id IS NOT NULL", name=op.f("ck_item_event_decider")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_item_event_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_event")),
    )
    op.create_index("ix_item_event_item_id_at", "item_event", ["item_id", "at"])
    for name, last in (("uq_item_event_level", "level"), ("uq_item_event_decider", "actor_id")):
        _partial(name, "item_event", ["version_id", "round", last], "level IS NOT NULL", unique=True)
    op.create_table(
        "item_flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.String(20), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("flagged_by", sa.Uuid(), nullable=False),
        sa.Column("flagged_at", Instant(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_item_flag_reason")),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name=op.f("ck_item_flag_settled")),
        sa.ForeignKeyConstraint(["bank_code"], ["bank.code"], name=op.f("fk_item_flag_bank_code")),
        sa.ForeignKeyConstraint(["flagged_by"], ["person.id"], name=op.f("fk_item_flag_flagged_by")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_item_flag_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_flag")),
    )
    _partial("uq_item_flag_open", "item_flag", ["item_id"], "settled_at IS NULL", unique=True)
    _partial("ix_item_flag_bank_code", "item_flag", ["bank_code"], "settled_at IS NULL")
    op.create_table(
        "knowledge_point",
        sa.Column("bank_code", sa.String(20), nullable=False),
        sa.Column("path", SortKey(60), nullable=False),
        sa.ForeignKeyConstraint(["bank_code"], ["bank.code"], name=op.f("fk_knowledge_point_bank_code")),
        sa.PrimaryKeyConstraint("bank_code", "path", name=op.f("pk_knowledge_point")),
    )
    op.create_table(
        "item_piece",
        sa.Column("bank_code", sa.String(20), nullable=False),
        sa.Column("piece", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("bank_code", "piece", "version_id", name=op.f("pk_item_piece")),
    )
    op.create_index("ix_item_piece_version_id", "item_piece", ["version_id"])
    op.create_table(
        "item_twin",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.String(20), nullable=False),
        sa.Column("likeness", sa.Integer(), nullable=False),
        sa.Column("wanted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("likeness BETWEEN 1 AND 100", name=op.f("ck_item_twin_likeness")),
        sa.ForeignKeyConstraint(["version_id"], ["item_version.id"], name=op.f("fk_item_twin_version_id")),
        sa.ForeignKeyConstraint(["other_id"], ["item_version.id"], name=op.f("fk_item_twin_other_id")),
        sa.ForeignKeyConstraint(["wanted_by"], ["person.id"], name=op.f("fk_item_twin_wanted_by")),
        sa.PrimaryKeyConstraint("version_id", "other_id", name=op.f("pk_item_twin")),
    )
    op.create_index("ix_item_twin_bank_code_likeness", "item_twin", ["bank_code", "likeness", "version_id"])
    op.create_index("ix_item_twin_other_id", "item_twin", ["other_id"])
