"""Terms of exams, papers drawn ahead, more time and further sittings by two persons, corrected scores."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, is_postgresql, no_longer_append_only, refuse
from lms.infra.types import Instant, Json

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Added in place, each with its check: a table that SQLite rebuilds would lose its triggers.
LATER = (
    ("exam_rules", "limits", "VARCHAR(5)", "limits IN ('start', 'end')"),
    ("exam_rules", "opens_at", "instant", ""),
    ("exam_rules", "closes_at", "instant", "closes_at > opens_at"),
    ("exam_rules", "late_entry_minutes", "INTEGER", "late_entry_minutes > 0"),
    ("exam_rules", "wait_minutes", "INTEGER", "wait_minutes > 0"),
    ("exam_rules", "counts", "VARCHAR(4)", "counts IN ('best', 'last')"),
    ("exam_rules", "partial", "VARCHAR(16)", "partial IN ('all_or_nothing', 'proportional', 'minus_wrong')"),
    ("exam_rules", "proposed_by", "person", ""),
    ("exam_rules", "published_by", "person", "published_by <> proposed_by"),
    ("attempt", "extra_minutes", "INTEGER", "extra_minutes > 0"),
    ("score", "fraction", "INTEGER", "fraction BETWEEN 1 AND 99"),
)
APPEND_ONLY = ("allowance", "sitting", "score_adjustment")
FIXED = ("id", "exam_id", "rules_version", "person_id", "attempt_no", "seed", "questions", "started_at")
USED_UP = (
    "(SELECT count(*) FROM attempt a WHERE a.exam_id = NEW.exam_id AND a.person_id = NEW.person_id"
    " AND a.state <> 'voided') >= (SELECT r.max_attempts FROM exam_rules r"
    " WHERE r.exam_id = NEW.exam_id AND r.version = NEW.rules_version)"
)
FURTHER = (
    " + coalesce((SELECT sum(s.attempts) FROM sitting s WHERE s.exam_id = NEW.exam_id"
    " AND s.person_id = NEW.person_id), 0)"
)
ALLOWED = (
    "EXISTS (SELECT 1 FROM allowance w WHERE w.attempt_id = OLD.id AND w.ran_until = OLD.deadline"
    " AND w.deadline = NEW.deadline AND NEW.closes_at - NEW.deadline = OLD.closes_at - OLD.deadline)"
)


def _guard_attempts(*, allowances: bool) -> None:
    """The rules that two persons may widen; without them, as they were before."""
    for name in ("attempt_fixed", "attempt_max_attempts"):
        allow_again("attempt", name)
    moved = changed("deadline", "closes_at")
    never = changed(*FIXED, "extra_minutes") + f" OR (({moved}) AND NOT {ALLOWED})"
    refuse(
        "attempt",
        "attempt_fixed",
        on="UPDATE",
        when=never if allowances else f"{changed(*FIXED)} OR {moved}",
        message="attempt: owner, paper and deadline never change",
    )
    refuse(
        "attempt",
        "attempt_max_attempts",
        on="INSERT",
        when=USED_UP + FURTHER if allowances else USED_UP,
        message="attempt: no attempts are left",
    )


ITEM_GUARDS = {
    "item_version_frozen": ("UPDATE", "an item's version never changes"),
    "item_version_kept": ("DELETE", "an item's version is kept"),
}
ITEM = ("type", "stem", "options", "answer", "explanation", "sources", "bank_code", "revision_id", "content")


def _which_items(name: str, check: str, *, instead_of: str) -> None:
    """Another rule for items beyond drafts. SQLite writes the table anew: its triggers go with the old one and are set again."""
    for guard in ITEM_GUARDS:
        allow_again("item_version", guard)
    with op.batch_alter_table("item_version") as batch:
        batch.drop_constraint(op.f(f"ck_item_version_{instead_of}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_item_version_{name}"), check)
    for guard, (on, message) in ITEM_GUARDS.items():
        beyond = "OLD.state <> 'draft'"
        when = beyond if on == "DELETE" else f"{beyond} AND ({changed(*ITEM)})"
        refuse("item_version", guard, on=on, when=when, message=message)


def _two_persons(table: str, at: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("second_by_id", sa.Uuid(), nullable=False),
        sa.Column(at, Instant(), nullable=False),
        sa.CheckConstraint("by_id <> second_by_id", name=op.f(f"ck_{table}_two_persons")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f(f"fk_{table}_by_id")),
        sa.ForeignKeyConstraint(["second_by_id"], ["person.id"], name=op.f(f"fk_{table}_second_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    _which_items(
        "whole",
        "type IN ('single', 'multiple', 'true_false') OR content IS NOT NULL",
        instead_of="scored",
    )
    kinds = {
        "instant": "TIMESTAMP WITH TIME ZONE" if is_postgresql() else "BIGINT",
        "person": "UUID" if is_postgresql() else "CHAR(32)",
    }
    for table, column, kind, check in LATER:
        rule = f" CONSTRAINT ck_{table}_{column} CHECK ({check})" if check else ""
        owner = f" CONSTRAINT fk_{table}_{column} REFERENCES person (id)" if kind == "person" else ""
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kinds.get(kind, kind)}{owner}{rule}")
    op.create_table(
        "drawn_paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("entries", Json(), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exam_id", "rules_version"],
            ["exam_rules.exam_id", "exam_rules.version"],
            name=op.f("fk_drawn_paper_exam_id_rules_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawn_paper")),
    )
    op.create_index("ix_drawn_paper_exam_id_rules_version_id", "drawn_paper", ["exam_id", "rules_version", "id"])
    op.create_table(
        "allowance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("ran_until", Instant(), nullable=False),
        sa.Column("deadline", Instant(), nullable=False),
        sa.CheckConstraint("deadline > ran_until", name=op.f("ck_allowance_more_time")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_allowance_attempt_id")),
        *_two_persons("allowance", "allowed_at"),
    )
    op.create_index("ix_allowance_attempt_id", "allowance", ["attempt_id"])
    op.create_table(
        "sitting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("opens_at", Instant(), nullable=True),
        sa.Column("closes_at", Instant(), nullable=True),
        sa.CheckConstraint("attempts BETWEEN 1 AND 5", name=op.f("ck_sitting_attempts")),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_sitting_window")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_sitting_exam_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sitting_person_id")),
        *_two_persons("sitting", "granted_at"),
    )
    op.create_index("ix_sitting_person_id_exam_id", "sitting", ["person_id", "exam_id"])
    op.create_table(
        "score_adjustment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("fraction", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("no >= 1 AND score >= 0", name=op.f("ck_score_adjustment_positive")),
        sa.CheckConstraint("fraction BETWEEN 1 AND 99", name=op.f("ck_score_adjustment_fraction")),
        sa.ForeignKeyConstraint(["attempt_id"], ["score.attempt_id"], name=op.f("fk_score_adjustment_attempt_id")),
        sa.UniqueConstraint("attempt_id", "no", name=op.f("uq_score_adjustment_attempt_id_no")),
        *_two_persons("score_adjustment", "adjusted_at"),
    )
    for table in APPEND_ONLY:
        append_only(table)
    _guard_attempts(allowances=True)
    refuse(
        "allowance",
        "allowance_while_open",
        on="INSERT",
        when="NOT EXISTS (SELECT 1 FROM attempt a WHERE a.id = NEW.attempt_id AND a.state = 'open'"
        " AND a.deadline = NEW.ran_until)",
        message="allowance: the attempt is over or has another deadline",
    )
    refuse(
        "score_adjustment",
        "score_adjustment_in_range",
        on="INSERT",
        when="NOT EXISTS (SELECT 1 FROM score s WHERE s.attempt_id = NEW.attempt_id"
        " AND NEW.score * 100 + coalesce(NEW.fraction, 0) <= s.max_score * 100)",
        message="score_adjustment: more than the paper is worth",
    )


def downgrade() -> None:
    allow_again("score_adjustment", "score_adjustment_in_range")
    allow_again("allowance", "allowance_while_open")
    _guard_attempts(allowances=False)
    for table in APPEND_ONLY:
        no_longer_append_only(table)
    for table in ("score_adjustment", "sitting", "allowance", "drawn_paper"):
        op.drop_table(table)
    for table, column, _kind, _check in reversed(LATER):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    _which_items("scored", "state = 'draft' OR type IN ('single', 'multiple', 'true_false')", instead_of="whole")
